"""PostgreSQL: how it is reached, and how to learn that somebody committed."""

import asyncio
from collections.abc import Mapping
from json import dumps
from typing import Any

import psycopg
import sqlalchemy as sa
from psycopg import pq

from api.errors import InvalidValue, Unavailable
from api.store.freshness import Listener, State, tell_all

SECONDS_TO_ANSWER = 1.0
"""After this time without an answer nobody waits any longer for the state."""
SECONDS_TO_CONNECT = 60.0
"""After this time without a connection another is tried; nobody waits for it, and one dead host of several takes its time."""
SECONDS_TO_RECONNECT = 1.0
"""How long a database that can't be reached is left alone."""
LOST = psycopg.OperationalError
"""What the driver says by itself, where SQLAlchemy doesn't come between."""
ENOUGH = 8
"""When so many wait for PostgreSQL's state, it is asked without waiting for more."""

_UNLESS_THE_URL_SAYS_OTHERWISE = {
    "application_name": "exercise-library",
    "connect_timeout": "5",
    # A host that went without a word, as in a power cut, is given up in seconds; the system's own patience is hours.
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "25000",
}
_WHATEVER_THE_URL_SAYS = {"client_encoding": "UTF8"}
SESSION = {
    # What is written and read has to mean the same everywhere.
    "search_path": '"$user", public',
    "TimeZone": "UTC",
    "DateStyle": "ISO, MDY",
    "IntervalStyle": "postgres",
    "bytea_output": "hex",
    "extra_float_digits": "1",
    "standard_conforming_strings": "on",
    "transform_null_equals": "off",
    "gin_fuzzy_search_limit": "0",
    # What is asked at once is answered from one state. Who writes says otherwise: writers queue at one row, and find there what the
    # one before committed.
    "default_transaction_isolation": "repeatable read",
    "default_transaction_read_only": "off",
    "default_transaction_deferrable": "off",
    # An import thinks between its statements, and the connection that watches is idle where nobody asks.
    "idle_in_transaction_session_timeout": "0",
    "idle_session_timeout": "0",
    "transaction_timeout": "0",
    # No question reads further than a page, so a second process would take longer to start than to help.
    "max_parallel_workers_per_gather": "0",
}
"""What this program relies on, whatever the environment, the role or the database says.

A server that doesn't know one of them has no need of it.
"""


def conninfo(url: str) -> str:
    """Complete an address."""
    # libpq parses the address itself: several hosts, sockets and services are its business.
    try:
        given = psycopg.conninfo.conninfo_to_dict(url)
    except psycopg.ProgrammingError as error:
        said = str(error).replace(url, "…").strip()  # libpq quotes it, and with it the password
        message = f"the database URL is not one that PostgreSQL's library understands: {said}"
        raise InvalidValue(message) from None
    # Of several hosts one is the primary, which alone takes writes and has seen the last of them. Not "read-write": a role whose
    # transactions are read-only by default would find none.
    one_of_several = {"target_session_attrs": "primary"} if "," in f"{given.get('host')}{given.get('hostaddr')}" else {}
    return psycopg.conninfo.make_conninfo("", **(_UNLESS_THE_URL_SAYS_OTHERWISE | one_of_several | given | _WHATEVER_THE_URL_SAYS))


_SET = b"SELECT set_config(name, %s::jsonb ->> name, false) FROM pg_settings WHERE %s::jsonb ? name"


def _settings(conninfo: str, more: Mapping[str, str]) -> tuple[str, str]:
    """Give the parameters of `_SET`: a search path in the URL itself was meant."""
    wanted = SESSION | dict(more)
    if "search_path" in str(psycopg.conninfo.conninfo_to_dict(conninfo).get("options")):
        del wanted["search_path"]
    return dumps(wanted), dumps(wanted)


def _refuse_other_encodings(info: psycopg.ConnectionInfo) -> None:
    """Refuse a database that can't hold every character, or doesn't know what its bytes mean."""
    encoding = info.parameter_status("server_encoding")
    if encoding != "UTF8":
        raise Unavailable(f"The database's encoding is {encoding}; make one with ENCODING 'UTF8' TEMPLATE template0.")


def engine(conninfo: str, connections: int, statement_seconds: int, lock_seconds: float, options: dict[str, Any]) -> sa.Engine:
    """Prepare to connect; a statement may take so many seconds, of which it may wait so many for another's lock."""
    settings = _settings(conninfo, {"statement_timeout": f"{statement_seconds}s", "lock_timeout": f"{int(lock_seconds * 1000)}ms"})

    def connect() -> psycopg.Connection:
        connection = psycopg.connect(conninfo, autocommit=True)
        try:
            _refuse_other_encodings(connection.info)
            connection.execute(_SET, settings)
            connection.autocommit = False
        except BaseException:
            connection.close()
            raise
        return connection

    # Connections are reset by `_reset` below.
    options = options | {"pool_size": connections, "pool_use_lifo": True, "pool_reset_on_return": None}
    options["use_native_hstore"] = False  # no column is one, and each engine would ask for it first
    made = sa.create_engine("postgresql+psycopg://", creator=connect, **options)
    sa.event.listen(made, "reset", _reset)
    return made


def _reset(connection: psycopg.Connection, record: sa.pool.ConnectionPoolEntry, state: sa.PoolResetState) -> None:
    """End what a lent connection still has open; one that was lost since it was last asked is given up without a word."""
    if not state.transaction_was_reset:
        try:
            connection.rollback()
        except LOST as error:
            record.invalidate(error)


class PostgreSQLFreshness:
    """PostgreSQL is asked by one small SELECT for everybody who waits for it to begin.

    A SELECT for each request would cost more than the answers; being told by NOTIFY would come a moment too late.

    Which connection it was belongs to the state: a standby that was promoted without the last commits gives their numbers to others.
    A standby has no state to tell: behind one address there can be several, and the one that answers may be behind the one that told.
    """

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
        self._waiting: list[Listener] = []
        self._asking: list[Listener] = []
        self._answer: State | None = None
        self._limit: asyncio.TimerHandle | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def tell(self, listener: Listener) -> None:
        """Tell the answer to a SELECT that begins after this was called."""
        loop = asyncio.get_running_loop()
        if self._connection is None:
            self._connect()
            loop.call_soon(listener, None)
            return
        if not self._waiting and not self._asking:
            loop.call_soon(self._gather, 0)
        self._waiting.append(listener)

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
                _refuse_other_encodings(connection.info)
                await connection.execute(_SET, _settings(self._conninfo, {}))
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
        if self._waiting:
            asyncio.get_running_loop().call_soon(self._gather, 0)
        tell_all(told, state)

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
