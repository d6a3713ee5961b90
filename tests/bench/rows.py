"""The rows of `tests.bench.load`: who pushes a service, and what must hold of it. Each gives what it saw, and what was wrong."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

from tests.clusters import Cluster
from tests.processes import PROGRAM, ROOT, Running, command, key, running
from tests.pushing import (
    PROBES,
    creators,
    crowd,
    deaf,
    exercises_file,
    is_there,
    memory,
    pdf_of,
    put_loops,
    remembered,
    slow_readers,
    started_by,
    watched,
)

MOST_MEMORY = 350
"""MiB of a service that typesets, with all that it started."""
MOST_GROWTH = 150
"""MiB that those who don't read may cost."""
SHORT, LONG = 200, 12_000
"""Bytes of an exercise."""
AT_ONCE = 1
"""Seconds that a refusal of the whole library may take."""
QUIET = ("--log-requests", "off")
A_WHILE = 3
"""Seconds of writing before something happens."""
ROOM_LEFT = 1_500_000
"""Bytes that are free on a disk that fills up."""


class Room(NamedTuple):
    """Where a row is tried: a library, a folder, how long it may push, and how much there is to read or to import."""

    url: str
    folder: Path
    cluster: Cluster | None
    """The server of the library, if it is PostgreSQL's."""
    seconds: float
    number: int


class Seen(NamedTuple):
    """What a row saw, in a line, and what was wrong."""

    told: str
    wrong: list[str]


class Row(NamedTuple):
    """What pushes, for how many seconds at most, with how many exercises."""

    push: Callable[[Room], Seen]
    seconds: float = 60
    number: int = 0


def _only(statuses: dict[int | str, int], *allowed: int) -> list[str]:
    return [f"{number} were answered {status}" for status, number in statuses.items() if status not in allowed]


def _imported(room: Room, size: int, seconds: float | None = None) -> str:
    """Import as many exercises as there are to be, each of about so many bytes; tell how that ended."""
    content = exercises_file(room.folder / "made-up.json", room.number, size)
    words = [PROGRAM, "import", str(content), "--database", room.url]
    try:
        ended = subprocess.run(words, cwd=ROOT, check=False, capture_output=True, timeout=seconds)  # noqa: S603  (our own program)
    except subprocess.TimeoutExpired:
        return "cut off"
    return "whole" if ended.returncode == 0 else "failed"


def _pushed(room: Room, *options: str) -> AbstractContextManager[Running]:
    """Serve a library that is written to without pause."""
    return running(room.url, room.folder, *QUIET, *options, EXERCISE_LIBRARY_RATE_LIMITS="off")


def _lost(room: Room, written: Iterable[str]) -> list[str]:
    """Check a library, serve it once more, and tell what was acknowledged and isn't there."""
    command("check", "--database", room.url)
    with running(room.url, room.folder, *QUIET) as service:
        return [f"{slug} is lost" for slug in written if service.client.get(f"/exercises/{slug}").status_code != 200]


def _waited(condition: Callable[[], object], what: str, seconds: float = 30) -> list[str]:
    """Wait until something is so; tell if it isn't."""
    until = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > until:
            return [f"{what}, after {seconds:.0f} s"]
        time.sleep(0.05)
    return []


# --- readers


def crowds(room: Room) -> Seen:
    """60, then 300 who ask for the whole library at once."""
    _imported(room, LONG)
    told, wrong = [], []
    with running(room.url, room.folder, *QUIET) as service:
        for number, headers in ((60, []), (300, ["Accept-Encoding: gzip"]), (300, [])):
            begun = time.monotonic()
            with watched(service.port) as noticed:
                statuses, bodies, refused = crowd(service.port, number, lambda _: "/library", *headers)
            told.append(f"{number}{' zipped' if headers else ''}: {dict(statuses)} in {time.monotonic() - begun:.1f} s, {noticed}")
            wrong += _only(statuses, 200, 503) + noticed.wrong() + ([] if len(bodies) == 1 else ["more than one document"])
            wrong += [f"a refusal took {refused:.1f} s"] if refused > AT_ONCE else []
    return Seen("; ".join(told), wrong)


def slow(room: Room) -> Seen:
    """22 who read the whole library at 0.25 MB/s."""
    _imported(room, LONG)
    with (
        running(room.url, room.folder, *QUIET) as service,
        remembered(service.process.pid) as read,
        slow_readers(service.port, 22, "/library", 250_000) as got,
        watched(service.port) as noticed,
    ):
        size = int(service.client.head("/library", headers={"Accept-Encoding": "identity"}).headers["content-length"])
        time.sleep(room.seconds)
    told = (
        f"{min(got) / 1e6:.1f} to {max(got) / 1e6:.1f} of {size / 1e6:.0f} MB read in {room.seconds:.0f} s, {noticed}, {max(read):.0f} MiB"
    )
    return Seen(told, noticed.wrong())


