"""Whoever wants to harm the service finds limits: how long, how large, how deep, how slow, how often, and what is shown."""

import json
import resource
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from http.client import HTTPConnection
from itertools import islice, product
from pathlib import Path

import httpx
import pytest

from api.app import create_app
from api.library.vocabulary import Scope
from api.settings import Settings
from api.store import keys
from api.store.engine import Database
from api.store.journal import Journal
from api.web import body
from api.web.serving import cache, limits, patience
from api.web.serving.edge import EVERYWHERE, LONGEST_ADDRESS, LONGEST_HEADERS
from tests.engines import Databases
from tests.in_process import asking
from tests.listening import Listening, listening, until
from tests.operations import Operation
from tests.processes import PATIENCE, Running, running
from tests.web.conftest import Trusted
from tests.web.test_refusals import ask_with, problem
from tests.writing import AUTHOR

pytestmark = pytest.mark.any_engine

SECURITY = {name.decode(): value.decode() for name, value in EVERYWHERE}
JSON = {"Content-Type": "application/json"}
ANSWERS: dict[str, object] = {"asked": [], "red_flags": [], "symptoms": True, "indicators": []}


# --- headers of every answer


def test_every_answer_has_the_security_headers(trusted: Trusted, every_operation: list[Operation]) -> None:
    assert set(SECURITY) == {"x-content-type-options", "referrer-policy", "x-frame-options"}
    answers = [ask_with(trusted, one, one.query) for one in every_operation]
    answers += [ask_with(trusted, one, one.query | {"surprise": "1"}) for one in every_operation]
    answers += [trusted.client.request(method, path) for method in ("OPTIONS", "PATCH", "HEAD") for path in ("/exercises", "/nowhere")]
    answers += [trusted.client.get(path) for path in ("/docs", "/openapi.json", "/browse", "/nowhere", f"/{'a' * 9000}")]
    answers += [trusted.client.get("/types", headers={"X": "a" * 40_000})]
    assert {one.status_code for one in answers} >= {200, 204, 404, 405, 414, 422, 431}
    for one in answers:
        assert SECURITY.items() <= dict(one.headers).items(), f"{one.request.method} {one.request.url} {one.status_code}"


