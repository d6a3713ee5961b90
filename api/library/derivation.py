"""What follows from a draft and its surroundings: tags, purposes, alternatives, inherited contraindications."""

from collections.abc import Iterable, Mapping

from api.errors import Complaint, Contradiction
from api.library.exercise import Bequest, Contraindication, ExerciseDraft, Judged, Recommendation, Via
from api.library.reference import MovementPattern
from api.library.vocabulary import Tag, ViaKind


def inherited(draft: ExerciseDraft, patterns: Mapping[str, MovementPattern], parent: Judged | None) -> list[Contraindication]:
    """Give what an exercise is to be avoided for by its patterns and by what it is a variant of. Recommended is never inherited."""
    by_pattern = [
        Contraindication(type=one.type, reason=one.reason, via=Via(kind=ViaKind.MOVEMENT_PATTERN, slug=slug), source=one.source)
        for slug in draft.patterns
        for one in patterns[slug].contraindications
    ]
    by_parent = (
        {
            one.type: Contraindication(
                type=one.type, reason=one.reason, via=Via(kind=ViaKind.VARIANT_OF, slug=parent.slug), source=one.source
            )
            for one in reversed(parent.contraindications)
        }
        if parent
        else {}
    )
    return [*by_pattern, *by_parent.values()]


def authored(draft: ExerciseDraft) -> ExerciseDraft:
    """Give what a curator wrote, without what was derived from it: two drafts that say the same are equal."""
    recommended = [one.model_copy(update={"purpose": None, "alternatives": []}) for one in draft.recommendations]
    fields = {name: getattr(draft, name) for name in ExerciseDraft.model_fields}
    return ExerciseDraft.model_construct(**fields | {"recommendations": recommended, "contraindications": own(draft.contraindications)})


_NOT_CLINICAL = {"aliases", "search_terms"}


def says_the_same(before: ExerciseDraft, after: ExerciseDraft) -> bool:
    """Say whether nothing clinical differs: what a clinician signed still stands. How it is found is not clinical."""

    def clinical(one: ExerciseDraft) -> dict[str, object]:
        recommended = [one.model_copy(update={"alternatives": []}) for one in one.recommendations]
        fields = {name: getattr(one, name) for name in ExerciseDraft.model_fields if name not in _NOT_CLINICAL}
        return fields | {"recommendations": recommended}

    return clinical(before) == clinical(after)


def own(contraindications: Iterable[Contraindication]) -> list[Contraindication]:
    """Give those that a source states of the exercise itself."""
    return [one for one in contraindications if one.via is None]


def bequest(exercise: ExerciseDraft) -> Bequest:
    """Give what the variants of an exercise inherit from it, and nothing else."""
    return Bequest(
        slug=exercise.slug,
        name=exercise.name,
        patterns=exercise.patterns,
        variant_of=exercise.variant_of,
        contraindications=own(exercise.contraindications),
    )


def refuse_contradiction(slug: str, recommended: Iterable[Recommendation], avoided: Iterable[Contraindication]) -> None:
    """Refuse an exercise that is both recommended and avoided for one type, saying by which way."""
    for_type = {one.type: one for one in avoided}
    clash = next((for_type[one.type] for one in recommended if one.type in for_type), None)
    if clash is None:
        return
    way = f" {clash.via.kind.label.lower()} '{clash.via.slug}'" if clash.via else ""
    message = f"'{slug}' is recommended for the type '{clash.type}' and to be avoided for it{way}; one of the two has to go."
    raise Contradiction(message, complaints=(Complaint("recommendations", message),))


def without_contradiction(draft: ExerciseDraft, avoided: Iterable[Contraindication]) -> ExerciseDraft:
    """Take the recommendations away that meet an avoid: avoid wins."""
    types = {one.type for one in avoided}
    return draft.model_copy(update={"recommendations": [one for one in draft.recommendations if one.type not in types]})


def tags(recommended: Iterable[Recommendation], tag_of: Mapping[str, Tag]) -> list[Tag]:
    """Give the tags of the types that recommend it."""
    return sorted({tag_of[one.type] for one in recommended})
