"""The pages of the screening: questions, and what the answers come to."""

import re
from collections.abc import Collection, Mapping, Sequence
from itertools import islice
from typing import NamedTuple

from api.formats import phrases
from api.formats.pages import STEPS, Around, write
from api.library.questionnaire import Question, ScreeningForm
from api.library.screening import Choice, Screening, TypeReason
from api.library.vocabulary import Level, Outcome, QuestionKind

CHOICES = {Choice.YES: "Yes", Choice.NO: "No", Choice.UNSURE: "I don't know"}
"""'I don't know' is offered wherever the library knows what to make of it: everywhere but for whether there is anything to treat."""

EARLIER = "earlier."
"""What a field's name begins with that says what was answered earlier."""
_LINKED = 8
"""How many mistakes are named above the questions; the rest would only bury them."""


class Part(NamedTuple):
    """Questions under one heading."""

    heading: str
    lead: str
    unsure: str
    """What 'I don't know' leads to here."""
    questions: Sequence[Question]
    stop: bool = False
    """Whether one yes is enough to stop here."""


class Questionnaire(NamedTuple):
    """The form that one person is filling in."""

    condition: str
    given: Mapping[str, Choice]
    """What was answered so far: `name` of a question to one of the choices."""
    wrong: Mapping[str, str]
    """What is to be corrected: `name` of a question to what is wrong with its answer."""
    earlier: Mapping[str, Choice] = {}
    """What was answered before the first page was gone back to: it fills in questions that are asked again, and counts for nothing."""


def name(question: Question) -> str:
    """Name the field of a question: the same slug may be a red flag, a group and an indicator."""
    return f"{question.kind}.{question.slug}"


def asked_first(form: ScreeningForm) -> list[Question]:
    """Give what everybody is asked."""
    return [question for question in form.questions if question.group is None]


def asked_of(form: ScreeningForm, groups: Collection[str]) -> list[Question]:
    """Give what only people of these groups are asked."""
    return [question for question in form.questions if question.group in groups]


def first_step(around: Around, form: ScreeningForm, filled: Questionnaire) -> bytes:
    """Ask what everybody is asked, warning signs first."""
    asked, condition = asked_first(form), around.conditions[form.condition]
    flags = _of(asked, QuestionKind.RED_FLAG)
    emergencies = [question for question in flags if around.red_flags[question.slug].level is Level.EMERGENCY]
    where = ", ".join(phrases.within(place.name) for place in condition.pain_locations)
    parts = [
        Part("Emergency signs", "Any of these needs help now, not an exercise.", _CHECKED, emergencies, stop=True),
        Part("Other warning signs", _SEE_FIRST, _CHECKED, [flag for flag in flags if flag not in emergencies], stop=True),
        Part(
            "Your joint",
            f"{condition.name}{f' may hurt in these places: {where}' if where else ''}.",
            "doesn't count as a sign, but your exercises will then be safe for that type, too.",
            _of(asked, QuestionKind.SYMPTOMS, QuestionKind.INDICATOR),
        ),
        Part("About you", "Some people should leave an exercise out, or do it another way.", _CAREFUL, _of(asked, QuestionKind.GROUP)),
    ]
    lead = f"{len(asked)} short questions about {condition.name}."
    return _questions(around, filled, 1, parts, heading="Help me find out", lead=lead)


_CHECKED = "counts as yes here: you will be told to get checked first, and see no exercises."
_CAREFUL = "counts as yes here: you get the more careful form of an exercise."
_SEE_FIRST = "Any of these needs a clinician first, not an exercise."


def second_step(around: Around, questions: Sequence[Question], filled: Questionnaire) -> bytes:
    """Ask what only some are asked, because of what they answered."""
    flags, others = _of(questions, QuestionKind.RED_FLAG), _of(questions, QuestionKind.GROUP)
    parts = [
        Part(f"Warning signs: {_names(around, flags)}", _SEE_FIRST, _CHECKED, flags, stop=True),
        Part(f"More about you: {_names(around, others)}", "So that your program fits.", _CAREFUL, others),
    ]
    lead = "Because of what you answered, there is a little more to ask."
    return _questions(around, filled, 2, parts, heading="A few more questions", lead=lead)


def _names(around: Around, questions: Sequence[Question]) -> str:
    """Name the groups that questions are asked of."""
    return " · ".join(around.groups[group].name for group in dict.fromkeys(question.group for question in questions) if group).lower()


def _of(questions: Sequence[Question], *kinds: QuestionKind) -> list[Question]:
    return [question for question in questions if question.kind in kinds]


def _questions(around: Around, filled: Questionnaire, step: int, parts: Sequence[Part], **words: str) -> bytes:
    here = {name(question): question for part in parts for question in part.questions}
    wrong = {field: told for field, told in filled.wrong.items() if field in here}
    carried = {**filled.given, **{EARLIER + field: choice for field, choice in filled.earlier.items()}}
    return write(
        "questions",
        around,
        step=step,
        parts=[part for part in parts if part.questions],
        choices=CHOICES.items(),
        given={**filled.earlier, **filled.given},
        wrong=wrong,
        first_wrong=[here[field] for field in islice(wrong, _LINKED)],
        kept=[(field, choice) for field, choice in carried.items() if field.removeprefix(EARLIER) not in here],
        shown=" ".join(here) if step > 1 else "",
        condition=filled.condition,
        script=STEPS,
        **words,
    )


_HEADINGS = {
    Outcome.REFER: "Please get checked first",
    Outcome.NOT_INDICATED: "These exercises are for people with symptoms",
    Outcome.UNDETERMINED: "Your answers don't point to one type",
}
"""An outcome that isn't here is headed by the likely types."""


def result(around: Around, form: ScreeningForm, screening: Screening, filled: Questionnaire) -> bytes:
    """Show what the answers come to, in the order in which it matters."""
    program = screening.program
    return write(
        "result",
        around,
        heading=_HEADINGS.get(screening.outcome) or " · ".join(around.types[type_].plain_name for type_ in screening.types),
        screening=screening,
        program=program,
        types=[around.types[type_] for type_ in program.types] if program else [],
        told=_once([around.types[type_].patient_text for type_ in screening.types]),
        because=[(reason, _asked(around, form, reason)) for reason in screening.because],
        kept=list(filled.given.items()),
        condition=filled.condition,
        beside=True,
    )


def _asked(around: Around, form: ScreeningForm, reason: TypeReason) -> str:
    """Give the question whose answer made a type likely."""
    asked = {question.slug: question.question for question in _of(form.questions, QuestionKind.INDICATOR)}
    return asked[reason.indicator] if reason.indicator else around.groups[str(reason.group)].question


def _once(texts: Sequence[str]) -> list[str]:
    """Leave out sentences that an earlier text has already."""
    seen: set[str] = set()
    told = []
    for text in texts:
        sentences = [sentence for sentence in re.split(r"(?<=[.!?])\s+", text) if sentence not in seen]
        seen.update(sentences)
        told.append(" ".join(sentences))
    return [text for text in told if text]
