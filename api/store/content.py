"""Records as files: YAML (and so JSON) that a clinician can read and correct, with a file and a line for every complaint.

What `export` writes is JSON with one record per line, so a large library is read line by line, in bounded memory.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from errno import EFBIG
from json import detect_encoding
from pathlib import Path
from typing import NamedTuple, TextIO

from pydantic import ValidationError
from pydantic_core import to_json

from api.errors import Complaint, InvalidContent
from api.library import complaints, export
from api.library.condition import TypeDraft, TypeEdit
from api.library.exercise import ExerciseEdit
from api.library.exercise_draft import ExerciseDraft
from api.library.export import ENVELOPE, RETIRED
from api.library.record import Location, Record
from api.library.screening_items import IndicatorDraft, IndicatorEdit
from api.library.spelling import nearest
from api.library.strict_json import NotJson, refuse_ambiguous
from api.store.reference.kinds import KINDS, key_of

FREE_EXERCISE_DB = "free-exercise-db"
"""The foreign format that `free_exercise_db.py` reads."""
_IN_SINGULAR = {"conditions": "condition", "exercises": "exercise"}
SECTIONS = {name: kind for section, kind in export.SECTIONS.items() for name in (_IN_SINGULAR.get(section, section), section)}
"""The keys of a file, and the kind of the record or records below each: those of an export, and two for a single record."""
# What may stand in a file, and what of it is read: derived fields may stay in an export.
MODELS: dict[str, type[Record]] = {
    **{kind: of.draft for kind, of in KINDS.items()},
    "exercise": ExerciseEdit,
    RETIRED: ExerciseEdit,
    "type": TypeEdit,
    "indicator": IndicatorEdit,
}
READ_AS: dict[str, type[Record]] = {
    "exercise": ExerciseDraft,
    RETIRED: ExerciseDraft,
    "type": TypeDraft,
    "indicator": IndicatorDraft,
}
_LARGEST_YAML = 64_000_000
_ESCAPED = re.compile("[\udc80-\udcff]")
"""A byte that is not UTF-8, as `surrogateescape` reads it."""
_FIRST_LINE = re.compile(r'^\{"library_id".*,\s*$')


class FiledRecord(NamedTuple):
    """A record as it stands in a file."""

    kind: str
    record: Record
    file: str
    lines: Mapping[Location, int]
    at: Location
    is_exported: bool = False
    """Whether a version of this program wrote it: then a field that isn't there is one that it didn't know."""

    @property
    def key(self) -> tuple[str, str]:
        """The kind and the slug under which the record is stored."""
        return self.kind, key_of(self.record)

    def where(self, location: Location = ()) -> str:
        """Give the file and the line of a place in the record, or of what encloses it."""
        return where(self.file, self.lines, (*self.at, *location))

    def placed(self, location: Location, complaint: Complaint) -> Complaint:
        """Say in which file and line a complaint belongs."""
        return placed(complaint, self.where(location))


@dataclass(frozen=True, slots=True)
class Files:
    """Files to read. They can be read more than once; an export is never in memory as a whole."""

    paths: Sequence[Path]

    def __iter__(self) -> Iterator[FiledRecord | Complaint]:
        """Yield each record, or what is wrong with it."""
        for path in self.paths:
            yield from read(path, str(path))


Content = Iterable[FiledRecord | Complaint]


def read(path: Path, name: str) -> Iterator[FiledRecord | Complaint]:
    """Read one file: an export line by line, anything else as YAML."""
    try:
        with opened(path) as lines:
            if _FIRST_LINE.match(lines.readline()):
                yield from _read_lines(lines, name)
                return
            lines.seek(0)
            yield from read_text(whole(lines), name)
    except UnicodeDecodeError:
        yield Complaint(f"{name}:{undecodable_line(path)}", "This is not text in UTF-8.")
    except OSError as error:
        yield Complaint(name, f"It can't be read: {error.strerror}.")


def opened(path: Path) -> TextIO:
    """Open a text in UTF-8, 16 or 32, with or without a byte order mark: a Windows shell writes what we print as UTF-16."""
    with path.open("rb") as raw:
        encoding = detect_encoding(raw.read(4))
    return path.open(encoding=encoding)


def whole(text: TextIO) -> str:
    """Read a text as a whole, if memory holds it. Raises OSError where it is too large."""
    read = text.read(_LARGEST_YAML + 1)
    if len(read) > _LARGEST_YAML:
        message = f"it has more than {_LARGEST_YAML:,} characters; write one record a line, as 'export' does"
        raise OSError(EFBIG, message)
    return read


def undecodable_line(path: Path) -> int:
    """Give the first line that isn't UTF-8."""
    with path.open(encoding="utf-8", errors="surrogateescape", newline="\n") as lines:
        return next((n for n, line in enumerate(lines, start=1) if _ESCAPED.search(line)), 1)


