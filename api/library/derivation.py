"""What follows from a draft and its surroundings: tags, purposes, alternatives, inherited contraindications."""

from collections.abc import Iterable, Mapping
from typing import Any

from api.errors import Complaint, Contradiction, ExerciseLibraryError
from api.library.exercise import Bequest, Exercise
from api.library.exercise_draft import Contraindication, ExerciseDraft, Judged, Recommendation, Via
from api.library.history import BOOKKEEPING
from api.library.pattern import MovementPattern
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
    return ExerciseDraft.model_construct(
        **fields(draft) | {"recommendations": recommended, "contraindications": own(draft.contraindications)}
    )


def fields(draft: ExerciseDraft) -> dict[str, Any]:
    """Give the fields that a curator writes."""
    return {name: getattr(draft, name) for name in ExerciseDraft.model_fields}


def noted(exercise: Exercise) -> dict[str, Any]:
    """Give what the library notes on an exercise, which says nothing of what it is."""
    return {name: getattr(exercise, name) for name in BOOKKEEPING}


_NOT_CLINICAL = {"aliases", "search_terms"}


def says_the_same(before: ExerciseDraft, after: ExerciseDraft) -> bool:
    """Say whether nothing clinical differs: what a clinician signed still stands. How it is found is not clinical."""

    def clinical(one: ExerciseDraft) -> dict[str, object]:
        recommended = [one.model_copy(update={"alternatives": []}) for one in one.recommendations]
        return {name: part for name, part in fields(one).items() if name not in _NOT_CLINICAL} | {"recommendations": recommended}

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
    message = f"'{slug}' is recommended for the type '{clash.type}' and to be avoided for it{_way(clash)}; one of the two has to go."
    raise Contradiction(message, complaints=(Complaint("recommendations", message),))


def _way(one: Contraindication) -> str:
    return f" {one.via.kind.label.lower()} '{one.via.slug}'" if one.via else ""


def refuse_turned(draft: ExerciseDraft, before: Judged, *, was_retired: bool) -> None:
    """Refuse to turn an avoid into a recommendation in one write, and to revive an exercise without what it was to be avoided for."""
    recommended = {one.type for one in draft.recommendations}
    repeated = {one.type for one in own(draft.contraindications)}
    for one in before.contraindications:
        if one.type in recommended:
            raise _turned(
                "recommendations",
                f"'{draft.slug}' is to be avoided for the type '{one.type}'{_way(one)}, and one write can't make it recommended: "
                "drop the avoid first, in a change of its own.",
            )
        if was_retired and one.via is None and one.type not in repeated:
            raise _turned(
                "contraindications",
                f"'{draft.slug}' was to be avoided for the type '{one.type}' when it was retired; repeat that in 'contraindications'.",
            )


def _turned(field: str, message: str) -> ExerciseLibraryError:
    return Contradiction(message, complaints=(Complaint(field, message),))


def with_what_was_avoided(draft: ExerciseDraft, before: Judged) -> ExerciseDraft:
    """Hold on to an avoid that would turn into a recommendation: avoid wins."""
    recommended = {one.type for one in draft.recommendations}
    held = [one for one in own(before.contraindications) if one.type in recommended]
    there = {one.type for one in draft.contraindications}
    missing = [one for one in held if one.type not in there]
    turned = {one.type for one in before.contraindications}
    return draft.model_copy(
        update={
            "recommendations": [one for one in draft.recommendations if one.type not in turned],
            "contraindications": [*draft.contraindications, *missing],
        }
    )


def without_contradiction(draft: ExerciseDraft, avoided: Iterable[Contraindication]) -> ExerciseDraft:
    """Take the recommendations away that meet an avoid: avoid wins."""
    types = {one.type for one in avoided}
    return draft.model_copy(update={"recommendations": [one for one in draft.recommendations if one.type not in types]})


def with_purpose(recommended: Iterable[Recommendation], tag_of: Mapping[str, Tag]) -> list[Recommendation]:
    """Say what each recommendation is for: the tag that its type works by."""
    return [one.model_copy(update={"purpose": tag_of[one.type], "alternatives": []}) for one in recommended]


def tags(recommended: Iterable[Recommendation], tag_of: Mapping[str, Tag]) -> list[Tag]:
    """Give the tags of the types that recommend it."""
    return sorted({tag_of[one.type] for one in recommended})
