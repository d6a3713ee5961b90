"""The database: how it is reached, and what a reading and a writing transaction are on each engine."""

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import psycopg
import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError
from sqlmodel import Session

from api.errors import InvalidValue, Unavailable
from api.store.freshness import Freshness, PostgreSQLFreshness, SQLiteFreshness

logger = logging.getLogger("exercise-library")
SECONDS_TO_WAIT_FOR_A_LOCK = 30
# What an error shows must not be what somebody asked or wrote.
_POOL: dict[str, Any] = {"max_overflow": 0, "pool_timeout": 10, "hide_parameters": True}
_STEPS_BETWEEN_LOOKS = 20_000
_BEGUN = "statement begun"


class Database:
    """One database, SQLite or PostgreSQL, and its connections.

    A reading transaction sees one state of the library from its first statement to its last. A writing one is alone from its
    first statement on: SQLite's single writer queues, and on PostgreSQL writers queue at the library's row.
    """

    def __init__(self, url: str, connections: int = 20, statement_seconds: int = 10) -> None:
        """Prepare to connect; `url` is `sqlite:///file` or anything that libpq takes."""
        self.is_postgresql = url.startswith(("postgresql:", "postgres:"))
        self._statement_seconds = statement_seconds
        pooled = max(1, connections - 1)  # one is for `freshness`
        conninfo = _conninfo(url) if self.is_postgresql else ""
        self._engine = _postgresql(conninfo, pooled, statement_seconds) if self.is_postgresql else _sqlite(url, pooled)
        snapshot = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True} if self.is_postgresql else {}
        self._reading = self._engine.execution_options(**snapshot)
        self._writing = self._engine.execution_options(writes=True)
        self.freshness: Freshness = PostgreSQLFreshness(conninfo) if self.is_postgresql else SQLiteFreshness(str(self._engine.url.database))

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """Open a transaction that reads one consistent state, each statement for a limited time."""
        with _saying_what_is_wrong(), self._reading.connect() as connection, self._limited(connection):
            yield connection

    @contextmanager
    def _limited(self, connection: sa.Connection) -> Iterator[None]:
        """Limit how long a statement takes on SQLite, which has to be asked now and then; PostgreSQL counts for itself."""
        if self.is_postgresql:
            yield
            return
        begun = connection.info
        begun[_BEGUN] = monotonic()
        raw = connection.connection.driver_connection
        assert isinstance(raw, sqlite3.Connection)  # noqa: S101  (for the type checker)
        raw.set_progress_handler(lambda: monotonic() > begun[_BEGUN] + self._statement_seconds, _STEPS_BETWEEN_LOOKS)
        try:
            yield
        finally:
            raw.set_progress_handler(None, 0)

    @property
    def connections_in_use(self) -> int:
        """How many connections are lent out."""
        pool = self._engine.pool
        return pool.checkedout() if isinstance(pool, sa.QueuePool) else 0

    @property
    def connections_limit(self) -> int:
        """How many can be lent out."""
        pool = self._engine.pool
        return pool.size() if isinstance(pool, sa.QueuePool) else 0

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Open a transaction that commits when the block ends well, and leaves no trace otherwise."""
        with _saying_what_is_wrong(), Session(self._writing) as session, session.begin():
            if self.is_postgresql:
                # An import or a migration may take as long as it takes.
                session.connection().exec_driver_sql("SET LOCAL statement_timeout = 0")
            yield session

    def close(self) -> None:
        """Close every connection."""
        self.freshness.close()
        self._engine.dispose()


@contextmanager
def _saying_what_is_wrong() -> Iterator[None]:
    """Say what the database can't do, in words that show no statement and no file."""
    try:
        yield
    except sa.exc.TimeoutError:
        raise Unavailable("Too many questions at once: no database connection was free. Try again in a moment.") from None
    except psycopg.OperationalError as error:
        raise _unavailable(str(error)) from error
    except sa.exc.DatabaseError as error:
        if type(error) not in _NOT_THE_CALLERS:
            raise
        raise _unavailable(str(error.orig)) from error


def _unavailable(said: str) -> Unavailable:
    # Whoever runs this has to know what the engine said; who asks gets its meaning.
    logger.info("database", extra={"said": said.partition("\n")[0]})
    return Unavailable(_meaning(said))


