"""History of a record, changes since a revision, and the library as a whole."""

import zlib
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Annotated

from anyio import CancelScope, to_thread
from fastapi import APIRouter, Depends, Path, Query, Request, Response
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from api.errors import NotFound, Resync
from api.formats import FORMATS
from api.library.history import Changes, History
from api.library.record import SLUG
from api.library.records import One
from api.store import history, library
from api.store.journal import revision
from api.web.answers import answer, choose_of, named
from api.web.deps import Store
from api.web.keys import Caller, known_key
from api.web.params import DEFAULT_LIMIT, Cursor, FormatName, Limit, after, next_page, refuse_the_unknown
from api.web.routes import Route
from api.web.shapes import WholeLibrary, documented

router = APIRouter(tags=["sync"], route_class=Route)
_UNDERSTOOD = [Depends(refuse_the_unknown)]

Since = Annotated[int, Query(ge=0, le=2**31 - 1, description="The revision that the caller has seen.")]
LibraryId = Annotated[str | None, Query(description="The library that the caller has seen; another one's caller has to begin again.")]


@router.get(
    "/exercises/{slug}/history",
    operation_id="getHistory",
    summary="Get an exercise's history",
    response_model=History,
    responses=documented(401, 404),
    dependencies=[Depends(known_key), *_UNDERSTOOD],
)
def get_history(  # noqa: PLR0913
    request: Request,
    store: Store,
    caller: Caller,
    slug: Annotated[str, Path(description="The exercise's slug; a retired one's too.")],
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
    format_: FormatName = None,  # noqa: ARG001
) -> Response:
    """Every committed change, newest first; who and why only for callers with a key."""
    with store.reading() as connection:
        place = after(request, cursor)
        page = history.of_exercise(connection, slug, limit, place, with_names=caller is not None) if SLUG.fullmatch(slug) else None
    if page is None:
        raise NotFound("There never was an exercise of this name.")
    next_ = next_page(request, page.last)
    response = answer(request, One(History, History(items=page.items, total=page.total, next=next_).model_dump_json()), next_)
    if caller is not None:
        response.headers["Cache-Control"] = "private, no-store"
    return response


@router.get(
    "/changes",
    operation_id="listChanges",
    summary="List what changed",
    response_model=Changes,
    responses=documented(410),
    dependencies=_UNDERSTOOD,
)
def list_changes(  # noqa: PLR0913
    request: Request,
    store: Store,
    since: Since,
    library_id: LibraryId = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
    format_: FormatName = None,  # noqa: ARG001
) -> Response:
    """All that changed after a revision, oldest first, deletions included, with the records themselves."""
    with store.reading() as connection:
        ours = history.library_id(connection)
        if library_id not in (None, ours):
            raise Resync("This is another library than the one you have seen; begin again with '/library'.")
        page = history.since(connection, since, limit, after(request, cursor))
        newest = revision(connection)
    next_ = next_page(request, page.last)
    return answer(request, One(Changes, history.changes(ours, newest, page.items, next_)), next_)


@router.get(
    "/library",
    operation_id="getLibrary",
    summary="Get everything",
    response_model=WholeLibrary,
    responses=documented(),
    dependencies=_UNDERSTOOD,
)
def get_library(request: Request, store: Store, format_: FormatName = None) -> Response:  # noqa: ARG001
    """Everything in one document; `sha256` is that of all bytes before `,"sha256"`."""
    choose_of(request, {"json": FORMATS["json"]})
    with ExitStack() as stack:
        connection = stack.enter_context(store.reading())
        headers, is_there = named(request, f'"library-{history.library_id(connection)}-{revision(connection)}"')
        if is_there:
            return Response(status_code=304, headers=headers)
        pieces = library.document(connection)
        return _Document(stack.pop_all(), _compressed(pieces) if "Content-Encoding" in headers else pieces, headers)


class _Document(StreamingResponse):
    """A document that is read while it is sent: however that ends, the reading transaction ends with it."""

    def __init__(self, reading: ExitStack, pieces: Iterator[bytes], headers: dict[str, str]) -> None:
        super().__init__(pieces, headers=headers, media_type="application/json")
        self._reading = reading

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            with CancelScope(shield=True):
                await to_thread.run_sync(self._reading.close)


def _compressed(pieces: Iterator[bytes]) -> Iterator[bytes]:
    squeeze = zlib.compressobj(wbits=31)
    for piece in pieces:
        yield squeeze.compress(piece)
    yield squeeze.flush()
