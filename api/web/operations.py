"""The service itself: what it is, and whether it works."""

from contextlib import suppress
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.routing import APIRoute
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from starlette.responses import PlainTextResponse

from api import formats
from api.errors import Unavailable
from api.library import wording
from api.library.condition import DysfunctionType
from api.library.serialised import SerialisedRecord
from api.shipped import version
from api.store import migrations, reference
from api.store.engine import Database
from api.store.journal import revision
from api.web import documentation, pages
from api.web.answers import answer, choose_of, unstored
from api.web.deps import Store
from api.web.params import FormatName, refuse_the_unknown
from api.web.places import division
from api.web.problems import NotAcceptable
from api.web.shapes import Health, Index, Link, documented

router = APIRouter(tags=["service"])
_RECOMMENDED = "What is recommended for the type '{}', and what to avoid"


def _types(store: Database) -> list[DysfunctionType]:
    """Give the types there are; none while the database doesn't answer: the index works without it."""
    try:
        with store.reading() as connection:
            return list(reference.records_as(connection, "type", DysfunctionType).values())
    except Unavailable:
        return []


async def wants_a_page(request: Request) -> bool:
    """Tell a browser from a program, whose parameters have to be known: a format wins, and whatever takes both gets JSON."""
    if "format" not in request.query_params:
        with suppress(NotAcceptable):
            if choose_of(request, {**formats.offered(SerialisedRecord), "html": pages.PAGE}) is pages.PAGE:
                return True
    await refuse_the_unknown(request)
    return False


@router.get(
    "/",
    operation_id="getIndex",
    summary="Say what there is",
    response_model=Index,
    responses={**documented(), 200: {"content": {pages.PAGE.media_type: {"schema": {"type": "string"}}}}},
)
def get_index(
    request: Request, store: Store, is_for_people: Annotated[bool, Depends(wants_a_page)], format_: FormatName = None
) -> Response:
    """What this service is for, and where things are; to a browser, the page for people."""
    if is_for_people:
        return pages.home(request, store)
    root = request.scope.get("root_path", "")
    offered = {**{f"/exercises?type={type_.slug}": _RECOMMENDED.format(type_.name) for type_ in _types(store)}, **_paths(request)}
    links = [Link(href=root + href, title=title) for href, title in offered.items()]
    index = Index(name="Exercise library", version=version(), intended_use=wording.INTENDED_USE, reviewed_by=None, links=links)
    return answer(request, SerialisedRecord(Index, index.model_dump_json()))


def _paths(request: Request) -> dict[str, str]:
    """Give every path, as a template with the parameters that it requires, and what it is for."""
    found: dict[str, str] = {}
    for route in request.app.router.routes:
        if isinstance(route, APIRoute) and route.include_in_schema:
            query = "&".join(f"{field.alias}={{{field.alias}}}" for field in route.dependant.query_params if field.field_info.is_required())
            [method] = route.methods or {"GET"}
            title = str(route.summary) if method == "GET" else f"{route.summary} ({method})"
            address = route.path + (f"?{query}" if query else "")
            found[address] = f"{found[address]}; {title}" if address in found else title
    return found | documentation.LINKS


@router.get("/health/live", operation_id="getLiveness", summary="Say whether the process is alive", response_model=Health)
async def get_liveness() -> Response:
    """Alive: it answers, without a thread or the database."""
    return unstored(Health(status="ok", revision=None).model_dump_json())


metrics = APIRouter(tags=["service"])


@metrics.get("/metrics", operation_id="getMetrics", summary="Get numbers for Prometheus", response_class=PlainTextResponse)
async def get_metrics(request: Request, store: Store) -> Response:
    """Requests by route, how long they took, answers that were kept, database connections and the revision, of this worker."""
    registry: CollectorRegistry = request.app.state.numbers.registry
    in_use = store.connections_in_use  # before one more is lent out for the revision
    numbers = [
        ("cache_hits_total", "counter", request.app.state.cache_hits()),
        ("database_connections_in_use", "gauge", in_use),
        ("database_connections_limit", "gauge", store.connections_limit),
        ("revision", "gauge", await _revision_or_none(request, store)),
    ]
    typed = [f"# TYPE exercise_library_{name} {kind}\nexercise_library_{name} {value}\n" for name, kind, value in numbers]
    return Response(
        generate_latest(registry) + "".join(typed).encode(), headers={"Cache-Control": "no-store"}, media_type=CONTENT_TYPE_LATEST
    )


async def _revision_or_none(request: Request, store: Database) -> int:
    """Give the revision; -1 where the database doesn't answer."""
    try:
        return await division(request).probes.run_soon(partial(_revision, store))
    except Unavailable:
        return -1


def _revision(store: Database) -> int:
    with store.reading() as connection:
        return revision(connection)


@router.get(
    "/health/ready",
    operation_id="getReadiness",
    summary="Say whether questions can be answered",
    response_model=Health,
    responses={503: documented()[503]},
)
async def get_readiness(request: Request, store: Store) -> Response:
    """Ready: the database answers, soon, and has the catalogue."""
    ready = await division(request).probes.run_soon(partial(_ready, store))
    return unstored(Health(status="ok", revision=ready).model_dump_json())


def _ready(store: Database) -> int:
    with store.reading() as connection:
        migrations.refuse_behind(connection)
        return revision(connection)
