"""HTTP/1.1 on a connection: framing is kept, answers come in order, nobody waits or is waited for without end.

`api/web/serving/__init__.py` says what of uvicorn this touches, and why.
"""

import asyncio
from collections import deque
from functools import partial
from typing import TYPE_CHECKING, Any, cast

import httptools
from uvicorn._types import ASGI3Application
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle

from api.errors import ExerciseLibraryError
from api.web.body import LARGEST_BODY
from api.web.problems import HeadersTooLong, MalformedRequest, NotSupported, UriTooLong
from api.web.serving import framing
from api.web.serving.hooks import HOOKS, STATE, refuse_another_uvicorn
from api.web.serving.messages import WHOLE, Answering, Refusal, default_headers, written
from api.web.serving.patience import Flow, PatientConnection

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import Scope

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

refuse_another_uvicorn(HOOKS, STATE)


def _nothing() -> None:
    pass


class PatientProtocol(PatientConnection):
    """uvicorn's HTTP protocol, with HTTP's own framing, and limits on what a request and its answer may take."""

    flow: Flow
    _in_head = False
    _in_body = False
    _begins_again = False
    """Whether the head that was read offers an upgrade, and is read again without."""
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
        self.flow = Flow(transport)
        self._extensions: Any = {WHOLE: self._send_whole}
        self._answerer = self.app if isinstance(self.app, Answering) else None
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Read on; wait for the rest of a request that has begun, though most arrive at once, and need no clock."""
        if self._is_deaf:
            return
        self._unset_keepalive_if_required()
        if self._unparsed:
            self._unparsed += data
            return
        if len(data) <= PIECE:
            self._feed(data)
        else:
            self._feed_in_pieces(data)
        if self._unparsed or len(self.pipeline) >= LONGEST_QUEUE:
            self.flow.held = True
            self.flow.pause_reading()
        if self._waiting is None and (self.cycle is None or self.cycle.response_complete):
            self._wait()

    def eof_received(self) -> bool:  # type: ignore[override]
        """Answer what was asked before the other side stopped talking; it may still be listening."""
        self._has_ended = True
        return bool(self._unparsed) or self._is_answered_to_the_end()

    def _is_answered_to_the_end(self) -> bool:
        """Say whether answers are still to come; the last of them ends the connection."""
        if self._in_body and not self._is_deaf:
            self._refuse(MalformedRequest("The body broke off before it was whole."))
        if self._is_deaf:
            return self._unanswered is not None
        if self.cycle is None or self.cycle.response_complete:
            self.transport.close()
            return False
        self.cycle.keep_alive = False
        return True

    def _feed_in_pieces(self, data: bytes) -> None:
        """Parse as long as few requests wait, and keep the rest for later."""
        at = 0
        while at < len(data) and len(self.pipeline) < LONGEST_QUEUE and not self._is_deaf:
            self._feed(data[at : at + PIECE])
            at += PIECE
        self._unparsed = b"" if self._is_deaf else data[at:]

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
            self._refuse(self._fault or MalformedRequest(f"This is not a request of HTTP/1.1: {error}."))
        else:
            if self._in_head or self._in_body:
                self._count(data)

    def _count(self, data: bytes) -> None:
        """Refuse a request that has begun and doesn't end."""
        self._received += len(data)
        self._begun = self._begun + data if self._in_head and not self.url else b""
        if self._received > (LONGEST_HEAD if self._in_head else LONGEST_MESSAGE):
            self._refuse_the_endless()

    def _begin_again(self, rest: bytes) -> None:
        """Read a head again without the upgrade that it offers: the parser takes what follows for another protocol's."""
        line = b"%s %s HTTP/%s\r\n" % (self.parser.get_method(), self.url, self.parser.get_http_version().encode())
        head = line + written(header for header in self.headers if header[0] != b"upgrade")
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
        self._in_head, self._received, self._begun, self._begins_again = True, 0, b"", False
        super().on_message_begin()
        self.scope["extensions"] = self._extensions

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header; a trailer, after the body, is ignored."""
        if self._in_head:
            name = name.lower()
            if name == b"expect":
                self.expect_100_continue = value.lower() == b"100-continue"
            self.headers.append((name, value.rstrip(b" \t")))

    def on_headers_complete(self) -> None:
        """Stop waiting: the request is here. Refuse it where it isn't HTTP."""
        http_version = self.parser.get_http_version()
        if self.parser.should_upgrade():
            self._begins_again = self.parser.get_method() != b"CONNECT"
            if self._begins_again:
                return
        if self.expect_100_continue and http_version == "1.0":
            self.expect_100_continue = False
        is_path = self.url.startswith(b"/") and b"#" not in self.url and self.parser.get_method() != b"CONNECT"
        self._fault = framing.fault(http_version, self.headers) or (None if is_path else self._fault_of_target())
        if self._fault is not None:
            raise self._fault
        self._in_head, self._in_body = False, True
        if self._waiting is not None:
            self._stop()
        super().on_headers_complete()

    def _fault_of_target(self) -> ExerciseLibraryError | None:
        """Take the path, and the host, which counts for more than the header's, out of the request line."""
        if self.parser.get_method() == b"CONNECT":
            return NotSupported("This service is no proxy.")
        target = framing.target(self.url)
        if target is None:
            return MalformedRequest("The target of a request is a path, or an http address without a user or a fragment.")
        self.url = target.path
        if target.host is not None:
            self.headers[:] = [(b"host", target.host), *(header for header in self.headers if header[0] != b"host")]
        return None

    def on_message_complete(self) -> None:
        """Remember that nothing of it is missing."""
        if self._begins_again:
            return
        self._in_body = False
        super().on_message_complete()

    def _should_upgrade(self) -> bool:
        return False

    # --- what is answered

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        """Remember which request is being answered, and start a task for it where one is needed."""
        self._answering = cycle
        start: Callable[[Any], None] = partial(super()._start_asgi_task, cycle)
        if self._answerer is not None and app is self.app:
            self._answerer.answer(cast("Scope", cycle.scope), start)
        elif isinstance(app, Refusal):
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
        self.transport.writelines([STATUS_LINE[status], default_headers(cycle.default_headers), headers, body])
        cycle.message_event.set()
        cycle.on_response()
        cycle.on_response = _nothing  # as at the end of a task: or the connection would keep itself
        return True

    # --- what is refused

    def _refuse_the_endless(self) -> None:
        longest = f"At most {LONGEST_HEAD} bytes are read."
        self._refuse(UriTooLong(longest) if len(self.url) > LONGEST_HEAD // 2 else HeadersTooLong(longest))

    def _refuse(self, error: ExerciseLibraryError) -> None:
        """Answer in the application's place, after what was asked before, and hang up."""
        self._is_deaf = True
        if self.transport.is_closing():
            return
        refusal = Refusal(error)
        if not self._in_body:
            if not self._in_head:
                self.on_message_begin()
            # uvicorn makes a request of what there is, and puts it behind those that wait.
            self.url, self.app, self._answerer = b"/", refusal, None
            super().on_headers_complete()
        elif self.pipeline and self.pipeline[0][0] is self.cycle:
            self.pipeline[0] = self.cycle, refusal
        elif self.cycle.response_complete:
            self.transport.close()
        elif self.cycle.response_started:
            self._drop()
        else:
            self._say_last(refusal)

    def _say_last(self, refusal: Refusal) -> None:
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

    def connection_lost(self, exc: Exception | None) -> None:
        """Let go of everything, or the connection would keep itself, and all that was sent through it."""
        super().connection_lost(exc)
        self._extensions.clear()
        self.pipeline.clear()
        self.cycle = None  # type: ignore[assignment]
