"""Places in the types' lists: which exercise has each, and which makes way."""

from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from itertools import count
from typing import TypeVar

from api.errors import Duplicate
from api.library.exercise import Exercise
from api.library.exercise_draft import ExerciseDraft, Recommendation

_Draft = TypeVar("_Draft", bound=ExerciseDraft)

Place = tuple[str, int]
"""A type and a position in its list."""
Claim = tuple[str, int, int]
"""A place and a choice at it."""


def claims(drafts: Iterable[ExerciseDraft]) -> dict[Claim, str]:
    """Give the places that exercises claim, each with the first that claims it."""
    found: dict[Claim, str] = {}
    for draft in drafts:
        for recommendation in draft.recommendations:
            found.setdefault(claim(recommendation), draft.slug)
    return found


def claim(recommendation: Recommendation) -> Claim:
    """Give what a recommendation claims."""
    return recommendation.type, recommendation.position, recommendation.choice


def place(recommendation: Recommendation) -> Place:
    """Give where a recommendation stands."""
    return recommendation.type, recommendation.position


def with_each(exercise: _Draft, update: Callable[[Recommendation], Mapping[str, object]]) -> _Draft:
    """Give an exercise with an update of each recommendation."""
    settled = [recommendation.model_copy(update=update(recommendation)) for recommendation in exercise.recommendations]
    return exercise.model_copy(update={"recommendations": settled})


def beside(draft: ExerciseDraft, taken: AbstractSet[Claim], keeps: AbstractSet[Claim] = frozenset()) -> ExerciseDraft:
    """Move an exercise to the next free choice wherever its own is taken, except for what it keeps."""
    return with_each(draft, lambda claimed: {} if claim(claimed) in keeps else {"choice": _free(claimed, taken)})


def _free(recommendation: Recommendation, taken: AbstractSet[Claim]) -> int:
    return next(choice for choice in count(recommendation.choice) if (recommendation.type, recommendation.position, choice) not in taken)


def with_alternatives(exercises: Mapping[str, Exercise], at_places: AbstractSet[Place]) -> dict[str, Exercise]:
    """Fill in the alternatives at some places, of which all exercises are given. Raises Duplicate where two claim one choice."""
    at: dict[Place, dict[int, str]] = {}
    for slug, exercise in exercises.items():
        for claimed in (recommendation for recommendation in exercise.recommendations if place(recommendation) in at_places):
            holder = at.setdefault(place(claimed), {}).setdefault(claimed.choice, slug)
            if holder != slug:
                spot = f"place {claimed.position}, choice {claimed.choice} for the type '{claimed.type}'"
                raise Duplicate.at("recommendations", f"'{holder}' and '{slug}' both claim {spot}.")
    return {slug: _with_alternatives(exercise, at) for slug, exercise in exercises.items()}


def _with_alternatives(exercise: Exercise, at: Mapping[Place, Mapping[int, str]]) -> Exercise:
    def others(recommendation: Recommendation) -> dict[str, object]:
        there = at.get(place(recommendation))
        return {} if there is None else {"alternatives": [slug for _, slug in sorted(there.items()) if slug != exercise.slug]}

    return with_each(exercise, others)


def as_before(exercise: Exercise, before: Exercise) -> Exercise:
    """Keep the alternatives of an exercise that claims the same places as before."""
    beside_it = {place(recommendation): recommendation.alternatives for recommendation in before.recommendations}
    return with_each(exercise, lambda recommendation: {"alternatives": beside_it[place(recommendation)]})


def without(exercise: Exercise, gone: str) -> Exercise:
    """Take an exercise out of the alternatives of another."""
    return with_each(exercise, lambda recommendation: {"alternatives": [slug for slug in recommendation.alternatives if slug != gone]})
