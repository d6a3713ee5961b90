"""What an edited record takes over from a new version's seed data: what warns, and nothing that permits."""

from api.library.exercise import ExerciseDraft
from api.library.reference import MovementPattern


def exercise(current: ExerciseDraft, shipped_before: ExerciseDraft | None, new: ExerciseDraft) -> ExerciseDraft:
    """Add what is new to avoid or to mind in this version, by patterns and variants too; where it meets a recommendation, avoid wins."""
    had = shipped_before.contraindications if shipped_before else []
    known = {one.type for one in (*had, *current.contraindications)}
    avoided = [one for one in new.contraindications if one.type not in known]
    types = {one.type for one in avoided}
    minded = shipped_before.cautions if shipped_before else []
    there = {(one.group, one.action, one.text) for one in (*minded, *current.cautions)}
    variants = {one.slug for one in current.variants}
    cautions = [one for one in new.cautions if (one.group, one.action, one.text) not in there]
    patterns = {*(shipped_before.patterns if shipped_before else ()), *current.patterns}
    wanted = {one.variant for one in cautions if one.variant} - variants
    return current.model_copy(
        update={
            "contraindications": [*current.contraindications, *avoided],
            "recommendations": [one for one in current.recommendations if one.type not in types],
            "cautions": [*current.cautions, *cautions],
            "variants": [*current.variants, *(one for one in new.variants if one.slug in wanted)],
            "patterns": [*current.patterns, *(one for one in new.patterns if one not in patterns)],
            "variant_of": current.variant_of or (new.variant_of if shipped_before is None or shipped_before.variant_of is None else None),
        }
    )


def pattern(current: MovementPattern, shipped_before: MovementPattern | None, new: MovementPattern) -> MovementPattern:
    """Add the contraindications that are new in this version."""
    had = shipped_before.contraindications if shipped_before else []
    known = {one.type for one in (*had, *current.contraindications)}
    added = [one for one in new.contraindications if one.type not in known]
    return current.model_copy(update={"contraindications": [*current.contraindications, *added]})
