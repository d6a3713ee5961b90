"""How people of these groups do an exercise: as it stands, as a variant, or not at all."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from api.library.exercise import Exercise
from api.library.exercise_draft import Caution, Variant
from api.library.vocabulary import Action


class Fit(NamedTuple):
    """What the cautions of the groups given come to for one exercise."""

    variant: Variant | None = None
    """The variant to do instead; none: the exercise as it stands."""
    cautions: Sequence[Caution] = ()
    """What to read before doing it that way."""
    withheld_by: Sequence[Caution] = ()
    """The cautions that leave it out: one that forbids it, or several that no variant follows together. Empty: it can be done."""


def fit(exercise: Exercise, groups: Collection[str]) -> Fit:
    """Choose how the exercise is done: the first variant asked for that heeds every group which asks for one."""
    in_force = [caution for caution in exercise.cautions if caution.group in groups]
    forbidding = [caution for caution in in_force if caution.action is Action.AVOID and caution.for_variant is None]
    if forbidding:
        return Fit(withheld_by=forbidding)
    asked = _asked_for(in_force)
    changing = [caution for caution in in_force if caution.action is Action.MODIFY and caution.for_variant in {None, *asked}]
    if not changing:
        return Fit(None, _printed(in_force, None))
    unfit = [caution for caution in in_force if caution.action in (Action.AVOID, Action.MODIFY) and caution.for_variant in asked]
    shown = next((variant for variant in exercise.variants if variant.slug in asked and _heeds(variant, changing, unfit)), None)
    return Fit(shown, _printed(in_force, shown.slug)) if shown else Fit(withheld_by=list(dict.fromkeys([*changing, *unfit], True)))


def _asked_for(in_force: Sequence[Caution]) -> set[str]:
    """Give the variants to do instead of the exercise, and those to do instead of such a variant."""
    swaps = [(caution.for_variant, caution.variant) for caution in in_force if caution.variant is not None]
    asked: set[str] = set()
    new = {variant for before, variant in swaps if before is None}
    while new:
        asked |= new
        new = {variant for before, variant in swaps if before in asked} - asked
    return asked


def _heeds(variant: Variant, changing: Sequence[Caution], unfit: Sequence[Caution]) -> bool:
    heeded = {*variant.heeds, *(caution.group for caution in changing if caution.variant == variant.slug)}
    return {caution.group for caution in changing} <= heeded and all(caution.for_variant != variant.slug for caution in unfit)


def _printed(in_force: Sequence[Caution], shown: str | None) -> list[Caution]:
    """Give the cautions for the form shown. A `modify` holds for every variant that heeds its group."""
    return [caution for caution in in_force if caution.for_variant in (None, shown)]
