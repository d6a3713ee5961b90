"""The cache alone: what it keeps and for whom, that a hot answer is the cold one, and that its memory has an end."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from gzip import decompress
from itertools import cycle, permutations, product

import pytest
from fastapi import FastAPI
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.app import create_app
from api.settings import Settings
from api.store.engine import Database
from api.store.exercises import read, write
from api.store.freshness import Listener, State
from api.store.journal import Journal
from api.web.paths import kept_at
from api.web.serving import cache
from api.web.serving.cache import Cache
from tests.engines import Databases
from tests.listening import LAST, listening
from tests.telling import state
from tests.writing import AUTHOR

PATHS = [
    "/",
    "/exercises",
    "/exercises?type=unstable",
    "/exercises?type=stiff&type=unstable",
    "/exercises?limit=2",
    "/exercises?q=hip",
    "/exercises?region=hips&equipment=wall",
    "/exercises?type=unstable&format=csv",
    "/exercises?type=unstable&format=markdown",
    "/exercises/cat-cow",
    "/exercises/cat-cow?format=markdown",
    "/exercises/cat-cow/suitability?type=unstable",
    "/contraindications?type=unstable",
    "/programs?type=unstable",
    "/programs?type=unstable&format=html",
    "/programs?type=unstable&group=pregnant&format=pdf",
    "/types",
    "/types/stiff",
    "/conditions",
    "/indicators",
    "/red-flags",
    "/groups",
    "/sources",
    "/vocabulary",
    "/exercises/nothing",
    "/exercises?typ=unstable",
    "/exercises/cat-cow/history",
    "/health/live",
]
CODINGS = ["identity", "gzip", "gzip;q=0, *"]
Headers = Sequence[tuple[bytes, bytes]]
Answer = tuple[int, list[tuple[bytes, bytes]], bytes]


def _everything(_: str) -> tuple[str, ...]:
    return ("application/json",)


async def _nothing() -> Message:
    return {"type": "http.request", "body": b"", "more_body": False}


async def answer(app: ASGIApp, address: str, method: str = "GET", *raw: tuple[bytes, bytes], **headers: str) -> Answer:
    path, _, query = address.partition("?")
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    told = [*raw, *((name.replace("_", "-").encode(), value.encode()) for name, value in headers.items())]
    scope = {"type": "http", "method": method, "path": path, "raw_path": path.encode(), "query_string": query.encode(), "headers": told}
    await app({**scope, "http_version": "1.1", "scheme": "http", "server": ("library.test", 80), "root_path": ""}, _nothing, send)
    start, *rest = sent
    return start["status"], list(start["headers"]), b"".join(one.get("body", b"") for one in rest)


@dataclass
class House:
    """An application that has started, and a cache around it."""

    app: FastAPI
    cache: Cache
    run: asyncio.Runner

    def ask(self, address: str, method: str = "GET", **headers: str) -> Answer:
        return self.run.run(answer(self.cache, address, method, **headers))

    def ask_inside(self, address: str, method: str = "GET", **headers: str) -> Answer:
        return self.run.run(answer(self.app, address, method, **headers))


@pytest.fixture
def house(url: str) -> Iterator[House]:
    app = create_app(Settings(database_url=url, log_requests="off"))
    with asyncio.Runner() as runner:
        lifespan = app.router.lifespan_context(app)
        runner.run(lifespan.__aenter__())
        house = House(app, Cache(app, app.state.database.freshness, kept_at(app.state.paths)), runner)
        runner.run(_connected(app.state.database))
        yield house
        runner.run(lifespan.__aexit__(None, None, None))


async def _connected(database: Database) -> None:
    """Wait until the state can be read: PostgreSQL's connection is made while the first requests pass."""
    while await state(database.freshness) is None:  # noqa: ASYNC110  (it tells nobody)
        await asyncio.sleep(0.01)