def unread(room: Room) -> Seen:
    """20 connections that ask without end and never read."""
    with running(room.url, room.folder, *QUIET) as service:
        before = memory(service.process.pid)
        asked = b"GET /exercises?type=unstable HTTP/1.1\r\nHost: library.test\r\n\r\n" * 500
        with remembered(service.process.pid) as read, deaf(service.port, 20, asked), watched(service.port) as noticed:
            time.sleep(room.seconds)
        growth = max(read) - before
    wrong = noticed.wrong() + ([f"memory grew by {growth:.0f} MiB"] if growth > MOST_GROWTH else [])
    return Seen(f"+{growth:.0f} MiB, {noticed}", wrong)


def typesetting(room: Room) -> Seen:
    """96 different PDFs at once, and again those that were refused."""
    with running(room.url, room.folder, *QUIET) as service:
        before = memory(service.process.pid)
        with remembered(service.process.pid) as read, watched(service.port) as noticed:
            first, bodies, _ = crowd(service.port, 96, pdf_of)
            wrong = _only(first, 200, 503)
            until = time.monotonic() + room.seconds
            while len(bodies) < 96 and time.monotonic() < until:
                statuses, more, _ = crowd(service.port, 96, pdf_of)
                bodies |= more
                wrong += _only(statuses, 200, 503)
        after = memory(service.process.pid)
    wrong += noticed.wrong() + ([] if len(bodies) == 96 else [f"{96 - len(bodies)} were never typeset"])
    wrong += [f"it took {max(read):.0f} MiB"] if max(read) > MOST_MEMORY else []
    wrong += [f"it kept {after - before:.0f} MiB"] if after - before > MOST_GROWTH / 3 else []
    return Seen(f"{dict(first)}, then all {len(bodies)}; {before:.0f} MiB, {max(read):.0f} at most, {after:.0f} after, {noticed}", wrong)


# --- writers


def importing(room: Room) -> Seen:
    """An import beside 25 who write without pause."""
    header = key(room.url)
    with _pushed(room) as service:
        begun = time.monotonic()
        with watched(service.port) as noticed, put_loops(service.port, header, 25) as written:
            ended = _imported(room, SHORT, room.seconds)
            seconds = time.monotonic() - begun
    wrong = _only(written, 200, 201, 503) + noticed.wrong() + (["the import failed"] if ended == "failed" else [])
    return Seen(f"{room.number} {ended} in {seconds:.0f} s, writes {dict(written)}, {noticed}", wrong)


def _workers(service: Running) -> list[int]:
    """Give the processes that answer, of a supervisor that started them."""
    children = started_by(service.process.pid)
    return [one for one in children if b"spawn_main" in (Path("/proc") / str(one) / "cmdline").read_bytes()]


def worker_killed(room: Room) -> Seen:
    """One of two workers killed while 8 write: another takes its place, and nothing acknowledged is lost."""
    header = key(room.url)
    with _pushed(room, "--workers", "2") as service:
        with watched(service.port) as noticed, creators(service.port, header, 8) as written:
            time.sleep(A_WHILE)
            first = _workers(service)
            os.kill(first[0], signal.SIGKILL)
            wrong = _waited(lambda: len({*_workers(service)} - {first[0]}) == 2, "there is no second worker")
            number = len(written)
            wrong += _waited(lambda: len(written) > number, "nobody writes any more")
        wrong += noticed.wrong(broken=len(noticed.slowest))  # each may have lost its connection
    return Seen(f"{len(written)} acknowledged, {noticed}", wrong + _lost(room, written))


def supervisor_killed(room: Room) -> Seen:
    """The supervisor killed while 8 write: nothing acknowledged is lost, and nobody keeps the port."""
    header = key(room.url)
    with _pushed(room, "--workers", "2") as service, creators(service.port, header, 8) as written:
        time.sleep(A_WHILE)
        service.kill()
        begun = time.monotonic()
        wrong = _waited(lambda: service.status("/health/live") == 0, "somebody keeps the port")
        took = time.monotonic() - begun
    return Seen(f"{len(written)} acknowledged, the port free after {took:.1f} s", wrong + _lost(room, written))


def database_killed(room: Room) -> Seen:
    """The database killed while 8 write (SQLite's is the service): 503 while it is away, nothing acknowledged is lost."""
    header = key(room.url)
    with _pushed(room) as service, watched(service.port, PROBES[:1]) as noticed, creators(service.port, header, 8) as written:
        time.sleep(A_WHILE)
        if room.cluster is None:
            service.kill()
            return Seen(f"{len(written)} acknowledged", _lost(room, written))
        room.cluster.kill()
        service.wait("/health/ready", 503)
        room.cluster.start()
        service.wait("/health/ready", 200)
        number = len(written)
        wrong = _waited(lambda: len(written) > number, "nobody writes any more")
        traced = ["the log has a fault"] if "Traceback" in service.log else []
    return Seen(f"{len(written)} acknowledged, {noticed}", wrong + traced + noticed.wrong() + _lost(room, written))


