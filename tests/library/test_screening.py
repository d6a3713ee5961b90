"""Screening and programs, over everything that can be answered about the real seed data."""

import re
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.errors import InvalidContent
from api.library import wording
from api.library.composing import Ingredients, compose
from api.library.exercise import Exercise
from api.library.exercise_draft import Caution
from api.library.questionnaire import SYMPTOMS, form
from api.library.record import Attribution, mentions
from api.library.screening import Answers, Choice, assess, settled
from api.library.screening_items import implied, in_force
from api.library.vocabulary import Action, Intensity, Level, Outcome, QuestionKind, Tag
from tests.facts import is_recommended
from tests.screened import Asked, offered


def some(data: st.DataObject, of: list[str]) -> list[str]:
    """Draw a subset."""
    return data.draw(st.lists(st.sampled_from(sorted(of)), unique=True))


@given(data=st.data())
def test_from_a_determined_answer_more_answers_never_add_an_exercise_or_raise_an_intensity(asked: Asked, data: st.DataObject) -> None:
    indicators = some(data, list(asked.questions.indicators)) or ["very-sedentary"]
    groups, unsure = some(data, list(asked.questions.groups)), some(data, [*asked.questions.indicators, *asked.questions.groups])
    before = asked.screen(asked.answers(indicators=indicators, groups=groups, unsure=sorted({*unsure} - {*indicators, *groups})))
    assert before.outcome is Outcome.LIKELY
    more_indicators = {*indicators, *some(data, list(asked.questions.indicators))}
    more_groups = {*groups, *some(data, list(asked.questions.groups))}
    more_unsure = {*unsure, *some(data, [*asked.questions.indicators, *asked.questions.groups])} - more_indicators - more_groups
    more = asked.answers(indicators=sorted(more_indicators), groups=sorted(more_groups), unsure=sorted(more_unsure))
    after = offered(asked.screen(more))
    assert after.keys() <= offered(before).keys()
    for slug, intensity in offered(before).items():
        assert slug not in after or intensity is None or after[slug] is intensity


@given(data=st.data())
def test_from_an_undetermined_answer_only_a_sure_sign_may_add_an_exercise(asked: Asked, data: st.DataObject) -> None:
    before = asked.screen(asked.answers())
    assert before.outcome is Outcome.UNDETERMINED
    assert before.types == []
    signs = {"pregnant", "after-16-weeks", "recently-pregnant", "hypermobile"}
    groups = some(data, [slug for slug in asked.questions.groups if slug not in signs])
    unsure = sorted({*some(data, [*asked.questions.indicators, *asked.questions.groups])} - {*groups})
    after = asked.screen(asked.answers(groups=groups, unsure=unsure))
    assert after.outcome is Outcome.UNDETERMINED
    assert offered(after).keys() <= offered(before).keys() == {"self-massage", "cat-cow", "pelvic-tilts"}
    assert offered(before)["self-massage"] is Intensity.GENTLE


@given(data=st.data())
def test_a_red_flag_always_empties_the_program(asked: Asked, data: st.DataObject) -> None:
    flags = some(data, list(asked.questions.red_flags)) or ["chest-pain"]
    counts_as = data.draw(st.sampled_from(["red_flags", "unsure"]))
    answers = asked.answers(
        indicators=some(data, list(asked.questions.indicators)),
        asked=some(data, list(asked.questions.red_flags)),
        symptoms=data.draw(st.booleans()),
        **{counts_as: flags},
    )
    answer = asked.screen(answers)
    assert answer.outcome is Outcome.REFER
    assert answer.program is None
    assert answer.referral is not None
    assert [flag.slug for flag in answer.referral.red_flags] == [slug for slug in asked.questions.red_flags if slug in flags]
    levels = [asked.questions.red_flags[slug].level for slug in flags]
    assert answer.referral.level is min(levels, key=list(Level).index)


@given(data=st.data())
def test_a_red_flag_that_was_not_asked_about_stops_everything(asked: Asked, data: st.DataObject) -> None:
    groups = some(data, list(asked.questions.groups))
    force = [flag.slug for flag in in_force(asked.questions.own_flags, implied(groups, asked.questions.groups))]
    left_out = data.draw(st.sampled_from(force))
    answer = asked.screen(asked.answers(asked=[slug for slug in force if slug != left_out], groups=groups))
    assert (answer.outcome, answer.missing, answer.program) == (Outcome.INCOMPLETE, [left_out], None)
    assert asked.screen(asked.answers(asked=force, groups=groups)).outcome in (Outcome.UNDETERMINED, Outcome.LIKELY)


