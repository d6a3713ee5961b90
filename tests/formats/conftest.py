"""One seeded library with its clock stopped, so that formats can be compared byte by byte."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from api.store.engine import Database
from api.store.opening import prepare
from tests.engines import SQLiteFiles

STOPPED = datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sa.Connection]:
    """A connection to a seeded library; what a writer is given doesn't depend on the engine."""
    database = Database(SQLiteFiles(tmp_path_factory.mktemp("formats")).empty())
    prepare(database, STOPPED)
    with database.reading() as connection:
        yield connection
    database.close()
