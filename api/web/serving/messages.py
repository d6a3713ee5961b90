"""What is written on a connection besides what an application sends: whole answers, and refusals."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Scope

from api.errors import ExerciseLibraryError
from api.web.problems import problem
from api.web.serving.edge import EVERYWHERE

WHOLE = "exercise-library.whole"
"""The ASGI extension of this server: `WholeSend`, for answers whose headers were written before, by `written`."""
WholeSend = Callable[[int, bytes, bytes], bool]
"""Sends a status, headers and body together; gives False where this answer has to be sent message by message."""


class Answering(ABC):
    """An application that answers some requests without a task of their own, which would take longer than the answer."""

    @abstractmethod
    def answer(self, scope: Scope, instead: Callable[[ASGIApp], None]) -> None:
        """Answer one request by `WHOLE`, but not before this returned, or tell which application is to answer instead."""


def written(headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    """Write the headers of an answer, and the empty line that ends them."""
    return b"".join([*(b"%s: %s\r\n" % header for header in headers), b"\r\n"])


class _Default:
    """The headers that uvicorn gives every answer, written once a second, as uvicorn makes them anew for their date."""

    given: list[tuple[bytes, bytes]] | None = None
    written = b""


def default_headers(given: list[tuple[bytes, bytes]]) -> bytes:
    """Write the headers that uvicorn gives every answer."""
    if given is not _Default.given:
        _Default.given, _Default.written = given, b"".join(b"%s: %s\r\n" % header for header in given)
    return _Default.written


class Refusal(Response):
    """The last answer on a connection, in the application's place."""

    def __init__(self, error: ExerciseLibraryError) -> None:
        """Write the problem."""
        told = problem(Request({"type": "http", "path": "/", "headers": []}), error)
        super().__init__(told.body, told.status_code)
        self.raw_headers = [*told.raw_headers, *EVERYWHERE, (b"connection", b"close")]
