"""HTTP/1.1 on a connection: framing is kept, nothing is told out of its order, nobody waits or is waited for without end.

`api/web/serving/__init__.py` says what of uvicorn this touches, and why.
"""

import asyncio
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from importlib.metadata import version
from typing import Any

import httptools
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Scope
from uvicorn._types import ASGI3Application
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from api.errors import ExerciseLibraryError
from api.web.body import LARGEST_BODY
from api.web.problems import AddressTooLong, HeadersTooLong, NotHttp, NotImplementedHere, problem
from api.web.serving import framing
from api.web.serving.edge import EVERYWHERE

SECONDS_FOR_HEADERS = 10
SECONDS_FOR_READING = 30
"""How long a reader may take over what is waiting for it; an answer that is streamed keeps a database connection."""
SECONDS_TO_LINGER = 2
"""How long a refused caller may go on sending: a connection closed at once would take the refusal back."""
LONGEST_HEAD = 512 * 1024
"""Of address and headers that don't end; those that do are refused by the edge, which allows far less."""
LONGEST_MESSAGE = 8 * LARGEST_BODY
"""Of what arrives for one request, chunks of a byte and whatever else is no content included."""
LONGEST_QUEUE = 32
"""So many requests may wait on one connection before no more is read from it."""
PIECE = 1024
"""How many bytes are parsed before the queue is looked at again."""

WHOLE = "exercise-library.whole"
"""The ASGI extension of this server: `WholeSend`, for answers whose headers were written before, by `written`."""
WholeSend = Callable[[int, bytes, bytes], bool]
"""Sends a status, headers and body together; gives False where this answer has to be sent message by message."""

_HOOKS = {
    HttpToolsProtocol: (
        "connection_made connection_lost data_received eof_received on_message_begin on_header on_headers_complete on_message_complete"
        " on_response_complete pause_writing resume_writing _start_asgi_task _should_upgrade _unset_keepalive_if_required"
    ),
    FlowControl: "pause_reading resume_reading",
}
_STATE = {
    HttpToolsProtocol: "app cycle expect_100_continue flow headers loop parser pipeline scope server_state transport",
    RequestResponseCycle: "default_headers disconnected keep_alive message_event on_response response_complete response_started scope",
    FlowControl: "read_paused write_paused",
}


def refuse_another_uvicorn(hooks: Mapping[type, str], state: Mapping[type, str]) -> None:
    """Raise ImportError where a method or an attribute is gone that this module overrides or reads."""
    gone = [f"{one.__name__}.{name}" for one, names in hooks.items() for name in names.split() if not hasattr(one, name)]
    for one, names in state.items():
        made = one.__dict__["__init__"].__code__.co_names
        gone += [f"{one.__name__}.{name}" for name in names.split() if name not in made]
    if gone:
        raise ImportError(f"uvicorn {version('uvicorn')} lacks {', '.join(gone)}: install a version that this package allows.")


refuse_another_uvicorn(_HOOKS, _STATE)


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


class _Flow(FlowControl):
    """Reads no further while it is held, whoever wants to read on."""

    held = False

    def resume_reading(self) -> None:
        if not self.held:
            super().resume_reading()


class _Refusal(Response):
    """The last answer on a connection, in the application's place."""

    def __init__(self, error: ExerciseLibraryError) -> None:
        told = problem(Request({"type": "http", "path": "/", "headers": []}), error)
        super().__init__(told.body, told.status_code)
        self.raw_headers = [*told.raw_headers, *EVERYWHERE, (b"connection", b"close")]


