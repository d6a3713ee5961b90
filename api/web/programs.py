"""Programs to print, and the screening that leads to one. Nothing about the person is stored or logged."""

from typing import Annotated

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Query, Request, Response

from api.library.program import Program, implied
from api.library.record import SLUG
from api.library.records import One
from api.library.screening import Answers, Form, Screening, assess, form
from api.store import exercises, programs
from api.store.engine import Database
from api.web.answers import answer, unstored
from api.web.body import body_of, described
from api.web.deps import Store
from api.web.exercises import known_types
from api.web.params import FormatName, TypesQuery, once_each, refuse_the_unknown, understood
from api.web.places import TypesettingRoute
from api.web.reference import OfCondition, the_condition
from api.web.routes import Route
from api.web.shapes import documented

router = APIRouter(tags=["programs"], route_class=TypesettingRoute, dependencies=[Depends(refuse_the_unknown)])
screenings = APIRouter(tags=["screenings"], route_class=Route, dependencies=[Depends(refuse_the_unknown)])

GroupsQuery = Annotated[list[str], Query(alias="group", description="A group that the person belongs to; repeatable.", max_length=100)]
OnlyQuery = Annotated[list[str], Query(description="Limit the program to this exercise; repeatable.", max_length=100)]


@router.get("/programs", operation_id="getProgram", summary="Get a printable program", response_model=Program, responses=documented(501))
def get_program(  # noqa: PLR0913
    request: Request,
    store: Store,
    types: TypesQuery,
    group: GroupsQuery = [],  # noqa: B006
    only: OnlyQuery = [],  # noqa: B006
    format_: FormatName = None,  # noqa: ARG001
) -> Response:
    """What every type given recommends and no group given forbids: red flags first, what was withheld with the reason."""
    with store.reading() as connection:
        asked = known_types(connection, types)
        known = programs.groups(connection)
        groups = implied([understood("group", "group", one, known) for one in group], known)
        made = programs.program(connection, asked, groups, _known_exercises(connection, only))
    return answer(request, made)


def _known_exercises(connection: sa.Connection, slugs: list[str]) -> list[str]:
    asked = once_each(slugs)
    found = {one for one in asked if SLUG.fullmatch(one) and exercises.get(connection, one) is not None}
    return [one if one in found else understood("only", "exercise", one, exercises.some(connection)) for one in asked]


@screenings.get(
    "/screenings/form", operation_id="getScreeningForm", summary="Get the questions", response_model=Form, responses=documented()
)
def get_screening_form(request: Request, store: Store, condition: OfCondition = None, format_: FormatName = None) -> Response:  # noqa: ARG001
    """Every question of a screening, in the order to ask them."""
    with store.reading() as connection:
        asked = the_condition(connection, condition)
        questions = form(asked, programs.questions(connection, asked))
    return answer(request, One(Form, questions.model_dump_json()))


@screenings.post(
    "/screenings",
    operation_id="createScreening",
    summary="Screen a person",
    response_model=Screening,
    responses=documented(400, 413, 415),
    openapi_extra=described(Answers, "The answers; every red flag that was shown is in `asked`."),
)
def create_screening(
    request: Request,  # noqa: ARG001
    store: Store,
    answers: Annotated[Answers, Depends(body_of(Answers))],
    condition: OfCondition = None,
) -> Response:
    """Judge the answers: likely type and a safe program, or why there is none. Nothing is stored or logged."""
    return unstored(_screened(store, answers, condition).model_dump_json())


def _screened(store: Database, answers: Answers, condition: str | None) -> Screening:
    with store.reading() as connection:
        questions = programs.questions(connection, the_condition(connection, condition))
        assessment = assess(answers, questions)
        made = programs.program(connection, assessment.safe_for, assessment.groups) if assessment.safe_for else None
    return assessment.with_program(made)
