"""Holding another catalogue against ours. Nothing of it is stored or logged."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from api.library.comparing import Comparison, ForeignExercises, comparison
from api.store import comparisons
from api.store.journal import revision
from api.web.answers import unstored
from api.web.body import BodyOf
from api.web.deps import Store
from api.web.exercises import known_types
from api.web.params import TypesQuery, refuse_the_unknown
from api.web.shapes import documented

router = APIRouter(tags=["comparisons"], dependencies=[Depends(refuse_the_unknown)])

Theirs = Annotated[ForeignExercises, Depends(BodyOf(ForeignExercises, "The exercises to compare: 1 to 1,000, at most 1 MiB."))]


@router.post(
    "/comparisons",
    operation_id="createComparison",
    summary="Compare another catalogue",
    response_model=Comparison,
    responses=documented(400, 413, 415),
)
def create_comparison(store: Store, types: TypesQuery, body: Theirs) -> Response:
    """For each exercise of another catalogue: is it one of ours and what holds for it, or does it resemble what a type asked avoids?"""
    with store.reading() as connection:
        asked = known_types(connection, types)
        known = comparisons.known(connection, body.exercises, asked)
        at = revision(connection)
    return unstored(comparison(body.exercises, asked, known, at).model_dump_json())
