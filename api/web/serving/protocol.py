"""The server's HTTP: who takes too long to ask or to listen is hung up on, what is no HTTP is refused, what is written already is sent."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.types import ASGIApp, Scope
from uvicorn._types import ASGI3Application
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from api.errors import ExerciseLibraryError
from api.web.body import LARGEST_BODY
from api.web.problems import AddressTooLong, HeadersTooLong, NotHttp, problem
from api.web.serving.edge import EVERYWHERE

SECONDS_FOR_HEADERS = 10
SECONDS_FOR_READING = 30
"""How long a reader may take over what is waiting for it; an answer that is streamed keeps a database connection."""
LONGEST_HEAD = 512 * 1024
"""Of address and headers that don't end; those that do are refused by the edge, which allows far less."""
LONGEST_MESSAGE = 8 * LARGEST_BODY
"""Of what arrives for one request, chunks of a byte and whatever else is no content included."""

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
    return b"".join([*(b"%s: %s\r\n" % one for one in headers), b"\r\n"])


def _nothing() -> None:
    pass


class PatientProtocol(HttpToolsProtocol):
    """uvicorn's HTTP protocol, with limits on how long a request may be and take, and how long its answer may wait to be read."""

    _waiting: asyncio.TimerHandle | None = None
    _unread: asyncio.TimerHandle | None = None
    _answering: RequestResponseCycle | None = None
    _in_head = True
    _received = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self._extensions: Any = {WHOLE: self._send_whole}
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Wait for the rest of a request that has begun; most arrive at once, and need no clock."""
        super().data_received(data)
        if self._waiting is None and (self.cycle is None or self.cycle.response_complete):
            self._wait()
        self._received += len(data)
        if self._received > (LONGEST_HEAD if self._in_head else LONGEST_MESSAGE):
            self._refuse_the_endless()

    def on_message_begin(self) -> None:
        """Begin to count."""
        self._in_head, self._received = True, 0
        super().on_message_begin()
        self.scope["extensions"] = self._extensions

    def on_headers_complete(self) -> None:
        """Stop waiting: the request is here."""
        self._in_head = False
        self._stop()
        super().on_headers_complete()

    def pause_writing(self) -> None:
        """Begin to wait for the reader."""
        super().pause_writing()
        self._unread = self.loop.call_later(SECONDS_FOR_READING, self._drop)

    def resume_writing(self) -> None:
        """Stop waiting: somebody reads."""
        self._stop_unread()
        super().resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting: nobody is there."""
        self._stop()
        self._stop_unread()
        self._tell_who_answers()
        super().connection_lost(exc)
        # Or the connection would keep itself, and all that was sent through it.
        self._extensions.clear()
        self.pipeline.clear()
        self.cycle = None  # type: ignore[assignment]

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        """Remember which request is being answered, and start a task for it where one is needed."""
        self._answering = cycle
        start: Callable[[Any], None] = partial(super()._start_asgi_task, cycle)
        if isinstance(app, Answering):
            app.answer(cycle.scope, start)
        else:
            start(app)

    def _send_whole(self, status: int, headers: bytes, body: bytes) -> bool:
        """Do what uvicorn does for the messages of an answer, where nothing is in the way: in one system call."""
        cycle = self._answering
        if cycle is None or cycle.response_started or cycle.disconnected or not cycle.keep_alive or self.flow.write_paused:
            return False
        cycle.response_started = cycle.response_complete = True
        self.transport.writelines([STATUS_LINE[status], *[b"%s: %s\r\n" % one for one in cycle.default_headers], headers, body])
        cycle.message_event.set()
        cycle.on_response()
        cycle.on_response = _nothing  # as at the end of a task: or the connection would keep itself
        return True

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no HTTP."""
        self._refuse(NotHttp(msg))

    def _refuse_the_endless(self) -> None:
        longest = f"At most {LONGEST_HEAD} bytes are read."
        self._refuse(AddressTooLong(longest) if len(self.url) > LONGEST_HEAD // 2 else HeadersTooLong(longest))

    def _refuse(self, error: ExerciseLibraryError) -> None:
        """Answer in the application's place where nothing was answered yet, and hang up."""
        if self.transport.is_closing():
            return
        refused = None if self._in_head else self.cycle
        if refused is not self._unanswered or (refused is not None and refused.response_started):
            self._drop()
            return
        answer = problem(Request({"type": "http", "path": "/", "headers": []}), error)
        headers = written([*answer.raw_headers, *EVERYWHERE, (b"connection", b"close")])
        self.transport.writelines([STATUS_LINE[answer.status_code], headers, answer.body])
        self._tell_who_answers()
        self.transport.close()

    def _drop(self) -> None:
        """End the connection at once, whatever is still to be read of it; nothing more is written."""
        self._tell_who_answers()
        self.transport.abort()

    def _tell_who_answers(self) -> None:
        # Of requests sent in one go uvicorn knows the last alone, which needn't be the one that is being answered.
        unanswered = self._unanswered
        if unanswered is not None:
            unanswered.disconnected = True
            unanswered.message_event.set()

    @property
    def _unanswered(self) -> RequestResponseCycle | None:
        """The request that is being answered, if one is."""
        return None if self._answering is None or self._answering.response_complete else self._answering

    def _wait(self) -> None:
        self._waiting = self.loop.call_later(SECONDS_FOR_HEADERS, self._hang_up)

    def _stop(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    def _stop_unread(self) -> None:
        if self._unread is not None:
            self._unread.cancel()
            self._unread = None

    def _hang_up(self) -> None:
        self._waiting = None
        transport: Any = self.transport
        if not transport.is_closing():
            transport.close()
