"""What goes wrong around a service goes wrong clearly, loses nothing that was acknowledged, and heals by itself: real processes."""

import json
import random
import signal
import socket
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.clusters import Cluster
from tests.engines import Databases
from tests.listening import answered
from tests.processes import PATIENCE, Running, client_of, command, free_port, key, running

INSIDE = ("Traceback", "SELECT", "INSERT", "sqlalchemy", "sqlite", "psycopg", "relation", ".db", ".py", "alembic")
CREATE, REPLACE = {"If-None-Match": "*"}, {"If-Match": "*"}


def exercise(slug: str, name: str = "Made up") -> dict[str, object]:
    """Write an exercise long enough to be torn, if writes could be."""
    return {"slug": slug, "name": name, "aliases": [f"{slug} {n}" for n in range(20)], "steps": ["Do it slowly. " * 100] * 5}


def unavailable(answer: httpx.Response, code: str | None = None) -> str:
    """Check that an answer says clearly that the database can't answer, when to ask again, and nothing of the inside."""
    assert answer.status_code == 503, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    assert int(answer.headers["retry-after"]) >= 1
    assert answer.json()["code"] == code or code is None
    assert [word for word in INSIDE if word in answer.text] == []
    detail: str = answer.json()["detail"]
    return detail


# --- kill -9 in the middle of writes


class Writers:
    """Write without pause, each an exercise of its own or the same one again, and remember what was acknowledged."""

    def __init__(self, service: Running, header: dict[str, str], round_: int) -> None:
        self.acknowledged: dict[str, dict[str, object]] = {}
        self._base, self._header, self._round, self._count = service.client.base_url, header, round_, 0
        self._ended = threading.Event()
        self._threads = [threading.Thread(target=self._write, args=(n,)) for n in range(3)]
        for one in self._threads:
            one.start()

    def wait(self, count: int) -> None:
        """Wait until so many writes were acknowledged."""
        until = time.monotonic() + PATIENCE
        while self._count < count and time.monotonic() < until:
            time.sleep(0.001)

    def end(self) -> dict[str, dict[str, object]]:
        self._ended.set()
        for one in self._threads:
            one.join(PATIENCE)
        return self.acknowledged

    def _write(self, writer: int) -> None:
        number = 0
        with client_of(self._base, self._header) as client:
            while not self._ended.is_set():
                number += 1
                # One writer replaces its one exercise again and again, the others create.
                slug = f"made-up-{self._round}-{writer}" + (f"-{number}" if writer else "")
                precondition = CREATE if writer or number == 1 else REPLACE
                try:
                    answer = client.put(f"/exercises/{slug}", json=exercise(slug, f"Made up {number}"), headers=precondition)
                except httpx.TransportError:
                    return
                assert answer.status_code in (200, 201), answer.text
                self.acknowledged[slug] = answer.json()
                self._count += 1


def killing(url: str, folder: Path, times: int) -> None:
    """Kill a service again and again while it writes; then everything that it acknowledged is there."""
    header = key(url)
    acknowledged: dict[str, dict[str, object]] = {}
    for round_ in range(times):
        with running(url, folder, EXERCISE_LIBRARY_RATE_LIMITS="off") as service:
            writers = Writers(service, header, round_)
            writers.wait(random.randint(10, 60))  # noqa: S311  (any moment will do)
            service.kill()
            acknowledged |= writers.end()
    assert len(acknowledged) > 2 * times
    assert command("check", "--database", url).status == 0
    with running(url, folder) as service:
        newest = service.client.get("/health/ready").json()["revision"]
        for slug, written in acknowledged.items():
            found = service.client.get(f"/exercises/{slug}").json()
            if slug.count("-") == 3:  # the one that is replaced again and again may be one write further, whose answer was cut off
                assert int(found["name"].split()[-1]) - int(str(written["name"]).split()[-1]) in (0, 1)
                assert {**found, "name": "", "revision": 0, "updated_at": ""} == {**written, "name": "", "revision": 0, "updated_at": ""}
            else:
                assert found == written
            assert service.client.get(f"/exercises/{slug}/history").json()["items"][0]["revision"] == found["revision"] <= newest


def test_what_was_acknowledged_survives_a_kill_in_the_middle_of_writes(url: str, tmp_path: Path) -> None:
    killing(url, tmp_path, 2)


