"""A server's patience: who takes too long to ask or to listen, or never ends, is hung up on; what is no HTTP is refused like all else."""

import asyncio
from http import HTTPStatus
from typing import Any

from starlette.requests import Request
from uvicorn._types import ASGI3Application
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from api.errors import ExerciseLibraryError
from api.web.body import LARGEST_BODY
from api.web.edge import EVERYWHERE
from api.web.problems import AddressTooLong, HeadersTooLong, NotHttp, problem

SECONDS_FOR_HEADERS = 10
SECONDS_FOR_READING = 30
"""How long a reader may take over what is waiting for it; an answer that is streamed keeps a database connection."""
MUCH = 64 * 1024
LONGEST_HEAD = 512 * 1024
"""Of address and headers that don't end; those that do are refused by the edge, which allows far less."""
LONGEST_MESSAGE = 8 * LARGEST_BODY
"""Of what arrives for one request, chunks of a byte and whatever else is no content included."""


class _InOneGo:
    """A transport that hands over together what is written in one turn of the event loop: a packet and a system call for a whole answer."""

    __slots__ = ("_bytes", "_loop", "_transport", "_written")

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._written: list[bytes] = []
        self._bytes = 0

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  (whatever else a transport has)
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Write at the end of this turn; at once where much waits, so that who writes on and on is told to stop."""
        if not self._written:
            self._loop.call_soon(self._hand_over)
        self._written.append(data)
        self._bytes += len(data)
        if self._bytes > MUCH:
            self._hand_over()

    def close(self) -> None:
        """Hang up when all is written."""
        self._hand_over()
        self._transport.close()

    def abort(self) -> None:
        """Hang up at once."""
        self._written.clear()
        self._transport.abort()

    def _hand_over(self) -> None:
        if self._written:
            self._transport.writelines(self._written)
            self._written, self._bytes = [], 0


class PatientProtocol(HttpToolsProtocol):
    """uvicorn's HTTP protocol, with limits on how long a request may be and take, and how long its answer may wait to be read."""

    _waiting: asyncio.TimerHandle | None = None
    _unread: asyncio.TimerHandle | None = None
    _answering: RequestResponseCycle | None = None
    _in_head = True
    _received = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first request."""
        super().connection_made(_InOneGo(transport, self.loop))  # type: ignore[arg-type]
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

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        """Remember which request is being answered."""
        self._answering = cycle
        super()._start_asgi_task(cycle, app)

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
        is_asked = self._answering is not None and not self._answering.response_complete
        if is_asked is self._in_head or (self._answering is not None and is_asked and self._answering.response_started):
            self._drop()
            return
        answer = problem(Request({"type": "http", "path": "/", "headers": []}), error)
        status = HTTPStatus(answer.status_code)
        headers = [*answer.raw_headers, *EVERYWHERE, (b"connection", b"close")]
        head = b"".join(b"%s: %s\r\n" % one for one in headers)
        self.transport.write(b"HTTP/1.1 %d %s\r\n%s\r\n%s" % (status, status.phrase.encode(), head, answer.body))
        self.transport.close()

    def _drop(self) -> None:
        """End the connection at once, whatever is still to be read of it; nothing more is written."""
        self._tell_who_answers()
        self.transport.abort()

    def _tell_who_answers(self) -> None:
        # Of requests sent in one go uvicorn knows the last alone, which needn't be the one that is being answered.
        if self._answering is not None and not self._answering.response_complete:
            self._answering.disconnected = True
            self._answering.message_event.set()

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