def touch(url: str) -> None:
    """Commit a change from elsewhere."""
    database = Database(url)
    with database.writing() as session:
        journal = Journal(session, AUTHOR, datetime.now(UTC))
        stored = read.load(journal.connection, ["cat-cow"])["cat-cow"]
        changed = stored.exercise.model_copy(update={"summary": f"As of revision {journal.revision}."})
        write.write(journal, [changed])
    database.close()


@pytest.mark.any_engine
def test_a_hot_answer_is_the_cold_one_byte_for_byte(house: House) -> None:
    for path in PATHS:
        for coding in CODINGS:
            cold = house.ask_inside(path, accept_encoding=coding)
            for _ in range(3):  # new, kept, hot
                assert house.ask(path, accept_encoding=coding) == cold, path
    assert house.cache.hits > len(PATHS)


@pytest.mark.any_engine
def test_hot_news_that_nothing_changed_and_hot_heads_are_the_cold_ones(house: House) -> None:
    for path, coding in zip(PATHS, cycle(CODINGS), strict=False):
        etag = dict(house.ask(path, accept_encoding=coding)[1]).get(b"etag", b"").decode()
        for tag in (etag, f'W/{etag}, "other"', "*", '"other"'):
            unchanged = house.ask_inside(path, accept_encoding=coding, if_none_match=tag)
            assert house.ask(path, accept_encoding=coding, if_none_match=tag) == unchanged, path
        assert house.ask(path, "HEAD", accept_encoding=coding) == house.ask_inside(path, "HEAD", accept_encoding=coding), path


@pytest.mark.any_engine
def test_what_is_zipped_is_the_same(house: House) -> None:
    plain, zipped = (house.ask("/exercises", accept_encoding=coding) for coding in ("identity", "gzip"))
    assert decompress(zipped[2]) == plain[2]
    assert dict(plain[1])[b"etag"] != dict(zipped[1])[b"etag"]


@pytest.mark.any_engine
def test_a_hot_answer_is_the_cold_one_on_the_wire_too(url: str) -> None:
    settings = Settings(database_url=url, log_requests="off")
    ways = [("HTTP/1.1", ""), ("HTTP/1.0", ""), ("HTTP/1.1", "Connection: close\r\n"), ("HTTP/1.1", "X-Request-ID: mine\r\n")]
    ways += [("HTTP/1.1", "Expect: 100-continue\r\n")]
    app = create_app(settings)
    with listening(app, lambda _: app) as inside, listening(create_app(settings)) as service:
        for path in _ON_THE_WIRE:
            etag = _ETAG.search(service.say(_request("HEAD", path, "HTTP/1.0")))
            for method, (version, headers) in product(("GET", "HEAD"), ways):
                for asks in ("", "Accept-Encoding: gzip\r\n", f"If-None-Match: {etag[1].decode() if etag else '*'}\r\n"):
                    request = _request(method, path, version, headers + asks)
                    cold, *hot = (_undated(one.say(request + LAST)) for one in (inside, service, service, service))
                    assert hot == [cold] * 3, request
        assert service.cache.hits > len(_ON_THE_WIRE) * len(ways)


def test_answers_to_questions_sent_in_one_go_come_in_their_order(url: str) -> None:
    with listening(create_app(Settings(database_url=url, log_requests="off"))) as service:
        paths = [*_ON_THE_WIRE, *reversed(_ON_THE_WIRE), *_ON_THE_WIRE]
        alone = [_undated(service.say(_request("GET", path) + LAST)).removesuffix(_undated(service.say(LAST))) for path in paths]
        together = service.say(b"".join(_request("GET", path) for path in paths) + LAST)
        assert _undated(together) == b"".join(alone) + _undated(service.say(LAST))


@pytest.mark.any_engine
def test_thousands_of_questions_sent_in_one_go_are_all_answered(url: str) -> None:
    with listening(create_app(Settings(database_url=url, log_requests="off"))) as service:
        request, last = _request("GET", "/types/stiff"), _undated(service.say(LAST))
        service.say(request + request + LAST)
        hits = service.cache.hits
        # A question that is new comes first, so that the others are waiting when they are answered.
        _, *answers = _undated(service.say(_request("GET", "/exercises?limit=7") + request * 3_000 + LAST)).split(b"HTTP/1.1 200 OK")[1:]
        assert [len(answers), set(answers[:-1])] == [3_001, {answers[0]}]
        assert last.endswith(answers[-1])
        assert service.cache.hits > hits + 2_900  # PostgreSQL's first few pass while its connection is made


