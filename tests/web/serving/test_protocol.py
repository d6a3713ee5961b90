"""The server's HTTP around answers that are kept: nobody waits for ever, nothing comes twice or out of its order, no connection stays."""

import asyncio
import gc
import re
from collections.abc import Iterator

import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from api.app import create_app
from api.settings import Settings
from api.store.freshness import Freshness, Listener
from api.web.serving.cache import Cache
from tests.engines import Databases
from tests.listening import LAST, Listening, answered, listening, until

SECONDS = 0.2
STATUSES = re.compile(rb"HTTP/1\.1 (\d+) ")
KEPT = b"GET /types/stiff HTTP/1.1\r\nHost: x\r\n\r\n"
BAD_BODY = b"POST /screenings HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n"
BAD_HEAD = b"GET /types HTTP/1.1\r\nHost: x\r\nBad Header\r\n\r\n"


class Slow:
    """Tells the state late."""

    def __init__(self, freshness: Freshness) -> None:
        self._freshness = freshness
        self.asked = 0

    def tell(self, listener: Listener) -> None:
        self.asked += 1
        asyncio.get_running_loop().call_later(SECONDS, self._freshness.tell, listener)

    def close(self) -> None:
        self._freshness.close()


@pytest.fixture
def slow(sqlite: Databases) -> Iterator[Listening]:
    app = create_app(Settings(database_url=sqlite.seeded(), log_requests="off"))
    app.state.database.freshness = Slow(app.state.database.freshness)
    with listening(app) as service:
        service.say(KEPT + KEPT + LAST)
        yield service


def test_who_leaves_before_the_answer_is_forgotten(slow: Listening, caplog: pytest.LogCaptureFixture) -> None:
    hits = slow.cache.hits
    for number in (1, 5):
        with slow.connect() as connection:
            connection.sendall(KEPT * number)
        until(lambda: not slow.connections)
    assert slow.say(KEPT + LAST).count(b"HTTP/1.1 200 OK") == 2
    assert slow.cache.hits > hits
    assert [one.getMessage() for one in caplog.records if one.levelname in ("ERROR", "CRITICAL")] == []


def test_who_waits_when_the_server_stops_is_still_answered(slow: Listening) -> None:
    connection = slow.connect()
    asked = slow.app.state.database.freshness.asked
    connection.sendall(KEPT)
    until(lambda: slow.app.state.database.freshness.asked > asked)
    slow.stop()
    answer = answered(connection)
    assert answer.startswith(b"HTTP/1.1 200 OK")
    assert b"connection: close" in answer


@pytest.mark.parametrize("refused", [BAD_BODY, BAD_HEAD])
def test_what_is_refused_is_told_after_the_answers_before_it(slow: Listening, refused: bytes) -> None:
    assert STATUSES.findall(slow.say(KEPT * 3 + refused + KEPT)) == [b"200", b"200", b"200", b"400"]
    assert STATUSES.findall(slow.say(refused + KEPT)) == [b"400"]


def test_behind_anything_else_a_task_ends_with_its_answer(sqlite: Databases) -> None:
    app = create_app(Settings(database_url=sqlite.seeded(), log_requests="off"))
    with listening(app, _in_something) as service:
        for _ in range(5):
            assert service.say(KEPT * 3 + LAST).count(b"HTTP/1.1 200 OK") == 4
        assert service.cache.hits > 10
        until(lambda: not service.tasks)


def _in_something(cache: Cache) -> ASGIApp:
    async def something(scope: Scope, receive: Receive, send: Send) -> None:
        await cache(scope, receive, send)

    return something


@pytest.mark.parametrize("said", [KEPT, KEPT * 5, b"GET /exercises?limit=9 HTTP/1.1\r\nHost: x\r\n\r\n" + KEPT * 5])
@pytest.mark.parametrize("is_read", [True, False])
def test_nothing_keeps_a_connection_that_is_closed(slow: Listening, said: bytes, *, is_read: bool) -> None:
    gc.collect()
    gc.disable()
    try:
        with slow.connect() as connection:
            connection.sendall(said)
            until(lambda: slow.connections == 1)
            protocols = slow.protocols()
            if is_read:
                connection.recv(65536)
        until(lambda: not slow.connections)
        until(lambda: [one() for one in protocols] == [None])
    finally:
        gc.enable()
