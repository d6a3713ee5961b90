"""Which variant is shown, and what is said of it: decided from made-up cautions."""

from datetime import UTC, datetime

import pytest

from api.library.exercise import Exercise
from api.library.exercise_draft import Caution, Variant
from api.library.fitting import Fit, fit
from api.library.record import Attribution
from api.library.vocabulary import Action

SOURCE = Attribution(slug="made-up")
DO_INSTEAD, NOTE, NEVER, ASK = Action.MODIFY, Action.NOTE, Action.AVOID, Action.ASK_FIRST


def variant(slug: str, *heeds: str) -> Variant:
    return Variant(slug=slug, name=slug, heeds=list(heeds), source=SOURCE)


def caution(group: str, action: Action, variant: str | None = None, about: str | None = None) -> Caution:
    return Caution(group=group, action=action, variant=variant, for_variant=about, text=f"{group} {action}", source=SOURCE)


def fitted(variants: list[Variant], cautions: list[Caution], *groups: str) -> Fit:
    at = datetime(2025, 1, 1, tzinfo=UTC)
    return fit(Exercise(slug="one", name="One", variants=variants, cautions=cautions, created_at=at, updated_at=at), groups)


def way(found: Fit) -> str | None:
    """Give the variant shown, or that the exercise is left out."""
    return "withheld" if found.withheld_by else found.variant.slug if found.variant else None


KNEELING, SITTING = variant("kneeling", "late"), variant("sitting", "late", "knees")
LATE, KNEES = caution("late", DO_INSTEAD, "kneeling"), caution("knees", DO_INSTEAD, "sitting", "kneeling")


def test_without_a_group_it_is_done_as_it_stands() -> None:
    assert fitted([KNEELING], [LATE]) == Fit(None, [])


def test_a_note_changes_nothing_but_is_printed() -> None:
    note = caution("late", NOTE)
    assert fitted([KNEELING], [note], "late") == Fit(None, [note])


def test_a_modify_swaps_its_variant_in() -> None:
    assert fitted([KNEELING], [LATE], "late") == Fit(KNEELING, [LATE])


def test_the_first_variant_asked_for_that_heeds_all_is_shown() -> None:
    other = caution("knees", DO_INSTEAD, "sitting")
    assert way(fitted([KNEELING, SITTING], [LATE, other], "late", "knees")) == "sitting"
    both = variant("kneeling", "knees")
    assert way(fitted([both, SITTING], [LATE, other], "late", "knees")) == "kneeling"
    assert way(fitted([SITTING, both], [LATE, other], "late", "knees")) == "sitting"


def test_a_variant_that_nobody_asks_for_is_not_shown() -> None:
    lying = variant("lying", "late", "knees")
    other = caution("knees", DO_INSTEAD, "sitting")
    sitting = variant("sitting")
    found = fitted([lying, KNEELING, sitting], [LATE, other], "late", "knees")
    assert (way(found), found.withheld_by) == ("withheld", [LATE, other])


def test_a_caution_about_a_variant_holds_only_where_that_variant_is_asked_for() -> None:
    assert fitted([KNEELING, SITTING], [LATE, KNEES], "knees") == Fit(None, [])
    assert way(fitted([KNEELING, SITTING], [LATE, KNEES], "late", "knees")) == "sitting"
    assert fitted([KNEELING, SITTING], [LATE, KNEES], "late") == Fit(KNEELING, [LATE])


def test_what_is_said_of_one_variant_is_not_printed_beside_another() -> None:
    about = caution("late", NOTE, about="kneeling")
    assert fitted([KNEELING, SITTING], [LATE, about], "late").cautions == [LATE, about]
    assert fitted([KNEELING, SITTING], [LATE, KNEES, about], "late", "knees").cautions == [LATE]
    assert fitted([KNEELING, SITTING], [about], "late").cautions == []


def test_what_forbids_it_however_it_is_done_withholds_it() -> None:
    never = caution("late", NEVER)
    assert fitted([KNEELING], [LATE, never], "late").withheld_by == [never]


def test_a_variant_that_is_forbidden_is_not_shown() -> None:
    never = caution("knees", NEVER, about="kneeling")
    found = fitted([KNEELING, SITTING], [LATE, never], "late", "knees")
    assert (way(found), found.withheld_by) == ("withheld", [LATE, never])
    assert way(fitted([KNEELING, SITTING], [LATE, never], "late")) == "kneeling"
    instead = caution("late", DO_INSTEAD, "sitting")
    assert way(fitted([KNEELING, SITTING], [LATE, instead, never], "late", "knees")) == "sitting"


@pytest.mark.parametrize("heeds", [(), ("other",)])
def test_a_variant_has_to_heed_every_group_that_asks_for_one(heeds: tuple[str, ...]) -> None:
    unheeding = variant("sitting", *heeds)
    assert way(fitted([KNEELING, unheeding], [LATE, KNEES], "late", "knees")) == "withheld"


def test_variants_that_ask_for_each_other_end() -> None:
    there, back = caution("late", DO_INSTEAD, "sitting", "kneeling"), caution("late", DO_INSTEAD, "kneeling", "sitting")
    assert way(fitted([KNEELING, SITTING], [LATE, there, back], "late")) == "withheld"


def test_asking_first_swaps_nothing() -> None:
    ask = caution("knees", ASK)
    assert fitted([KNEELING], [LATE, ask], "late", "knees") == Fit(KNEELING, [LATE, ask])
