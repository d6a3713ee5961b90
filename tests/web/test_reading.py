"""A route that reads by a way of its own never leaves out what a handler asks for: it refuses to be made."""

from collections.abc import AsyncIterator, Callable
from typing import Annotated

import pytest
from fastapi import APIRouter, BackgroundTasks, Body, Cookie, Depends, Header, Query, Request, Response, Security
from fastapi.security import HTTPBearer
from pydantic import BaseModel

from api.web.deps import Store
from api.web.keys import Caller, editing
from api.web.reading import ReadingRoute

pytestmark = pytest.mark.any_engine

Handler = Callable[..., object]


class Filters(BaseModel):
    region: str


def plain(request: Request, store: Store, q: str = "", types: Annotated[list[str], Query(alias="type")] = []) -> Response:  # noqa: B006
    return Response(f"{request.url}{store}{q}{types}")


def with_a_key(request: Request, store: Store, caller: Caller) -> Response:
    return Response(f"{request.url}{store}{caller}")


def with_a_header(request: Request, store: Store, x_reason: Annotated[str, Header()]) -> Response:
    return Response(f"{request.url}{store}{x_reason}")


def with_a_cookie(request: Request, store: Store, session: Annotated[str, Cookie()]) -> Response:
    return Response(f"{request.url}{store}{session}")


def with_a_body(request: Request, store: Store, body: Annotated[Filters, Body()]) -> Response:
    return Response(f"{request.url}{store}{body}")


def with_a_model(request: Request, store: Store, filters: Annotated[Filters, Query()]) -> Response:
    return Response(f"{request.url}{store}{filters}")


def with_values_perhaps(request: Request, store: Store, regions: Annotated[list[str] | None, Query()] = None) -> Response:
    return Response(f"{request.url}{store}{regions}")


def with_a_set(request: Request, store: Store, regions: Annotated[set[str], Query()]) -> Response:
    return Response(f"{request.url}{store}{regions}")


def with_a_response(request: Request, store: Store, response: Response) -> Response:
    return Response(f"{request.url}{store}{response}")


def with_tasks(request: Request, store: Store, tasks: BackgroundTasks) -> Response:
    return Response(f"{request.url}{store}{tasks}")


def with_security(request: Request, store: Store, bearer: Annotated[str, Security(HTTPBearer())]) -> Response:
    return Response(f"{request.url}{store}{bearer}")


def under_another_name(asked: Request, store: Store) -> Response:
    return Response(f"{asked.url}{store}")


def with_another_store(request: Request, library: Store) -> Response:
    return Response(f"{request.url}{library}")


def without_a_store(request: Request) -> Response:
    return Response(f"{request.url}")


def without_a_response(request: Request, store: Store) -> dict[str, str]:
    return {"url": f"{request.url}{store}"}


async def asynchronous(request: Request, store: Store) -> Response:
    return Response(f"{request.url}{store}")


async def in_pieces(request: Request, store: Store) -> AsyncIterator[str]:
    yield f"{request.url}{store}"


REFUSED: list[Handler] = [
    with_a_key,
    with_a_header,
    with_a_cookie,
    with_a_body,
    with_a_model,
    with_values_perhaps,
    with_a_set,
    with_a_response,
    with_tasks,
    with_security,
    under_another_name,
    with_another_store,
    without_a_store,
    without_a_response,
    asynchronous,
    in_pieces,
]


@pytest.mark.parametrize("handler", REFUSED, ids=lambda one: one.__name__)
def test_a_handler_that_needs_more_is_refused(handler: Handler) -> None:
    router = APIRouter(route_class=ReadingRoute)
    with pytest.raises(TypeError, match=r"^A ReadingRoute doesn't do what '/x' needs: "):
        router.get("/x", response_model=None)(handler)


def test_a_check_before_a_handler_is_refused_wherever_it_stands() -> None:
    with pytest.raises(TypeError, match="dependencies other than 'store: Store'"):
        APIRouter(route_class=ReadingRoute, dependencies=[Depends(editing)]).get("/x")(plain)
    with pytest.raises(TypeError, match="dependencies other than 'store: Store'"):
        APIRouter(route_class=ReadingRoute).get("/x", dependencies=[Depends(editing)])(plain)


def test_a_handler_that_writes_is_refused() -> None:
    with pytest.raises(TypeError, match="methods other than GET"):
        APIRouter(route_class=ReadingRoute).put("/x")(plain)


def test_a_handler_that_reads_is_not_refused() -> None:
    router = APIRouter(route_class=ReadingRoute)
    router.get("/x")(plain)
    assert [type(one) for one in router.routes] == [ReadingRoute]
