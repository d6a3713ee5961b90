"""Formats write: records become bytes. They know neither SQL nor HTTP, and decide nothing.

`FORMATS` is the one registry; a format is offered for the kinds of answer that it has a writer for.
"""

from collections.abc import Callable, Mapping
from functools import cache
from typing import NamedTuple

from api.formats import csv, csv_program, fhir, html, json, markdown, markdown_program, pdf
from api.library.listing import Avoided, Listing
from api.library.program import Printout
from api.library.serialised import SerialisedExercise, SerialisedForm, SerialisedRecord, SerialisedRecords, SerialisedSources

Answer = Listing | Avoided | SerialisedRecords | SerialisedRecord | Printout


class Format(NamedTuple):
    """A media type, and how each kind of answer is written in it."""

    media_type: str
    writers: Mapping[type, Callable[..., bytes]]

    def writer(self, kind: type) -> Callable[..., bytes] | None:
        """Give the writer of a kind of answer: its own, or that of what it is a kind of; None where there is none."""
        return next((self.writers[of] for of in kind.__mro__ if of in self.writers), None)


FORMATS: dict[str, Format] = {
    "json": Format(
        "application/json",
        {
            Listing: json.listing,
            Avoided: json.avoided,
            SerialisedRecords: json.records,
            SerialisedRecord: json.record,
            Printout: json.program,
        },
    ),
    "csv": Format(
        "text/csv",
        {Listing: csv.listing, Avoided: csv.avoided, SerialisedRecords: csv.records, Printout: csv_program.program},
    ),
    "markdown": Format(
        "text/markdown",
        {
            Listing: markdown.listing,
            Avoided: markdown.avoided,
            SerialisedRecords: markdown.records,
            SerialisedRecord: markdown.record,
            Printout: markdown_program.program,
        },
    ),
    "html": Format("text/html", {Printout: html.program}),
    "pdf": Format("application/pdf", {Printout: pdf.program}),
    "fhir": Format(
        fhir.MEDIA_TYPE,
        {SerialisedExercise: fhir.exercise, Printout: fhir.program, SerialisedForm: fhir.questionnaire, SerialisedSources: fhir.sources},
    ),
}

ALSO_CALLED = {
    **{format_.media_type: name for name, format_ in FORMATS.items()},
    **dict.fromkeys(("md", "text", "txt", "plain", "text/plain"), "markdown"),
    **dict.fromkeys(("excel", "xls", "xlsx", "tsv", "spreadsheet"), "csv"),
    **dict.fromkeys(("htm", "xhtml", "page", "web"), "html"),
    **dict.fromkeys(("print", "paper"), "pdf"),
    **dict.fromkeys(("fhir+json", "application/fhir+json", "r5", "fhir-r5", "hl7"), "fhir"),
}
"""What people call the formats when they guess."""


@cache
def offered(kind: type) -> Mapping[str, Format]:
    """Give the formats that this kind of answer can be written in."""
    return {name: format_ for name, format_ in FORMATS.items() if format_.writer(kind)}