_ON_THE_WIRE = ["/exercises?type=unstable", "/exercises?typ=unstable", "/exercises/cat-cow/history", "/programs?type=unstable&format=html"]
_ETAG = re.compile(rb'etag: (".*")')


def _request(method: str, path: str, version: str = "HTTP/1.1", headers: str = "") -> bytes:
    return f"{method} {path} {version}\r\nHost: x\r\n{headers}\r\n".encode()


def _undated(answers: bytes) -> bytes:
    return re.sub(rb"\r\ndate: [^\r]*", b"", answers)


@pytest.mark.any_engine
def test_headers_that_choose_the_same_share_an_answer(house: House) -> None:
    for accept in ("", "application/json", "*/*", "text/html;q=0.1, application/json", "application/*;q=0.8"):
        house.ask("/exercises", accept=accept)
    assert (len(house.cache), house.cache.hits) == (1, 3)
    assert b"text/csv" in dict(house.ask("/exercises", accept="text/csv")[1])[b"content-type"]
    assert house.ask("/exercises", accept="image/png")[0] == 406


@pytest.mark.any_engine
def test_the_caller_s_own_request_id_comes_back_and_nobody_else_s(house: House) -> None:
    for asked in ({"x_request_id": "one"}, {"x_request_id": "two"}, {}, {"x_request_id": "not an id"}):
        assert house.ask("/exercises", **asked) == house.ask_inside("/exercises", **asked)


@pytest.mark.any_engine
@pytest.mark.parametrize("path", ["/", "/types", "/programs?type=stiff"])
def test_callers_whom_the_path_gives_different_answers_share_none(house: House, path: str) -> None:
    for weights in permutations(("0.9", "0.7", "0.5", "0")):
        accept = "text/csv;q={}, text/html;q={}, application/json;q={}, text/markdown;q={}".format(*weights)
        cold = house.ask_inside(path, accept=accept)
        assert [house.ask(path, accept=accept) for _ in range(2)] == [cold] * 2, accept
    assert 0 < len(house.cache) <= 4


_TYPES = [
    "application/json",
    "text/csv",
    "text/markdown",
    "text/html",
    "application/pdf",
    "text/*",
    "application/*",
    "*/*",
    "*",
    "image/png",
]
_ACCEPTED = st.builds(
    "{}{}{}".format,
    st.sampled_from([*_TYPES, "Application/JSON", "TEXT/HTML", "json", "a/b/c", "", ";", '"']),
    st.sampled_from(["", "; charset=utf-8", ';x="a, text/csv"', ';x="\\", text/html"', ';x="a']),
    st.sampled_from(["", ";q=0", ";q=0.1", ";q=0.5", ";Q=0.9", "; q=1.0", ";q=high", ";q=-1"]),
)
_PACKED = st.sampled_from(["gzip", "GZIP", "x-gzip", "*", "identity", "br", "gzip;q=0", "gzip;q=0.5", "identity;q=0.8", "*;q=0", ""])
_HAD = st.sampled_from(['"x"', "*", "{tag}", "W/{tag}", '"a, *, b"', "word", '"'])


def _lines(name: str, element: st.SearchStrategy[str]) -> st.SearchStrategy[list[tuple[str, str]]]:
    """Say a list in some lines, each with some elements."""
    lines = st.lists(st.lists(element, max_size=3).map(", ".join), max_size=2)
    return lines.map(lambda found: [(name, one) for one in found])


_ODD_HEADERS = st.sampled_from([[], [("x-request-id", "mine")], [("if-match", '"x"')], [("cookie", "a=b")], [("range", "bytes=0-1")]])
_ASKED = st.tuples(_lines("accept", _ACCEPTED), _lines("accept-encoding", _PACKED), _lines("if-none-match", _HAD), _ODD_HEADERS)
_FUZZED = [*(one for one in PATHS if "pdf" not in one), "/?format=json", "/changes?since=0", "/screenings/form", "/nowhere"]


