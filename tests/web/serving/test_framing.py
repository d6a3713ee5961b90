"""Framing: however a request arrives it is the same request, what two servers could read differently is refused, and nothing follows it."""

import json
import re
import select
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from uvicorn.protocols.http.flow_control import FlowControl

from api.app import create_app
from api.settings import Settings
from api.web.serving import framing, protocol
from api.web.serving.hooks import refuse_another_uvicorn
from api.web.serving.protocol import PatientProtocol
from tests.engines import Databases
from tests.listening import LAST, Listening, listening
from tests.processes import running
from tests.web.test_abuse import memory

BODY = json.dumps({"asked": [], "red_flags": [], "symptoms": True, "indicators": []}).encode()
POST = b"POST /screenings HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
GET = b"GET /types/stiff HTTP/1.1\r\nHost: x\r\n"
SMUGGLED = b"GET /red-flags HTTP/1.1\r\nHost: x\r\n\r\n"
STATUS = re.compile(rb"HTTP/1\.1 (\d+) ")
UPGRADES = [b"h2c", b"websocket", b"WebSocket", b"TLS/1.0, HTTP/2.0", b"", b"anything/9.9"]


class InPieces(PatientProtocol):
    """Gets everything in pieces of `size` bytes, and its first ones up to `cut`."""

    size = 1
    cut = 0

    def data_received(self, data: bytes) -> None:
        first, rest = data[: self.cut], data[self.cut :]
        for piece in (first, *(rest[at : at + self.size] for at in range(0, len(rest), self.size))):
            if piece and self.parser is not None:
                super().data_received(piece)


@pytest.fixture(scope="module")
def service(sqlite: Databases) -> Iterator[Listening]:
    with listening(create_app(Settings(database_url=sqlite.seeded(), log_requests="off")), protocol=InPieces) as service:
        yield service


@pytest.fixture(params=[1, 1_000_000], ids=["by the byte", "at once"])
def pieces(request: pytest.FixtureRequest, service: Listening, monkeypatch: pytest.MonkeyPatch) -> Listening:
    monkeypatch.setattr(InPieces, "size", request.param)
    return service


def statuses(answers: bytes) -> list[int]:
    return [int(one) for one in STATUS.findall(answers)]


def posted(*headers: bytes, chunked: bool = False) -> bytes:
    """Ask for a screening whose answer shows that its body arrived."""
    body = b"5;ext=1\r\n" + BODY[:5] + b"\r\n%x\r\n" % (len(BODY) - 5) + BODY[5:] + b"\r\n0\r\nX-Trailer: 1\r\n\r\n" if chunked else BODY
    length = b"Transfer-Encoding: chunked" if chunked else b"Content-Length: %d" % len(BODY)
    return POST + b"".join(one + b"\r\n" for one in (*headers, length)) + b"\r\n" + body


def offering(token: bytes) -> list[bytes]:
    return [b"Connection: Upgrade, HTTP2-Settings", b"Upgrade: " + token, b"HTTP2-Settings: AAEAAEAAAAIAAAAA"]


@pytest.mark.parametrize("token", UPGRADES)
@pytest.mark.parametrize("chunked", [False, True])
def test_an_upgrade_is_ignored_and_the_body_is_a_body(pieces: Listening, token: bytes, *, chunked: bool) -> None:
    plain = posted(chunked=chunked)
    asked = posted(*offering(token), chunked=chunked)
    expected = _undated(pieces.say(plain + plain + GET + b"\r\n" + LAST))
    assert statuses(expected) == [200] * 4
    assert _undated(pieces.say(asked + asked + GET + b"\r\n".join(offering(token)) + b"\r\n\r\n" + LAST)) == expected


@pytest.mark.parametrize("chunked", [False, True])
def test_an_upgrade_is_ignored_wherever_the_packets_part(service: Listening, monkeypatch: pytest.MonkeyPatch, *, chunked: bool) -> None:
    monkeypatch.setattr(InPieces, "size", 1_000_000)
    asked = posted(*offering(b"h2c"), chunked=chunked)
    for cut in range(1, len(asked)):
        monkeypatch.setattr(InPieces, "cut", cut)
        assert statuses(service.say(asked + LAST)) == [200, 200], asked[:cut]