@pytest.mark.parametrize("unsure", [False, True])
def test_pregnancy_brings_the_red_flags_of_pregnancy(asked: Asked, unsure: bool) -> None:  # noqa: FBT001
    everybodys = [slug for slug, flag in asked.questions.red_flags.items() if flag.group is None]
    given_as = {"unsure": ["pregnant"]} if unsure else {"indicators": ["pregnant"]}
    answer = asked.screen(asked.answers(asked=everybodys, **given_as))
    assert answer.outcome is Outcome.INCOMPLETE
    assert {asked.questions.red_flags[slug].group for slug in answer.missing} == {"pregnant"}


@pytest.mark.parametrize("size", range(1, 8))
def test_every_set_of_indicators_makes_its_types_likely_and_says_why(asked: Asked, size: int) -> None:
    for slugs in combinations(asked.questions.indicators, size):
        answer = asked.screen(asked.answers(indicators=list(slugs)))
        wanted = {asked.questions.indicators[slug].type for slug in slugs}
        assert answer.outcome is Outcome.LIKELY
        assert set(answer.types) == wanted
        assert [one.indicator for one in answer.because] == list(slugs)
        assert all(one.source.slug == "source-text" and one.source.quote for one in answer.because)
        assert answer.program is not None
        assert set(offered(answer)) == {one for one in offered(answer) if is_recommended(one, *wanted)}
        assert "likely" in answer.advice or "clinician should decide" in answer.advice


def test_an_unsure_indicator_makes_the_program_safe_for_its_type_but_decides_none(asked: Asked) -> None:
    answer = asked.screen(asked.answers(indicators=["very-sedentary"], unsure=["very-flexible"]))
    assert answer.types == ["stiff"]
    assert answer.program is not None
    assert answer.program.types == ["stiff", "unstable"]
    assert "figure-4-stretch" not in offered(answer)
    assert "hypermobile" in answer.program.groups


def test_without_symptoms_there_is_nothing_to_treat_and_nobody_is_called_fine(asked: Asked) -> None:
    answer = asked.screen(asked.answers(symptoms=False, indicators=["very-flexible"]))
    assert (answer.outcome, answer.program) == (Outcome.NOT_INDICATED, None)
    assert "fine" not in answer.advice.lower()


def test_no_symptoms_and_a_symptom_contradict_each_other(asked: Asked) -> None:
    with pytest.raises(InvalidContent, match="contradict"):
        asked.screen(asked.answers(symptoms=False, indicators=["persistent-low-back-pain"]))


@pytest.mark.parametrize("field", ["asked", "red_flags", "indicators", "groups", "unsure"])
def test_an_answer_to_no_question_is_refused_with_the_nearest(asked: Asked, field: str) -> None:
    with pytest.raises(InvalidContent) as refused:
        asked.screen(asked.answers(**{field: ["pregnantt"]}))
    assert refused.value.complaints[0].field == f"{field}[0]"


def test_buttock_pain_alone_is_no_flag_but_four_signs_of_nine_are(asked: Asked) -> None:
    flag = asked.questions.red_flags["signs-of-spinal-arthritis"]
    assert (flag.at_least, len(flag.criteria)) == (4, 9)


def test_pain_down_one_leg_is_no_red_flag(asked: Asked) -> None:
    """The source counts it among what is usual; in both legs it is an emergency."""
    told = [flag.question.lower() for flag in asked.questions.red_flags.values()]
    assert not [question for question in told if "down the leg" in question or "down one leg" in question or "radiat" in question]
    assert "both" in asked.questions.red_flags["both-legs"].question.lower()


def test_the_form_asks_red_flags_first_and_each_fact_once(asked: Asked) -> None:
    questions = form(asked.questions).questions
    kinds = [one.kind for one in questions if one.group is None]
    assert kinds == sorted(kinds, key=list(QuestionKind).index)
    named = [(one.kind, one.slug) for one in questions]
    assert len(named) == len(set(named))
    assert {slug for kind, slug in named if kind is QuestionKind.RED_FLAG} == set(asked.questions.red_flags)
    found_out_by_indicators = {"pregnant", "recently-pregnant", "hypermobile"}
    assert {slug for kind, slug in named if kind is QuestionKind.GROUP} == set(asked.questions.groups) - found_out_by_indicators


