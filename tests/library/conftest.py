"""What is decided without a database is asked of one library."""

import pytest

from tests.engines import SQLiteFiles
from tests.screened import Asked


@pytest.fixture(scope="session")
def asked(sqlite: SQLiteFiles) -> Asked:
    """What the seed asks, and what its programs are made from."""
    return Asked.of(sqlite.seeded())
