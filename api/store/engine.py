"""The database: how it is reached, and what a reading and a writing transaction are on each engine."""

import logging
import re
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlmodel import Session

from api.errors import ExerciseLibraryError, Unavailable
from api.store import sqlite
from api.store.lending import Lending

if TYPE_CHECKING:
    from api.store.freshness import Freshness

logger = logging.getLogger("exercise-library")
# What an error shows must not be what somebody asked or wrote.
_POOL: dict[str, Any] = {"max_overflow": 0, "hide_parameters": True}
SECONDS_FOR_A_CONNECTION = 10
"""How long somebody waits until one is free."""


class Database:
    """One database, SQLite or PostgreSQL, and its connections.

    A reading transaction sees one state of the library from its first statement to its last. A writing one is alone from its
    first statement on: SQLite's single writer queues, and on PostgreSQL writers queue at the library's row.
    """

    def __init__(self, url: str, connections: int = 20, statement_seconds: int = 10, lock_seconds: float = 30) -> None:
        """Prepare to connect; `url` is `sqlite:///file` or anything that libpq takes.

        A statement that reads may take `statement_seconds`; a writer waits `lock_seconds` for the one before.
        """
        self.is_postgresql = url.startswith(("postgresql:", "postgres:"))
        self._statement_seconds = statement_seconds
        self._file: sqlite.File | None = None
        pooled = max(1, connections - 1)  # one is for `freshness`
        self._errors_of_driver: tuple[type[Exception], ...] = ()
        self._lending = Lending(pooled, SECONDS_FOR_A_CONNECTION)
        self.freshness: Freshness
        self._reading: sa.Engine
        self._writing: sa.Engine
        if self.is_postgresql:
            from api.store import postgresql  # noqa: PLC0415  (its driver takes as long to import as the whole of the web)

            conninfo = postgresql.conninfo(url)
            self._engine = postgresql.engine(conninfo, pooled, statement_seconds, lock_seconds, _POOL)
            self._errors_of_driver = (postgresql.LOST,)
            self.freshness = postgresql.PostgreSQLFreshness(conninfo)
            self._reading = self._engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            self._writing = self._engine.execution_options(isolation_level="READ COMMITTED")
        else:
            self._file = sqlite.File(url)
            self._engine = sqlite.engine(self._file, pooled, lock_seconds, _POOL)
            self.freshness = sqlite.SQLiteFreshness(self._file)
            self._reading = sqlite.timed(self._engine)
            self._writing = self._engine.execution_options(writes=True)

    def create(self) -> None:
        """Make SQLite's file where there is none; a PostgreSQL database is made by whoever runs the server."""
        if self._file is not None:
            self._file.create()

    def refuse_another_file(self) -> None:
        """Refuse to go on where SQLite's file was removed or replaced: nobody would read what is written, or it would be another's."""
        if self._file is not None:
            self._file.refuse_another()

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """Open a transaction that reads one consistent state, each statement for a limited time."""
        with self._saying_what_is_wrong(), self._lent() as connection:
            yield connection

    @contextmanager
    def _lent(self) -> Iterator[sa.Connection]:
        """Lend a connection, if possible one that was lent before."""
        self.refuse_another_file()
        at_hand = self._lending.take()
        kept = None
        try:
            connection = at_hand or self._reading.connect()
            try:
                with self._begun(connection):
                    yield connection
            except BaseException as error:
                connection.close()
                if isinstance(error, (sa.exc.DBAPIError, *self._errors_of_driver)):
                    self._lending.clear()  # where one was lost, all may be: the pool makes them anew
                raise
            kept = None if connection.closed else connection
        finally:
            self._lending.give_back(kept)

    def _begun(self, connection: sa.Connection) -> AbstractContextManager[None]:
        """Begin to read; PostgreSQL begins, and counts the time, for itself."""
        return self._ended(connection) if self._file is None else sqlite.reading(connection, self._statement_seconds)

    @contextmanager
    def _ended(self, connection: sa.Connection) -> Iterator[None]:
        """End what was read from PostgreSQL: by a commit, because after a rollback the driver forgets what it prepared."""
        yield
        try:
            connection.connection.commit()
            connection.rollback()  # of which PostgreSQL hears nothing any more
        except self._errors_of_driver:  # all is read; the pool finds the connection lost
            connection.close()

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Wait for a writer's turn to take a connection from the pool."""
        at_hand = self._lending.take(from_pool=True)
        try:
            if at_hand is not None:
                at_hand.close()
            yield
        finally:
            self._lending.give_back(None)

    @property
    def connections_in_use(self) -> int:
        """How many connections are lent out."""
        return self._lending.lent

    @property
    def connections_limit(self) -> int:
        """How many can be lent out."""
        return self._lending.limit

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Open a transaction that commits when the block ends well, and leaves no trace otherwise."""
        self.refuse_another_file()
        with self._saying_what_is_wrong(), self._turn(), Session(self._writing) as session, session.begin():
            if self.is_postgresql:
                # An import or a migration may take as long as it takes.
                session.connection().exec_driver_sql("SET LOCAL statement_timeout = 0")
            yield session
        self.refuse_another_file()  # before anybody is told that it is written

    def close(self) -> None:
        """Close every connection."""
        self.freshness.close()
        self._lending.close()
        self._engine.dispose()

    @contextmanager
    def _saying_what_is_wrong(self) -> Iterator[None]:
        """Say what the database can't do, in words that show no statement and no file."""
        try:
            yield
        except self._errors_of_driver as error:
            raise self._unavailable(error) from error
        except sa.exc.DatabaseError as error:
            if type(error) not in _NOT_THE_CALLERS:
                raise
            raise self._unavailable(error.orig) from error

    def _unavailable(self, error: BaseException | None) -> ExerciseLibraryError:
        # Whoever runs this has to know what the engine said; who asks gets its meaning.
        said = str(error)
        logger.info("database", extra={"said": said.partition("\n")[0]})
        if self._file is not None and "unable to open" in said and self._file.is_beside_what_is_read_only:
            return Unavailable("The database's folder is read-only, and SQLite has to write beside its file even to read it.")
        return Unavailable(_meaning(str(getattr(error, "sqlstate", None) or ""), said))


