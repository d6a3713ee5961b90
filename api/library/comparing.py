"""Compares another catalogue with ours: which of its exercises should a person of these types not be shown?"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, NamedTuple, Self

from pydantic import Field, StringConstraints, model_validator

from api.library import wording
from api.library.exercise import PossibleMatch
from api.library.exercise_draft import Judged
from api.library.matching import Suspects, recognised
from api.library.phrasing import without_markup
from api.library.record import Record, Slug, Text
from api.library.spelling import folded
from api.library.suitability import Because, explain, verdict
from api.library.vocabulary import Verdict

MOST = 1000
"""How many exercises one request may compare."""
_STRICTEST_FIRST = [Verdict.AVOID, Verdict.UNKNOWN, Verdict.RECOMMENDED]


class ForeignExercise(Record):
    """An exercise of another catalogue, as far as it is compared."""

    id: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    """The caller's own identifier; it comes back unchanged."""
    name: Text
    """What a person calls it."""
    aliases: Annotated[list[str], Field(max_length=200)] = []
    """Other names of the same exercise."""
    steps: Annotated[list[str], Field(max_length=1000)] = []
    """What to do, in order."""

    @property
    def names(self) -> list[str]:
        """Its name and aliases, as a browser shows them."""
        return [*map(without_markup, (self.name, *self.aliases))]


class ForeignExercises(Record):
    """What a caller sends to be compared."""

    exercises: Annotated[list[ForeignExercise], Field(min_length=1, max_length=MOST)]
    """1 to 1,000 exercises, each with an `id` of its own."""

    @model_validator(mode="after")
    def tells_them_apart(self) -> Self:
        """Refuse an identifier that is given twice: nobody could tell which answer belongs to which exercise."""
        twice = repeated(exercise.id for exercise in self.exercises)
        if twice is not None:
            msg = f"'exercises' has the id '{twice}' twice"
            raise ValueError(msg)
        return self


class ComparedExercise(Record):
    """What is known of one of the caller's exercises."""

    id: str
    """The caller's identifier."""
    verdict: Verdict
    """That of `same_as`, or `unknown`; `recommended` becomes `unknown` where the exercise resembles what a type asked avoids."""
    same_as: Slug | None
    """Our exercise of the same name or alias, the one with the strictest verdict if there are several; null where there is none."""
    because: list[Because]
    """What is known of `same_as` for each type asked; empty where there is none."""
    possible_match: list[PossibleMatch]
    """What it resembles that a type asked avoids, and by which words."""


class Comparison(Record):
    """Another catalogue's exercises, held against this library."""

    types: list[Slug]
    """The types asked."""
    items: list[ComparedExercise]
    """One for each exercise sent, in the same order."""
    revision: int
    """The library's revision."""
    disclaimer: Text
    """What this is and is not, and what it can't see."""


class Named(NamedTuple):
    """One of our exercises, and the names and aliases that it goes by, folded."""

    exercise: Judged
    names: frozenset[str]


class Known(NamedTuple):
    """What of our library a comparison needs."""

    named: Mapping[str, Sequence[Named]]
    """Our exercises by each of their names and aliases, folded."""
    suspects: Suspects
    """What the types asked avoid."""


def repeated(ids: Iterable[str]) -> str | None:
    """Give an identifier that occurs twice, or None."""
    return next((id_ for id_, times in Counter(ids).items() if times > 1), None)


def by_name(ours: Iterable[Named]) -> dict[str, list[Named]]:
    """Index our exercises by each of their names."""
    filed: dict[str, list[Named]] = {}
    for exercise in ours:
        for name in exercise.names:
            filed.setdefault(name, []).append(exercise)
    return filed


def comparison(theirs: Iterable[ForeignExercise], types: Sequence[str], known: Known, revision: int) -> Comparison:
    """Compare exercises with ours, in order, and say how far the result can be trusted."""
    items = [_compared(exercise, types, known) for exercise in theirs]
    return Comparison(types=list(types), items=items, revision=revision, disclaimer=wording.COMPARED)


def _compared(exercise: ForeignExercise, types: Sequence[str], known: Known) -> ComparedExercise:
    same = _same_as(exercise, types, known)
    if same is None:
        resembled = [match for _, match in recognised(exercise.names, exercise.steps, known.suspects)]
        return ComparedExercise(id=exercise.id, verdict=Verdict.UNKNOWN, same_as=None, because=[], possible_match=resembled)
    answer = explain(same.exercise, types)
    # Our own names for it have been judged with it, if it has been.
    judged = same.names if answer.verdict is not Verdict.UNKNOWN else frozenset()
    others = [name for name in exercise.names if folded(name) not in judged]
    resembled = [match for _, match in recognised(others, exercise.steps, known.suspects) if match.slug != answer.slug]
    doubtful = answer.verdict is Verdict.RECOMMENDED and resembled
    return ComparedExercise(
        id=exercise.id,
        verdict=Verdict.UNKNOWN if doubtful else answer.verdict,
        same_as=answer.slug,
        because=answer.because,
        possible_match=resembled,
    )


def _same_as(exercise: ForeignExercise, types: Sequence[str], known: Known) -> Named | None:
    """Give our exercise of the same name; of several the strictest, so that no alias makes it look safer than it is."""

    def strictness(ours: Named) -> tuple[int, str]:
        return _STRICTEST_FIRST.index(verdict(ours.exercise, types)), ours.exercise.slug

    names = {folded(name) for name in exercise.names}
    return min((ours for name in names for ours in known.named.get(name, ())), key=strictness, default=None)
