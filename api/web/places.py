"""Places for work that takes a while: who waits for one holds neither a thread nor a database connection.

Nobody who holds a thread or a connection waits for the other: threads are fewer than connections, and what may keep either for long
(writing, typesetting, reading the whole library) has a few of its own.
"""

import asyncio
from collections.abc import Callable
from functools import partial, wraps
from typing import Any, NamedTuple, TypeVar

from anyio import CapacityLimiter, to_thread
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from api.errors import ExerciseLibraryError, Unavailable
from api.formats import FORMATS
from api.library.program import Printout
from api.web.answers import choose

Result = TypeVar("Result")
Handler = Callable[..., Response]
SECONDS_FOR_A_PROBE = 0.9
SECONDS_FOR_A_LOCK = 5
"""How long a writer waits for one that isn't of this worker: another's, or somebody's at the command line."""


class Places:
    """Some that work at once, some that wait their turn for a while, and nobody else."""

    def __init__(self, number: int, *, waiting: int, seconds: float | None, refusal: str) -> None:
        """Have a number of places, for which others may wait, for so many seconds or until it is their turn."""
        self.number = number
        self._threads = CapacityLimiter(number)
        self._free = asyncio.Semaphore(number)
        self._seconds, self._refusal = seconds, refusal
        self._waiting, self._most_waiting = 0, waiting

    async def run(self, work: Callable[[], Result]) -> Result:
        """Do some work in a thread, when it is its turn. Raises Unavailable where too many wait for theirs, or this waited too long."""
        if self._free.locked() and self._waiting >= self._most_waiting:
            raise Unavailable(self._refusal)
        self._waiting += 1
        try:
            async with asyncio.timeout(self._seconds):
                await self._free.acquire()
        except TimeoutError:
            raise Unavailable(self._refusal) from None
        finally:
            self._waiting -= 1
        try:
            return await to_thread.run_sync(work, limiter=self._threads)
        finally:
            self._free.release()

    async def run_soon(self, work: Callable[[], Result]) -> Result:
        """Do some work in a thread, and refuse when it isn't done in the time for which it may wait; it keeps its place until it ends."""
        task = asyncio.ensure_future(self.run(work))
        done, _ = await asyncio.wait([task], timeout=self._seconds)
        if not done:
            task.add_done_callback(_hear_out)
            raise Unavailable(self._refusal)
        return task.result()


def _hear_out(task: "asyncio.Future[Any]") -> None:
    if not task.cancelled():
        task.exception()  # nobody waits for it any longer


class Division(NamedTuple):
    """How a worker's connections are divided among those who may hold one; each has a thread of its own."""

    writers: Places
    typesetters: Places
    library: Places
    probes: Places
    disk: Places
    """Reads what was written down, which takes no connection."""
    others: int
    """How many threads everything else has; one connection more is for what is read in the event loop."""


def divide(connections: int, *, writers_together: bool) -> Division:
    """Divide a number of connections; writers who can't write together have one, and wait their turn here in the order they came."""
    writers = Places(
        max(1, connections // 4) if writers_together else 1,
        waiting=100,
        seconds=10,
        refusal="Others are writing, and it takes them long. Try again in a moment.",
    )
    typesetters = Places(1, waiting=100, seconds=30, refusal="Too many PDFs are being typeset. Try again in a moment.")
    library = Places(1, waiting=1000, seconds=None, refusal="Too many are waiting for the whole library. Try again in a moment.")
    probes = Places(1, waiting=100, seconds=SECONDS_FOR_A_PROBE, refusal="The database doesn't answer. Try again in a moment.")
    disk = Places(4, waiting=100_000, seconds=None, refusal="Too many are reading the whole library. Try again in a moment.")
    taken = 1 + sum(places.number for places in (writers, typesetters, library, probes))
    return Division(writers, typesetters, library, probes, disk, max(1, connections - taken))


def division(request: Request) -> Division:
    """Give the application's places."""
    found: Division = request.app.state.division
    return found


class WritingRoute(APIRoute):
    """Does its work in a place of the writers."""

    def __init__(self, path: str, endpoint: Handler, **options: Any) -> None:  # noqa: ANN401  (they are FastAPI's)
        """Make a route."""
        super().__init__(path, in_place(endpoint, lambda request: division(request).writers), **options)


class TypesettingRoute(APIRoute):
    """Does its work in a place of the typesetters, where a PDF is asked for."""

    def __init__(self, path: str, endpoint: Handler, **options: Any) -> None:  # noqa: ANN401  (they are FastAPI's)
        """Make a route."""
        super().__init__(path, in_place(endpoint, _for_typesetting), **options)


def _for_typesetting(request: Request) -> Places | None:
    try:
        wanted = choose(request, Printout)
    except ExerciseLibraryError:
        return None  # the handler says so, in its turn
    return division(request).typesetters if wanted is FORMATS["pdf"] else None


def in_place(handler: Handler, place_for: Callable[[Request], Places | None]) -> Callable[..., Any]:
    """Have a handler do its work in a place that its request decides; without one, where handlers usually do."""

    @wraps(handler)
    async def placed(request: Request, **given: Any) -> Response:  # noqa: ANN401  (the handler's signature says what each is)
        work = partial(handler, request=request, **given)
        place = place_for(request)
        return await (run_in_threadpool(work) if place is None else place.run(work))

    return placed
