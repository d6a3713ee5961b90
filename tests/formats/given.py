"""What formats are tried on, and how to read back what they wrote."""

import csv
import io
import json
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from html.parser import HTMLParser

from pypdf import PdfReader

from api.formats import FORMATS
from api.library.exercise_draft import Caution, Contraindication
from api.library.listing import Listing
from api.library.program import Printout, Program, Slot
from api.library.record import Attribution
from api.library.suitability import reading
from api.library.vocabulary import Action


class Given:
    """Programs and lists by name. No dataclass: what fails would print all of it."""

    def __init__(self, programs: Mapping[str, Program], listings: Mapping[str, Listing]) -> None:
        self.programs = programs
        self.listings = listings
        self._read: dict[tuple[str, str], str] = {}

    def read(self, name: str, program: str) -> str:
        """Give the words of a program in a format, as `read` does; each is written once, for a PDF takes a while."""
        if (name, program) not in self._read:
            self._read[name, program] = read(name, self.programs[program])
        return self._read[name, program]


def written(name: str, answer: object) -> bytes:
    """Write an answer in a format; a program as it is handed out."""
    if isinstance(answer, Program):
        answer = Printout(answer)
    writer = FORMATS[name].writer(type(answer))
    assert writer is not None
    return writer(answer, None)


def read(name: str, answer: object) -> str:
    """Write an answer and give the words that a reader sees, without spaces: columns and pages break them anywhere."""
    return squeezed(_READERS[name](written(name, answer)))


def squeezed(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split())


def rows(body: bytes) -> list[dict[str, str]]:
    """Read CSV as the standard library does."""
    return list(csv.DictReader(io.StringIO(body.decode(), newline=""), strict=True))


class Page(HTMLParser):
    """The elements of a page with their attributes, and its words."""

    def __init__(self, body: bytes) -> None:
        super().__init__()
        self.elements: list[tuple[str, tuple[tuple[str, str | None], ...]]] = []
        self.words: list[str] = []
        self.feed(body.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, tuple(attrs)))

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def _json(body: bytes) -> str:
    def strings(value: object) -> Iterator[str]:
        match value:
            case str():
                yield value
            case dict() | list():
                for part in value.values() if isinstance(value, dict) else value:
                    yield from strings(part)

    return " ".join(strings(json.loads(body)))


def _csv(body: bytes) -> str:
    return " ".join(value for row in rows(body) for value in row.values())


def _markdown(body: bytes) -> str:
    return body.decode().replace("**", "").replace("\\", "")


def _html(body: bytes) -> str:
    return " ".join(Page(body).words)


def _pdf(body: bytes) -> str:
    """Read every page but for its footer, which would stand in the midst of what goes on on the next page."""
    pages = (page.extract_text() for page in PdfReader(io.BytesIO(body)).pages)
    return "\n".join(re.sub(r"Exercises for [^\n]*Revision.*Page \d+ of \d+\s*$", "", page, flags=re.DOTALL) for page in pages)


_READERS: Mapping[str, Callable[[bytes], str]] = {
    "json": _json,
    "csv": _csv,
    "markdown": _markdown,
    "html": _html,
    "pdf": _pdf,
    "fhir": _json,
}


def named(program: Program, text: str) -> Program:
    """Give a program whose first exercise has this name, this step, this caution and this reason not to do it."""
    first = program.slots[0].choices[0]
    source = Attribution(slug="common-knowledge").model_copy(update={"quote": text})
    changed = first.model_copy(
        update={
            "name": text,
            "steps": [text],
            "heed": [Caution(group="pregnant", action=Action.NOTE, text="Mind.", source=source).model_copy(update={"text": text})],
            "contraindications": [Contraindication(type="another", reason="No.", source=source).model_copy(update={"reason": text})],
        }
    )
    return program.model_copy(update={"slots": [Slot.model_construct(position=1, choices=[changed]), *program.slots[1:]]})


def what_must_be_said(answer: Program | Listing) -> set[str]:
    """Every sentence that keeps somebody safe: no format may lose one."""
    if isinstance(answer, Program):
        said = {flag.question for flag in answer.red_flags} | {flag.what_to_do for flag in answer.red_flags}
        said |= {criterion for flag in answer.red_flags for criterion in flag.criteria}
        said |= {one.reason for one in answer.avoid} | {one.reason for one in answer.withheld if len(one.cautions) < 2}
        said |= {caution.text for one in answer.withheld for caution in one.cautions}
        said |= {rule.text for rule in answer.stop_rules} | {group.name for group in answer.unasked}
        said |= {caution.text for caution in answer.cautions} | {answer.disclaimer}
        shown = [one for slot in answer.slots for one in slot.choices]
        said |= {one.suitability.intensity_note or "" for one in shown if one.suitability}
        return said | {against.reason for one in shown for against in one.contraindications}
    listed = [*answer.page.items, *(answer.undecided.items if answer.undecided else [])]
    exercises = [reading(one.exercise, answer.types) for one in listed]
    said = {one.reason for one in answer.avoid.items} if answer.avoid else set()
    said |= {one.intensity_note or "" for exercise in exercises for one in exercise.recommendations}
    said |= {caution.text for exercise in exercises for caution in exercise.cautions}
    return said | {against.reason for exercise in exercises for against in exercise.contraindications}