def test_a_body_that_is_a_request_is_not_carried_out(pieces: Listening) -> None:
    hidden = b"DELETE /exercises/cat-cow HTTP/1.1\r\nHost: x\r\n\r\n"
    for upgrade in ([], offering(b"h2c")):
        asked = POST + b"".join(one + b"\r\n" for one in upgrade) + b"Content-Length: %d\r\n\r\n" % len(hidden) + hidden
        assert statuses(pieces.say(asked + LAST)) == [400, 200]


def _undated(answers: bytes) -> bytes:
    return re.sub(rb"\r\ndate: [^\r]*", b"", answers)


def _get(*headers: bytes, line: bytes = b"GET /types HTTP/1.1") -> bytes:
    return b"\r\n".join([line, *headers, b"", b""])


CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"
REFUSED = {
    "no Host": (_get(), 400),
    "two Hosts": (_get(b"Host: x", b"Host: x"), 400),
    "two Hosts in HTTP/1.0": (_get(b"Host: x", b"Host: y", line=b"GET /types HTTP/1.0"), 400),
    "two Hosts in one": (_get(b"Host: x, y"), 400),
    "a path as Host": (_get(b"Host: x/y"), 400),
    "a user in Host": (_get(b"Host: me@x"), 400),
    "markup in Host": (_get(b"Host: <script>"), 400),
    "a port that is none": (_get(b"Host: x:http"), 400),
    "a port that no address has": (_get(b"Host: x:99999"), 400),
    "the first port that is none": (_get(b"Host: x:65536"), 400),
    "a long port": (_get(b"Host: [::1]:100000"), 400),
    "absolute-form with a port that is none": (_get(b"Host: x", line=b"GET http://x:70000/types HTTP/1.1"), 400),
    "IPv6 without brackets": (_get(b"Host: ::1"), 400),
    "a space in Host": (_get(b"Host: x y"), 400),
    "bytes in Host": (_get(b"Host: \xff"), 400),
    "absolute-form with a bad Host": (_get(b"Host: x/y", line=b"GET http://x/types HTTP/1.1"), 400),
    "absolute-form without Host": (_get(line=b"GET http://x/types HTTP/1.1"), 400),
    "absolute-form with a user": (_get(b"Host: x", line=b"GET http://me@x/types HTTP/1.1"), 400),
    "absolute-form of something else": (_get(b"Host: x", line=b"GET ftp://x/types HTTP/1.1"), 400),
    "absolute-form of nowhere": (_get(b"Host: x", line=b"GET http:///types HTTP/1.1"), 400),
    "a fragment": (_get(b"Host: x", line=b"GET /types#stiff HTTP/1.1"), 400),
    "a target that is none": (_get(b"Host: x", line=b"GET types HTTP/1.1"), 400),
    "a space in the target": (_get(b"Host: x", line=b"GET /types stiff HTTP/1.1"), 400),
    "a byte in the target": (_get(b"Host: x", line=b"GET /types\xe9 HTTP/1.1"), 400),
    "an unknown method": (_get(b"Host: x", line=b"FOO /types HTTP/1.1"), 501),
    "a method in small letters": (_get(b"Host: x", line=b"get /types HTTP/1.1"), 501),
    "a method that begins like another": (_get(b"Host: x", line=b"GETT /types HTTP/1.1"), 501),
    "a method with a dash": (_get(b"Host: x", line=b"VERSION-CONTROLS /types HTTP/1.1"), 501),
    "a proxy's method": (_get(b"Host: x", line=b"CONNECT x:80 HTTP/1.1"), 501),
    "a proxy's method for a path": (_get(b"Host: x", line=b"CONNECT /types HTTP/1.1"), 501),
    "a proxy's method for everything": (_get(b"Host: x", line=b"CONNECT * HTTP/1.1"), 501),
    "a proxy's method with an upgrade": (_get(b"Host: x", b"Connection: Upgrade", b"Upgrade: h2c", line=b"CONNECT / HTTP/1.1"), 501),
    "no method": (b"hello\r\n\r\n", 400),
    "a tab after the method": (_get(b"Host: x", line=b"GET\t/types HTTP/1.1"), 400),
    "HTTP/0.9": (b"GET /types\r\n\r\n", 400),
    "HTTP/0.9 that says so": (_get(b"Host: x", line=b"GET /types HTTP/0.9"), 400),
    "HTTP/1.2": (_get(b"Host: x", line=b"GET /types HTTP/1.2"), 400),
    "HTTP/2.0": (_get(b"Host: x", line=b"GET /types HTTP/2.0"), 400),
    "the preface of HTTP/2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
    "a greeting of TLS": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),
    "a header that goes on in the next line": (_get(b"Host: x", b"X: a", b" b"), 400),
    "a space before the first header": (_get(b" Host: x"), 400),
    "a space before the colon": (_get(b"Host : x"), 400),
    "a header without a colon": (_get(b"Host: x", b"X"), 400),
    "a header without a name": (_get(b"Host: x", b": y"), 400),
    "a NUL in a header": (_get(b"Host: x", b"X: a\0b"), 400),
    "a CR in a header": (_get(b"Host: x", b"X: a\rb"), 400),
    "a line that ends with LF alone": (_get(b"Host: x", b"X: a\nY: b"), 400),
    "a head that ends with LF alone": (b"GET /types HTTP/1.1\nHost: x\n\n", 400),
    "both lengths": (POST + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    "both lengths the other way": (POST + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n", 400),
    "two lengths": (POST + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}", 400),
    "the same length twice": (POST + b"Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}", 400),
    "a list of lengths": (POST + b"Content-Length: 2, 2\r\n\r\n{}", 400),
    "a length with a sign": (POST + b"Content-Length: +2\r\n\r\n{}", 400),
    "a length in hexadecimal": (POST + b"Content-Length: 0x2\r\n\r\n{}", 400),
    "a length of nothing": (POST + b"Content-Length:\r\n\r\n{}", 400),
    "a length without end": (POST + b"Content-Length: 99999999999999999999999\r\n\r\n{}", 400),
    "another coding": (POST + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501),
    "another coding in a line of its own": (POST + b"Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 501),
    "a coding that doesn't end": (POST + b"Transfer-Encoding: gzip\r\n\r\n{}", 400),
    "chunked and then another": (POST + b"Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n", 400),
    "chunked twice": (POST + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    "chunked around another coding": (POST + b"Transfer-Encoding: chunked, gzip, chunked\r\n\r\n0\r\n\r\n", 400),
    "almost chunked": (POST + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", 400),
    "chunked behind a control character": (POST + b"Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n", 400),
    "chunked behind a comma": (POST + b"Transfer-Encoding: , chunked\r\n\r\n0\r\n\r\n", 400),
    "chunked with a parameter": (POST + b"Transfer-Encoding: chunked;a=b\r\n\r\n0\r\n\r\n", 400),
    "chunked in HTTP/1.0": (CHUNKED.replace(b"/1.1", b"/1.0") + b"0\r\n\r\n", 400),
    "a chunk of no size": (CHUNKED + b"zz\r\n", 400),
    "a chunk without end": (CHUNKED + b"FFFFFFFFFFFFFFFFF\r\n", 400),
    "a chunk's size in another form": (CHUNKED + b"0x2\r\n{}\r\n0\r\n\r\n", 400),
    "a chunk's size and a space": (CHUNKED + b"2 \r\n{}\r\n0\r\n\r\n", 400),
    "a chunk longer than it says": (CHUNKED + b"2\r\n{}{}\r\n0\r\n\r\n", 400),
    "chunks that end with LF alone": (CHUNKED + b"2\n{}\n0\n\n", 400),
    "LF in an extension": (CHUNKED + b"2;a\nb\r\n{}\r\n0\r\n\r\n", 400),
}


@pytest.mark.parametrize(("said", "status"), REFUSED.values(), ids=REFUSED)
def test_what_two_servers_could_read_differently_is_refused_and_ends_the_connection(
    pieces: Listening, said: bytes, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    answer = pieces.say(said + SMUGGLED)
    assert statuses(answer) == [status]
    head, _, content = answer.partition(b"\r\n\r\n")
    for line in (
        b"\r\nconnection: close",
        b"\r\ndate: ",
        b"\r\ncontent-type: application/problem+json",
        b"\r\nx-content-type-options: nosniff",
    ):
        assert line in head
    if content:  # nobody expects one in answer to HEAD
        assert json.loads(content)["status"] == status
    assert statuses(pieces.say(GET + b"\r\n" + posted() + said + SMUGGLED)) == [200, 200, status]
    assert statuses(pieces.say(said, and_no_more=True)) == [status]
    assert statuses(pieces.say(LAST)) == [200]
    assert [one.getMessage() for one in caplog.records if one.levelname in ("ERROR", "CRITICAL")] == []


ANSWERED = {
    "a port": (_get(b"Host: library.test:8000"), 200),
    "the last port": (_get(b"Host: x:65535"), 200),
    "a port with zeros before it": (_get(b"Host: [::1]:008000"), 200),
    "a port that is left out": (_get(b"Host: x:"), 200),
    "IPv6": (_get(b"Host: [::1]:8000"), 200),
    "a Host that says nothing": (_get(b"Host:"), 200),
    "blanks around a Host": (_get(b"Host:  x \t"), 200),
    "a name that isn't ASCII": (_get(b"Host: b%C3%BCcher.example"), 200),
    "no Host in HTTP/1.0": (_get(line=b"GET /types HTTP/1.0"), 200),
    "absolute-form": (_get(b"Host: x", line=b"GET http://x/types/stiff?format=json HTTP/1.1"), 200),
    "absolute-form in capitals": (_get(b"Host: x", line=b"GET HTTPS://X:80/types HTTP/1.1"), 200),
    "absolute-form without a path": (_get(b"Host: x", line=b"GET http://x HTTP/1.1"), 200),
    "absolute-form with a query alone": (_get(b"Host: x", line=b"GET http://x?typ=1 HTTP/1.1"), 422),
    "everything": (_get(b"Host: x", line=b"OPTIONS * HTTP/1.1"), 204),
    "everything, asked otherwise": (_get(b"Host: x", line=b"GET * HTTP/1.1"), 404),
    "a method that no path has": (_get(b"Host: x", line=b"PATCH /types HTTP/1.1"), 405),
    "a method of WebDAV": (_get(b"Host: x", line=b"PROPFIND /types HTTP/1.1"), 405),
    "a method of another protocol": (_get(b"Host: x", line=b"SUBSCRIBE /types HTTP/1.1"), 501),
    "empty lines before": (b"\r\n\r\n" + _get(b"Host: x"), 200),
    "a body where none is expected": (_get(b"Host: x", b"Content-Length: 5") + b"hello", 200),
    "chunked in capitals": (CHUNKED.replace(b"chunked", b"CHUNKED ") + b"%x\r\n" % len(BODY) + BODY + b"\r\n0\r\n\r\n", 200),
    "extensions of chunks": (posted(chunked=True), 200),
    "an expectation": (posted(b"Expect: 100-continue"), 200),
    "an encoded slash": (_get(b"Host: x", line=b"GET /types%2Fstiff HTTP/1.1"), 404),
    "an encoded slash in small letters": (_get(b"Host: x", line=b"GET /types%2fstiff?format=json HTTP/1.1"), 404),
}


@pytest.mark.parametrize(("said", "status"), ANSWERED.values(), ids=ANSWERED)
def test_what_is_http_is_answered_and_what_follows_it_too(pieces: Listening, said: bytes, status: int) -> None:
    followed = [] if b" HTTP/1.0" in said else [200]
    assert [one for one in statuses(pieces.say(said + LAST)) if one != 100] == [status, *followed]


def test_the_whole_service_has_every_method_that_some_path_has(service: Listening) -> None:
    answer = service.say(b"OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert b"\r\nallow: DELETE, GET, HEAD, OPTIONS, POST, PUT\r\n" in answer


def test_a_path_with_an_encoded_slash_is_named_as_it_was_asked(service: Listening) -> None:
    answer = service.say(_get(b"Host: x", b"Connection: close", line=b"GET /types%2Fstiff HTTP/1.1"))
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["instance"] == "/types%2Fstiff"


def test_trailers_are_no_headers(pieces: Listening) -> None:
    trailer = posted(chunked=True).replace(b"X-Trailer: 1", b"X-Request-ID: smuggled\r\nContent-Type: text/plain")
    answer = pieces.say(trailer + LAST)
    assert statuses(answer) == [200, 200]
    assert b"smuggled" not in answer


def test_http_1_0_expects_nothing(pieces: Listening) -> None:
    asked = posted(b"Expect: 100-continue")
    assert statuses(pieces.say(asked + LAST)) == [100, 200, 200]
    assert statuses(pieces.say(asked.replace(b"HTTP/1.1", b"HTTP/1.0"))) == [200]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (GET + b"\r\n", [200]),
        (posted(), [200]),
        ((GET + b"\r\n" + posted(chunked=True)) * 40, [200] * 80),
        (GET + b"\r\n" + GET, [200]),
        (GET + b"\r\n" + posted()[:-1], [200, 400]),
        (posted(chunked=True)[:-5], [400]),
        (GET, []),
        (b"", []),
    ],
)
def test_who_stops_talking_is_still_answered(pieces: Listening, said: bytes, expected: list[int]) -> None:
    assert statuses(pieces.say(said, and_no_more=True)) == expected


@pytest.mark.parametrize(
    "said", [GET + b"\r\n", GET + b"Accept-Encoding: gzip\r\n\r\n", b"GET /exercises HTTP/1.1\r\nHost: x\r\n\r\n", posted()]
)
def test_who_asks_and_never_reads_is_soon_no_longer_listened_to(service: Listening, monkeypatch: pytest.MonkeyPatch, said: bytes) -> None:
    monkeypatch.setattr(InPieces, "size", 1_000_000)
    before = set(service.protocols())
    with service.connect(small=True) as connection:
        _fill({connection: said})
        (one,) = set(service.protocols()) - before
        found = one()
        assert isinstance(found, PatientProtocol)
        assert len(found.pipeline) <= protocol.LONGEST_QUEUE + protocol.PIECE // 25
        connection.settimeout(10)
        assert len(connection.recv(100_000)) > 0


def _fill(asked: dict[socket.socket, bytes]) -> None:
    """Ask on each connection until none takes more."""
    left = {connection: said * (65_536 // len(said)) for connection, said in asked.items()}
    for connection in left:
        connection.settimeout(0)
    while writable := select.select([], left, [], 0.5)[1]:
        for connection in writable:
            sent = connection.send(left[connection])
            left[connection] = left[connection][sent:] + left[connection][:sent]


def test_twenty_who_never_read_take_little_memory(sqlite: Databases, tmp_path: Path) -> None:
    with running(sqlite.seeded(), tmp_path) as service, ExitStack() as stack:
        service.client.get("/exercises")
        before = memory(service)
        asked = GET + b"\r\n", _get(b"Host: x", line=b"GET /exercises HTTP/1.1")
        _fill({stack.enter_context(service.connect()): asked[number % 2] for number in range(20)})
        assert memory(service) - before < 150e6
        assert service.client.get("/health/live").status_code == 200


def test_a_line_that_never_ends_is_no_line() -> None:
    assert framing.of_unknown_method(b"FOO /") is None
    endless = framing.of_unknown_method(b"FOO /" + b"a" * framing.LONGEST_LINE)
    assert endless is not None
    assert endless.code == "malformed-request"


def test_a_uvicorn_that_lacks_a_hook_is_refused_by_name() -> None:
    with pytest.raises(ImportError, match=r"uvicorn [\d.]+ lacks FlowControl\.a_hook, FlowControl\.a_state: install"):
        refuse_another_uvicorn({FlowControl: "resume_reading a_hook"}, {FlowControl: "read_paused a_state"})
