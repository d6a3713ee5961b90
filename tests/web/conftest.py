"""What the tests of the web share."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import httpx
import pytest

from api.app import create_app
from api.library.vocabulary import Scope
from api.settings import Settings
from api.store import keys
from api.store.engine import Database
from api.store.journal import Journal
from tests.engines import Databases
from tests.in_process import asking
from tests.operations import Operation, operations
from tests.writing import AUTHOR


@dataclass(frozen=True)
class Trusted:
    """A client that may read, edit and sign, of a library that it never gets to change: all it asks is refused."""

    client: httpx.Client
    edit: dict[str, str]
    review: dict[str, str]

    def headers(self, operation: Operation) -> dict[str, str]:
        """Give the key that an operation wants."""
        if operation.method == "GET" or not operation.needs_key:
            return {}
        return self.review if operation.path.endswith("/review") else self.edit


@pytest.fixture(scope="session")
def trusted(databases: Databases) -> Iterator[Trusted]:
    url = databases.seeded()
    database = Database(url)
    secrets = {}
    for scope in Scope:
        with database.writing() as session:
            secrets[scope] = keys.create(Journal(session, AUTHOR, datetime.now(UTC)), f"test-{scope}", scope, None)
    database.close()
    with asking(create_app(Settings(database_url=url))) as client:
        edit, review = ({"Authorization": f"Bearer {secrets[scope]}"} for scope in (Scope.EDIT, Scope.REVIEW))
        yield Trusted(client, edit, review)


@pytest.fixture(scope="session")
def every_operation(ask: httpx.Client) -> list[Operation]:
    return operations(ask.get("/openapi-formats.json").json())
