"""Screening and programs, over everything that can be answered about the real seed data."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.errors import InvalidContent
from api.library.program import Ingredients, Program, compose, implied, in_force
from api.library.screening import Answers, Questions, Screening, assess, form
from api.library.vocabulary import Action, Basis, Intensity, Level, Outcome, Verdict
from api.store import programs
from api.store.engine import Database
from tests.facts import is_avoided, is_recommended

CONDITION = "si-joint-dysfunction"
TYPES = ["stiff", "unstable"]


class Asked:
    """What the seed asks, and the programs that it makes, gathered once."""

    def __init__(self, database: Database) -> None:
        with database.reading() as connection:
            self.questions: Questions = programs.questions(connection, CONDITION)
            self._made: dict[tuple[str, ...], Ingredients] = {
                types: programs.ingredients(connection, types, ()) for size in (1, 2) for types in combinations(self.questions.types, size)
            }

    def program(self, types: tuple[str, ...], groups: list[str]) -> Program:
        return compose(self._made[types]._replace(groups=groups))

    def screen(self, answers: Answers) -> Screening:
        assessment = assess(answers, self.questions)
        safe_for = tuple(assessment.safe_for)
        return assessment.with_program(self.program(safe_for, list(assessment.groups)) if safe_for else None)

    def answers(self, **given: object) -> Answers:
        """Answer all red flags with no, unless told otherwise."""
        flags = list(self.questions.red_flags)
        return Answers.model_validate({"asked": flags, "red_flags": [], "symptoms": True, "indicators": [], **given})


@pytest.fixture(scope="session")
def asked(shared: Database) -> Asked:
    return Asked(shared)


def offered(screening: Screening) -> dict[str, Intensity | None]:
    """Give each exercise that a screening offers, with its intensity."""
    slots = screening.program.slots if screening.program else []
    return {one.slug: one.suitability.intensity for slot in slots for one in slot.choices if one.suitability}


def some(data: st.DataObject, of: list[str]) -> list[str]:
    """Draw a subset."""
    return data.draw(st.lists(st.sampled_from(sorted(of)), unique=True))


@pytest.mark.parametrize("types", [("stiff",), ("unstable",), ("stiff", "unstable")])
@given(data=st.data())
def test_no_program_contains_what_one_of_its_types_or_groups_avoids(asked: Asked, types: tuple[str, ...], data: st.DataObject) -> None:
    groups = implied(some(data, list(asked.questions.groups)), asked.questions.groups)
    program = asked.program(types, groups)
    for slot in program.slots:
        for one in slot.choices:
            assert is_recommended(one.slug, *types)
            assert one.suitability is not None
            assert one.suitability.verdict is Verdict.RECOMMENDED
            assert not [caution for caution in one.cautions if caution.action is Action.AVOID and caution.group in groups]
            wanted = {caution.variant for caution in one.cautions if caution.action is Action.MODIFY and caution.group in groups}
            assert wanted <= {one.variant}
            assert one.heed == [caution for caution in one.cautions if caution.group in groups]
    assert not [one for one in program.undecided if is_avoided(one.slug, *types)]
    shown = {one.slug for slot in program.slots for one in slot.choices}
    assert not shown & {one.slug for one in program.withheld}
    assert all(one.reason and one.source for one in program.withheld)
    assert program.basis is (Basis.SOURCE if len(types) == 1 else Basis.PROJECT_RULE)


@given(data=st.data())
def test_from_a_determined_answer_more_answers_never_add_an_exercise_or_raise_an_intensity(asked: Asked, data: st.DataObject) -> None:
    indicators = some(data, list(asked.questions.indicators)) or ["very-sedentary"]
    groups, unsure = some(data, list(asked.questions.groups)), some(data, [*asked.questions.indicators, *asked.questions.groups])
    before = asked.screen(asked.answers(indicators=indicators, groups=groups, unsure=unsure))
    assert before.outcome is Outcome.LIKELY
    more = asked.answers(
        indicators=sorted({*indicators, *some(data, list(asked.questions.indicators))}),
        groups=sorted({*groups, *some(data, list(asked.questions.groups))}),
        unsure=sorted({*unsure, *some(data, [*asked.questions.indicators, *asked.questions.groups])}),
    )
    after = offered(asked.screen(more))
    assert after.keys() <= offered(before).keys()
    for slug, intensity in offered(before).items():
        assert slug not in after or intensity is None or after[slug] is intensity


@given(data=st.data())
def test_from_an_undetermined_answer_only_a_sure_indicator_may_add_an_exercise(asked: Asked, data: st.DataObject) -> None:
    before = asked.screen(asked.answers())
    assert before.outcome is Outcome.UNDETERMINED
    assert before.types == []
    groups, unsure = some(data, list(asked.questions.groups)), some(data, [*asked.questions.indicators, *asked.questions.groups])
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
    force = [flag.slug for flag in in_force(asked.questions.red_flags.values(), implied(groups, asked.questions.groups))]
    left_out = data.draw(st.sampled_from(force))
    answer = asked.screen(asked.answers(asked=[slug for slug in force if slug != left_out], groups=groups))
    assert (answer.outcome, answer.missing, answer.program) == (Outcome.INCOMPLETE, [left_out], None)
    assert asked.screen(asked.answers(asked=force, groups=groups)).outcome is Outcome.UNDETERMINED


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


def test_the_form_asks_red_flags_first_and_everything_once(asked: Asked) -> None:
    questions = form(CONDITION, asked.questions).questions
    kinds = [one.kind for one in questions if one.group is None]
    assert kinds == sorted(kinds, key=["red-flag", "symptoms", "indicator", "group"].index)
    named = [(one.kind, one.slug) for one in questions]
    assert len(named) == len(set(named))
    assert {slug for kind, slug in named if kind == "red-flag"} == set(asked.questions.red_flags)


def test_two_cautions_that_ask_for_different_variants_withhold_the_exercise(asked: Asked) -> None:
    made = asked._made[("unstable",)]  # noqa: SLF001
    exercise, read = made.recommended[0]
    first, second = exercise.variants[:2]
    cautions = [
        exercise.cautions[0].model_copy(update={"group": group, "action": Action.MODIFY, "variant": variant.slug})
        for group, variant in (("pregnant", first), ("fall-risk", second))
    ]
    twisted = exercise.model_copy(update={"cautions": cautions})
    program = compose(made._replace(recommended=[(twisted, read)], groups=["pregnant", "fall-risk"]))
    assert [one.slug for one in program.withheld] == [exercise.slug]
    assert program.slots == []


def test_a_caution_that_says_avoid_withholds_the_exercise_with_its_reason_and_source(asked: Asked) -> None:
    made = asked._made[("stiff",)]  # noqa: SLF001
    exercise, read = made.recommended[0]
    caution = exercise.cautions[0].model_copy(update={"group": "osteoporosis", "action": Action.AVOID, "variant": None})
    twisted = exercise.model_copy(update={"cautions": [caution]})
    program = compose(made._replace(recommended=[(twisted, read)], groups=["osteoporosis"]))
    assert [(one.slug, one.reason, one.source) for one in program.withheld] == [(exercise.slug, caution.text, caution.source)]
    assert program.slots == []
