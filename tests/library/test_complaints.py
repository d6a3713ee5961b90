"""A complaint names what was meant, and nothing of another kind."""

import pytest

from api.library.complaints import other_names, unknown
from api.library.exercise_draft import ExerciseDraft
from api.library.record import Record
from api.library.term import Term
from api.library.vocabulary import TermKind


def term(slug: str, label: str) -> Term:
    return Term(kind=TermKind.EQUIPMENT, slug=slug, label=label)


EQUIPMENT: dict[str, Record] = {
    "massage-ball": term("massage-ball", "Tennis or massage ball"),
    "gym-ball": term("gym-ball", "Large ball (gym ball)"),
    "towel-or-strap": term("towel-or-strap", "Towel or strap"),
    "mat": term("mat", "Mat"),
}


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("massage ball", "massage-ball"),
        ("Massage_Ball", "massage-ball"),
        ("Tennis or massage ball", "massage-ball"),
        ("TENNIS", "massage-ball"),
        ("strap", "towel-or-strap"),
        ("mats", "mat"),
        ("ball", None),
        ("a", None),
        ("", None),
        ("\u200b", None),
        ("kettlebell", None),
    ],
)
def test_what_was_meant_is_found_by_slug_and_by_name(given: str, meant: str | None) -> None:
    assert unknown("equipment", "equipment", given, EQUIPMENT).did_you_mean == meant


def test_what_two_records_are_called_names_neither() -> None:
    records = {slug: ExerciseDraft(slug=slug, name=slug, aliases=["The same"]) for slug in ("one", "two")}
    assert other_names(records) == {"one": "one", "two": "two"}
    assert unknown("only", "exercise", "the same", records).did_you_mean is None


def test_where_only_slugs_are_known_only_slugs_are_compared() -> None:
    assert other_names(["mat"]) == {}
    assert unknown("equipment", "equipment", "tennis", list(EQUIPMENT)).did_you_mean is None
