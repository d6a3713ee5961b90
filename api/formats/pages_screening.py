"""The pages of the screening: questions, and what the answers come to."""

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import NamedTuple

from api.formats.pages import Around, write
from api.library.program import Program
from api.library.screening import Form, Question, Screening
from api.library.vocabulary import Outcome

YES, NO, UNSURE = "yes", "no", "unsure"
CHOICES = {YES: "Yes", NO: "No", UNSURE: "I don't know"}
"""'I don't know' is offered wherever the library knows what to make of it: everywhere but for whether there is anything to treat."""

_LINKED = 8
"""How many mistakes are named above the questions; the rest would only bury them."""


class Part(NamedTuple):
    """Questions under one heading."""

    heading: str
    lead: str
    questions: Sequence[Question]
    stop: bool = False
    """Whether one yes is enough to stop here."""


class Questionnaire(NamedTuple):
    """The form that one person is filling in."""

    condition: str
    given: Mapping[str, str]
    """What was answered so far: `name` of a question to one of the choices."""
    wrong: Mapping[str, str]
    """What is to be corrected: `name` of a question to what is wrong with its answer."""


def name(question: Question) -> str:
    """Name the field of a question: the same slug may be a red flag, a group and an indicator."""
    return f"{question.kind}.{question.slug}"


def asked_first(form: Form) -> list[Question]:
    """Give what everybody is asked. A group's question that an indicator asks in the same words is asked once."""
    indicators = {one.question for one in form.questions if one.kind == "indicator"}
    return [one for one in form.questions if one.group is None and not (one.kind == "group" and one.question in indicators)]


def first_step(around: Around, form: Form, filled: Questionnaire) -> bytes:
    """Ask what everybody is asked, warning signs first."""
    asked = asked_first(form)
    parts = [
        Part("1. Warning signs", "These come first, because they want a clinician and not an exercise.", _of(asked, "red-flag"), stop=True),
        Part("2. Your joint", "What you can say of it, and of yourself.", _of(asked, "symptoms", "indicator")),
        Part("3. You", "So that nothing is in your program that people like you should leave out.", _of(asked, "group")),
    ]
    lead = f"{len(asked)} short questions about {around.conditions[form.condition].name}. “I don't know” is always a fair answer."
    return _questions(around, filled, 1, parts, heading="Help me find out", lead=lead)


def second_step(around: Around, questions: Sequence[Question], filled: Questionnaire) -> bytes:
    """Ask what only some are asked, because of what they answered."""
    groups = dict.fromkeys(one.group for one in questions)
    names = " · ".join(around.groups[one].name for one in groups if one)
    why = "One yes is enough: then you need a clinician and not an exercise."
    part = Part(f"Warning signs: {names.lower()}", why, questions)
    lead = "Because of what you answered, some more warning signs come first."
    return _questions(around, filled, 2, [part], heading="A few more questions", lead=lead)


def _of(questions: Sequence[Question], *kinds: str) -> list[Question]:
    return [one for one in questions if one.kind in kinds]


def _questions(around: Around, filled: Questionnaire, step: int, parts: Sequence[Part], **words: str) -> bytes:
    here = {name(one): one for part in parts for one in part.questions}
    wrong = {one: told for one, told in filled.wrong.items() if one in here}
    return write(
        "questions",
        around,
        step=step,
        parts=[part for part in parts if part.questions],
        choices=CHOICES.items(),
        given=filled.given,
        wrong=wrong,
        first_wrong=[here[one] for one in islice(wrong, _LINKED)],
        kept=[(one, value) for one, value in filled.given.items() if one not in here],
        condition=filled.condition,
        several=len(around.conditions) > 1,
        **words,
    )


def result(around: Around, form: Form, screening: Screening, filled: Questionnaire) -> bytes:
    """Show what the answers come to, in the order in which it matters."""
    program = screening.program
    return write(
        "result",
        around,
        heading=_heading(around, screening),
        screening=screening,
        program=program,
        more=max((program.avoid_total or 0) - len(program.avoid), 0) if program else 0,
        rules=_rules(around, program) if program else [],
        questions={one.slug: one.question for one in form.questions if one.kind == "indicator"},
        kept=list(filled.given.items()),
        condition=filled.condition,
        several=len(around.conditions) > 1,
    )


_HEADINGS = {
    Outcome.REFER: "Please get checked first",
    Outcome.NOT_INDICATED: "These exercises are for people with symptoms",
    Outcome.UNDETERMINED: "Your answers don't point to one type",
}


def _rules(around: Around, program: Program) -> list[object]:
    return [rule for one in program.types if (rule := around.types[one].avoid_rule)]


def _heading(around: Around, screening: Screening) -> str:
    likely = " · ".join(around.types[one].plain_name for one in screening.types)
    return _HEADINGS.get(screening.outcome, likely)