@pytest.mark.slow
def test_what_was_acknowledged_survives_many_kills(url: str, tmp_path: Path) -> None:
    killing(url, tmp_path, 25)


# --- PostgreSQL goes away and comes back


class Askers:
    """Ask without pause, and count the answers."""

    def __init__(self, service: Running, header: dict[str, str]) -> None:
        self.statuses: Counter[int | str] = Counter()
        self.refusals: list[httpx.Response] = []
        self.acknowledged: list[str] = []
        self._base, self._header = service.client.base_url, header
        self._ended = threading.Event()
        self._threads = [threading.Thread(target=self._ask, args=(n,)) for n in range(4)]
        for one in self._threads:
            one.start()

    def end(self) -> None:
        self._ended.set()
        for one in self._threads:
            one.join(PATIENCE)

    def _ask(self, asker: int) -> None:
        number = 0
        with client_of(self._base) as client:
            while not self._ended.is_set():
                number += 1
                slug = f"made-up-{asker}-{number}"
                try:
                    if asker:
                        answer = client.get(f"/exercises?type=unstable&q={'pelvis' * (number % 2)}cat")
                    else:
                        answer = client.put(f"/exercises/{slug}", json=exercise(slug), headers=self._header | CREATE)
                except httpx.TransportError as error:
                    self.statuses[type(error).__name__] += 1
                    continue
                self.statuses[answer.status_code] += 1
                if answer.status_code == 201:
                    self.acknowledged.append(slug)
                if answer.status_code == 503:
                    self.refusals.append(answer)


@pytest.mark.parametrize("mode", [pytest.param("fast", marks=pytest.mark.slow), "immediate"])
def test_postgresql_may_go_away_and_come_back_while_it_is_asked(mode: str, tmp_path: Path) -> None:
    with Cluster() as cluster:
        command("migrate", "--database", cluster.url)
        header = key(cluster.url)
        with running(cluster.url, tmp_path) as service:
            askers = Askers(service, header)
            try:
                time.sleep(0.5)
                cluster.stop(mode)
                service.wait("/health/ready", 503)
                assert service.status("/health/live") == 200
                assert "exercise_library_revision -1" in service.client.get("/metrics").text
                until = time.monotonic() + 10
                while len(askers.refusals) < 20 and time.monotonic() < until:
                    time.sleep(0.05)
                cluster.start()
                service.wait("/health/ready", 200)
            finally:
                askers.end()
            assert set(askers.statuses) == {200, 201, 503}, askers.statuses
            for one in askers.refusals:
                unavailable(one, "unavailable")
            for _ in range(20):  # every connection of the pool was broken; none is lent out again
                assert service.status("/exercises?q=cat") == 200
            for slug in askers.acknowledged:
                assert service.status(f"/exercises/{slug}") == 200
            assert "Traceback" not in service.log
        assert command("check", "--database", cluster.url).status == 0


# --- SQLite's file


@pytest.fixture
def file(sqlite: Databases) -> Path:
    """A seeded library of the test's own, as SQLite's file."""
    return Path(sqlite.seeded().removeprefix("sqlite:///"))


WITHOUT_PRIVILEGES = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"]
"""For root, too, a file that is read-only can't be written."""


def test_a_read_only_file_is_read_and_every_write_says_so(file: Path, tmp_path: Path) -> None:
    header = key(url := f"sqlite:///{file}")
    before = file.read_bytes()
    file.chmod(0o444)
    with running(url, tmp_path, under=WITHOUT_PRIVILEGES) as service:
        assert service.status("/exercises/cat-cow") == 200
        answer = service.client.put("/exercises/made-up", json=exercise("made-up"), headers=header | CREATE)
        assert unavailable(answer) == "The database can't be written: it is read-only."
    said = command("keys", "create", "another", "--database", url, fails=True, under=WITHOUT_PRIVILEGES).said
    assert said == "Error: The database can't be written: it is read-only.\n"
    assert file.read_bytes() == before


