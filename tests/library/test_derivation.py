"""What follows from a draft and its surroundings, and what is refused."""

from typing import Any

import pytest

from api.errors import Contradiction
from api.library import derivation
from api.library.exercise_draft import ExerciseDraft
from api.library.pattern import MovementPattern

SOURCE = {"slug": "book"}


def exercise(**parts: object) -> ExerciseDraft:
    return ExerciseDraft.model_validate({"slug": "bridge", "name": "Bridge", **parts})


def avoid(type_: str, via: dict[str, str] | None = None, reason: str = "It hurts.") -> dict[str, Any]:
    return {"type": type_, "reason": reason, "via": via, "source": SOURCE}


def recommend(type_: str) -> dict[str, Any]:
    return {"type": type_, "position": 1, "source": SOURCE}


BY_WIDE_LEGS = {"kind": "movement-pattern", "slug": "wide-legs"}


def test_a_write_does_not_turn_an_avoid_into_a_recommendation() -> None:
    before = exercise(contraindications=[avoid("unstable")])
    with pytest.raises(Contradiction, match="'bridge' is to be avoided for the type 'unstable', and one write"):
        derivation.refuse_turned(exercise(recommendations=[recommend("unstable")]), before, was_retired=False)
    derivation.refuse_turned(exercise(recommendations=[recommend("stiff")]), before, was_retired=False)


def test_nor_one_that_was_inherited() -> None:
    before = exercise(contraindications=[avoid("unstable", BY_WIDE_LEGS)])
    with pytest.raises(Contradiction, match="'unstable' via a movement pattern 'wide-legs', and one write"):
        derivation.refuse_turned(exercise(recommendations=[recommend("unstable")]), before, was_retired=False)


def test_what_is_revived_repeats_its_own_avoids_and_not_those_that_it_inherited() -> None:
    before = exercise(contraindications=[avoid("unstable"), avoid("stiff", BY_WIDE_LEGS)])
    with pytest.raises(Contradiction, match="was to be avoided for the type 'unstable' when it was retired"):
        derivation.refuse_turned(exercise(), before, was_retired=True)
    derivation.refuse_turned(exercise(contraindications=[avoid("unstable", reason="Ours.")]), before, was_retired=True)
    derivation.refuse_turned(exercise(), before, was_retired=False)


def test_where_avoid_wins_it_is_held_on_to() -> None:
    before = exercise(contraindications=[avoid("unstable"), avoid("stiff", BY_WIDE_LEGS)])
    both = exercise(recommendations=[recommend("unstable"), recommend("stiff")])
    held = derivation.with_what_was_avoided(both, before)
    assert held.recommendations == []
    assert [one.type for one in held.contraindications] == ["unstable"]
    assert derivation.with_what_was_avoided(exercise(), before) == exercise()


def test_an_inherited_avoid_does_not_stand_for_one_of_its_own() -> None:
    draft = exercise(recommendations=[recommend("unstable")], contraindications=[avoid("unstable", BY_WIDE_LEGS)])
    held = derivation.with_what_was_avoided(draft, exercise(contraindications=[avoid("unstable")]))
    assert [(why.type, why.via) for why in derivation.own(held.contraindications)] == [("unstable", None)]


def test_for_each_type_a_variant_inherits_the_first_reason_alone() -> None:
    parent = exercise(
        contraindications=[avoid("unstable", reason="First."), avoid("unstable", BY_WIDE_LEGS, reason="Second."), avoid("stiff")]
    )
    found = derivation.inherited(exercise(slug="seated", variant_of="bridge"), {}, parent)
    assert {(one.type, one.reason, one.via and one.via.slug) for one in found} == {
        ("unstable", "First.", "bridge"),
        ("stiff", "It hurts.", "bridge"),
    }


def test_every_pattern_has_its_say() -> None:
    why = {"type": "unstable", "reason": "Wide.", "source": SOURCE}
    wide = MovementPattern.model_validate({"slug": "wide-legs", "name": "Wide", "contraindications": [why], "source": SOURCE})
    [found] = derivation.inherited(exercise(patterns=["wide-legs"]), {"wide-legs": wide}, None)
    assert (found.type, found.reason, found.via and found.via.slug) == ("unstable", "Wide.", "wide-legs")


def test_a_signature_stands_whatever_an_exercise_is_found_by_and_whoever_is_beside_it() -> None:
    before = exercise(recommendations=[recommend("stiff") | {"alternatives": ["one"]}], aliases=["a"], search_terms=["b"])
    assert derivation.says_the_same(before, exercise(recommendations=[recommend("stiff") | {"alternatives": ["two"]}]))
    assert not derivation.says_the_same(before, exercise(recommendations=[recommend("unstable")]))
    assert not derivation.says_the_same(before, exercise(recommendations=[recommend("stiff")], steps=["Lie."]))


def test_what_a_retired_exercise_bequeaths_is_its_own() -> None:
    bequest = derivation.bequest(exercise(contraindications=[avoid("unstable"), avoid("stiff", BY_WIDE_LEGS)], patterns=["wide-legs"]))
    assert [one.type for one in bequest.contraindications] == ["unstable"]
    assert bequest.patterns == ["wide-legs"]


def test_two_drafts_that_say_the_same_are_equal_whatever_was_derived_from_them() -> None:
    written = exercise(contraindications=[avoid("unstable")], recommendations=[recommend("stiff")])
    derived = exercise(
        contraindications=[avoid("unstable"), avoid("stiff-and-sore", BY_WIDE_LEGS)],
        recommendations=[recommend("stiff") | {"purpose": "mobilize", "alternatives": ["squat"]}],
    )
    assert derivation.authored(derived) == derivation.authored(written)
    assert derivation.authored(derived) != derivation.authored(exercise(recommendations=[recommend("stiff")]))


def test_where_avoid_wins_only_the_recommendations_that_meet_it_go() -> None:
    both = exercise(recommendations=[recommend("unstable"), recommend("stiff")])
    left = derivation.without_contradiction(both, exercise(contraindications=[avoid("unstable", BY_WIDE_LEGS)]).contraindications)
    assert [one.type for one in left.recommendations] == ["stiff"]
