"""What follows from a draft and its surroundings: tags, purposes, alternatives, inherited contraindications."""

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from api.errors import Contradiction
from api.library.exercise import Bequest
from api.library.exercise_draft import Contraindication, ExerciseDraft, Judged, Recommendation, Via
from api.library.pattern import MovementPattern
from api.library.record import Record
from api.library.vocabulary import Tag, ViaKind

_Draft = TypeVar("_Draft", bound=ExerciseDraft)


def inherited(draft: ExerciseDraft, patterns: Mapping[str, MovementPattern], parent: Judged | None) -> list[Contraindication]:
    """Give what an exercise inherits from its patterns and its parent: only contraindications, never recommendations."""
    by_pattern = [
        Contraindication(**dict(contraindication), via=Via(kind=ViaKind.MOVEMENT_PATTERN, slug=slug))
        for slug in draft.patterns
        for contraindication in patterns[slug].contraindications
    ]
    by_parent: dict[str, Contraindication] = {}
    if parent:
        via = Via(kind=ViaKind.VARIANT_OF, slug=parent.slug)
        by_parent = {above.type: above.model_copy(update={"via": via}) for above in reversed(parent.contraindications)}
    return [*by_pattern, *by_parent.values()]


def authored(draft: ExerciseDraft) -> ExerciseDraft:
    """Give what a curator wrote, without what was derived from it: two drafts that say the same are equal."""
    recommended = [recommendation.model_copy(update={"purpose": None, "alternatives": []}) for recommendation in draft.recommendations]
    return ExerciseDraft.model_construct(
        **fields(draft) | {"recommendations": recommended, "contraindications": own(draft.contraindications)}
    )


def fields(record: Record, names: Iterable[str] = ExerciseDraft.model_fields) -> dict[str, Any]:
    """Give some fields of a record, by default those that a curator writes."""
    return {name: getattr(record, name) for name in names}


_NOT_CLINICAL = {"aliases", "search_terms"}


def says_the_same(before: ExerciseDraft, after: ExerciseDraft) -> bool:
    """Say whether nothing clinical differs: what a clinician signed still stands. How it is found is not clinical."""

    def clinical(draft: ExerciseDraft) -> dict[str, object]:
        recommended = [recommendation.model_copy(update={"alternatives": []}) for recommendation in draft.recommendations]
        return {name: part for name, part in fields(draft).items() if name not in _NOT_CLINICAL} | {"recommendations": recommended}

    return clinical(before) == clinical(after)


def own(contraindications: Iterable[Contraindication]) -> list[Contraindication]:
    """Give those that a source states of the exercise itself."""
    return [contraindication for contraindication in contraindications if contraindication.via is None]


def judged(draft: ExerciseDraft) -> set[str]:
    """Give the types for which a curator has decided. What is inherited doesn't count: it goes with what it comes from."""
    recommended = {recommendation.type for recommendation in draft.recommendations}
    return recommended | {contraindication.type for contraindication in own(draft.contraindications)}


def bequest(exercise: ExerciseDraft) -> Bequest:
    """Give what the variants of an exercise inherit from it, and nothing else."""
    return Bequest(**fields(exercise, Bequest.model_fields) | {"contraindications": own(exercise.contraindications)})


def refuse_contradiction(slug: str, recommended: Iterable[Recommendation], avoided: Iterable[Contraindication]) -> None:
    """Refuse an exercise that is both recommended and avoided for one type, and say how."""
    for_type = {avoidance.type: avoidance for avoidance in avoided}
    clash = next((for_type[recommendation.type] for recommendation in recommended if recommendation.type in for_type), None)
    if clash is None:
        return
    message = f"'{slug}' is recommended for the type '{clash.type}' and to be avoided for it{_way(clash)}; one of the two has to go."
    raise Contradiction.at("recommendations", message)


def _way(contraindication: Contraindication) -> str:
    return f" {contraindication.via.kind.label.lower()} '{contraindication.via.slug}'" if contraindication.via else ""


def refuse_turned(draft: ExerciseDraft, before: Judged, *, was_retired: bool) -> None:
    """Refuse to turn an avoid into a recommendation in one write, and to revive an exercise without what it was to be avoided for."""
    recommended = {recommendation.type for recommendation in draft.recommendations}
    repeated = {contraindication.type for contraindication in own(draft.contraindications)}
    for avoided in before.contraindications:
        if avoided.type in recommended:
            raise Contradiction.at(
                "recommendations",
                f"'{draft.slug}' is to be avoided for the type '{avoided.type}'{_way(avoided)}, and one write can't make it recommended: "
                "drop the avoid first, in a change of its own.",
            )
        if was_retired and avoided.via is None and avoided.type not in repeated:
            raise Contradiction.at(
                "contraindications",
                f"'{draft.slug}' was to be avoided for the type '{avoided.type}' when it was retired; repeat that in 'contraindications'.",
            )


def with_what_was_avoided(draft: ExerciseDraft, before: Judged) -> ExerciseDraft:
    """Hold on to an avoid that would turn into a recommendation: avoid wins."""
    recommended = {recommendation.type for recommendation in draft.recommendations}
    there = {contraindication.type for contraindication in own(draft.contraindications)}
    missing = [stated for stated in own(before.contraindications) if stated.type in recommended - there]
    kept = without_contradiction(draft, before.contraindications)
    return kept.model_copy(update={"contraindications": [*draft.contraindications, *missing]})


def without_contradiction(draft: _Draft, avoided: Iterable[Contraindication]) -> _Draft:
    """Drop recommendations that meet an avoid: avoid wins."""
    types = {avoidance.type for avoidance in avoided}
    kept = [recommendation for recommendation in draft.recommendations if recommendation.type not in types]
    return draft.model_copy(update={"recommendations": kept})


def with_purpose(recommended: Iterable[Recommendation], tag_of: Mapping[str, Tag]) -> list[Recommendation]:
    """Say what each recommendation is for: the tag that its type works by."""
    return [
        recommendation.model_copy(update={"purpose": tag_of[recommendation.type], "alternatives": []}) for recommendation in recommended
    ]


def tags(recommended: Iterable[Recommendation], tag_of: Mapping[str, Tag]) -> list[Tag]:
    """Give the tags of the types that recommend it."""
    return sorted({tag_of[recommendation.type] for recommendation in recommended})