def test_whatever_is_accepted_a_kept_answer_is_the_one_that_would_be_given(sqlite: Databases) -> None:
    app = create_app(Settings(database_url=sqlite.seeded(), log_requests="off"))
    with asyncio.Runner() as runner:
        runner.run(app.router.lifespan_context(app).__aenter__())
        house = House(app, Cache(app, app.state.database.freshness, kept_at(app.state.paths)), runner)

        @settings(max_examples=250)
        @given(st.sampled_from(_FUZZED), st.sampled_from(["GET", "HEAD"]), _ASKED)
        def fuzz(path: str, method: str, asked: tuple[list[tuple[str, str]], ...]) -> None:
            tag = dict(house.ask_inside(path)[1]).get(b"etag", b"").decode()
            told = [(name.encode(), value.replace("{tag}", tag).encode()) for lines in asked for name, value in lines]
            cold = house.run.run(answer(house.app, path, method, *told))
            for _ in range(2):
                # Another's X-Request-ID is made up where none is given and a problem is told.
                assert _unnamed(house.run.run(answer(house.cache, path, method, *told))) == _unnamed(cold)

        fuzz()
        assert house.cache.hits > 100
        app.state.database.close()


def _unnamed(told: Answer) -> Answer:
    status, headers, body = told
    return status, [one for one in headers if one[0] != b"x-request-id" or one[1] == b"mine"], body


@pytest.mark.any_engine
@pytest.mark.parametrize("headers", [{"authorization": "Bearer x"}, {"cookie": "a=b"}, {"accept": "x" * 501}, {"x_long": "x" * 5_000}])
def test_what_may_be_personal_or_is_odd_goes_past_it(house: House, headers: dict[str, str]) -> None:
    house.ask("/exercises")
    house.ask("/exercises")
    assert house.ask("/exercises", **headers) == house.ask_inside("/exercises", **headers)
    assert (len(house.cache), house.cache.hits) == (1, 0)


def test_a_commit_from_elsewhere_is_seen_at_once(house: House, url: str) -> None:
    for _ in range(3):
        before = house.ask("/exercises/cat-cow")
        assert house.ask("/exercises/cat-cow") == before
        touch(url)
        after = house.ask("/exercises/cat-cow")
        assert after != before
        assert after == house.ask_inside("/exercises/cat-cow")


def test_many_who_ask_together_cost_one_answer_and_see_the_last_commit(house: House, url: str) -> None:
    house.ask("/exercises")
    touch(url)
    asked: list[str] = []
    inside = house.cache._app  # noqa: SLF001  (it is the place where the two meet)

    async def counting(scope: Scope, receive: Receive, send: Send) -> None:
        asked.append(scope["path"])
        await inside(scope, receive, send)

    house.cache._app = counting  # noqa: SLF001

    async def together() -> list[Answer]:
        return await asyncio.gather(*(answer(house.cache, "/exercises") for _ in range(20)))

    answers = house.run.run(together())
    assert len(asked) == 1
    assert all(one == house.ask_inside("/exercises") for one in answers)


def test_a_lost_connection_is_replaced(house: House, url: str) -> None:
    house.app.state.database.freshness.close()
    touch(url)
    for _ in range(2):
        assert house.ask("/exercises") == house.ask_inside("/exercises")
    house.run.run(asyncio.sleep(1.1 if url.startswith("postgresql") else 0))
    house.run.run(_connected(house.app.state.database))
    hits = house.cache.hits
    for _ in range(3):
        assert house.ask("/exercises") == house.ask_inside("/exercises")
    assert house.cache.hits > hits


@dataclass
class Told:
    """A library whose state is what the test says."""

    now: State | None = 1

    def tell(self, listener: Listener) -> None:
        asyncio.get_running_loop().call_soon(listener, self.now)

    def close(self) -> None:
        pass