class PatientProtocol(HttpToolsProtocol):
    """uvicorn's HTTP protocol, with HTTP's own framing, and limits on what a request and its answer may take."""

    flow: _Flow
    _waiting: asyncio.TimerHandle | None = None
    _unread: asyncio.TimerHandle | None = None
    _answering: RequestResponseCycle | None = None
    _in_head = False
    _in_body = False
    _received = 0
    _begun = b""
    """What has arrived of a request line, where its method hasn't ended or isn't known."""
    _is_unknown = False
    _unparsed = b""
    _is_deaf = False
    _has_ended = False
    _fault: ExerciseLibraryError | None = None
    pipeline: deque[tuple[RequestResponseCycle, Any]]

    # --- what arrives

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self.flow = _Flow(transport)
        self._extensions: Any = {WHOLE: self._send_whole}
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Read on; wait for the rest of a request that has begun, though most arrive at once, and need no clock."""
        if self._is_deaf:
            return
        self._unset_keepalive_if_required()
        if self._unparsed:
            self._unparsed += data
            return
        self._parse(data)
        if self._waiting is None and (self.cycle is None or self.cycle.response_complete):
            self._wait()

    def eof_received(self) -> bool:  # type: ignore[override]
        """Answer what was asked before the other side stopped talking; it may still be listening."""
        self._has_ended = True
        return bool(self._unparsed) or self._is_answered_to_the_end()

    def _is_answered_to_the_end(self) -> bool:
        """Say whether answers are still to come; the last of them ends the connection."""
        if self._in_body:
            self._refuse(NotHttp("The body broke off before it was whole."))
        if self._is_deaf:
            return self._unanswered is not None
        if self.cycle is None or self.cycle.response_complete:
            self.transport.close()
            return False
        self.cycle.keep_alive = False
        return True

    def _parse(self, data: bytes) -> None:
        """Parse piece by piece, as long as few requests wait; keep the rest for later, and read nothing meanwhile."""
        if len(data) <= PIECE:
            self._feed(data)
            at = len(data)
        else:
            at = 0
            while at < len(data) and len(self.pipeline) < LONGEST_QUEUE and not self._is_deaf:
                self._feed(data[at : at + PIECE])
                at += PIECE
        self._unparsed = b"" if self._is_deaf else data[at:]
        if self._unparsed or len(self.pipeline) >= LONGEST_QUEUE:
            self.flow.held = True
            self.flow.pause_reading()

    def _feed(self, data: bytes) -> None:
        if self._is_unknown:
            self._look_at_unknown(data)
            return
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as offered:
            self._begin_again(data[offered.args[0] :])
        except httptools.HttpParserInvalidMethodError:
            self._look_at_unknown(data)
        except httptools.HttpParserError as error:
            self._refuse(self._fault or NotHttp(f"This is not a request of HTTP/1.1: {error}."))
        else:
            self._received += len(data)
            self._begun = self._begun + data if self._in_head and not self.url else b""
            if self._received > (LONGEST_HEAD if self._in_head else LONGEST_MESSAGE):
                self._refuse_the_endless()

    def _begin_again(self, rest: bytes) -> None:
        """Read a head again without the upgrade that it offers: the parser takes what follows for another protocol's."""
        line = b"%s %s HTTP/%s\r\n" % (self.parser.get_method(), self.url, self.parser.get_http_version().encode())
        head = line + written(one for one in self.headers if one[0] != b"upgrade")
        self.parser = httptools.HttpRequestParser(self)
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)
        self._feed(head)
        if rest and not self._is_deaf:
            self._feed(rest)

    def _look_at_unknown(self, data: bytes) -> None:
        """Refuse a method that the parser doesn't know, once it is clear whether it is one."""
        self._is_unknown = True
        self._begun += data
        error = framing.of_unknown_method(self._begun)
        if error is not None:
            self._refuse(error)

    # --- what the parser finds

    def on_message_begin(self) -> None:
        """Begin to count."""
        self._in_head, self._received = True, 0
        super().on_message_begin()
        self.scope["extensions"] = self._extensions

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header; what comes after the body is none, and counts for nothing."""
        if self._in_head:
            super().on_header(name, value.rstrip(b" \t"))

    def on_headers_complete(self) -> None:
        """Stop waiting: the request is here. Refuse it where it is no HTTP."""
        if self.parser.should_upgrade() and self.parser.get_method() != b"CONNECT":
            return  # it begins again
        self._fault = self._fault_of_head()
        if self._fault is not None:
            raise self._fault
        self._in_head, self._in_body = False, True
        self._stop()
        super().on_headers_complete()

    def _fault_of_head(self) -> ExerciseLibraryError | None:
        if self.parser.should_upgrade():
            return NotImplementedHere("This service is no proxy.")
        http_version = self.parser.get_http_version()
        target = framing.target(self.url)
        if target is None:
            return NotHttp("The target of a request is a path, or an http address without a user or a fragment.")
        if target.host is not None:
            self.url = target.path
            if fault := framing.fault(http_version, self.headers):
                return fault
            self.headers[:] = [(b"host", target.host), *(one for one in self.headers if one[0] != b"host")]
        if http_version == "1.0":
            self.expect_100_continue = False
        return framing.fault(http_version, self.headers)

    def on_message_complete(self) -> None:
        """Remember that nothing of it is missing."""
        if self.parser.should_upgrade():
            return  # it begins again
        self._in_body = False
        super().on_message_complete()

    def _should_upgrade(self) -> bool:
        return False

    # --- what is answered

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        """Remember which request is being answered, and start a task for it where one is needed."""
        self._answering = cycle
        start: Callable[[Any], None] = partial(super()._start_asgi_task, cycle)
        if isinstance(app, Answering):
            app.answer(cycle.scope, start)
        elif isinstance(app, _Refusal):
            self._say_last(app)
        else:
            start(app)

    def on_response_complete(self) -> None:
        """Begin with the next request, and parse what was left."""
        super().on_response_complete()
        if self.flow.held and len(self.pipeline) < LONGEST_QUEUE and not self.transport.is_closing():
            rest, self._unparsed, self.flow.held = self._unparsed, b"", False
            if rest:
                self.data_received(rest)
            if self._has_ended and not self._unparsed:
                self._is_answered_to_the_end()
            self.flow.resume_reading()

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

    # --- what is refused

    def _refuse_the_endless(self) -> None:
        longest = f"At most {LONGEST_HEAD} bytes are read."
        self._refuse(AddressTooLong(longest) if len(self.url) > LONGEST_HEAD // 2 else HeadersTooLong(longest))

    def _refuse(self, error: ExerciseLibraryError) -> None:
        """Answer in the application's place, after what was asked before, and hang up."""
        self._is_deaf = True
        if self.transport.is_closing():
            return
        refusal = _Refusal(error)
        if not self._in_body:
            if not self._in_head:
                self.on_message_begin()
            # uvicorn makes a request of what there is, and puts it behind those that wait.
            self.url, self.app = b"/", refusal
            super().on_headers_complete()
        elif self.pipeline and self.pipeline[0][0] is self.cycle:
            self.pipeline[0] = self.cycle, refusal
        elif self.cycle.response_complete:
            self.transport.close()
        elif self.cycle.response_started:
            self._drop()
        else:
            self._say_last(refusal)

    def _say_last(self, refusal: _Refusal) -> None:
        """Write a refusal at once; listen a little longer, to nothing."""
        self._tell_who_answers()
        self._answering = None
        default = self.server_state.default_headers
        self.transport.writelines([STATUS_LINE[refusal.status_code], written([*default, *refusal.raw_headers]), refusal.body])
        self._stop()
        if self._has_ended or not self.transport.can_write_eof():
            self.transport.close()
            return
        self.transport.write_eof()
        self._waiting = self.loop.call_later(SECONDS_TO_LINGER, self._drop)
        self.flow.held = False
        self.flow.resume_reading()

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

    # --- patience

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

    def _drop(self) -> None:
        """End the connection at once, whatever is still to be read of it; nothing more is written."""
        self._tell_who_answers()
        self.transport.abort()

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
        if not self.transport.is_closing():
            self.transport.close()
