"""The application: the only file that knows every folder."""

import gc
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import cache as once
from functools import lru_cache, partial
from multiprocessing import parent_process
from multiprocessing.process import BaseProcess
from threading import Thread

from anyio import to_thread
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Lifespan
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from api import formats
from api.errors import ExerciseLibraryError
from api.settings import Settings
from api.shipped import version
from api.store.engine import Database
from api.store.opening import prepare
from api.store.snapshots import Snapshots
from api.web import (
    comparisons,
    curation,
    documentation,
    exercises,
    images,
    openapi,
    operations,
    pages,
    pages_screening,
    paths,
    problems,
    programs,
    reference,
    sync,
)
from api.web.places import SECONDS_FOR_A_LOCK, Division, divide
from api.web.serving.cache import Cache
from api.web.serving.edge import Edge
from api.web.serving.limits import Limits
from api.web.serving.watch import Numbers, Watch


def create_app(settings: Settings) -> FastAPI:
    """Build the application; its database is prepared when it starts."""
    database = Database(settings.database_url, settings.connections, settings.statement_seconds, SECONDS_FOR_A_LOCK)
    division = divide(database.connections_limit, writers_together=database.is_postgresql)
    app = FastAPI(
        title="Exercise library",
        version=version(),
        lifespan=_lifespan(settings, database, division),
        redirect_slashes=False,
        # A trace has the query, which can speak of a person.
        telemetry={"tracing": False, "metrics": False, "logs": False},
        openapi_url=None,  # `documentation.py` serves it
    )
    app.openapi = once(partial(openapi.document, app))  # type: ignore[method-assign]
    _add_routes(app, settings)
    _set_state(app, settings, database, division)
    _add_error_handlers(app)
    _add_middleware(app, settings)
    return app


def _lifespan(settings: Settings, database: Database, division: Division) -> Lifespan[FastAPI]:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        to_thread.current_default_thread_limiter().total_tokens = division.others
        if settings.migrate:
            await to_thread.run_sync(prepare, database, datetime.now(UTC))
        yield
        database.close()

    return lifespan


def _add_routes(app: FastAPI, settings: Settings) -> None:
    """Add every route. Not by `include_router`, which would look through every router for each request; what is asked most comes first."""
    routers = [
        exercises.router,
        images.router,
        reference.router,
        programs.router,
        comparisons.router,
        sync.router,
        curation.router,
        operations.router,
        documentation.router,
    ]
    routers += [programs.screenings] if settings.screening else []
    routers += [operations.metrics] if settings.metrics else []
    # `screening` is no exercise, so its path comes first.
    routers += [pages_screening.router] if settings.screening else []
    routers += [pages.router]
    routes = [route for router in routers for route in router.routes]
    app.router.routes[:0] = routes
    app.state.paths = paths.of_routes(routes)


def _set_state(app: FastAPI, settings: Settings, database: Database, division: Division) -> None:
    """Lend handlers what they share."""
    app.state.database = database
    app.state.division = division
    app.state.snapshots = {
        formats.FORMATS["json"].media_type: Snapshots(database, partial(sync.everything, settings.root_path)),
        formats.FORMATS["fhir"].media_type: Snapshots(database, partial(sync.bundle, settings.fhir_base)),
    }
    app.state.fhir_base = settings.fhir_base
    app.state.security_contact = settings.security_contact
    app.state.limits = Limits(on=settings.rate_limits)
    app.state.cache_hits = lambda: 0
    app.state.numbers = Numbers() if settings.metrics else None


def _add_error_handlers(app: FastAPI) -> None:
    app.exception_handlers |= {
        ExerciseLibraryError: problems.of_library,
        RequestValidationError: problems.of_parameters,
        HTTPException: pages.of_framework,
        405: _other_method,
    }


def _add_middleware(app: FastAPI, settings: Settings) -> None:
    """Wrap the application: what is added last sees a request first."""
    app.add_middleware(Edge)
    app.add_middleware(Watch, template_of=lru_cache(1_000)(partial(_template, app)), numbers=app.state.numbers, log=settings.log_requests)
    # Here and not in the server, which would look for a proxy's word before each answer that is kept, too.
    app.add_middleware(ProxyHeadersMiddleware, trusted_hosts=settings.forwarded_allow_ips)


def _template(app: FastAPI, path: str) -> str:
    found = paths.match(app.state.paths, path)
    return found.template if found else "other"


async def _other_method(request: Request, _: Exception) -> Response:
    """Answer OPTIONS, and refuse any other method that the path doesn't have, with those that it has."""
    path = paths.match(request.app.state.paths, paths.asked(request.scope))
    allowed = path.allowed if path else ["GET", "HEAD", "OPTIONS"]
    allow = {"Allow": ", ".join(allowed)}
    if request.method == "OPTIONS":
        open_to_all = {
            "Access-Control-Allow-Methods": ", ".join(method for method in allowed if method not in ("PUT", "DELETE")),
            # `*` stands for every header but the one that shows a key; some browsers take it for the name of a header.
            "Access-Control-Allow-Headers": "*, Authorization, Content-Type, If-Match, If-None-Match, X-Change-Reason, X-Request-ID",
            "Access-Control-Max-Age": "600",
        }
        return Response(status_code=204, headers=allow | open_to_all)
    return problems.problem(request, problems.MethodNotAllowed(f"This path has {allow['Allow']}."), allow)


def from_environment() -> Cache:
    """Build what a worker process serves; it gets its settings through the environment."""
    _end_with_the_supervisor()
    app = create_app(Settings.from_environment())
    cache = Cache(app, app.state.database.freshness, paths.kept_at(app.state.paths))
    app.state.cache_hits = lambda: cache.hits
    # What the program consists of stays: looking through it for garbage again and again would cost a tenth of every hot answer.
    gc.freeze()
    gc.set_threshold(20_000)  # answers leave hardly any
    gc.enable()
    return cache


def _end_with_the_supervisor() -> None:
    """Have a worker end when its supervisor is gone, however that ended: it would keep the port, and nobody would start it anew."""
    supervisor = parent_process()
    if supervisor is not None:
        signal.signal(signal.SIGHUP, signal.SIG_IGN)  # which is the supervisor's business
        Thread(target=_end_after, args=(supervisor,), daemon=True).start()


def _end_after(supervisor: BaseProcess) -> None:
    supervisor.join()
    os.kill(os.getpid(), signal.SIGTERM)