@dataclass
class Counting:
    """An application that says how often it was asked; what happens meanwhile is the test's business."""

    body: bytes = b"{}"
    cache_control: bytes = b"public, max-age=0"
    status: int = 200
    asked: int = 0
    meanwhile: list[Callable[[], Awaitable[None]]] = field(default_factory=list)

    async def __call__(self, _: Scope, __: Receive, send: Send) -> None:
        self.asked += 1
        body = self.body
        for one in self.meanwhile:
            await one()
        headers = [(b"cache-control", self.cache_control), (b"etag", b'"x"')]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": body})


def asked(cache_: Cache, *addresses: str, **headers: str) -> list[Answer]:
    async def all_() -> list[Answer]:
        return [await answer(cache_, address, **headers) for address in addresses]

    return asyncio.run(all_())


def test_what_was_asked_before_a_commit_is_not_given_after_it() -> None:
    app, told = Counting(body=b"old"), Told()

    async def commits() -> None:
        told.now, app.body = 2, b"new"

    cache_ = Cache(app, told, _everything)
    asked(cache_, "/types")
    app.meanwhile = [commits]
    assert [body for _, _, body in asked(cache_, "/types", "/types", "/types")] == [b"old", b"new", b"new"]
    assert (app.asked, cache_.hits) == (3, 1)


def test_who_asks_after_a_commit_does_not_wait_for_an_older_answer() -> None:
    app, told = Counting(body=b"old"), Told()
    cache_ = Cache(app, told, _everything)

    async def together() -> tuple[Answer, Answer]:
        go_on = asyncio.Event()

        async def waits() -> None:
            await go_on.wait()

        app.meanwhile = [waits]
        first = asyncio.create_task(answer(cache_, "/types"))
        while not app.asked:  # noqa: ASYNC110  (it tells nobody)
            await asyncio.sleep(0)
        told.now, app.body, app.meanwhile = 2, b"new", []
        second = await answer(cache_, "/types")
        go_on.set()
        return await first, second

    first, second = asyncio.run(together())
    assert (first[2], second[2]) == (b"old", b"new")


def test_where_the_state_cannot_be_read_nothing_is_kept() -> None:
    app = Counting()
    cache_ = Cache(app, Told(now=None), _everything)
    asked(cache_, "/types", "/types", "/types")
    assert (app.asked, len(cache_)) == (3, 0)


@pytest.mark.parametrize("app", [Counting(status=404), Counting(cache_control=b"no-store")])
def test_only_what_is_for_everybody_is_kept(app: Counting) -> None:
    cache_ = Cache(app, Told(), _everything)
    answers = asked(cache_, "/types", "/types", "/types")
    assert answers == [(app.status, [(b"cache-control", app.cache_control), (b"etag", b'"x"')], b"{}")] * 3
    assert (len(cache_), cache_.hits) == (0, 0)


def test_an_application_that_fails_says_so_to_everybody_who_waits() -> None:
    async def fails(_: Scope, __: Receive, send: Send) -> None:
        await asyncio.sleep(0)
        await send({"type": "http.response.start", "status": 500, "headers": []})
        await send({"type": "http.response.body", "body": b"sorry"})
        raise ZeroDivisionError

    cache_ = Cache(fails, Told(), _everything)

    async def together() -> list[Answer | BaseException]:
        return await asyncio.gather(*(answer(cache_, "/types") for _ in range(3)), return_exceptions=True)

    assert [type(one) for one in asyncio.run(together())] == [ZeroDivisionError] * 3
    assert len(cache_) == 0


_READ = st.sampled_from([b"accept", b"accept-encoding", b"if-none-match", b"x-request-id", b"x-other"])
_PARTS = [b"text/html", b"*", b"/", b",", b";", b"q", b"=", b"0.5", b"-1", b"nan", b".", b" ", b"gzip", b'"', b"W/"]
_ODD = st.binary(max_size=30) | st.lists(st.sampled_from(_PARTS), max_size=9).map(b"".join)


