"""Reading the public-domain collection `free-exercise-db`, to import or to compare: exercises without verdicts, so unknown for every type.

Its format: an array of `name, force, level, mechanic, equipment, primaryMuscles[], secondaryMuscles[], instructions[], category,
images[], id`. Its pictures are left out (their rights are unclear), and so are its levels: 'beginner' says nothing of a joint.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import to_json

from api.errors import Complaint
from api.library import complaints
from api.library.comparing import ForeignExercise, repeated
from api.library.exercise_draft import ExerciseDraft, Provenance
from api.library.record import Attribution, Location, Record, Text
from api.library.source import Source
from api.library.spelling import fold
from api.library.term import Term
from api.library.vocabulary import Certainty, ExerciseKind, SourceKind, TermKind
from api.store.content import FREE_EXERCISE_DB, FiledRecord, opened, placed, refuse, undecodable_line, where, whole
from api.store.reference.kinds import by_key
from api.store.yaml_text import NotYaml, parse

SOURCE = Source(
    slug=FREE_EXERCISE_DB,
    citation="Free Exercise DB: a public-domain collection of exercises (Unlicense).",
    kind=SourceKind.COLLECTION,
    certainty=Certainty.UNVERIFIED,
    note="It knows neither conditions nor contraindications; its exercises have no verdict until a clinician gives one.",
)
_KINDS = {
    "cardio": ExerciseKind.CARDIO,
    "olympic weightlifting": ExerciseKind.STRENGTH,
    "plyometrics": ExerciseKind.PLYOMETRIC,
    "powerlifting": ExerciseKind.STRENGTH,
    "strength": ExerciseKind.STRENGTH,
    "stretching": ExerciseKind.STRETCH,
    "strongman": ExerciseKind.STRENGTH,
}
_NEEDS_NOTHING = "body only"
_NOT_STATED = "not stated"
_IN_THE_FILE = {"slug": "id", "steps": "instructions", "kind": "category"}
"""What the collection calls fields of ours."""
_FIELDS = ["name", "kind", "equipment", "muscles", "steps"]


class Foreign(BaseModel):
    """An exercise as the collection writes it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Text
    name: Text
    force: str | None = None
    level: str | None = None
    mechanic: str | None = None
    equipment: Text | None = None
    primary_muscles: Annotated[list[Text], Field(alias="primaryMuscles")] = []
    secondary_muscles: Annotated[list[Text], Field(alias="secondaryMuscles")] = []
    instructions: list[str] = []
    category: str | None = None
    images: list[str] = []

    @property
    def steps(self) -> list[str]:
        """The instructions, without empty ones."""
        return [step for step in self.instructions if step.strip()]


@dataclass(frozen=True, slots=True)
class FreeExerciseDb:
    """The collection's exercises as records of ours, those that are here already left out."""

    paths: Sequence[Path]
    here: Callable[[list[str]], Collection[str]]
    """Says which slugs the library has: what a clinic edited is never overwritten by a collection."""
    words: Collection[str]
    """The words for equipment and muscles that the library has, as `muscle/hamstrings`: their labels stay."""
    skipped: set[str]
    """Collects those that were left out."""

    def __iter__(self) -> Iterator[FiledRecord | Complaint]:
        """Yield the source, the words that it needs, and its exercises."""
        for path in self.paths:
            yield from self._of(path)

    def _of(self, path: Path) -> Iterator[FiledRecord | Complaint]:
        found = [part for read in _read(path) for part in ([read] if isinstance(read, Complaint) else _draft(read))]
        drafts = {filed.key[1]: filed for filed in found if isinstance(filed, FiledRecord)}
        there = sorted(self.here(list(drafts)))
        self.skipped.update(there)
        yield FiledRecord("source", SOURCE, str(path), {}, ())
        terms = by_key(term for filed in drafts.values() for term in _terms_of(filed.record))
        yield from (FiledRecord("term", term, str(path), {}, ()) for word, term in terms.items() if word not in self.words)
        yield from (part for part in found if isinstance(part, Complaint) or part.key[1] not in there)


