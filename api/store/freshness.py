"""Whether anything was committed since: the state of the library, read anew for every question.

A state means nothing but itself: as long as it is the same, nothing was committed. A reader that learns it *before* it asks the
library may keep the answer together with it; a commit in between costs it an answer that is never used, not a stale one.
"""

import asyncio
import sqlite3
from collections.abc import Hashable
from pathlib import Path
from typing import Protocol
from urllib.parse import quote

import psycopg
from psycopg import pq

State = Hashable

SECONDS_TO_ANSWER = 1.0
"""After this time without an answer nobody waits any longer for the state."""
SECONDS_TO_CONNECT = 60.0
"""After this time without a connection another is tried; nobody waits for it, and one dead host of several takes its time."""
SECONDS_TO_RECONNECT = 1.0
"""How long a database that can't be reached is left alone."""
ENOUGH = 8
"""When so many wait for PostgreSQL's state, it is asked without waiting for more."""


class Freshness(Protocol):
    """Tells the state of the library."""

    just_read: State | None
    """A state read after every request that is being answered in this turn of the event loop had arrived."""

    async def state(self) -> State | None:
        """Give a state read after this was called; None where it can't be read now."""

    def close(self) -> None:
        """Close what it watches through."""


class SQLiteFreshness:
    """SQLite counts the commits of all other connections itself, so this one must never write."""

    def __init__(self, file: str) -> None:
        """Watch a file."""
        self.just_read: State | None = None
        self._address = f"file:{quote(str(Path(file).absolute()))}?mode=rw"
        self._cursor: sqlite3.Cursor | None = None
        self._opened = 0

    async def state(self) -> State | None:
        """Read the counter; it counts from anew with each connection, so which connection it was belongs to the state."""
        try:
            cursor = self._cursor or self._open()
            # Fetching the only row ends the reading transaction, which would hold back the checkpoint.
            self.just_read = self._opened, cursor.execute("PRAGMA data_version").fetchone()[0]
        except sqlite3.Error:
            self.close()
            return None
        # The loop's queue is first in, first out: who runs before this is forgotten stood in it already when it was read.
        asyncio.get_running_loop().call_soon(self._forget)
        return self.just_read

    def _open(self) -> sqlite3.Cursor:
        # It answers requests in the event loop, so it doesn't wait for anybody's lock.
        connection = sqlite3.connect(self._address, uri=True, isolation_level=None, timeout=0, check_same_thread=False)
        connection.execute("PRAGMA query_only = ON")
        self._cursor = connection.cursor()
        self._opened += 1
        return self._cursor

    def _forget(self) -> None:
        self.just_read = None

    def close(self) -> None:
        """Close the connection."""
        self.just_read = None
        if self._cursor is not None:
            self._cursor.connection.close()
        self._cursor = None


class PostgreSQLFreshness:
    """PostgreSQL is asked by one small SELECT for everybody who waits for it to begin.

    A SELECT for each request would cost more than the answers; being told by NOTIFY would come a moment too late.

    Which connection it was belongs to the state: a standby that was promoted without the last commits gives their numbers to others.
    A standby has no state to tell: behind one address there can be several, and the one that answers may be behind the one that told.
    """

    just_read: State | None = None
    _NAME = b"library_state"
    _PREPARE = b"PREPARE library_state AS SELECT library_id, revision, pg_is_in_recovery() FROM library WHERE id = 1"

    def __init__(self, conninfo: str) -> None:
        """Watch a database."""
        self._conninfo = conninfo
        self._opened = 0
        self._connection: psycopg.AsyncConnection | None = None
        self._socket = -1
        self._connecting: asyncio.Task[None] | None = None
        self._not_before = 0.0
        self._waiting: list[asyncio.Future[State | None]] = []
        self._asking: list[asyncio.Future[State | None]] = []
        self._answer: State | None = None
        self._limit: asyncio.TimerHandle | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    async def state(self) -> State | None:
        """Wait for the answer to a SELECT that began after this was called."""
        if self._connection is None:
            self._connect()
            return None
        loop = asyncio.get_running_loop()
        future: asyncio.Future[State | None] = loop.create_future()
        if not self._waiting and not self._asking:
            loop.call_soon(self._gather, 0)
        self._waiting.append(future)
        return await future

    def _gather(self, before: int) -> None:
        """Ask when a turn of the loop has brought nobody else, or when enough are waiting: one SELECT does for all of them."""
        if before < len(self._waiting) < ENOUGH:
            asyncio.get_running_loop().call_soon(self._gather, len(self._waiting))
        else:
            self._ask()

    def _connect(self) -> None:
        loop = asyncio.get_running_loop()
        if self._connecting is None and loop.time() >= self._not_before:
            self._not_before = loop.time() + SECONDS_TO_RECONNECT
            self._connecting = loop.create_task(self._connected())
            self._connecting.add_done_callback(self._tried)

    async def _connected(self) -> None:
        async with asyncio.timeout(SECONDS_TO_CONNECT):
            connection = await psycopg.AsyncConnection.connect(self._conninfo, autocommit=True)
            try:
                await connection.execute(self._PREPARE)
            except BaseException:
                await connection.close()
                raise
        self._loop = asyncio.get_running_loop()
        # A connection that is lost no longer tells its socket, which has to be let go all the same.
        self._socket = connection.pgconn.socket
        self._loop.add_reader(self._socket, self._heard)
        self._opened += 1
        self._connection = connection

    def _tried(self, task: asyncio.Task[None]) -> None:
        self._connecting = None
        if not task.cancelled():
            task.exception()  # The requests say what is wrong with the database, through their own connections.

    def _ask(self) -> None:
        if self._connection is None or self._asking or not self._waiting:
            return
        self._asking, self._waiting = self._waiting, []
        self._limit = asyncio.get_running_loop().call_later(SECONDS_TO_ANSWER, self.close)
        try:
            self._connection.pgconn.send_query_prepared(self._NAME, None)
            self._connection.pgconn.flush()
        except psycopg.Error:
            self.close()

    def _heard(self) -> None:
        if self._connection is None:
            return
        try:
            complete = self._read(self._connection.pgconn)
        except psycopg.Error:
            self.close()
            return
        if complete:
            self._tell()

    def _read(self, connection: pq.abc.PGconn) -> bool:
        """Read what has arrived of an answer; say whether that was all of it."""
        connection.consume_input()
        while not connection.is_busy():
            result = connection.get_result()
            if result is None:
                return True
            if result.status != pq.ExecStatus.TUPLES_OK or result.ntuples != 1:
                raise psycopg.DataError("The library's row could not be read.")
            library_id, revision, is_standby = (result.get_value(0, column) for column in range(3))
            self._answer = None if is_standby == b"t" else (self._opened, library_id, revision)
        return False

    def _tell(self) -> None:
        told, self._asking = self._asking, []
        state, self._answer = self._answer, None
        if self._limit is not None:
            self._limit.cancel()
        for future in told:
            if not future.done():
                future.set_result(state)
        if self._waiting:
            asyncio.get_running_loop().call_soon(self._gather, 0)

    def close(self) -> None:
        """Close the connection; who waits learns nothing. The next question opens another."""
        connection, self._connection = self._connection, None
        if self._connecting is not None:
            self._connecting.cancel()
        if connection is not None:
            if self._loop is not None and not self._loop.is_closed():
                self._loop.remove_reader(self._socket)
            connection.pgconn.finish()
        self._asking, self._waiting, self._answer = self._asking + self._waiting, [], None
        self._tell()
