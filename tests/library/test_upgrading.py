"""The three-way merge, part by part: what was left as shipped follows, an edit stays, warnings are added, avoid wins."""

from typing import Any

import pytest

from api.library import upgrading
from api.library.condition import Condition
from api.library.exercise_draft import ExerciseDraft
from api.library.pattern import MovementPattern
from api.library.record import Record
from api.library.screening_items import Group, RedFlag
from api.library.source import Source

SOURCE = {"slug": "book"}
Parts = dict[str, Any]


def exercise(**parts: object) -> ExerciseDraft:
    return ExerciseDraft.model_validate({"slug": "bridge", "name": "Bridge", **parts})


def caution(text: str, group: str = "pregnant", action: str = "note", **parts: object) -> Parts:
    return {"group": group, "action": action, "text": text, "source": SOURCE, **parts}


def avoid(*types: str, reason: str = "It hurts.") -> list[Parts]:
    return [{"type": one, "reason": reason, "source": SOURCE} for one in types]


def recommend(type_: str, position: int = 1, **parts: object) -> Parts:
    return {"type": type_, "position": position, "source": SOURCE, **parts}


def variant(slug: str, **parts: object) -> Parts:
    return {"slug": slug, "name": slug, "source": SOURCE, **parts}


def texts(draft: ExerciseDraft) -> list[str]:
    return [one.text for one in draft.cautions]


def test_what_was_left_as_shipped_follows_whole() -> None:
    base, theirs = exercise(steps=["Lie."], summary="Old."), exercise(steps=["Sit."], summary="New.", cautions=[caution("Mind.")])
    assert upgrading.upgraded(base, base, theirs) == theirs


def test_a_field_that_was_edited_stays_and_the_others_follow() -> None:
    base, theirs = exercise(steps=["Lie."], summary="Old."), exercise(steps=["Sit."], summary="New.", start="On a chair.")
    merged = upgrading.upgraded(base, exercise(steps=["Stand."], summary="Old."), theirs)
    assert (merged.steps, merged.summary, merged.start) == (["Stand."], "New.", "On a chair.")


def test_words_that_a_curator_added_stay_beside_those_that_are_new() -> None:
    base, theirs = exercise(aliases=["a", "b"], equipment=["mat"]), exercise(aliases=["b", "c"], helpful=["mat"])
    merged = upgrading.upgraded(base, exercise(aliases=["a", "b", "ours"], equipment=["mat", "chair"]), theirs)
    assert (merged.aliases, merged.equipment, merged.helpful) == (["b", "ours", "c"], ["chair"], ["mat"])


def test_a_word_that_a_curator_took_away_does_not_come_back() -> None:
    base, theirs = exercise(aliases=["a", "b"]), exercise(aliases=["a", "b", "c"])
    assert upgrading.upgraded(base, exercise(aliases=["b"]), theirs).aliases == ["b", "c"]


def test_a_reworded_caution_replaces_its_untouched_old_wording_beside_an_edited_one() -> None:
    base = exercise(cautions=[caution("Old."), caution("Old too.", group="osteoporosis")])
    ours = exercise(cautions=[caution("Ours."), caution("Old too.", group="osteoporosis")])
    theirs = exercise(cautions=[caution("New."), caution("New too.", group="osteoporosis"), caution("More.", group="fall-risk")])
    assert texts(upgrading.upgraded(base, ours, theirs)) == ["Ours.", "New too.", "More."]


def test_two_cautions_of_one_group_are_told_apart() -> None:
    base = exercise(cautions=[caution("One."), caution("Two.")])
    ours = exercise(cautions=[caution("One."), caution("Ours.")])
    theirs = exercise(cautions=[caution("One, better."), caution("Two, better.")])
    assert texts(upgrading.upgraded(base, ours, theirs)) == ["One, better.", "Ours."]


def test_a_caution_that_is_there_already_is_not_added_twice() -> None:
    theirs = exercise(cautions=[caution("Mind.")])
    assert texts(upgrading.upgraded(exercise(), exercise(cautions=[caution("Mind.")], summary="Ours."), theirs)) == ["Mind."]


def test_a_new_caution_is_added_beside_a_curators_own_for_the_same_group() -> None:
    theirs = exercise(cautions=[caution("Theirs.")])
    assert texts(upgrading.upgraded(exercise(), exercise(cautions=[caution("Ours.")]), theirs)) == ["Ours.", "Theirs."]