def test_a_fault_of_ours_has_them_too(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    app = create_app(Settings(database_url=url))

    def fail(_: object) -> None:
        raise RuntimeError("a word that nobody may see")

    with asking(app) as client:
        monkeypatch.setattr("api.web.operations.revision", fail)
        answer = client.get("/health/ready", headers={"X-Request-ID": "mine"})
    assert "nobody" not in str(problem(answer, 500, "internal-error"))
    assert SECURITY.items() <= dict(answer.headers).items()
    assert answer.headers["x-request-id"] == "mine"


# --- too long, too large, too deep


def test_an_address_is_as_long_as_a_question_needs(ask: httpx.Client) -> None:
    path = "/exercises?q="
    problem(ask.get(path + "a" * (LONGEST_ADDRESS - len(path))), 422, "invalid-value")
    problem(ask.get(path + "a" * LONGEST_ADDRESS), 414, "uri-too-long")
    problem(ask.get("/" + "a" * LONGEST_ADDRESS), 414, "uri-too-long")


@pytest.mark.parametrize("headers", [{"X": "a" * LONGEST_HEADERS}, {f"X-{n}": "a" for n in range(8000)}])
def test_headers_are_as_long_as_a_question_needs(ask: httpx.Client, headers: dict[str, str]) -> None:
    problem(ask.get("/exercises", headers=headers), 431, "headers-too-long")


DEEP = [
    "[" * 300_000 + "]" * 300_000,
    '{"asked":' * 50_000 + "1" + "}" * 50_000,
    json.dumps(ANSWERS)[:-1] + ',"groups":' + "[" * 250 + "]" * 250 + "}",
]


@pytest.mark.parametrize("text", DEEP)
def test_json_is_no_deeper_than_content_needs(ask: httpx.Client, text: str) -> None:
    problem(ask.post("/screenings", content=text, headers=JSON), 400, "malformed-body")


@pytest.mark.parametrize("text", ["", "{", '"\\ud800"', '{"asked":["\\ud800"]}', "{'asked': []}", '{"asked":1e}', "\x00", '{"a":"\x01"}'])
def test_what_is_no_json_is_said_not_to_be(ask: httpx.Client, text: str) -> None:
    problem(ask.post("/screenings", content=text.encode(), headers=JSON), 400, "malformed-body")


def test_a_body_with_a_hundred_thousand_faults_is_refused_in_a_line(ask: httpx.Client) -> None:
    many = json.dumps(ANSWERS | {f"k{n}": 1 for n in range(75_000)})
    answer = ask.post("/screenings", content=many, headers=JSON)
    assert problem(answer, 422, "invalid-content")["errors"] == []
    assert len(answer.content) < 1000


@pytest.mark.parametrize(
    "wrong",
    [
        {"a" * 900_000: 1},
        {"asked": ["a" * 900_000]},
        {f"key-{n}-{'a' * 500}": 1 for n in range(900)},
        {name: [f"{'a' * 90}-{n}" for n in range(499)] for name in ("asked", "red_flags", "indicators", "groups", "unsure")},
    ],
)
def test_nobody_gets_more_back_than_was_sent(ask: httpx.Client, wrong: dict[str, object]) -> None:
    text = json.dumps(ANSWERS | wrong)
    answer = ask.post("/screenings", content=text, headers=JSON)
    assert len(str(problem(answer, 422, "invalid-content")["detail"])) <= 1001
    assert len(answer.content) < min(len(text), 300_000)


# --- path tricks


@pytest.mark.parametrize(
    "path",
    [
        "/exercises/%2e%2e/types",
        "/exercises/%2e%2e%2ftypes",
        "/exercises/..%5c..%5ctypes",
        "/images/%2e%2e%2f%2e%2e%2fetc%2fpasswd",
        "/exercises//cat-cow",
        "/%2fexercises",
        "/exercises/",
        "/exercises/cat-cow/",
        "/exercises/cat-cow%00",
        "/exercises/%00",
        "/exercises/cat-cow;x=1",
        "/exercises/CAT-COW",
        "/exercises/%ff",
        "/exercises/cat%E2%80%90cow",
        "/exercises/%E2%80%AEwoc-tac",
        "/exercises/%EF%BD%83at-cow",
        "/exercises/cat-cow%0d%0aX-Evil:%20yes",
        "/%c0%ae%c0%ae/",
        "/exercises/*",
        "/exercises/'%20OR%201=1--",
    ],
)
def test_a_path_is_what_it_is_and_nothing_else(ask: httpx.Client, path: str) -> None:
    answer = ask.get(path)
    problem(answer, 404)
    assert "x-evil" not in answer.headers


# --- how often


@pytest.fixture
def trusted_by(database: Database) -> dict[str, dict[str, str]]:
    """A key of each scope, as the header that shows it."""
    with database.writing() as session:
        journal = Journal(session, AUTHOR, datetime.now(UTC))
        return {one.value: {"Authorization": f"Bearer {keys.create(journal, one.value, one, None)}"} for one in Scope}


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the limits of a minute small enough to reach."""
    monkeypatch.setattr(limits, "WRITES", "3/minute")
    monkeypatch.setattr(limits, "FAILED_KEYS", "3/minute")


def _limited(answer: httpx.Response) -> None:
    problem(answer, 429, "too-many-requests")
    assert 1 <= int(answer.headers["retry-after"]) <= 60


@pytest.mark.usefixtures("few")
def test_wrong_keys_are_limited_by_address_and_never_block_a_right_one(url: str, trusted_by: dict[str, dict[str, str]]) -> None:
    wrong = {"Authorization": "Bearer exl_wrong"}
    with asking(create_app(Settings(database_url=url))) as client:
        for _ in range(3):
            problem(client.get("/exercises/cat-cow/history", headers=wrong), 401, "unauthorized")
        _limited(client.get("/exercises/cat-cow/history", headers=wrong))
        _limited(client.put("/sources/x", headers=wrong))
        _limited(client.delete("/exercises/cat-cow?surprise=1", headers=wrong))
        assert client.get("/exercises/cat-cow/history", headers=trusted_by["edit"]).status_code == 200
        problem(client.put("/sources/x", content="{}", headers=trusted_by["edit"] | JSON), 422)
        assert client.get("/exercises/cat-cow/history").status_code == 200


@pytest.mark.usefixtures("few")
def test_writes_are_limited_by_key(url: str, trusted_by: dict[str, dict[str, str]]) -> None:
    with asking(create_app(Settings(database_url=url))) as client:
        for _ in range(3):
            problem(client.delete("/sources/none", headers=trusted_by["edit"]), 404)
        _limited(client.delete("/sources/none", headers=trusted_by["edit"]))
        problem(client.put("/exercises/none/review", content="{}", headers=trusted_by["review"] | JSON), 404)
        assert client.get("/exercises/cat-cow/history", headers=trusted_by["edit"]).status_code == 200


@pytest.mark.usefixtures("few")
def test_limits_can_be_off(url: str, trusted_by: dict[str, dict[str, str]]) -> None:
    with asking(create_app(Settings(database_url=url, rate_limits=False))) as client:
        for _ in range(5):
            problem(client.delete("/sources/none", headers=trusted_by["edit"]), 404)
            problem(client.delete("/sources/none", headers={"Authorization": "Bearer exl_wrong"}), 401)


# --- over a real connection, with little patience


@pytest.fixture(scope="module")
def impatient(sqlite: Databases) -> Iterator[Listening]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(patience, "SECONDS_FOR_HEADERS", 0.5)
        patch.setattr(patience, "SECONDS_FOR_READING", 0.5)
        patch.setattr(body, "SECONDS_FOR_BODY", 0.5)
        with listening(create_app(Settings(database_url=sqlite.seeded()))) as service:
            yield service


def refused(answer: bytes, status: int, code: str) -> None:
    """Check that the last thing said is a problem like any other."""
    head, _, content = answer.partition(b"\r\n\r\n")
    first, *rest = head.decode().split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in rest)}
    assert first.split()[1] == str(status), answer[:1000]
    assert headers["content-type"] == "application/problem+json"
    assert SECURITY.items() <= headers.items()
    assert int(headers["content-length"]) == len(content)
    assert json.loads(content)["code"] == code


def _post(*headers: str) -> bytes:
    told = "\r\n".join(["POST /screenings HTTP/1.1", "Host: x", "Content-Type: application/json", "Connection: close", *headers])
    return f"{told}\r\n\r\n".encode()


def test_a_body_is_as_large_as_content_needs_chunked_or_not(impatient: Listening) -> None:
    refused(impatient.say(_post("Content-Length: 1048577")), 413, "content-too-large")
    chunk = b"10000\r\n" + b" " * 65536 + b"\r\n"
    refused(impatient.say(_post("Transfer-Encoding: chunked"), chunk * 17), 413, "content-too-large")


def test_a_body_that_is_sent_slowly_is_given_up(impatient: Listening) -> None:
    refused(impatient.say(_post("Content-Length: 100"), b"{"), 408, "request-timeout")


def test_a_body_that_breaks_off_is_nobodys_fault(impatient: Listening, caplog: pytest.LogCaptureFixture) -> None:
    with impatient.connect() as connection:
        connection.sendall(_post("Content-Length: 100") + b"{")
        time.sleep(0.1)
    _until_alone(impatient)
    assert [one.getMessage() for one in caplog.records if one.levelname in ("ERROR", "CRITICAL")] == []


@pytest.mark.parametrize("said", [b"", b"G", b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ", b"GET /types HTTP/1.1\r\nHost: x\r\n\r\nGET"])
def test_who_says_nothing_more_is_hung_up_on(impatient: Listening, said: bytes) -> None:
    answer = impatient.say(said)
    assert answer == b"" or answer.startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize(
    "said",
    [
        b"hello\r\n\r\n",
        b"GET /types HTTP/9.9\r\n\r\n",
        b"GET / HTTP/1.1\r\nBad Header\r\n\r\n",
        b"\x16\x03\x01\x02\x00",
    ],
)
def test_what_is_no_http_is_refused_like_everything_else(impatient: Listening, said: bytes) -> None:
    refused(impatient.say(said), 400, "malformed-request")


@pytest.mark.parametrize(
    "lengths",
    [
        ["Content-Length: 2", "Content-Length: 3"],
        ["Content-Length: 2", "Transfer-Encoding: chunked"],
        ["Transfer-Encoding: chunked, identity"],
        ["Content-Length: -1"],
        ["Content-Length: 2, 2"],
    ],
)
def test_a_request_that_two_servers_could_read_differently_is_no_request(impatient: Listening, lengths: list[str]) -> None:
    answer = impatient.say(_post(*lengths) + b"{}GET /types HTTP/1.1\r\nHost: x\r\n\r\n")
    refused(answer, 400, "malformed-request")


@pytest.mark.parametrize(
    ("begin", "status", "code"),
    [
        (b"GET /", 414, "uri-too-long"),
        (b"GET / HTTP/1.1\r\nX: ", 431, "headers-too-long"),
        (b"GET / HTTP/1.1\r\n", 431, "headers-too-long"),
    ],
)
def test_what_has_no_end_takes_no_memory(impatient: Listening, begin: bytes, status: int, code: str) -> None:
    part = b"X: y\r\n" * 10_000 if begin.endswith(b"\n") else b"a" * 60_000
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in range(10):
        answer = impatient.say(begin, *[part] * 400)
        if answer:
            refused(answer, status, code)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 60_000


def test_whatever_is_asked_a_worker_s_memory_has_an_end(sqlite: Databases, tmp_path: Path) -> None:
    letters = ([one, f"%{ord(one):02X}"] if one.isalpha() else [one] for one in "type=unstable&limit=50")
    spellings = ("".join(each) for each in product(*letters))

    def ask(service: Running, times: int) -> float:
        connection = HTTPConnection("127.0.0.1", service.port, timeout=PATIENCE)
        for spelling in islice(spellings, times):
            # One whose words are new, and which is kept when it is asked again; one that is no question, as long as an address may be.
            for query, status in ((spelling, 200), (spelling, 200), (f"{spelling}&{'x' * 8000}=1", 422)):
                connection.request("GET", f"/exercises?{query}")
                answer = connection.getresponse()
                answer.read()
                assert answer.status == status
        connection.close()
        return memory(service)

    with running(sqlite.seeded(), tmp_path) as service:
        before = ask(service, 50)
        full = ask(service, 1_300)  # 54 kB each: more than are kept
        assert cache.BYTES * 0.8 < full - before < cache.BYTES * 1.5
        assert ask(service, 300) - full < cache.BYTES * 0.1


def memory(service: Running) -> float:
    """Give the bytes that a process has in use."""
    pages = Path(f"/proc/{service.process.pid}/statm").read_text(encoding="ascii").split()[1]
    return int(pages) * resource.getpagesize()


def test_trailers_have_an_end_too(impatient: Listening) -> None:
    answer = impatient.say(_post("Transfer-Encoding: chunked") + b"0\r\n", *[b"X: y\r\n" * 10_000] * 200)
    assert answer == b"" or b"HTTP/1.1 4" in answer


def test_many_idle_connections_keep_nobody_waiting(impatient: Listening) -> None:
    with ExitStack() as stack:
        for _ in range(300):
            stack.enter_context(impatient.connect()).sendall(b"GET /types HTTP/1.1\r\nX")
        answer = impatient.say(b"GET /types HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 200 OK")
        _until_alone(impatient)


def test_who_asks_and_never_listens_gives_its_database_connection_back(impatient: Listening, caplog: pytest.LogCaptureFixture) -> None:
    with ExitStack() as stack:
        for _ in range(5):
            connection = stack.enter_context(impatient.connect(small=True))
            connection.sendall(b"GET /library HTTP/1.1\r\nHost: x\r\nAccept-Encoding: identity\r\n\r\n" * 300)
        time.sleep(0.3)
        _until_alone(impatient)
        until(lambda: impatient.app.state.database.connections_in_use == 0)  # a thread ends the reading
    assert [one.getMessage() for one in caplog.records if one.levelname in ("ERROR", "CRITICAL")] == []


def _until_alone(listening: Listening) -> None:
    until(lambda: not listening.connections)
