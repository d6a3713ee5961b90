"""Which condition is meant, and which red flags are screened for with it."""

import pytest

from api.library.condition import Condition, defaults, meant
from api.library.record import Attribution
from api.library.screening_items import RedFlag, of_conditions
from api.library.vocabulary import Level

SOURCE = Attribution(slug="book")


def condition(slug: str, *, default: bool = False) -> Condition:
    return Condition(slug=slug, name=slug, summary="Where it hurts.", default=default, source=SOURCE)


@pytest.mark.parametrize(
    ("conditions", "found"),
    [
        ([], None),
        ([condition("a")], "a"),
        ([condition("a"), condition("b")], "a"),
        ([condition("a"), condition("b", default=True)], "b"),
    ],
)
def test_the_default_condition_is_meant_or_the_first_where_none_is_marked(conditions: list[Condition], found: str | None) -> None:
    assert meant(conditions) == found


def test_every_default_is_named() -> None:
    assert defaults([condition("a", default=True), condition("b"), condition("c", default=True)]) == ["a", "c"]


def test_a_red_flag_is_screened_for_with_its_condition() -> None:
    flags = [
        RedFlag(slug=slug, condition=of, level=Level.EMERGENCY, question="?", what_to_do="Go.", source=SOURCE)
        for slug, of in (("fever", "a"), ("numb", "b"), ("fall", "a"))
    ]
    assert [flag.slug for flag in of_conditions(flags, ["a"])] == ["fever", "fall"]
    assert of_conditions(flags, ["a", "b"]) == flags
    assert of_conditions(flags, []) == []