# Errors of the database and not of what was asked of it.
_NOT_THE_CALLERS = {
    sa.exc.DatabaseError,
    sa.exc.OperationalError,
    sa.exc.InternalError,
    sa.exc.ProgrammingError,
    sa.exc.NotSupportedError,  # a standby that is asked to write
}
# What that means for whoever asked, by what an engine says: PostgreSQL's codes, and words; the first that fits counts.
_MEANINGS = {
    "The database's host isn't known by that name.": "failed to resolve host",
    "The database URL has a value that PostgreSQL's library doesn't understand.": "connection is bad: invalid",
    "The server has no database of that name; make it with 'createdb'.": "fatal:  database",
    "The database refuses this role or its password.": "fatal:  role|authentication failed|no password supplied|no pg_hba.conf entry",
    "The database has no library yet, or an older one; run 'exercise-library migrate'.": "42P01|42703|no such table|does not exist",
    "The database's role may not do this; grant it what the README lists.": "42501|permission denied",
    "The database can't be written: it is read-only.": "25006|read-write mode during recovery|readonly|read-only",
    "The disk of the database is full; nothing was changed.": "53100|disk is full|no space left",
    "The database is busy with another writer. Try again in a moment.": "55P03|locked",
    "The question took too long and was given up.": "57014|interrupted|statement timeout",
    "The database file is damaged; restore it from a backup.": "malformed",
    "The database file is not one of SQLite's; restore it from a backup.": "not a database",
    "The disk of the database can't be read or written.": "disk i/o error",
    "The database can't be opened.": "unable to open",
}


def _meaning(code: str, said: str) -> str:
    """Give the meaning of a code, or else of words: PostgreSQL may speak another language."""
    found = (meaning for part in (code, said) for meaning, signs in _MEANINGS.items() if re.search(signs, part, re.IGNORECASE))
    return next(found, "The database doesn't answer. Try again in a moment.")
