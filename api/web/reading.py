"""Routes that only read, no further than a page: where that takes microseconds, in the event loop."""

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from api.store.engine import Database
from api.web.routes import Route

Handler = Callable[..., Response]


class ReadingRoute(Route):
    """Runs a GET where that is cheapest.

    SQLite has answered before a thread would have begun, PostgreSQL has to be waited for. What writes, or may take long, isn't
    for the event loop on either.
    """

    def __init__(self, path: str, endpoint: Handler, **options: Any) -> None:  # noqa: ANN401  (they are FastAPI's)
        """Make a route."""
        methods: set[str] = set(options.get("methods") or {"GET"})
        super().__init__(path, _where_it_is_cheapest(endpoint) if methods == {"GET"} else endpoint, **options)


def _where_it_is_cheapest(handler: Handler) -> Callable[..., Awaitable[Response]]:
    @wraps(handler)
    async def run(*, store: Database, **given: object) -> Response:
        if store.is_postgresql:
            return await run_in_threadpool(handler, store=store, **given)
        return handler(store=store, **given)

    return run