def _read_lines(lines: Iterable[str], name: str) -> Iterator[FiledRecord | Complaint]:
    kind, number, text = "", 1, ""
    seen: set[str] = set()
    for number, line in enumerate(lines, start=2):
        text = line.strip()
        section = export.section_of(text)
        if section in seen:
            yield Complaint(f"{name}:{number}", f"The section '{section}' is given twice.")
        elif section in SECTIONS:
            seen.add(section)
            kind = SECTIONS[section]
        elif text.startswith("{") and kind:
            yield from _read_line(kind, text.removesuffix(","), name, number)
        elif not text.startswith(("]", "}")):
            yield Complaint(f"{name}:{number}", "This line is not one of an export.")
    if not (text.startswith(("]", "}")) and text.endswith("}")):
        yield Complaint(f"{name}:{number}", "The file ends too early: an export ends with its 'sha256'.")


def _read_line(kind: str, text: str, name: str, number: int) -> Iterator[FiledRecord | Complaint]:
    try:
        refuse_ambiguous(text)
        record = MODELS[kind].model_validate_json(text, strict=True)
    except NotJson as error:
        yield Complaint(f"{name}:{number}", f"This is not JSON: {error}.")
    except ValidationError as error:
        first = error.errors()[0]
        if first["type"] == "json_invalid":
            yield Complaint(f"{name}:{number}", f"This is not JSON: {first['ctx']['error'].replace('line 1 column', 'column')}.")
        else:
            yield from (placed(complaint, f"{name}:{number}") for _, complaint in complaints.of_validation(error, MODELS[kind]))
    else:
        yield from accepted(FiledRecord(kind, _as_read(kind, record), name, {(): number}, (), is_exported=True))


def read_text(text: str, file: str) -> Iterator[FiledRecord | Complaint]:
    """Read one file's records from its text."""
    from api.store import yaml_text  # noqa: PLC0415  (who serves what is stored already reads no YAML)

    try:
        data, lines = yaml_text.parse(text)
    except yaml_text.NotYaml as error:
        yield Complaint(f"{file}:{error.line}", f"It can't be read as YAML: {error}.")
        return
    if not isinstance(data, dict):
        yield Complaint(f"{file}:1", f"A file has one or more of the keys {', '.join(SECTIONS)}.")
        return
    for section, value in data.items():
        if section in SECTIONS:
            for at, content in _each(section, value):
                for found in _read_record(SECTIONS[section], content, file, lines, at):
                    yield found._replace(is_exported=ENVELOPE[0] in data) if isinstance(found, FiledRecord) else found
        elif section not in ENVELOPE:
            message = f"There is no section '{section}'."
            yield Complaint(where(file, lines, (section,)), message, tuple(SECTIONS), nearest(str(section), SECTIONS))


def _read_record(kind: str, content: object, file: str, lines: Mapping[Location, int], at: Location) -> Iterator[FiledRecord | Complaint]:
    try:
        record = MODELS[kind].model_validate_json(to_json(content), strict=True)
    except ValidationError as error:
        for location, complaint in complaints.of_validation(error, MODELS[kind]):
            yield placed(complaint, where(file, lines, (*at, *location)))
    else:
        yield from accepted(FiledRecord(kind, _as_read(kind, record), file, lines, at))


def accepted(written: FiledRecord) -> list[FiledRecord] | list[Complaint]:
    """Give a record, or complaints of what isn't accepted in it."""
    return [written.placed(location, complaint) for location, complaint in complaints.of_input(written.record)] or [written]


def _as_read(kind: str, record: Record) -> Record:
    """Leave out what is derived."""
    model = READ_AS.get(kind)
    if model is None:
        return record
    given = record.model_fields_set & model.model_fields.keys()
    return model.model_construct(given, **{name: getattr(record, name) for name in model.model_fields})


def refuse(wrong: Sequence[Complaint], done: str = "written") -> None:
    """Raise if anything is wrong."""
    if wrong:
        message = f"{len(wrong)} thing{'s' if len(wrong) > 1 else ''} to correct; nothing was {done}."
        raise InvalidContent(message, complaints=tuple(wrong))


def placed(complaint: Complaint, where: str) -> Complaint:
    """Say where a complaint belongs."""
    field = f"{where}: {complaint.field}" if complaint.field else where
    return complaint._replace(field=field)


def _each(section: str, value: object) -> Iterator[tuple[Location, object]]:
    if isinstance(value, list):
        yield from (((section, n), item) for n, item in enumerate(value))
    else:
        yield (section,), value


def where(file: str, lines: Mapping[Location, int], location: Location) -> str:
    """Give the file and the line of a place in it, or of what encloses it."""
    while location not in lines and location:
        location = location[:-1]
    return f"{file}:{lines.get(location, 1)}"
