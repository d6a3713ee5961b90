"""One seeded library with its clock stopped, so that formats can be compared byte by byte."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from api.library.listing import Listing
from api.library.program import Program
from api.library.query import CatalogueQuery
from api.store import catalogue, programs
from api.store.engine import Database
from api.store.opening import prepare
from tests.engines import SQLiteFiles
from tests.formats.given import Given

STOPPED = datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sa.Connection]:
    """A connection to a seeded library; what a writer is given doesn't depend on the engine."""
    database = Database(SQLiteFiles(tmp_path_factory.mktemp("formats")).empty())
    prepare(database, STOPPED)
    with database.reading() as connection:
        yield connection
    database.close()


@pytest.fixture(scope="session")
def tried(library: sa.Connection) -> Given:
    """The programs and lists that the formats are tried on."""
    everybody = list(programs.groups_of(library))
    return Given(
        {
            "unstable": _program(library, ["unstable"]),
            "stiff": _program(library, ["stiff"]),
            "both": _program(library, ["stiff", "unstable"]),
            "pregnant": _program(library, ["unstable"], ["after-16-weeks"]),
            "unstable-everybody": _program(library, ["unstable"], everybody),
            "stiff-everybody": _program(library, ["stiff"], everybody),
            "odd": _program(library, ["unstable"], ["pregnant"], ["figure-4-stretch", "cat-cow"]),
            "unasked": programs.program(library, ["stiff"], None),
        },
        {
            name: _listing(library, *types)
            for name, types in {"all": (), "unstable": ("unstable",), "stiff": ("stiff",), "both": ("stiff", "unstable")}.items()
        },
    )


def _program(library: sa.Connection, types: list[str], groups: list[str] | None = None, only: list[str] | None = None) -> Program:
    return programs.program(library, types, groups or [], only or [])


def _listing(library: sa.Connection, *types: str) -> Listing:
    return catalogue.find(library, CatalogueQuery(types=types, limit=100))
