"""Verdicts of an exercise for a set of types: the one place that decides."""

from collections.abc import Iterable, Sequence
from functools import lru_cache

from api.library import wording
from api.library.exercise import Exercise, PossibleMatch, Suitability
from api.library.exercise_draft import Judged, Via
from api.library.record import Attribution, Record, Slug, Text
from api.library.vocabulary import Intensity, Verdict

_GENTLEST_FIRST = [*Intensity, None]


class Because(Record):
    """What one source, or the lack of one, says for one type."""

    type: Slug
    """The type."""
    verdict: Verdict
    """What is known of the exercise for this type."""
    reason: Text
    """Why."""
    via: Via | None
    """What an inherited contraindication comes from; null otherwise."""
    source: Attribution | None
    """Who says so; null where nobody says anything."""


class SuitabilityAnswer(Record):
    """Whether an exercise suits somebody of all the types asked, and why."""

    slug: Slug
    """The exercise."""
    name: Text
    """What a person calls it."""
    types: list[Slug]
    """The types asked."""
    verdict: Verdict
    """`avoid` if any type avoids it, `recommended` if all recommend it, else `unknown`."""
    intensity: Intensity | None
    """The gentlest that any of the types asks for."""
    because: list[Because]
    """What was found for each type."""
    possible_match: list[PossibleMatch]
    """What it resembles that some type should avoid, as long as nobody has decided whether that holds here too."""
    disclaimer: Text
    """What this is not, and that no clinician reviewed it."""


def verdict(exercise: Judged, types: Iterable[str]) -> Verdict:
    """Avoid if any type avoids it, recommended if every type recommends it, else unknown."""
    asked = set(types)
    if asked & {contraindication.type for contraindication in exercise.contraindications}:
        return Verdict.AVOID
    if asked and asked <= {recommendation.type for recommendation in exercise.recommendations}:
        return Verdict.RECOMMENDED
    return Verdict.UNKNOWN


def suitability(exercise: Judged, types: Sequence[str]) -> Suitability:
    """Read the exercise for all the types together: the gentlest intensity, the lowest position."""
    decided = verdict(exercise, types)
    if decided is not Verdict.RECOMMENDED:
        return Suitability(verdict=decided, intensity=None, intensity_note=None, position=None, choice=None, alternatives=[])
    asked = [recommendation for recommendation in exercise.recommendations if recommendation.type in types]
    gentlest = min(asked, key=lambda recommendation: _GENTLEST_FIRST.index(recommendation.intensity))
    choices = {recommendation.choice for recommendation in asked}
    return Suitability(
        verdict=decided,
        intensity=gentlest.intensity,
        intensity_note=gentlest.intensity_note,
        position=min(recommendation.position for recommendation in asked),
        choice=choices.pop() if len(choices) == 1 else None,
        alternatives=[slug for slug in asked[0].alternatives if all(slug in recommendation.alternatives for recommendation in asked)],
    )


def of_document(document: str, types: tuple[str, ...]) -> Suitability:
    """Read a finished exercise for all the types together."""
    return _of_judged(Judged.part_of(document), types)


# The same document always reads the same, so the latest readings are cached.
@lru_cache(maxsize=500)
def _of_judged(document: str, types: tuple[str, ...]) -> Suitability:
    return suitability(Judged.of(document), types)


def reading(exercise: Exercise, types: Sequence[str]) -> Exercise:
    """Give an exercise as people read it for these types: their recommendations only, and of a gentle one no harder form.

    What it is to be avoided for stays, whatever the type. Without types, it is given whole.
    """
    if not types:
        return exercise
    recommended = [recommendation for recommendation in exercise.recommendations if recommendation.type in types]
    gentle = any(recommendation.intensity is Intensity.GENTLE for recommendation in recommended)
    return exercise.model_copy(update={"recommendations": recommended, **(_gentle_forms(exercise) if gentle else {})})


def _gentle_forms(exercise: Exercise) -> dict[str, object]:
    """Leave out what is harder, and every variant that isn't there for people who need it, with all that is said of it."""
    needed = {caution.variant for caution in exercise.cautions}
    variants = [variation for variation in exercise.variants if variation.slug in needed or variation.heeds]
    shown = {None, *(variant.slug for variant in variants)}
    return {
        "harder": [],
        "variants": variants,
        "cautions": [stated for stated in exercise.cautions if stated.for_variant in shown],
        "dosages": [dosage for dosage in exercise.dosages if dosage.for_variant in shown],
    }


def explain(exercise: Judged, types: Sequence[str], resembles: Sequence[PossibleMatch] = ()) -> SuitabilityAnswer:
    """Decide, and name every reason there is; a resemblance decides nothing."""
    read = suitability(exercise, types)
    because = [reason for type_ in types for reason in _reasons(exercise, type_)]
    return SuitabilityAnswer(
        slug=exercise.slug,
        name=exercise.name,
        types=list(types),
        verdict=read.verdict,
        intensity=read.intensity,
        because=because,
        possible_match=list(resembles),
        disclaimer=wording.DISCLAIMER,
    )


def _reasons(exercise: Judged, type_: str) -> list[Because]:
    against = [contraindication for contraindication in exercise.contraindications if contraindication.type == type_]
    if against:
        return [Because(verdict=Verdict.AVOID, **dict(contraindication)) for contraindication in against]
    found = next((recommendation for recommendation in exercise.recommendations if recommendation.type == type_), None)
    if found is None:
        return [Because(type=type_, verdict=Verdict.UNKNOWN, reason=Verdict.UNKNOWN.meaning, via=None, source=None)]
    told = [part.rstrip(".") for part in (Verdict.RECOMMENDED.meaning, found.intensity_note, found.note) if part]
    return [Because(type=type_, verdict=Verdict.RECOMMENDED, reason=f"{'. '.join(told)}.", via=None, source=found.source)]
