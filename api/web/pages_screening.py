"""The screening as pages: a plain form. Answers are never in an address, and nothing about the person is stored or logged."""

from collections.abc import Collection, Sequence
from http import HTTPStatus
from typing import Annotated
from urllib.parse import parse_qsl

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Request, Response

from api import formats
from api.errors import InvalidContent
from api.formats import pages_screening as pages
from api.formats.pages import Around, write
from api.formats.pages_screening import CHOICES, EARLIER, Questionnaire, asked_first, asked_of, name
from api.library import screening
from api.library.program import Printout, Program
from api.library.questionnaire import Question, Questions, ScreeningForm, form
from api.library.screening import Answers, Assessment, Choice
from api.library.vocabulary import Outcome, QuestionKind
from api.store import programs
from api.web import pages as site
from api.web.answers import policy_of
from api.web.body import read_body
from api.web.deps import Store
from api.web.pages import PageRoute, around, page, unstored
from api.web.params import understood
from api.web.problems import MalformedBody, UnsupportedMediaType

router = APIRouter(route_class=PageRoute, include_in_schema=False)

PATH = "/browse/screening"
UNANSWERED = "Please choose an answer; “I don't know” is one."
UNANSWERED_SYMPTOMS = "Please choose an answer."
CONTRADICTION = "You also answered “Yes” to a symptom. Please change one of the two."
_MOST_FIELDS = 1000
_BUTTONS = ("step", "print")
"""Fields that a button may say otherwise than the form does."""
_PRINTS = {"html": {}, "pdf": {"Content-Disposition": 'attachment; filename="exercise-program.pdf"'}}


async def _fields(request: Request) -> dict[str, str]:
    """Read the fields of a form."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/x-www-form-urlencoded":
        raise UnsupportedMediaType("Please send the form of the page.")
    try:
        sent = parse_qsl((await read_body(request)).decode(), max_num_fields=_MOST_FIELDS)
    except ValueError:
        raise MalformedBody("The form did not arrive as it was sent. Please go back and try again.") from None
    fields = dict(sent)
    if any(fields[name] != value for name, value in sent if name not in _BUTTONS):
        raise MalformedBody("The form has two answers to one question. Please go back and try again.")
    return fields


Fields = Annotated[dict[str, str], Depends(_fields)]


@router.get(PATH)
def get_questions(request: Request, store: Store) -> Response:
    """Ask; nothing is preselected."""
    with store.reading() as connection:
        known = around(request, connection)
        condition = _condition(request, known)
        if condition is None:
            return page(request, write("conditions", known))
        asked = form(programs.questions(connection, condition))
    return page(request, pages.first_step(known, asked, Questionnaire(condition, {}, {})))


@router.post(PATH)
def judge(request: Request, store: Store, fields: Fields) -> Response:
    """Show what the answers come to, or ask what is still to be answered."""
    with store.reading() as connection:
        known = around(request, connection)
        condition = _condition(request, known)
        if condition is None:
            return page(request, write("conditions", known))
        return _Screened(known, connection, condition, fields).answer()


def _condition(request: Request, known: Around) -> str | None:
    """Give the condition asked, or the only one that there is; None where the person has to choose."""
    given = site.value(request, "condition")
    if given is not None:
        return understood("condition", "condition", given, known.conditions)
    return None if known.condition_is_asked else next(iter(known.conditions), None)


class _Screened:
    """One person's answers, as far as they go."""

    def __init__(self, known: Around, connection: sa.Connection, condition: str, fields: dict[str, str]) -> None:
        self._known, self._connection, self._condition, self._fields = known, connection, condition, fields
        self._questions: Questions = programs.questions(connection, condition)
        self._form: ScreeningForm = form(self._questions)
        self._known_answers: dict[QuestionKind, Collection[str]] = {
            QuestionKind.RED_FLAG: self._questions.red_flags,
            QuestionKind.INDICATOR: self._questions.indicators,
            QuestionKind.GROUP: self._questions.groups,
            QuestionKind.SYMPTOMS: ["symptoms"],
        }
        names = {f"{kind}.{slug}" for kind, slugs in self._known_answers.items() for slug in slugs}
        self._given = {field: Choice(value) for field, value in fields.items() if field in names and value in CHOICES}
        self._earlier = {field: Choice(fields[EARLIER + field]) for field in names if fields.get(EARLIER + field) in CHOICES}

    def answer(self) -> Response:
        """Refer at once; else ask for what is missing; else show the result."""
        if self._fields.get("step") == "edit":
            return self._ask_again({})
        try:
            assessment = screening.assess(self._answers(), self._questions)
        except InvalidContent as contradiction:
            wrong = {f"{complaint.field}.{complaint.field}": CONTRADICTION for complaint in contradiction.complaints}
            return self._ask_again(self._unanswered() or wrong)
        if assessment.outcome is not Outcome.REFER:
            if self._unanswered():
                return self._ask_again(self._unanswered())
            further = asked_of(self._form, assessment.groups)
            if any(name(question) not in self._given for question in further):
                return self._ask_more(further)
        return self._result(assessment)

    def _answers(self) -> Answers:
        """Read every answer that is to a question of the library: a fact counts although this form asks for it by another."""
        return screening.settled(
            {
                kind: {slug: self._given[field] for slug in slugs if (field := f"{kind}.{slug}") in self._given}
                for kind, slugs in self._known_answers.items()
            }
        )

    def _unanswered(self) -> dict[str, str]:
        """Silence isn't a no: name what everybody is asked and this person didn't answer."""
        silent = [question for question in asked_first(self._form) if name(question) not in self._given]
        return {name(question): UNANSWERED_SYMPTOMS if question.kind is QuestionKind.SYMPTOMS else UNANSWERED for question in silent}

    def _ask_again(self, wrong: dict[str, str]) -> Response:
        """Go back to the first page: what only some are asked is asked again, or not at all, by what is answered there now."""
        later = {name(question) for question in self._form.questions if question.group is not None}
        given = {field: choice for field, choice in self._given.items() if field not in later}
        earlier = self._earlier | {field: choice for field, choice in self._given.items() if field in later}
        body = pages.first_step(self._known, self._form, Questionnaire(self._condition, given, wrong, earlier))
        return unstored(body, HTTPStatus.UNPROCESSABLE_ENTITY if wrong else HTTPStatus.OK)

    def _ask_more(self, further: Sequence[Question]) -> Response:
        """Ask what only the groups that turned out to apply are asked; what was shown before and not answered is a mistake."""
        shown = self._fields.get("shown", "").split()
        wrong = {name(question): UNANSWERED for question in further if name(question) in shown and name(question) not in self._given}
        body = pages.second_step(self._known, further, Questionnaire(self._condition, self._given, wrong, self._earlier))
        return unstored(body, HTTPStatus.UNPROCESSABLE_ENTITY if wrong else HTTPStatus.OK)

    def _result(self, assessment: Assessment) -> Response:
        made = programs.program(self._connection, assessment.safe_for, assessment.groups) if assessment.safe_for else None
        if made and self._fields.get("print") in _PRINTS:
            return _printed(made, self._fields["print"])
        finished = assessment.with_program(made)
        return unstored(pages.result(self._known, self._form, finished, Questionnaire(self._condition, self._given, {})))


def _printed(program: Program, form: str) -> Response:
    """Give the program on paper in answer to the form, so that its address doesn't tell what was answered."""
    chosen = formats.FORMATS[form]
    return Response(
        chosen.writers[Printout](Printout(program), None),
        headers={"Cache-Control": "no-store", **_PRINTS[form], **policy_of(chosen)},
        media_type=chosen.media_type,
    )
