"""SQLite: how its file is opened, and how to learn that somebody committed."""

import asyncio
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import Any
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError

from api.errors import InvalidValue, SchemaMismatch, Unavailable
from api.store.freshness import Listener, State, tell_all

_STEPS_BETWEEN_LOOKS = 20_000
_BEGUN = "statement begun"


class File:
    """The database's file: the one that was there first, for as long as this is used.

    SQLite itself goes on writing into a file that was removed or replaced, where nobody will ever read it.
    """

    def __init__(self, url: str) -> None:
        """Read the file's name from a URL; it needn't be there yet."""
        try:
            parsed = sa.make_url(url)
        except ArgumentError:
            parsed = None
        if parsed is None or parsed.drivername != "sqlite" or parsed.query or not parsed.database or parsed.database == ":memory:":
            message = "the database URL must be 'sqlite:///FILE' or 'postgresql://…'"
            raise InvalidValue(message)
        self.path = Path(parsed.database).absolute()
        self._first: tuple[int, int] | None = None

    def create(self) -> None:
        """Make an empty file where there is none, in a folder that is there."""
        if not self.path.parent.is_dir():
            raise InvalidValue(f"There is no folder '{self.path.parent}' for the database; make it first.")
        if not self.path.exists():
            self.path.touch()

    def connect(self, seconds: float) -> sqlite3.Connection:
        """Open the file, which is never made by opening it; whatever is locked is waited for so many seconds."""
        self.refuse_another()
        return _connect(str(self.path), seconds)

    def refuse_another(self) -> None:
        """Refuse a file that isn't there, or isn't the one that was there first."""
        try:
            found = os.stat(self.path)  # noqa: PTH116  (asked for every answer, and `Path` takes three times as long)
        except FileNotFoundError:
            if self._first is None:
                raise SchemaMismatch("The database has no library yet; run 'exercise-library migrate'.") from None
            raise Unavailable("The database's file was removed while it was in use: put it back.") from None
        self._first = self._first or (found.st_dev, found.st_ino)
        if self._first != (found.st_dev, found.st_ino):
            raise Unavailable("The database's file was replaced while it was in use: restart the service.")

    @property
    def is_beside_what_is_read_only(self) -> bool:
        """Whether SQLite can't make the two files beside it that readers, too, share."""
        return not os.access(self.path.parent, os.W_OK)


def _connect(file: str, seconds: float) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{quote(file)}?mode=rw", uri=True, timeout=seconds, isolation_level=None, check_same_thread=False)


def damages(file: str) -> list[str]:
    """Ask SQLite what is wrong with its file, through a connection of its own.

    One that had read before somebody else wrote may report damage to the full-text index that isn't there.
    """
    with closing(_connect(file, SECONDS_TO_OPEN)) as connection:
        answers = [str(answer) for (answer,) in connection.execute("PRAGMA integrity_check")]
    return [answer for answer in answers if answer != "ok"]


SECONDS_TO_OPEN = 30
"""How long those that open a new file together wait for each other."""


def engine(file: File, connections: int, lock_seconds: float, options: dict[str, Any]) -> sa.Engine:
    """Prepare to open a file; a writer waits so many seconds for another."""
    address = sa.URL.create("sqlite", database=str(file.path))
    engine = sa.create_engine(address, pool_size=connections, creator=lambda: file.connect(lock_seconds), **options)
    sa.event.listen(engine, "connect", _configure)
    sa.event.listen(engine, "begin", _begin)
    return engine


def timed(engine: sa.Engine) -> sa.Engine:
    """Give an engine of the same connections that notes when each statement began: readers have a limited time for each."""
    found = engine.execution_options()
    sa.event.listen(found, "before_cursor_execute", note_the_time)
    return found


def _configure(connection: sa.engine.interfaces.DBAPIConnection, _: object) -> None:
    _write_ahead(connection)
    for pragma in ("foreign_keys = ON", "synchronous = FULL", "cache_size = -20000"):
        connection.cursor().execute(f"PRAGMA {pragma}")


def _write_ahead(connection: sa.engine.interfaces.DBAPIConnection) -> None:
    """Have the file's readers and its writer out of each other's way; whoever opens a new file first decides it for all."""
    patience = monotonic() + SECONDS_TO_OPEN
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


def note_the_time(connection: sa.Connection, *_: object) -> None:
    """A long transaction of short statements, such as an export, may take as long as it takes."""
    connection.info[_BEGUN] = monotonic()


def _begin(connection: sa.Connection) -> None:
    # A writer asks for the lock at once: a reader that turned writer halfway could not wait for its turn.
    if connection.get_execution_options().get("writes", False):
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    elif not _driver(connection).in_transaction:
        connection.exec_driver_sql("BEGIN")


def _driver(connection: sa.Connection) -> sqlite3.Connection:
    found = connection.connection.dbapi_connection
    assert isinstance(found, sqlite3.Connection)  # noqa: S101  (for the type checker)
    return found


@contextmanager
def reading(connection: sa.Connection, seconds: float) -> Iterator[None]:
    """Begin to read, and limit how long each statement takes: SQLite has to be asked now and then.

    Most answers ask the driver alone, so it is the driver that begins: SQLAlchemy would take longer for it than SQLite for the answer.
    """
    begun = connection.info
    begun[_BEGUN] = monotonic()
    raw = _driver(connection)
    raw.execute("BEGIN")
    raw.set_progress_handler(lambda: monotonic() > begun[_BEGUN] + seconds, _STEPS_BETWEEN_LOOKS)
    try:
        yield
    finally:
        raw.set_progress_handler(None, 0)
        connection.rollback()
        raw.rollback()


class SQLiteFreshness:
    """SQLite counts the commits of all other connections itself, so this one must never write."""

    def __init__(self, file: File) -> None:
        """Watch a file."""
        self._listeners: list[Listener] = []
        self._file = file
        self._cursor: sqlite3.Cursor | None = None
        self._opened = 0

    def tell(self, listener: Listener) -> None:
        """Tell the state to everybody who asks in this turn of the event loop, when it ends."""
        if not self._listeners:
            asyncio.get_running_loop().call_soon(self._tell)
        self._listeners.append(listener)

    def _tell(self) -> None:
        listeners, self._listeners = self._listeners, []
        state = None
        try:
            state = self._state()
        finally:
            tell_all(listeners, state)

    def _state(self) -> State | None:
        """Read the counter; it counts from anew with each connection, so which connection it was belongs to the state."""
        try:
            self._file.refuse_another()
            cursor = self._cursor or self._open()
            # Fetching the only row ends the reading transaction, which would hold back the checkpoint.
            return self._opened, cursor.execute("PRAGMA data_version").fetchone()[0]
        except (sqlite3.Error, OSError, Unavailable):
            self.close()
            return None

    def _open(self) -> sqlite3.Cursor:
        # It answers requests in the event loop, so it doesn't wait for anybody's lock.
        connection = self._file.connect(0)
        connection.execute("PRAGMA query_only = ON")
        self._cursor = connection.cursor()
        self._opened += 1
        return self._cursor

    def close(self) -> None:
        """Close the connection."""
        if self._cursor is not None:
            self._cursor.connection.close()
        self._cursor = None
