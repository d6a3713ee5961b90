"""What is decided without a database is asked of one library."""

import pytest

from api.store.engine import Database
from tests.engines import SQLiteFiles
from tests.screened import Asked


@pytest.fixture(scope="session")
def asked(sqlite: SQLiteFiles) -> Asked:
    """What the seed asks, and what its programs are made from."""
    database = Database(sqlite.seeded())
    gathered = Asked(database)
    database.close()
    return gathered
