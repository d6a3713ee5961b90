"""Several hosts of one PostgreSQL, some of which aren't there."""

import asyncio
import socket
from collections.abc import Iterator

import pytest
from psycopg.conninfo import conninfo_to_dict

from api.errors import InvalidValue
from api.store.engine import Database
from api.store.journal import revision
from tests.engines import PostgreSQLServer
from tests.telling import state


@pytest.fixture
def silent() -> Iterator[int]:
    """Listen at a port, and never answer, as a host does that hangs."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        one.listen()
        port: int = one.getsockname()[1]
        yield port


def test_a_host_that_never_answers_is_passed_by(postgresql: PostgreSQLServer, silent: int) -> None:
    url = postgresql.seeded()
    given = conninfo_to_dict(url)
    port = given.get("port") or "5432"
    hosts = {"host": f"127.0.0.1,{given['host']}", "port": f"{silent},{port}", "connect_timeout": "2"}
    several = "postgresql://?" + "&".join(f"{name}={value}" for name, value in (given | hosts).items())
    database = Database(several)

    async def known() -> object:
        while (found := await state(database.freshness)) is None:  # noqa: ASYNC110  (it tells nobody)
            await asyncio.sleep(0.05)
        return found

    try:
        with database.reading() as connection:
            assert revision(connection) == 1
        assert asyncio.run(asyncio.wait_for(known(), 30))
    finally:
        database.freshness.close()
        database.close()
        postgresql.drop(url)


def test_a_url_that_is_not_understood_is_not_quoted() -> None:
    with pytest.raises(InvalidValue) as refused:
        Database("postgresql://somebody:Horse@[::1")
    assert "Horse" not in str(refused.value)
