"""The database: how it is reached, and what a reading and a writing transaction are on each engine."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError
from sqlmodel import Session

from api.errors import InvalidValue

SECONDS_TO_WAIT_FOR_A_LOCK = 30


class Database:
    """One database, SQLite or PostgreSQL, and its connections.

    A reading transaction sees one state of the library from its first statement to its last. A writing one is alone from its
    first statement on: SQLite's single writer queues, and on PostgreSQL writers queue at the library's row.
    """

    def __init__(self, url: str, connections: int = 20) -> None:
        """Prepare to connect; `url` is `sqlite:///file` or anything that libpq takes."""
        self.is_postgresql = url.startswith(("postgresql:", "postgres:"))
        self._engine = _postgresql(url, connections) if self.is_postgresql else _sqlite(url, connections)
        snapshot = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True} if self.is_postgresql else {}
        self._reading = self._engine.execution_options(**snapshot)
        self._writing = self._engine.execution_options(writes=True)

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """Open a transaction that reads one consistent state."""
        with self._reading.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Open a transaction that commits when the block ends well, and leaves no trace otherwise."""
        with Session(self._writing) as session, session.begin():
            yield session

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()


def _postgresql(url: str, connections: int) -> sa.Engine:
    # libpq parses the address itself: several hosts, sockets and services are its business.
    def connect() -> psycopg.Connection:
        return psycopg.connect(url, application_name="exercise-library")

    try:
        psycopg.conninfo.conninfo_to_dict(url)
    except psycopg.ProgrammingError as error:
        message = f"the database URL is not one that PostgreSQL's library understands: {error}".strip()
        raise InvalidValue(message) from None
    return sa.create_engine(
        "postgresql+psycopg://", creator=connect, pool_size=connections, max_overflow=0, pool_pre_ping=True, pool_use_lifo=True
    )


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
        parsed, pool_size=connections, max_overflow=0, connect_args={"timeout": SECONDS_TO_WAIT_FOR_A_LOCK, "check_same_thread": False}
    )
    sa.event.listen(engine, "connect", _configure)
    sa.event.listen(engine, "begin", _begin)
    return engine


def _configure(connection: sa.engine.interfaces.DBAPIConnection, _: object) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves, see `_begin`
    for pragma in ("foreign_keys = ON", "journal_mode = WAL", "synchronous = FULL", "cache_size = -20000"):
        connection.cursor().execute(f"PRAGMA {pragma}")


def _begin(connection: sa.Connection) -> None:
    # A writer asks for the lock at once: a reader that turned writer halfway could not wait for its turn.
    immediate = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")