def test_a_damaged_file_is_said_to_be_damaged_and_left_as_it_is(file: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{file}"
    with running(url, tmp_path) as service:
        with file.open("r+b") as opened:
            for page in range(2, file.stat().st_size // 4096):
                opened.seek(page * 4096)
                opened.write(b"\xff" * 4096)
        answer = service.client.get("/exercises?q=anything")
        assert unavailable(answer) == "The database file is damaged; restore it from a backup."
        assert service.status("/health/live") == 200
    damaged = file.read_bytes()
    for arguments in (["serve", "--port", "0"], ["export"], ["keys", "list"]):
        said = command(*arguments, "--database", url, fails=True).said
        assert said == "Error: The database file is damaged; restore it from a backup.\n", arguments
    assert file.read_bytes() == damaged


def test_what_is_no_database_is_not_touched(tmp_path: Path) -> None:
    file = tmp_path / "letter.db"
    file.write_bytes(b"Dear library, " * 1000)
    for arguments in (["serve"], ["check"], ["export"]):
        said = command(*arguments, "--database", f"sqlite:///{file}", fails=True).said
        assert said == "Error: The database file is not one of SQLite's; restore it from a backup.\n"
    assert file.read_bytes() == b"Dear library, " * 1000
    assert [one.name for one in tmp_path.iterdir()] == ["letter.db"]


def test_a_full_disk_is_said_to_be_full_and_nothing_is_lost(sqlite: Databases, tmp_path: Path) -> None:
    small = tmp_path / "small"
    small.mkdir()
    with _small_disk(small):
        library = small / "library.db"
        library.write_bytes(Path(sqlite.seeded().removeprefix("sqlite:///")).read_bytes())
        header = key(url := f"sqlite:///{library}")
        with running(url, tmp_path) as service:
            kept, answer = 0, httpx.Response(0)
            for number in range(1000):
                slug = f"made-up-{number}"
                answer = service.client.put(f"/exercises/{slug}", json=exercise(slug), headers=header | CREATE)
                if answer.status_code != 201:
                    break
                kept += 1
            assert unavailable(answer) == "The disk of the database is full; nothing was changed."
            assert service.status("/health/ready") == 200
            assert service.client.get("/exercises").json()["total"] == 6 + kept
            assert service.status(f"/exercises/made-up-{kept}") == 404
        assert command("check", "--database", url).status == 0


@contextmanager
def _small_disk(folder: Path) -> Iterator[None]:
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)], check=False, capture_output=True, text=True)  # noqa: S603, S607
    if mounted.returncode:
        pytest.skip(f"filling a disk for real needs the right to mount one: {mounted.stderr}")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)  # noqa: S603, S607


# --- ending


def put_slowly(service: Running, header: dict[str, str], slug: str) -> tuple[socket.socket, bytes]:
    """Begin to write an exercise; give the connection and the rest of the body."""
    body = json.dumps(exercise(slug)).encode()
    headers = {**header, **CREATE, "Host": "library.test", "Content-Type": "application/json", "Content-Length": str(len(body))}
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    connection = service.connect()
    connection.sendall(f"PUT /exercises/{slug} HTTP/1.1\r\n{head}\r\n".encode() + body[:100])
    return connection, body[100:]


@pytest.mark.parametrize("workers", ["1", "2"])
def test_who_is_told_to_end_finishes_what_was_begun(file: Path, tmp_path: Path, workers: str) -> None:
    header = key(url := f"sqlite:///{file}")
    with running(url, tmp_path, "--workers", workers) as service:
        begun = [put_slowly(service, header, f"made-up-{n}") for n in range(8)]
        time.sleep(0.5)  # each is in a worker's hands
        service.process.send_signal(signal.SIGTERM)
        time.sleep(0.5)
        with ThreadPoolExecutor() as pool:
            for connection, rest in begun:
                connection.sendall(rest)
            answers = list(pool.map(answered, [connection for connection, _ in begun]))
        assert [one.split(b"\r\n")[0] for one in answers] == [b"HTTP/1.1 201 Created"] * 8
        for one in answers:
            head, _, body = one.partition(b"\r\n\r\n")
            length = next(int(line.split(b":")[1]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length"))
            assert len(body) == length
            json.loads(body)
        assert service.process.wait(PATIENCE) in (0, -signal.SIGTERM)
        assert service.status("/health/live") == 0
        assert "Traceback" not in service.log
    assert command("check", "--database", url).status == 0


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_port_in_use_is_said_in_a_line(file: Path, workers: str) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", free_port()))
        other.listen()
        port = other.getsockname()[1]
        said = command("serve", "--port", str(port), "--workers", workers, "--database", f"sqlite:///{file}", fails=True).said
    assert said == f"Error: Nothing can listen at port {port} of 127.0.0.1: Address already in use.\n"