def test_weeks_of_pregnancy_are_asked_of_the_pregnant_only(asked: Asked) -> None:
    (weeks,) = [one for one in form(asked.questions).questions if one.slug == "after-16-weeks"]
    assert (weeks.group, weeks.asked_if) == ("pregnant", ["pregnant"])


def test_every_question_of_a_group_says_which_answers_lead_to_it(asked: Asked) -> None:
    questions = form(asked.questions).questions
    before: set[str] = set()
    for one in questions:
        assert (one.group is None) == (one.asked_if == [])
        assert not one.asked_if or before & {*one.asked_if}
        before.add(one.slug)


def test_a_group_that_no_indicator_finds_out_is_asked_about(asked: Asked) -> None:
    """Another condition may have no indicator of pregnancy."""
    without = {slug: one for slug, one in asked.questions.indicators.items() if slug != "pregnant"}
    questions = {(one.kind, one.slug): one for one in form(asked.questions._replace(indicators=without)).questions}
    assert questions[QuestionKind.GROUP, "pregnant"].group is None
    assert questions[QuestionKind.GROUP, "after-16-weeks"].asked_if == ["pregnant"]


def test_what_is_sure_and_unsure_at_once_is_refused(asked: Asked) -> None:
    for name, slug in [("red_flags", "fever"), ("indicators", "pregnant"), ("groups", "hypermobile")]:
        with pytest.raises(InvalidContent, match="can't be both") as refused:
            asked.screen(asked.answers(**{name: [slug], "unsure": ["very-flexible", slug]}))
        assert [one.field for one in refused.value.complaints] == ["unsure[1]"]


def test_a_red_flag_of_another_condition_refers_and_need_not_be_asked(asked: Asked) -> None:
    other = asked.questions.red_flags["fever"].model_copy(update={"slug": "numb-arm", "condition": "frozen-shoulder"})
    both = asked.questions._replace(red_flags={**asked.questions.red_flags, "numb-arm": other})
    own = list(asked.questions.red_flags)
    assert assess(asked.answers(asked=own), both).outcome is Outcome.UNDETERMINED
    for flagged in ({"red_flags": ["numb-arm"]}, {"unsure": ["numb-arm"]}):
        assert assess(asked.answers(asked=[*own, "numb-arm"], **flagged), both).outcome is Outcome.REFER


def test_a_group_that_a_sure_indicator_implies_counts_for_the_type_it_is_a_sign_of(asked: Asked) -> None:
    """An indicator of one type may reveal a group that is a sign of another: the fact is as sure as where it is answered itself."""
    revealing = asked.questions.indicators["very-sedentary"].model_copy(update={"groups": ["hypermobile"]})
    twisted = asked.questions._replace(indicators={**asked.questions.indicators, "very-sedentary": revealing})
    for more in ({}, {"groups": ["hypermobile"]}):
        found = assess(asked.answers(indicators=["very-sedentary"], **more), twisted)
        assert list(found.types) == ["stiff", "unstable"]
        assert [(why.indicator, why.group, why.type) for why in found.because] == [
            ("very-sedentary", None, "stiff"),
            (None, "hypermobile", "unstable"),
        ]
    both = assess(asked.answers(indicators=["very-sedentary", "very-flexible"], groups=["hypermobile"]), twisted)
    assert [why.group for why in both.because] == [None, None], "an indicator of that type says so already"
    unsure = assess(asked.answers(indicators=["heavy-impact"], unsure=["very-sedentary"]), twisted)
    assert (list(unsure.types), list(unsure.safe_for)) == (["stiff"], ["stiff", "unstable"])


def test_an_emergency_is_never_played_down(asked: Asked) -> None:
    for slug, flag in asked.questions.red_flags.items():
        answer = asked.screen(asked.answers(red_flags=[slug]))
        assert answer.advice == (wording.REFER_NOW if flag.level is Level.EMERGENCY else wording.REFER)
    assert "proves nothing" not in wording.REFER + wording.REFER_NOW


def test_no_sentence_of_ours_is_about_one_condition() -> None:
    ours = [text for name, text in vars(wording).items() if name.isupper()] + [SYMPTOMS]
    ours += [text for words in (Tag, Outcome, Level, Action, QuestionKind) for word in words for text in (word.label, word.meaning)]
    assert [text for text in ours if re.search(r"stiff|loose|unstable|pelvi|spine|sacro|hip", text, re.IGNORECASE)] == []


