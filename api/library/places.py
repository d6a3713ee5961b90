"""Places in the types' lists: which exercise has each, and which makes way."""

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


def beside(draft: ExerciseDraft, taken: AbstractSet[Claim], keeps: AbstractSet[Claim] = frozenset()) -> ExerciseDraft:
    """Move an exercise to the next free choice wherever its own is taken, except for what it keeps."""
    settled = [
        recommendation if claim(recommendation) in keeps else recommendation.model_copy(update={"choice": _free(recommendation, taken)})
        for recommendation in draft.recommendations
    ]
    return draft.model_copy(update={"recommendations": settled})


def _free(recommendation: Recommendation, taken: AbstractSet[Claim]) -> int:
    return next(choice for choice in count(recommendation.choice) if (recommendation.type, recommendation.position, choice) not in taken)


def with_alternatives(exercises: Mapping[str, Exercise], at_places: AbstractSet[Place]) -> dict[str, Exercise]:
    """Fill in the alternatives at some places, of which all exercises are given. Raises Duplicate where two claim one choice."""
    at: dict[Place, dict[int, str]] = {}
    for slug, exercise in exercises.items():
        for claimed in (recommendation for recommendation in exercise.recommendations if place(recommendation) in at_places):
            holder = at.setdefault(place(claimed), {}).setdefault(claimed.choice, slug)
            if holder != slug:
                raise _claimed_twice(claimed, (holder, slug))
    return {slug: _with_alternatives(exercise, at) for slug, exercise in exercises.items()}


def _claimed_twice(claimed: Recommendation, slugs: Sequence[str]) -> ExerciseLibraryError:
    first, second = slugs
    message = f"'{first}' and '{second}' both claim place {claimed.position}, choice {claimed.choice} for the type '{claimed.type}'."
    return Duplicate(message, complaints=(Complaint("recommendations", message),))


def _with_alternatives(exercise: Exercise, at: Mapping[Place, Mapping[int, str]]) -> Exercise:
    settled = [
        recommendation.model_copy(
            update={"alternatives": [slug for _, slug in sorted(at[place(recommendation)].items()) if slug != exercise.slug]}
        )
        if place(recommendation) in at
        else recommendation
        for recommendation in exercise.recommendations
    ]
    return exercise.model_copy(update={"recommendations": settled})


def as_before(exercise: Exercise, before: Exercise) -> Exercise:
    """Keep the alternatives of an exercise that claims the same places as before."""
    beside_it = {place(recommendation): recommendation.alternatives for recommendation in before.recommendations}
    settled = [
        recommendation.model_copy(update={"alternatives": beside_it[place(recommendation)]}) for recommendation in exercise.recommendations
    ]
    return exercise.model_copy(update={"recommendations": settled})


def without(exercise: Exercise, gone: str) -> Exercise:
    """Take an exercise out of the alternatives of another."""
    settled = [
        recommendation.model_copy(update={"alternatives": [slug for slug in recommendation.alternatives if slug != gone]})
        for recommendation in exercise.recommendations
    ]
    return exercise.model_copy(update={"recommendations": settled})