# Errors of the database and not of what was asked of it.
_NOT_THE_CALLERS = {
    sa.exc.DatabaseError,
    sa.exc.OperationalError,
    sa.exc.InternalError,
    sa.exc.ProgrammingError,
    sa.exc.NotSupportedError,  # a standby that is asked to write
}
# What an engine says, and what that means for whoever asked; the first that fits counts.
_MEANINGS = {
    "no such table": "The database has no library yet, or an older one; run 'exercise-library migrate'.",
    "does not exist": "The database has no library yet, or an older one; run 'exercise-library migrate'.",
    "permission denied": "The database's role may not do this; grant it what the README lists.",
    "read-write mode during recovery": "The database can't be written: it is read-only.",
    "readonly": "The database can't be written: it is read-only.",
    "read-only": "The database can't be written: it is read-only.",
    "disk is full": "The disk of the database is full; nothing was changed.",
    "no space left": "The disk of the database is full; nothing was changed.",
    "locked": "The database is busy with another writer. Try again in a moment.",
    "interrupted": "The question took too long and was given up.",
    "statement timeout": "The question took too long and was given up.",
    "malformed": "The database file is damaged; restore it from a backup.",
    "not a database": "The database file is not one of SQLite's; restore it from a backup.",
    "disk i/o error": "The disk of the database can't be read or written.",
    "unable to open": "The database can't be opened.",
}


def _meaning(said: str) -> str:
    found = (meaning for words, meaning in _MEANINGS.items() if words in said.lower())
    return next(found, "The database doesn't answer. Try again in a moment.")


_UNLESS_THE_URL_SAYS_OTHERWISE = {
    "application_name": "exercise-library",
    "connect_timeout": "5",
    # A host that went without a word, as in a power cut, is given up in seconds; the system's own patience is hours.
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "25000",
}


def _conninfo(url: str) -> str:
    # libpq parses the address itself: several hosts, sockets and services are its business.
    try:
        given = psycopg.conninfo.conninfo_to_dict(url)
    except psycopg.ProgrammingError as error:
        said = str(error).replace(url, "…").strip()  # libpq quotes it, and with it the password
        message = f"the database URL is not one that PostgreSQL's library understands: {said}"
        raise InvalidValue(message) from None
    # Of several hosts one is the primary, which alone takes writes and has seen the last of them.
    one_of_several = {"target_session_attrs": "read-write"} if "," in f"{given.get('host')}{given.get('hostaddr')}" else {}
    return psycopg.conninfo.make_conninfo("", **(_UNLESS_THE_URL_SAYS_OTHERWISE | one_of_several | given))


def _postgresql(conninfo: str, connections: int, statement_seconds: int) -> sa.Engine:
    def connect() -> psycopg.Connection:
        connection = psycopg.connect(conninfo)
        connection.execute(f"SET statement_timeout = '{statement_seconds}s'".encode())
        connection.commit()
        return connection

    return sa.create_engine("postgresql+psycopg://", creator=connect, pool_size=connections, pool_use_lifo=True, **_POOL)


def _sqlite(url: str, connections: int) -> sa.Engine:
    try:
        parsed = sa.make_url(url)
    except ArgumentError:
        parsed = None
    if parsed is None or parsed.drivername != "sqlite" or not parsed.database or parsed.database == ":memory:":
        message = "the database URL must be 'sqlite:///FILE' or 'postgresql://…'"
        raise InvalidValue(message)
    Path(parsed.database).absolute().parent.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(
        parsed, pool_size=connections, connect_args={"timeout": SECONDS_TO_WAIT_FOR_A_LOCK, "check_same_thread": False}, **_POOL
    )
    sa.event.listen(engine, "connect", _configure)
    sa.event.listen(engine, "begin", _begin)
    sa.event.listen(engine, "before_cursor_execute", _note_the_time)
    return engine


def _configure(connection: sa.engine.interfaces.DBAPIConnection, _: object) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves, see `_begin`
    _write_ahead(connection)
    for pragma in ("foreign_keys = ON", "synchronous = FULL", "cache_size = -20000"):
        connection.cursor().execute(f"PRAGMA {pragma}")


def _write_ahead(connection: sa.engine.interfaces.DBAPIConnection) -> None:
    """Have the file's readers and its writer out of each other's way; whoever opens a new file first decides it for all."""
    patience = monotonic() + SECONDS_TO_WAIT_FOR_A_LOCK
    while True:
        try:
            connection.cursor().execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            # Two that open a new file together would wait for each other, so SQLite has one of them try again, at once.
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or monotonic() > patience:
                raise
            sleep(0.01)
        else:
            return


def _note_the_time(connection: sa.Connection, *_: object) -> None:
    """A long transaction of short statements, such as an export, may take as long as it takes."""
    connection.info[_BEGUN] = monotonic()


def _begin(connection: sa.Connection) -> None:
    # A writer asks for the lock at once: a reader that turned writer halfway could not wait for its turn.
    if connection.get_execution_options().get("writes", False):
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        # Nothing can be in the way of this one, and it opens every answer: the detour by SQLAlchemy costs more than some statements.
        connection.connection.cursor().execute("BEGIN")