def compared(path: Path) -> list[ForeignExercise]:
    """Read a collection's exercises to compare them: nothing of them is stored.

    Raises InvalidContent, with file and line, where the file is wrong.
    """
    found: list[ForeignExercise] = []
    wrong: list[Complaint] = []
    for read in _read(path):
        if isinstance(read, Complaint):
            wrong.append(read)
        else:
            found.append(ForeignExercise(id=read.exercise.id, name=read.exercise.name, steps=read.exercise.steps))
    twice = repeated(exercise.id for exercise in found)
    if twice is not None:
        wrong.append(Complaint(str(path), f"The id '{twice}' is there twice."))
    refuse(wrong, "compared")
    return found


class _Placed(NamedTuple):
    """An exercise, and where in the file it stands."""

    exercise: Foreign
    file: str
    lines: Mapping[Location, int]
    n: int


def _read(path: Path) -> Iterator[_Placed | Complaint]:
    name = str(path)
    try:
        with opened(path) as file:
            data, lines = parse(whole(file))
    except UnicodeDecodeError:
        yield Complaint(f"{name}:{undecodable_line(path)}", "This is not text in UTF-8.")
        return
    except OSError as error:
        yield Complaint(name, f"It can't be read: {error.strerror}.")
        return
    except NotYaml as error:
        yield Complaint(f"{name}:{error.line}", f"It can't be read as JSON: {error}.")
        return
    if not isinstance(data, list):
        yield Complaint(f"{name}:1", "This format is an array of exercises.")
        return
    for n, exercise in enumerate(data):
        try:
            yield _Placed(Foreign.model_validate_json(to_json(exercise), strict=True), name, lines, n)
        except ValidationError as error:
            yield from (_placed(complaint, name, lines, (n, *location)) for location, complaint in complaints.of_validation(error, Foreign))


def _draft(found: _Placed) -> Iterator[FiledRecord | Complaint]:
    """Give the exercise as a record of ours, or what is wrong with it."""
    try:
        draft = draft_of(found.exercise)
        wrong = list(complaints.of_input(draft))
    except ValidationError as error:
        wrong = complaints.of_validation(error, Foreign)
    if wrong:
        yield from (_placed(complaint, found.file, found.lines, (found.n, *_in_the_file(location))) for location, complaint in wrong)
    else:
        yield FiledRecord("exercise", draft, found.file, found.lines, (found.n,))


def _in_the_file(location: Location) -> Location:
    return (_IN_THE_FILE.get(str(location[0]), location[0]), *location[1:]) if location else ()


def _placed(complaint: Complaint, file: str, lines: Mapping[Location, int], location: Location) -> Complaint:
    """Say where a complaint belongs, in the words of the file."""
    return placed(complaint._replace(field=complaints.path(location[1:])), where(file, lines, location))


def draft_of(foreign: Foreign) -> ExerciseDraft:
    """Write one of the collection's exercises as ours: as it is, and without a verdict."""
    muscles = dict.fromkeys(slug_of(muscle) for muscle in (*foreign.primary_muscles, *foreign.secondary_muscles))
    equipment = foreign.equipment or _NOT_STATED
    return ExerciseDraft(
        slug=slug_of(foreign.id),
        name=foreign.name,
        kind=_KINDS.get(foreign.category or ""),
        muscles=list(muscles),
        equipment=[] if equipment == _NEEDS_NOTHING else [slug_of(equipment)],
        steps=foreign.steps,
        provenance=[Provenance(fields=_FIELDS, source=Attribution(slug=FREE_EXERCISE_DB))],
    )


def slug_of(name: str) -> str:
    """Write a name as a slug: `Ankle_On_The_Knee` → `ankle-on-the-knee`."""
    return re.sub(r"[^a-z0-9]+", "-", fold(name)).strip("-")


def _terms_of(draft: Record) -> Iterator[Term]:
    if not isinstance(draft, ExerciseDraft):
        return
    for kind, slugs in ((TermKind.MUSCLE, draft.muscles), (TermKind.EQUIPMENT, draft.equipment)):
        yield from (Term(kind=kind, slug=slug, label=slug.replace("-", " ").capitalize()) for slug in slugs)
