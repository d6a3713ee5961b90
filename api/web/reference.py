"""The records around the exercises: what a client needs to build its screens."""

from functools import partial
from typing import Annotated

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Path, Query, Request, Response

from api.errors import Complaint, EmptyValue, NotFound
from api.library.condition import Condition, DysfunctionType, meant
from api.library.record import SLUG, Record
from api.library.serialised import SerialisedRecord, SerialisedRecords, SerialisedSources
from api.library.source import Source
from api.library.term import Vocabulary
from api.store import reference
from api.store.reference.kinds import KINDS
from api.store.vocabulary import vocabulary
from api.web.answers import answer
from api.web.deps import Store
from api.web.params import FormatName, refuse_the_unknown, understood
from api.web.shapes import ConditionList, GroupList, IndicatorList, RedFlagList, SourceList, TypeList, documented

router = APIRouter(tags=["reference"], dependencies=[Depends(refuse_the_unknown)])

OfCondition = Annotated[
    str | None, Query(description="The condition; without it, lists have every one's, and screenings are for the default one.")
]
Slug = Annotated[str, Path(description="The record's slug.")]


@router.get("/conditions", operation_id="listConditions", summary="List conditions", response_model=ConditionList, responses=documented())
def list_conditions(request: Request, store: Store, format_: FormatName = None) -> Response:
    """Every condition, with its anatomy, causes and evidence."""
    return _all(request, store, "condition")


@router.get(
    "/conditions/{slug}", operation_id="getCondition", summary="Get one condition", response_model=Condition, responses=documented(404)
)
def get_condition(request: Request, store: Store, slug: Slug, format_: FormatName = None) -> Response:
    """One condition."""
    return _one(request, store, "condition", slug)


@router.get("/types", operation_id="listTypes", summary="List types of dysfunction", response_model=TypeList, responses=documented())
def list_types(request: Request, store: Store, format_: FormatName = None) -> Response:
    """Every type of every condition: the values of `type`."""
    return _all(request, store, "type")


@router.get(
    "/types/{slug}",
    operation_id="getType",
    summary="Get one type of dysfunction",
    response_model=DysfunctionType,
    responses=documented(404),
)
def get_type(request: Request, store: Store, slug: Slug, format_: FormatName = None) -> Response:
    """One type: its goals, indicators and general rule on what to avoid."""
    return _one(request, store, "type", slug)


@router.get("/indicators", operation_id="listIndicators", summary="List indicators", response_model=IndicatorList, responses=documented())
def list_indicators(request: Request, store: Store, condition: OfCondition = None, format_: FormatName = None) -> Response:
    """What a person can say of themselves that makes a type likely."""
    return _of_condition(request, store, "indicator", condition)


@router.get("/red-flags", operation_id="listRedFlags", summary="List red flags", response_model=RedFlagList, responses=documented())
def list_red_flags(request: Request, store: Store, condition: OfCondition = None, format_: FormatName = None) -> Response:
    """What wants a clinician before any exercise: ask all of them first."""
    return _of_condition(request, store, "red-flag", condition)


@router.get("/groups", operation_id="listGroups", summary="List groups", response_model=GroupList, responses=documented())
def list_groups(request: Request, store: Store, format_: FormatName = None) -> Response:
    """People whom some cautions concern, with plain questions."""
    return _all(request, store, "group")


@router.get("/sources", operation_id="listSources", summary="List sources", response_model=SourceList, responses=documented())
def list_sources(request: Request, store: Store, format_: FormatName = None) -> Response:
    """Every publication that a statement names, and how sure we are of it."""
    return _all(request, store, "source")


@router.get("/sources/{slug}", operation_id="getSource", summary="Get one source", response_model=Source, responses=documented(404))
def get_source(request: Request, store: Store, slug: Slug, format_: FormatName = None) -> Response:
    """One source."""
    return _one(request, store, "source", slug)


@router.get(
    "/vocabulary", operation_id="getVocabulary", summary="Get the words of filters", response_model=Vocabulary, responses=documented()
)
def get_vocabulary(request: Request, store: Store, format_: FormatName = None) -> Response:
    """Every word that filters take or answers use, with how often it occurs."""
    with store.reading() as connection:
        found = vocabulary(connection)
    return answer(request, SerialisedRecord(Vocabulary, found.model_dump_json()))


def _all(request: Request, store: Store, kind: str) -> Response:
    with store.reading() as connection:
        documents = reference.documents_of(connection, kind)
    listed = SerialisedSources if kind == "source" else SerialisedRecords
    return answer(request, listed(_record(kind), documents, len(documents)))


def _one(request: Request, store: Store, kind: str, slug: str) -> Response:
    with store.reading() as connection:
        document = reference.document(connection, kind, slug) if SLUG.fullmatch(slug) else None
    if document is None:
        raise NotFound(f"There is no {kind} of this name; '/{kind}s' lists them all.")
    return answer(request, SerialisedRecord(_record(kind), document))


def _of_condition(request: Request, store: Store, kind: str, condition: str | None) -> Response:
    with store.reading() as connection:
        documents = (
            reference.documents_of(connection, kind)
            if condition is None
            else reference.documents_of_condition(connection, kind, the_condition(connection, condition))
        )
    return answer(request, SerialisedRecords(_record(kind), documents, len(documents)))


def _record(kind: str) -> type[Record]:
    return KINDS[kind].record


def the_condition(connection: sa.Connection, given: str | None) -> str:
    """Give the condition asked, or the one that is meant where none is named."""
    known = reference.records_as(connection, "condition", Condition)
    if given is not None:
        return understood("condition", "condition", given, known, partial(reference.other_names, connection, "condition"))
    found = meant(known.values())
    if found is None:
        message = "The library has no condition yet."
        raise EmptyValue(message, complaints=(Complaint("condition", message),))
    return found