def test_an_untouched_caution_that_is_now_about_a_variant_follows() -> None:
    base = exercise(cautions=[caution("Mind."), caution("Ask.", action="ask-first")])
    ours = exercise(cautions=[caution("Mind."), caution("Ours.", action="ask-first")])
    theirs = exercise(
        cautions=[caution("Mind.", for_variant="seated"), caution("Ask.", action="ask-first", for_variant="seated")],
        variants=[variant("seated")],
    )
    merged = upgrading.upgraded(base, ours, theirs)
    assert [(one.text, one.for_variant) for one in merged.cautions] == [("Mind.", "seated"), ("Ours.", None)]


def test_a_caution_that_becomes_a_modification_brings_its_variant() -> None:
    base, ours = (
        exercise(cautions=[caution("Mind.")], variants=[variant("old")]),
        exercise(cautions=[caution("Mind.")], variants=[variant("ours")]),
    )
    theirs = exercise(cautions=[caution("Sit.", action="modify", variant="seated")], variants=[variant("old"), variant("seated")])
    merged = upgrading.upgraded(base, ours, theirs)
    assert texts(merged) == ["Sit."]
    assert [one.slug for one in merged.variants] == ["ours", "seated"]


def test_a_variant_that_a_curator_took_away_comes_back_with_a_caution_that_names_it() -> None:
    base = exercise(variants=[variant("seated")])
    theirs = exercise(variants=[variant("seated")], cautions=[caution("Sit.", action="modify", variant="seated")])
    assert [one.slug for one in upgrading.upgraded(base, exercise(), theirs).variants] == ["seated"]
    assert upgrading.upgraded(base, exercise(), exercise(variants=[variant("seated")])).variants == []


def test_a_variant_that_is_no_longer_shipped_stays_for_an_edited_caution_that_names_it() -> None:
    base = exercise(variants=[variant("seated")], cautions=[caution("Sit.", action="modify", variant="seated")])
    ours = exercise(variants=[variant("seated")], cautions=[caution("Ours.", action="modify", variant="seated")])
    merged = upgrading.upgraded(base, ours, exercise())
    assert [one.slug for one in merged.variants] == ["seated"]
    assert texts(merged) == ["Ours."]


def test_what_a_variant_heeds_does_not_reach_steps_of_somebody_else() -> None:
    base, ours = exercise(variants=[variant("seated", steps=["Sit."])]), exercise(variants=[variant("seated", steps=["Kneel."])])
    theirs = exercise(variants=[variant("seated", steps=["Sit."], heeds=["pregnant"], name="Sitting")])
    [merged] = upgrading.upgraded(base, ours, theirs).variants
    assert (merged.steps, merged.heeds, merged.name) == (["Kneel."], [], "Sitting")


def test_a_recommendation_keeps_the_place_that_a_curator_gave_it() -> None:
    base, ours = exercise(recommendations=[recommend("stiff", 2)]), exercise(recommendations=[recommend("stiff", 9)])
    theirs = exercise(recommendations=[recommend("stiff", 3, note="Slowly."), recommend("unstable", 1)])
    merged = upgrading.upgraded(base, ours, theirs)
    assert [(one.type, one.position, one.note) for one in merged.recommendations] == [("stiff", 9, "Slowly."), ("unstable", 1, None)]


def test_a_new_avoid_wins_over_an_edited_recommendation() -> None:
    base, ours = exercise(), exercise(recommendations=[recommend("unstable"), recommend("stiff")])
    merged = upgrading.upgraded(base, ours, exercise(contraindications=avoid("unstable")))
    assert [one.type for one in merged.contraindications] == ["unstable"]
    assert [one.type for one in merged.recommendations] == ["stiff"]


def test_a_curators_avoid_wins_over_a_new_recommendation() -> None:
    merged = upgrading.upgraded(exercise(), exercise(contraindications=avoid("stiff")), exercise(recommendations=[recommend("stiff")]))
    assert [one.type for one in merged.contraindications] == ["stiff"]
    assert merged.recommendations == []


def test_an_avoid_that_a_curator_took_away_does_not_come_back_and_a_reason_of_ours_stays() -> None:
    base, theirs = exercise(contraindications=avoid("stiff")), exercise(contraindications=avoid("stiff", reason="Better."))
    assert upgrading.upgraded(base, exercise(), theirs).contraindications == []
    ours = exercise(contraindications=avoid("stiff", reason="Ours."))
    assert [one.reason for one in upgrading.upgraded(base, ours, theirs).contraindications] == ["Ours."]


@pytest.mark.parametrize("base", [None, exercise()], ids=["never shipped", "shipped without"])
def test_avoids_patterns_and_parents_that_are_new_reach_an_edited_exercise(base: ExerciseDraft | None) -> None:
    theirs = exercise(contraindications=avoid("stiff"), patterns=["wide-legs"], variant_of="lunge", summary="Theirs.")
    merged = upgrading.upgraded(base, exercise(summary="Ours."), theirs)
    assert [one.type for one in merged.contraindications] == ["stiff"]
    assert (merged.patterns, merged.variant_of, merged.summary) == (["wide-legs"], "lunge", "Ours.")


