"""History of a record, changes since a revision, and the library as a whole."""

from collections.abc import AsyncIterator, Iterator
from functools import partial
from typing import Annotated

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Path, Query, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse

from api.errors import NotFound, Resync
from api.formats import FORMATS, Format, fhir
from api.library.history import Changes, History
from api.library.questionnaire import form
from api.library.serialised import SerialisedRecord
from api.store import history, library, programs, reference
from api.store.journal import revision
from api.store.snapshots import Snapshots
from api.web.answers import answer, choose_of, named, refuse_other_formats
from api.web.deps import Store
from api.web.keys import Caller, known_key
from api.web.located import rooted
from api.web.params import DEFAULT_LIMIT, IN_DIGITS, Cursor, FormatName, Limit, after, next_page, refuse_the_unknown
from api.web.paths import OF_LIBRARY
from api.web.places import Places, division
from api.web.shapes import WholeLibrary, documented

router = APIRouter(tags=["sync"], responses=documented())
_UNDERSTOOD = [Depends(refuse_the_unknown)]

Since = Annotated[int, Query(ge=0, le=2**31 - 1, description="The revision that the caller has seen."), IN_DIGITS]
LibraryId = Annotated[str | None, Query(description="The library that the caller has seen; another one's caller has to begin again.")]


@router.get(
    "/exercises/{slug}/history",
    operation_id="getHistory",
    summary="Get an exercise's history",
    response_model=History,
    responses=documented(401, 404),
    dependencies=[Depends(known_key), *_UNDERSTOOD],
)
def get_history(
    request: Request,
    store: Store,
    caller: Caller,
    slug: Annotated[str, Path(description="The exercise's slug; a retired one's too.")],
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
    format_: FormatName = None,
) -> Response:
    """Every committed change, newest first; who and why only for callers with a key."""
    with store.reading() as connection:
        page = history.of_exercise(connection, slug, limit, after(request, cursor), with_names=caller is not None)
    if page is None:
        refuse_other_formats(request, SerialisedRecord)
        raise NotFound("There never was an exercise of this name.")
    next_ = next_page(request, page.last)
    response = answer(request, SerialisedRecord(History, History(items=page.items, total=page.total, next=next_).model_dump_json()), next_)
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
def list_changes(
    request: Request,
    store: Store,
    since: Since,
    library_id: LibraryId = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
    format_: FormatName = None,
) -> Response:
    """All that changed after a revision, oldest first, deletions included, with the records themselves."""
    place = after(request, cursor)
    refuse_other_formats(request, SerialisedRecord)
    with store.reading() as connection:
        ours = history.library_id(connection)
        if library_id not in (None, ours):
            raise Resync("This is another library than the one you have seen; begin again with '/library'.")
        page = history.since(connection, since, limit, place)
        newest = revision(connection)
    next_ = next_page(request, page.last)
    return answer(request, SerialisedRecord(Changes, history.changes(ours, newest, page.items, next_)), next_)


@router.get("/library", operation_id="getLibrary", summary="Get everything", response_model=WholeLibrary, dependencies=_UNDERSTOOD)
async def get_library(request: Request, format_: FormatName = None) -> Response:
    """Everything in one document; `sha256` is that of all bytes before `,"sha256"`. As FHIR it is one Bundle."""
    chosen = choose_of(request, OF_LIBRARY)
    snapshots = _snapshots(request, chosen)
    if "if-none-match" in request.headers:  # elsewhere the snapshot tells its state
        headers, is_there = named(request, _name(await run_in_threadpool(snapshots.state), chosen))
        if is_there:
            return Response(status_code=304, headers=headers)
    snapshot = await division(request).library.run(snapshots.current)
    headers, _ = named(request, _name(snapshot.state, chosen))
    packed = "Content-Encoding" in headers
    headers["Content-Length"] = str(snapshot.packed_size if packed else snapshot.size)
    pieces = _read(snapshot.packed() if packed else snapshot.pieces(), division(request).disk)
    return StreamingResponse(pieces, headers=headers, media_type=chosen.media_type)


def _snapshots(request: Request, chosen: Format) -> Snapshots:
    found: dict[str, Snapshots] = request.app.state.snapshots
    return found[chosen.media_type]


def everything(root: str, connection: sa.Connection) -> Iterator[bytes]:
    """Write the library with addresses that lead back to a service under the path `root`."""
    return library.document(connection, partial(rooted, root=root))


def bundle(base: str, connection: sa.Connection) -> Iterator[bytes]:
    """Write the library and the questions of its screenings as one FHIR Bundle."""
    forms = [form(programs.questions(connection, condition)) for condition in reference.slugs(connection, "condition")]
    return (fhir.rebased(piece, base) for piece in fhir.library(library.records(connection), forms))


def _name(state: str, chosen: Format) -> str:
    return f'"library-{state}"' if chosen is FORMATS["json"] else f'"library-{state}-fhir"'


async def _read(pieces: Iterator[bytes], disk: Places) -> AsyncIterator[bytes]:
    """Read from the disk in threads that nothing else waits for; each reads a piece and is free again."""
    while piece := await disk.run(partial(next, pieces, b"")):
        yield piece
