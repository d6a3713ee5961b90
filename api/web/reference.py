"""The records around the exercises: what a client needs to build its screens."""

from collections.abc import Callable
from functools import partial
from typing import Annotated

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Query, Request, Response

from api.errors import EmptyValue, NotFound
from api.library.condition import Condition, meant
from api.library.record import SLUG, Record
from api.library.serialised import SerialisedRecord, SerialisedRecords, SerialisedSources
from api.library.term import Vocabulary
from api.store import reference
from api.store.reference.kinds import KINDS
from api.store.vocabulary import vocabulary
from api.web.answers import answer, refuse_other_formats
from api.web.deps import Slug, Store
from api.web.params import FormatName, refuse_the_unknown, understood
from api.web.shapes import ConditionList, GroupList, IndicatorList, RedFlagList, SourceList, TypeList, documented

router = APIRouter(tags=["reference"], dependencies=[Depends(refuse_the_unknown)], responses=documented())

OfCondition = Annotated[
    str | None, Query(description="The condition; without it, lists have every one's, and screenings are for the default one.")
]


def _list(kind: str, shape: type[Record], summary: str, description: str) -> None:
    """Answer with every record of a kind."""

    def every(request: Request, store: Store, format_: FormatName = None) -> Response:
        with store.reading() as connection:
            documents = reference.documents_of(connection, kind)
        listed = SerialisedSources if kind == "source" else SerialisedRecords
        return answer(request, listed(KINDS[kind].record, documents, len(documents)))

    _offer(f"/{kind}s", every, f"list{kind.title()}s", shape, summary, description)


def _list_by_condition(kind: str, shape: type[Record], summary: str, description: str) -> None:
    """Answer with every record of a kind, or with those of one condition."""

    def every(request: Request, store: Store, condition: OfCondition = None, format_: FormatName = None) -> Response:
        with store.reading() as connection:
            if condition is None:
                documents = reference.documents_of(connection, kind)
            else:
                documents = reference.documents_of_condition(connection, kind, the_condition(connection, condition))
        return answer(request, SerialisedRecords(KINDS[kind].record, documents, len(documents)))

    _offer(f"/{kind}s", every, f"list{kind.title().replace('-', '')}s", shape, summary, description)


def _get(kind: str, summary: str, description: str) -> None:
    """Answer with one record of a kind."""

    def single(request: Request, store: Store, slug: Slug, format_: FormatName = None) -> Response:
        with store.reading() as connection:
            document = reference.document(connection, kind, slug) if SLUG.fullmatch(slug) else None
        if document is None:
            refuse_other_formats(request, SerialisedRecord)
            raise NotFound(f"There is no {kind} of this name; '/{kind}s' lists them all.")
        return answer(request, SerialisedRecord(KINDS[kind].record, document))

    _offer(f"/{kind}s/{{slug}}", single, f"get{kind.title()}", KINDS[kind].record, summary, description, 404)


def _offer(path: str, handler: Callable[..., Response], name: str, shape: type[Record], summary: str, description: str, *also: int) -> None:
    router.add_api_route(
        path, handler, operation_id=name, summary=summary, description=description, response_model=shape, responses=documented(*also)
    )


_list("condition", ConditionList, "List conditions", "Every condition, with its anatomy, causes and evidence.")
_get("condition", "Get one condition", "One condition.")
_list("type", TypeList, "List types of dysfunction", "Every type of every condition: the values of `type`.")
_get("type", "Get one type of dysfunction", "One type: its goals, indicators and general rule on what to avoid.")
_list_by_condition("indicator", IndicatorList, "List indicators", "What a person can say of themselves that makes a type likely.")
_list_by_condition("red-flag", RedFlagList, "List red flags", "What wants a clinician before any exercise: ask all of them first.")
_list("group", GroupList, "List groups", "People whom some cautions concern, with plain questions.")
_list("source", SourceList, "List sources", "Every publication that a statement names, and how sure we are of it.")
_get("source", "Get one source", "One source.")


@router.get("/vocabulary", operation_id="getVocabulary", summary="Get the words of filters", response_model=Vocabulary)
def get_vocabulary(request: Request, store: Store, format_: FormatName = None) -> Response:
    """Every word that filters take or answers use, with how often it occurs."""
    with store.reading() as connection:
        found = vocabulary(connection)
    return answer(request, SerialisedRecord(Vocabulary, found.model_dump_json()))


def the_condition(connection: sa.Connection, given: str | None) -> str:
    """Give the condition asked, or the one that is meant where none is named."""
    known = reference.records_as(connection, "condition", Condition)
    if given is not None:
        return understood("condition", "condition", given, known, partial(reference.other_names, connection, "condition"))
    found = meant(known.values())
    if found is None:
        raise EmptyValue.at("condition", "The library has no condition yet.")
    return found