def twisted(asked: Asked, cautions: list[Caution]) -> tuple[Exercise, Ingredients]:
    """Give the first exercise for stiff with these cautions instead of its own, and a program's ingredients with nothing else."""
    made = asked.made[("stiff",)]
    exercise, read = made.recommended[0]
    changed = exercise.model_copy(update={"cautions": cautions})
    return changed, made._replace(recommended=[(changed, read)])


def caution(group: str, action: Action, text: str, variant: str | None = None, for_variant: str | None = None) -> Caution:
    source = Attribution(slug="common-knowledge")
    return Caution(group=group, action=action, text=text, variant=variant, for_variant=for_variant, source=source)


def test_cautions_that_no_variant_follows_together_withhold_the_exercise_and_are_both_named(asked: Asked) -> None:
    wall, floor = "at-the-wall", "on-the-floor"
    both = [caution("fall-risk", Action.MODIFY, "Stay low.", floor), caution("knee-pain", Action.MODIFY, "Stay up.", wall)]
    exercise, made = twisted(asked, both)
    program = compose(made._replace(groups=["fall-risk", "knee-pain"]))
    (withheld,) = program.withheld
    assert (withheld.slug, withheld.cautions) == (exercise.slug, both)
    assert "Stay low." in withheld.reason
    assert "Stay up." in withheld.reason
    assert (program.slots, program.cautions) == ([], [])
    assert "common-knowledge" in [one.slug for one in program.sources]


def test_a_caution_that_says_avoid_withholds_the_exercise_with_its_reason_and_source(asked: Asked) -> None:
    forbids = caution("osteoporosis", Action.AVOID, "Leave it out.")
    exercise, made = twisted(asked, [forbids])
    program = compose(made._replace(groups=["osteoporosis"]))
    assert [(one.slug, one.reason, one.source) for one in program.withheld] == [(exercise.slug, forbids.text, forbids.source)]
    assert program.slots == []


def test_a_program_names_only_sources_that_it_names(asked: Asked) -> None:
    program = asked.program(("unstable",), ["pregnant"])
    named = {one.slug for one in mentions(program) if one.kind == "source"}
    assert [one.slug for one in program.sources] == [slug for slug in asked.made[("unstable",)].sources if slug in named]
    assert len(program.sources) < len(asked.made[("unstable",)].sources)


def test_a_sure_answer_to_a_fact_beats_an_unsure_one_by_whichever_question() -> None:
    groups = {"pregnant": Choice.YES, "hypermobile": Choice.UNSURE}
    indicators = {"pregnant": Choice.UNSURE, "very-flexible": Choice.UNSURE, "hypermobile": Choice.YES}
    found = settled({QuestionKind.GROUP: groups, QuestionKind.INDICATOR: indicators})
    assert (found.groups, found.indicators, found.unsure) == (["pregnant"], ["hypermobile"], ["very-flexible"])


def test_unsure_twice_is_unsure_once() -> None:
    twice = {kind: {"pregnant": Choice.UNSURE} for kind in (QuestionKind.GROUP, QuestionKind.INDICATOR)}
    assert settled(twice).unsure == ["pregnant"]


def test_an_unsure_red_flag_is_a_yes_and_makes_a_sure_fact() -> None:
    flags = {"fever": Choice.UNSURE, "numb": Choice.NO, "fall": Choice.YES}
    found = settled({QuestionKind.RED_FLAG: flags, QuestionKind.GROUP: {"fever": Choice.UNSURE}})
    assert (found.asked, found.red_flags, found.unsure) == (["fever", "numb", "fall"], ["fever", "fall"], [])


@pytest.mark.parametrize(("choice", "has_symptoms"), [(Choice.YES, True), (Choice.NO, False), (Choice.UNSURE, False), (None, False)])
def test_only_a_yes_says_that_there_are_symptoms(choice: Choice | None, *, has_symptoms: bool) -> None:
    chosen = {QuestionKind.SYMPTOMS: {"symptoms": choice}} if choice else {}
    assert settled(chosen).symptoms is has_symptoms


def test_a_no_and_silence_say_nothing_of_a_person() -> None:
    found = settled({QuestionKind.GROUP: {"pregnant": Choice.NO}, QuestionKind.INDICATOR: {"very-flexible": Choice.NO}})
    assert found == settled({}) == Answers(asked=[], red_flags=[], symptoms=False, indicators=[])
