"""Records as files: YAML (and so JSON) that a clinician can read and correct, with a file and a line for every complaint."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import yaml
from pydantic import ValidationError

from api.errors import Complaint, InvalidContent
from api.library import complaints
from api.library.exercise import ExerciseDraft
from api.library.record import Location, Record
from api.library.spelling import nearest
from api.store.references import KINDS

# The key of a file, and the kind of the record or records below it.
SECTIONS = {
    "sources": "source",
    "groups": "group",
    "terms": "term",
    "condition": "condition",
    "types": "type",
    "indicators": "indicator",
    "red_flags": "red-flag",
    "patterns": "movement-pattern",
    "exercise": "exercise",
    "exercises": "exercise",
}
MODELS: dict[str, type[Record]] = {**{kind: one.draft for kind, one in KINDS.items()}, "exercise": ExerciseDraft}


@dataclass(frozen=True)
class Written:
    """A record as it stands in a file."""

    kind: str
    record: Record
    file: str
    lines: Mapping[Location, int]
    at: Location

    def where(self, location: Location = ()) -> str:
        """Give the file and the line of a place in the record, or of what encloses it."""
        return _where(self.file, self.lines, (*self.at, *location))


def read_folder(folder: Path) -> list[Written]:
    """Read every YAML file below a folder, in order of name; complain of all that is wrong at once."""
    wrong: list[Complaint] = []
    found: list[Written] = []
    for file in sorted(folder.rglob("*.yaml")):
        try:
            found += read_text(file.read_text(encoding="utf-8"), str(file.relative_to(folder.parent)))
        except InvalidContent as error:
            wrong += error.complaints
    refuse(wrong)
    return found


def read_text(text: str, file: str) -> list[Written]:
    """Read one file's records."""
    data, lines = _parse(text, file)
    if not isinstance(data, dict):
        refuse([Complaint(f"{file}:1", f"A file has one or more of the keys {', '.join(SECTIONS)}.")])
    found: list[Written] = []
    wrong: list[Complaint] = []
    for key, value in cast("dict[str, object]", data).items():
        if key not in SECTIONS:
            message = f"There is no section '{key}'."
            wrong.append(Complaint(_where(file, lines, (key,)), message, tuple(SECTIONS), nearest(str(key), SECTIONS)))
            continue
        for at, content in _each(key, value):
            try:
                record = MODELS[SECTIONS[key]].model_validate(content)
            except ValidationError as error:
                wrong += [
                    _placed(one, _where(file, lines, (*at, *location)))
                    for location, one in complaints.of_validation(error, MODELS[SECTIONS[key]])
                ]
            else:
                found.append(Written(SECTIONS[key], record, file, lines, at))
    refuse(wrong)
    return found


def refuse(wrong: Sequence[Complaint]) -> None:
    """Raise if anything is wrong."""
    if wrong:
        message = f"{len(wrong)} thing{'s' if len(wrong) > 1 else ''} to correct; nothing was written."
        raise InvalidContent(message, complaints=tuple(wrong))


def placed(written: Written, location: Location, complaint: Complaint) -> Complaint:
    """Say in which file and line a complaint belongs."""
    return _placed(complaint, written.where(location))


def _placed(complaint: Complaint, where: str) -> Complaint:
    return Complaint(f"{where}: {complaint.field}", complaint.message, complaint.allowed, complaint.did_you_mean)


def _each(key: str, value: object) -> Iterator[tuple[Location, object]]:
    if isinstance(value, list):
        yield from (((key, n), one) for n, one in enumerate(value))
    else:
        yield (key,), value


def _where(file: str, lines: Mapping[Location, int], location: Location) -> str:
    while location not in lines and location:
        location = location[:-1]
    return f"{file}:{lines.get(location, 1)}"


def _parse(text: str, file: str) -> tuple[object, dict[Location, int]]:
    """Parse YAML, remembering on which line each part stands."""
    loader = yaml.SafeLoader(text)
    try:
        node = loader.get_single_node()
        lines: dict[Location, int] = {}
        data = _construct(loader, node, (), lines) if node else None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise InvalidContent("This is not YAML.", complaints=(Complaint(f"{file}:{line}", f"{error.problem}."),)) from None
    finally:
        loader.dispose()
    return data, lines


def _construct(loader: yaml.SafeLoader, node: yaml.Node, at: Location, lines: dict[Location, int]) -> object:
    lines.setdefault(at, node.start_mark.line + 1)
    if isinstance(node, yaml.SequenceNode):
        return [_construct(loader, one, (*at, n), lines) for n, one in enumerate(node.value)]
    if not isinstance(node, yaml.MappingNode):
        return loader.construct_object(node)
    content: dict[object, object] = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node)
        if key in content:
            raise yaml.MarkedYAMLError(problem=f"the key '{key}' stands here twice", problem_mark=key_node.start_mark)
        lines[*at, key] = key_node.start_mark.line + 1
        content[key] = _construct(loader, value_node, (*at, key), lines)
    return content
