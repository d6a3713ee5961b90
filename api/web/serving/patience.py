"""Patience of a connection: it hangs up on callers who take too long to ask or to listen."""

import asyncio

from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

SECONDS_FOR_HEADERS = 10
SECONDS_FOR_READING = 30
"""How long a reader may take over what is waiting for it; an answer that is streamed keeps a database connection."""


class Flow(FlowControl):
    """Reads no further while it is held, whoever wants to read on."""

    held = False

    def resume_reading(self) -> None:
        """Read on, unless held."""
        if not self.held:
            super().resume_reading()


class PatientConnection(HttpToolsProtocol):
    """uvicorn's HTTP protocol, with limits on how long a request may take to arrive, and how long its answer may wait to be read."""

    _waiting: asyncio.TimerHandle | None = None
    _unread: asyncio.TimerHandle | None = None
    _answering: RequestResponseCycle | None = None

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