@given(st.lists(st.tuples(_READ, _ODD), max_size=4))
def test_no_header_is_too_odd_to_be_read(headers: Headers) -> None:
    cache_ = Cache(Counting(), Told(), _everything)
    for _ in range(3):
        status, *_ = asyncio.run(answer(cache_, "/types", "GET", *headers))
        assert status in (200, 304)


def test_who_fails_to_listen_is_told_that_there_is_no_state_and_keeps_it_from_nobody(url: str) -> None:
    heard: list[tuple[str, bool]] = []
    complaints: list[dict[str, object]] = []

    def fails(state: State | None) -> None:
        heard.append(("fails", state is not None))
        if state is not None:
            raise ZeroDivisionError

    async def both() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, complaint: complaints.append(complaint))
        database = Database(url)
        await _connected(database)
        database.freshness.tell(fails)
        database.freshness.tell(lambda state: heard.append(("listens", state is not None)))
        while len(heard) < 3:  # noqa: ASYNC110  (it tells nobody)
            await asyncio.sleep(0)
        database.close()

    asyncio.run(both())
    assert heard == [("fails", True), ("listens", True), ("fails", False)]
    assert [type(one["exception"]) for one in complaints] == [ZeroDivisionError]


def test_a_waiter_that_gives_up_takes_nobody_along() -> None:
    app = Counting()
    cache_ = Cache(app, Told(), _everything)

    async def waits() -> None:
        await asyncio.sleep(0.01)

    app.meanwhile = [waits]

    complaints: list[object] = []

    async def together() -> list[Answer]:
        asyncio.get_running_loop().set_exception_handler(lambda _, complaint: complaints.append(complaint))
        tasks = [asyncio.create_task(answer(cache_, "/types")) for _ in range(4)]
        await asyncio.sleep(0)
        tasks[1].cancel()  # while it waits for the state
        while not app.asked:  # noqa: ASYNC110  (it tells nobody)
            await asyncio.sleep(0)
        tasks[2].cancel()  # while it waits for the answer
        return [await tasks[0], await tasks[3]]

    assert [body for _, _, body in asyncio.run(together())] == [b"{}"] * 2
    assert (app.asked, complaints) == (1, [])


def test_hostile_questions_do_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "ANSWERS", 50)
    monkeypatch.setattr(cache, "BYTES", 200_000)
    monkeypatch.setattr(cache, "LONGEST", 60_000)
    cache_ = Cache(app := Counting(body=b"x" * 1_000), Told(), _everything)
    twice = [f"/exercises?q={n // 2}" for n in range(600)]
    asked(cache_, *twice[:400])
    assert len(cache_) == 50
    app.body = b"x" * 40_000
    asked(cache_, *twice[400:])
    assert 0 < cache_.bytes <= 200_000
    app.body = b"x" * 70_000
    kept = len(cache_)
    asked(cache_, *["/exercises?q=long"] * 3)
    assert len(cache_) == kept


def test_what_is_used_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "ANSWERS", 2)
    cache_ = Cache(app := Counting(), Told(), _everything)
    asked(cache_, *["/types"] * 2, *["/groups"] * 2, "/types", *["/sources"] * 2, "/types")
    assert (app.asked, cache_.hits) == (6, 2)


def test_questions_asked_once_drive_out_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "ANSWERS", 2)
    monkeypatch.setattr(cache, "QUESTIONS", 100)
    told = Told()
    cache_ = Cache(app := Counting(), told, _everything)
    asked(cache_, *["/types"] * 2, *(f"/exercises?q={n}" for n in range(90)), "/types")
    assert (app.asked, len(cache_), cache_.hits) == (92, 1, 1)
    told.now = 2
    asked(cache_, "/types", "/types")
    assert (app.asked, cache_.hits) == (93, 2)
    # After a hundred others it isn't recognized any more, but what is kept still is.
    asked(cache_, "/groups", *(f"/exercises?q={n}" for n in range(100, 200)), "/groups", "/types")
    assert (len(cache_), cache_.hits) == (1, 3)
    asked(cache_, "/groups", "/groups")
    assert (len(cache_), cache_.hits) == (2, 4)