def test_a_record_that_was_never_shipped_takes_over_warnings_alone() -> None:
    theirs = exercise(summary="Theirs.", recommendations=[recommend("stiff")], cautions=[caution("Mind.")], steps=["Lie."])
    merged = upgrading.upgraded(None, exercise(), theirs)
    assert texts(merged) == ["Mind."]
    assert (merged.summary, merged.recommendations, merged.steps) == (None, [], [])


def test_a_retired_exercise_takes_over_avoids_and_patterns_alone() -> None:
    base, theirs = (
        exercise(contraindications=avoid("stiff")),
        exercise(contraindications=avoid("stiff", "unstable"), patterns=["wide-legs"], summary="New."),
    )
    warned = upgrading.warned(base, base, theirs)
    assert ([one.type for one in warned.contraindications], warned.patterns, warned.summary) == (["stiff", "unstable"], ["wide-legs"], None)


def stop(text: str) -> Parts:
    return {"text": text, "source": SOURCE}


def group(**parts: object) -> Group:
    return Group.model_validate({"slug": "pregnant", "name": "Pregnant", "question": "Old?", "source": SOURCE, **parts})


def sign(type_: str) -> Parts:
    return {"type": type_, "source": SOURCE}


def condition(**parts: object) -> Condition:
    return Condition.model_validate({"slug": "si", "name": "SI", "summary": "Old.", "source": SOURCE, **parts})


def flag(**parts: object) -> RedFlag:
    return RedFlag.model_validate(
        {"slug": "numb", "condition": "si", "level": "routine", "question": "Old?", "what_to_do": "Go.", "source": SOURCE, **parts}
    )


def pattern(**parts: object) -> MovementPattern:
    return MovementPattern.model_validate({"slug": "wide", "name": "Wide", "source": SOURCE, **parts})


CASES: dict[str, tuple[Record | None, Record, Record, Record]] = {
    "a group that was edited is a sign all the same": (
        group(),
        group(question="Ours?"),
        group(question="New?", sign_of=[sign("unstable")]),
        group(question="Ours?", sign_of=[sign("unstable")]),
    ),
    "a sign that a curator took away stays away": (
        group(sign_of=[sign("unstable")]),
        group(),
        group(sign_of=[sign("unstable"), sign("stiff")]),
        group(sign_of=[sign("stiff")]),
    ),
    "stop rules follow one by one, and the default comes": (
        condition(stop_rules=[stop("One."), stop("Two.")]),
        condition(stop_rules=[stop("Ours."), stop("Two.")], summary="Ours."),
        condition(stop_rules=[stop("One."), stop("Two, better."), stop("Three.")], default=True),
        condition(stop_rules=[stop("Ours."), stop("Two, better."), stop("Three.")], default=True, summary="Ours."),
    ),
    "a red flag's level follows, its edited question keeps its source": (
        flag(),
        flag(question="Ours?"),
        flag(question="New?", level="urgent", source={"slug": "paper"}),
        flag(question="Ours?", level="urgent"),
    ),
    "a count belongs to what is counted": (
        flag(criteria=["a", "b"], at_least=2),
        flag(criteria=["a", "b", "ours"], at_least=2),
        flag(criteria=["a"], at_least=1),
        flag(criteria=["a", "b", "ours"], at_least=2),
    ),
    "a pattern that was edited has new avoids, and loses an alias that overreached": (
        pattern(aliases=["too much"]),
        pattern(aliases=["too much", "ours"]),
        pattern(contraindications=avoid("stiff")),
        pattern(aliases=["ours"], contraindications=avoid("stiff")),
    ),
    "a pattern that was never shipped takes over its avoids": (
        None,
        pattern(name="Ours"),
        pattern(contraindications=avoid("stiff")),
        pattern(name="Ours", contraindications=avoid("stiff")),
    ),
    "a source follows field by field": (
        Source.model_validate({"slug": "s", "citation": "Old.", "kind": "trial", "certainty": "unverified"}),
        Source.model_validate({"slug": "s", "citation": "Ours.", "kind": "trial", "certainty": "unverified"}),
        Source.model_validate({"slug": "s", "citation": "New.", "kind": "trial", "certainty": "verified", "doi": "10.1/x"}),
        Source.model_validate({"slug": "s", "citation": "Ours.", "kind": "trial", "certainty": "verified", "doi": "10.1/x"}),
    ),
}


@pytest.mark.parametrize("what", CASES)
def test_records_of_every_kind_are_merged(what: str) -> None:
    base, ours, theirs, merged = CASES[what]
    assert upgrading.upgraded(base, ours, theirs) == merged
