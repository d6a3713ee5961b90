"""Programs to print, and the screening that leads to one. Nothing about the person is stored or logged."""

from typing import Annotated

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Query, Request, Response

from api.errors import InvalidValue
from api.library.program import Printout, Program
from api.library.questionnaire import ScreeningForm, form
from api.library.screening import Answers, Screening, assess
from api.library.serialised import SerialisedForm
from api.library.vocabulary import Edition
from api.store import programs, reference
from api.store.exercises import read as exercises
from api.web.answers import answer, unstored
from api.web.body import BodyOf
from api.web.deps import Store
from api.web.exercises import known_types
from api.web.located import rooted
from api.web.params import FormatName, TypesQuery, once_each, refuse_the_unknown, understood
from api.web.places import TypesettingRoute
from api.web.reference import OfCondition, the_condition
from api.web.shapes import documented

router = APIRouter(tags=["programs"], route_class=TypesettingRoute, dependencies=[Depends(refuse_the_unknown)])
screenings = APIRouter(tags=["screenings"], dependencies=[Depends(refuse_the_unknown)], responses=documented())

NO_GROUP = "none"
GroupsQuery = Annotated[
    list[str],
    Query(
        alias="group",
        description="A group that the person belongs to; repeatable. `none`, alone: the person was asked, and belongs to none. "
        "Left out: nobody was asked.",
        max_length=100,
    ),
]
OnlyQuery = Annotated[list[str], Query(description="Limit the program to this exercise; repeatable.", max_length=100)]
EditionQuery = Annotated[
    Edition,
    Query(description="For whom it is printed: in Markdown, HTML and PDF, `clinician` adds others' doses, evidence and all sources."),
]
Given = Annotated[Answers, Depends(BodyOf(Answers, "The answers; every red flag that was shown is in `asked`."))]


@router.get("/programs", operation_id="getProgram", summary="Get a printable program", response_model=Program, responses=documented(501))
def get_program(
    request: Request,
    store: Store,
    types: TypesQuery,
    group: GroupsQuery = [],  # noqa: B006
    only: OnlyQuery = [],  # noqa: B006
    edition: EditionQuery = Edition.PATIENT,
    format_: FormatName = None,
) -> Response:
    """What every type recommends and no group forbids: red flags first, and what was withheld with the reason.

    The types are those given, and those that the groups are signs of.
    """
    with store.reading() as connection:
        asked = known_types(connection, types)
        made = programs.program(connection, asked, _known_groups(connection, group), _known_exercises(connection, only))
    return answer(request, Printout(made, edition))


def _known_groups(connection: sa.Connection, given: list[str]) -> tuple[str, ...] | None:
    """Give the groups named, none of them for `none`; None where nobody was asked."""
    asked = once_each(given)
    if NO_GROUP in asked and len(asked) > 1:
        raise InvalidValue.at("group", "'none' says that no group applies, so it can't be given together with a group.")
    known = [*reference.slugs(connection, "group"), NO_GROUP] if asked else []
    return tuple(understood("group", "group", group, known) for group in asked if group != NO_GROUP) if asked else None


def _known_exercises(connection: sa.Connection, slugs: list[str]) -> list[str]:
    asked = once_each(slugs)
    for slug in asked:
        if exercises.get(connection, slug) is None:
            understood("only", "exercise", slug, exercises.candidates(connection))
    return list(asked)


@screenings.get("/screenings/form", operation_id="getScreeningForm", summary="Get the questions", response_model=ScreeningForm)
def get_screening_form(request: Request, store: Store, condition: OfCondition = None, format_: FormatName = None) -> Response:
    """Every question of a screening, in the order to ask them."""
    with store.reading() as connection:
        asked = the_condition(connection, condition)
        questions = form(programs.questions(connection, asked))
    return answer(request, SerialisedForm(ScreeningForm, questions.model_dump_json()))


@screenings.post(
    "/screenings",
    operation_id="createScreening",
    summary="Screen a person",
    response_model=Screening,
    responses=documented(400, 413, 415),
)
def create_screening(request: Request, store: Store, answers: Given, condition: OfCondition = None) -> Response:
    """Judge the answers: likely type and a safe program, or why there is none. Nothing is stored or logged."""
    with store.reading() as connection:
        questions = programs.questions(connection, the_condition(connection, condition))
        assessment = assess(answers, questions)
        made = programs.program(connection, assessment.safe_for, assessment.groups) if assessment.safe_for else None
    screened = assessment.with_program(made).model_dump_json()
    return unstored(rooted(screened, request.scope.get("root_path", "")))
