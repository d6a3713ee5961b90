"""Formats write: records become bytes. They know neither SQL nor HTTP, and decide nothing.

`FORMATS` is the one registry; a format is offered for the kinds of answer that it has a writer for.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from api.formats import json
from api.library.listing import Listing
from api.library.records import One, Records

Answer = Listing | Records | One


@dataclass(frozen=True, slots=True)
class Format:
    """A media type, and how each kind of answer is written in it."""

    media_type: str
    writers: Mapping[type, Callable[..., bytes]]


FORMATS: dict[str, Format] = {
    "json": Format("application/json", {Listing: json.listing, Records: json.records, One: json.one}),
}


def offered(kind: type) -> dict[str, Format]:
    """Give the formats that this kind of answer can be written in."""
    return {name: one for name, one in FORMATS.items() if kind in one.writers}