def ended(room: Room) -> Seen:
    """SIGTERM while 8 write: it is gone soon, with all that it started, and nothing acknowledged is lost."""
    header = key(room.url)
    with _pushed(room, "--workers", "2") as service, creators(service.port, header, 8) as written:
        time.sleep(A_WHILE)
        started = started_by(service.process.pid)
        service.process.send_signal(signal.SIGTERM)
        begun = time.monotonic()
        service.process.wait(60)
        took = time.monotonic() - begun
        wrong = _waited(lambda: not any(is_there(one) for one in started), "something that it started is left", seconds=5)
        wrong += ["somebody keeps the port"] if service.status("/health/live") else []
        wrong += ["the log has a fault"] if "Traceback" in service.log else []
    return Seen(f"{len(written)} acknowledged, ended after {took:.1f} s", wrong + _lost(room, written))


# --- disks and files


@contextmanager
def _small_disk(folder: Path) -> Iterator[None]:
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256m,mode=755", "tmpfs", str(folder)], check=True)  # noqa: S603, S607
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)  # noqa: S603, S607


def disk_full(room: Room) -> Seen:
    """A disk that fills up while 8 write: reads go on, nothing acknowledged is lost, and with room there is writing again."""
    disk, filler = room.folder / "disk", room.folder / "disk" / "filler"
    room.folder.chmod(0o755)
    with ExitStack() as opened:
        opened.enter_context(_small_disk(disk))
        cluster = opened.enter_context(Cluster(within=disk)) if room.cluster else None
        small = room._replace(url=cluster.url if cluster else f"sqlite:///{disk / 'library.db'}", cluster=cluster)
        command("migrate", "--database", small.url)
        header = key(small.url)
        with _pushed(small) as service, watched(service.port) as noticed, creators(service.port, header, 8) as written:
            _fill(filler, shutil.disk_usage(disk).free - ROOM_LEFT)
            wrong = _waited(lambda: shutil.disk_usage(disk).free < 4096 * 4, "the disk isn't full", room.seconds)
            time.sleep(A_WHILE)
            kept = len(written)
            time.sleep(A_WHILE)
            late = len(written) - kept
            filler.unlink()
            wrong += _waited(lambda: len(written) > kept + late, "nobody writes any more")
            wrong += ["the log has a fault"] if "Traceback" in service.log else []
        told = f"{kept} acknowledged, {late} while it was full, {len(written)} in the end, {noticed}"
        return Seen(told, wrong + noticed.wrong() + _lost(small, written))


def _fill(file: Path, size: int) -> None:
    with file.open("wb") as opened:
        os.posix_fallocate(opened.fileno(), 0, size)


def _taken_away(room: Room, *, replaced: bool) -> Seen:
    if room.cluster is not None:
        return Seen("only SQLite has one", [])
    header, file = key(room.url), Path(room.url.removeprefix("sqlite:///"))
    elsewhere, other = file.with_name("elsewhere"), file.with_name("other")
    with _pushed(room) as service, creators(service.port, header, 8) as written:
        time.sleep(A_WHILE)
        if replaced:
            shutil.copy(file, other)
        file.rename(elsewhere)
        if replaced:
            other.rename(file)
        taken = time.monotonic()
        time.sleep(A_WHILE)
        late = [f"{slug} was acknowledged" for slug, begun in written.items() if begun > taken]
        wrong = late + (["it is ready all the same"] if service.status("/health/ready") != 503 else [])
        elsewhere.rename(file)
        service.wait("/health/ready", 200)
    return Seen(f"{len(written)} acknowledged, {len(late)} of them after it had gone", wrong + _lost(room, written))


def removed(room: Room) -> Seen:
    """SQLite's file moved away while 8 write, and back."""
    return _taken_away(room, replaced=False)


def replaced(room: Room) -> Seen:
    """SQLite's file replaced by another while 8 write, and put back."""
    return _taken_away(room, replaced=True)


# --- what tests push, on both engines


def _by_tests(*words: str) -> Row:
    def push(_: Room) -> Seen:
        command_line = [sys.executable, "-m", "pytest", "-q", "-n", "2", *words]
        finished = subprocess.run(command_line, cwd=ROOT, check=False, capture_output=True, text=True)  # noqa: S603  (our own tests)
        *before, last = finished.stdout.splitlines() or [finished.stderr]
        return Seen(last, [] if finished.returncode == 0 else before[-20:])

    return Row(push)


ROWS: dict[str, Row] = {
    "library": Row(crowds, number=500),
    "slow-readers": Row(slow, seconds=120, number=4000),
    "import": Row(importing, seconds=340, number=20_000),
    "unread": Row(unread, seconds=20),
    "pdf": Row(typesetting, seconds=240),
    "kill-worker": Row(worker_killed),
    "kill-supervisor": Row(supervisor_killed),
    "kill-database": Row(database_killed),
    "sigterm": Row(ended),
    "disk-full": Row(disk_full),
    "file-removed": Row(removed),
    "file-replaced": Row(replaced),
    "raw-http": _by_tests("tests/web/serving/test_framing.py", "tests/web/serving/test_protocol.py", "tests/web/test_negotiation.py"),
    "upgrades": _by_tests("-m", "clients", "tests/clients/test_other_clients.py"),
    "hostile-files": _by_tests("tests/store/test_content.py", "tests/library/test_strict_json.py", "tests/web/test_bodies.py"),
    "as-found": _by_tests("tests/store/test_as_found.py"),
}
