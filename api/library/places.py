"""Places in the lists of what types recommend: who stands at each, and who makes way."""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from itertools import count

from api.errors import Complaint, Duplicate, ExerciseLibraryError
from api.library.exercise import Exercise
from api.library.exercise_draft import ExerciseDraft, Recommendation

Place = tuple[str, int]
"""A type and a position in its list."""
Claim = tuple[str, int, int]
"""A place and a choice at it."""


def claims(drafts: Iterable[ExerciseDraft]) -> dict[Claim, str]:
    """Give the places that exercises claim, and who claims each first."""
    found: dict[Claim, str] = {}
    for draft in drafts:
        for one in draft.recommendations:
            found.setdefault(claim(one), draft.slug)
    return found


def claim(one: Recommendation) -> Claim:
    """Give what a recommendation claims."""
    return one.type, one.position, one.choice


def place(one: Recommendation) -> Place:
    """Give where a recommendation stands."""
    return one.type, one.position


def beside(draft: ExerciseDraft, taken: AbstractSet[Claim], keeps: AbstractSet[Claim] = frozenset()) -> ExerciseDraft:
    """Move an exercise to the next choice of a place wherever its own is taken; what it keeps, it keeps."""
    settled = [one if claim(one) in keeps else one.model_copy(update={"choice": _free(one, taken)}) for one in draft.recommendations]
    return draft.model_copy(update={"recommendations": settled})


def _free(one: Recommendation, taken: AbstractSet[Claim]) -> int:
    return next(choice for choice in count(one.choice) if (one.type, one.position, choice) not in taken)


def with_alternatives(exercises: Mapping[str, Exercise], at_places: AbstractSet[Place]) -> dict[str, Exercise]:
    """Name at each of some places who else is there; all who are there are given. Raises Duplicate where two claim one choice."""
    at: dict[Place, dict[int, str]] = {}
    for slug, exercise in exercises.items():
        for one in (one for one in exercise.recommendations if place(one) in at_places):
            holder = at.setdefault(place(one), {}).setdefault(one.choice, slug)
            if holder != slug:
                raise _claimed_twice(one, (holder, slug))
    return {slug: _with_alternatives(exercise, at) for slug, exercise in exercises.items()}


def _claimed_twice(one: Recommendation, slugs: Sequence[str]) -> ExerciseLibraryError:
    first, second = slugs
    message = f"'{first}' and '{second}' both claim place {one.position}, choice {one.choice} for the type '{one.type}'."
    return Duplicate(message, complaints=(Complaint("recommendations", message),))


def _with_alternatives(exercise: Exercise, at: Mapping[Place, Mapping[int, str]]) -> Exercise:
    settled = [
        one.model_copy(update={"alternatives": [slug for _, slug in sorted(at[place(one)].items()) if slug != exercise.slug]})
        if place(one) in at
        else one
        for one in exercise.recommendations
    ]
    return exercise.model_copy(update={"recommendations": settled})


def as_before(exercise: Exercise, before: Exercise) -> Exercise:
    """Name those who were beside it before, where it claims what it claimed."""
    beside_it = {place(one): one.alternatives for one in before.recommendations}
    settled = [one.model_copy(update={"alternatives": beside_it[place(one)]}) for one in exercise.recommendations]
    return exercise.model_copy(update={"recommendations": settled})


def without(exercise: Exercise, gone: str) -> Exercise:
    """Give an exercise of which another was an alternative, without that one."""
    settled = [
        one.model_copy(update={"alternatives": [slug for slug in one.alternatives if slug != gone]}) for one in exercise.recommendations
    ]
    return exercise.model_copy(update={"recommendations": settled})
