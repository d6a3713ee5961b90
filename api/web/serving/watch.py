"""Watching: one log line a request where it is wanted, an echoed request id, and numbers for Prometheus.

A line has the route's template, never the path or the query: a question can tell something about a person.
"""

import logging
import re
from collections.abc import Callable
from functools import cache
from time import perf_counter
from traceback import format_tb
from uuid import uuid4

from prometheus_client import CollectorRegistry, Counter, Histogram
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.web.paths import asked

logger = logging.getLogger("exercise-library")
REQUEST_ID = re.compile(r"[A-Za-z0-9._~:/+=@-]{1,128}")
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
_FIRST_ERROR = 400
_SERVER_ERROR = 500

TemplateOf = Callable[[str], str]
"""Gives the template of a path: `/exercises/{slug}`."""


class Numbers:
    """What `/metrics` tells, in a registry of its own."""

    def __init__(self) -> None:
        """Begin to count."""
        self.registry = CollectorRegistry()
        labels = ("method", "route", "status")
        requests = Counter("exercise_library_requests", "Requests answered, cache hits left out.", labels, registry=self.registry)
        seconds = Histogram("exercise_library_request_seconds", "How long they took.", ("route",), registry=self.registry)
        self._of_method = cache(requests.labels)
        self._of_route = cache(seconds.labels)

    def note(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request."""
        self._of_method(method, route, status).inc()
        self._of_route(route).observe(seconds)


class Watch:
    """Sees every request that the application answers."""

    def __init__(self, app: ASGIApp, template_of: TemplateOf, numbers: Numbers | None, log: str) -> None:
        """Wrap an application; `log` says which requests to log: `errors`, `all` or `off`."""
        self._app = app
        self._template_of = template_of
        self._numbers = numbers
        self._log = log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        seen = _Seen(Headers(scope=scope).get("x-request-id", ""), self._log)
        try:
            await self._app(scope, receive, seen.watching(send))
        except Exception as error:  # noqa: BLE001  (the edge has answered, or the answer broke off; the operator has to know)
            logger.error("fault", extra={"id": seen.id, "route": self._template_of(asked(scope)), "fault": _traced(error)})  # noqa: TRY400
        finally:
            self._note(scope, seen)

    def _note(self, scope: Scope, seen: "_Seen") -> None:
        seconds = perf_counter() - seen.began
        route = self._template_of(asked(scope))
        method = scope["method"] if scope["method"] in _METHODS else "other"
        if self._numbers is not None:
            self._numbers.note(method, route, seen.status, seconds)
        if seen.is_logged:
            line = {"id": seen.id, "method": method, "route": route, "status": seen.status}
            level = logging.ERROR if seen.status >= _SERVER_ERROR else logging.INFO
            logger.log(level, "request", extra=line | {"ms": round(seconds * 1000, 1), "bytes": seen.bytes})


def _traced(error: BaseException) -> str:
    """Say what kind of fault it is and where it happened, never in its own words: they can quote what was asked."""
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    inner = error.exceptions if isinstance(error, BaseExceptionGroup) else ()
    before = [_traced(earlier) for earlier in (*inner, *([cause] if cause else []))]
    return "\n".join([*before, "".join(format_tb(error.__traceback__)) + type(error).__qualname__])


class _Seen:
    """What is seen of one request."""

    def __init__(self, id_: str, log: str) -> None:
        self.began = perf_counter()
        self.id = id_ if REQUEST_ID.fullmatch(id_) else ""
        self.status = _SERVER_ERROR
        self.bytes = 0
        self._log = log

    @property
    def is_logged(self) -> bool:
        return self._log == "all" or (self._log == "errors" and self.status >= _FIRST_ERROR)

    def watching(self, send: Send) -> Send:
        async def watched(message: Message) -> None:
            if message["type"] == "http.response.start":
                self.status = message["status"]
                # An id is made only where a line will have it: nobody could look the others up.
                self.id = self.id or (str(uuid4()) if self.is_logged or self.status == _SERVER_ERROR else "")
                if self.id:
                    headers = MutableHeaders(raw=list(message.get("headers", [])))
                    headers["X-Request-ID"] = self.id
                    message = {**message, "headers": headers.raw}
            else:
                self.bytes += len(message.get("body", b""))
            await send(message)

        return watched


def logging_of(style: str) -> dict[str, object]:
    """Give the logging configuration: JSON for machines, text for people; everything goes to standard error."""
    json = {
        "()": "pythonjsonlogger.json.JsonFormatter",
        "format": "%(asctime)s %(levelname)s %(name)s %(message)s",
        "rename_fields": {"asctime": "at", "levelname": "level", "name": "logger", "message": "event"},
    }
    text = {"()": TextFormatter, "format": "%(asctime)s %(levelname)-7s %(message)s"}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"ours": json if style == "json" else text},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "ours", "stream": "ext://sys.stderr"}},
        "root": {"handlers": ["stderr"], "level": "WARNING"},
        "loggers": {"exercise-library": {"level": "INFO"}, "uvicorn": {"level": "WARNING"}, "uvicorn.error": {"level": "WARNING"}},
    }


class TextFormatter(logging.Formatter):
    """A line that a person reads: what a JSON line would have as fields, one after the other."""

    _FIELDS = ("method", "route", "status", "ms", "bytes", "id", "fault", "said")

    def format(self, record: logging.LogRecord) -> str:
        """Write the line."""
        told = [str(record.__dict__[name]) for name in self._FIELDS if name in record.__dict__]
        return " ".join([super().format(record), *told])
