"""The rows of `tests.bench.load`: who pushes a service, and what must hold of it. Each gives what it saw, and what was wrong."""

import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from tests.processes import MODULE, ROOT, command, key, running
from tests.pushing import creators, crowd, deaf, exercises_file, memory, pdf_of, put_loops, remembered, slow_readers, watched

MOST_MEMORY = 350
"""MiB of a service that typesets, with all that it started."""
MOST_GROWTH = 150
"""MiB that those who don't read may cost."""
SHORT, LONG = 200, 12_000
"""Bytes of an exercise."""
QUIET = ("--log-requests", "off")


class Room(NamedTuple):
    """Where a row is tried: a library's URL, a folder, how long it may push, and how much there is to read or to import."""

    url: str
    folder: Path
    seconds: float
    number: int


class Seen(NamedTuple):
    """What a row saw, in a line, and what was wrong."""

    told: str
    wrong: list[str]


Row = Callable[[Room], Seen]


def _only(statuses: dict[int | str, int], *allowed: int) -> list[str]:
    return [f"{number} were answered {status}" for status, number in statuses.items() if status not in allowed]


def _imported(room: Room, size: int) -> bool:
    """Import as many exercises as there are to be, each of about so many bytes; say whether that went well."""
    content = exercises_file(room.folder / "made-up.json", room.number, size)
    words = [*MODULE, "import", str(content), "--database", room.url]
    return subprocess.run(words, cwd=ROOT, check=False, capture_output=True).returncode == 0  # noqa: S603  (our own program)


def crowds(room: Room) -> Seen:
    """60, then 300 who ask for the whole library at once."""
    _imported(room, LONG)
    told, wrong = [], []
    with running(room.url, room.folder, *QUIET) as service:
        for number, headers in ((60, []), (300, ["Accept-Encoding: gzip"])):
            begun = time.monotonic()
            with watched(service.port) as noticed:
                statuses, bodies = crowd(service.port, number, lambda _: "/library", *headers)
            told.append(f"{number}: {dict(statuses)} in {time.monotonic() - begun:.1f} s, {noticed}")
            wrong += _only(statuses, 200, 503) + noticed.wrong() + ([] if len(bodies) == 1 else ["more than one document"])
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
        time.sleep(room.seconds)
    return Seen(f"{min(got) / 2**20:.1f} MiB or more read by each, {noticed}, {max(read):.0f} MiB", noticed.wrong())


def importing(room: Room) -> Seen:
    """An import beside 25 who write without pause."""
    header = key(room.url)
    with running(room.url, room.folder, *QUIET, EXERCISE_LIBRARY_RATE_LIMITS="off") as service:
        begun = time.monotonic()
        with watched(service.port) as noticed, put_loops(service.port, header, 25) as written:
            went_well = _imported(room, SHORT)
        wrong = _only(written, 200, 201, 503) + noticed.wrong() + ([] if went_well else ["the import failed"])
        return Seen(f"{room.number} in {time.monotonic() - begun:.0f} s, writes {dict(written)}, {noticed}", wrong)


def unread(room: Room) -> Seen:
    """20 connections that ask without end and never read."""
    with running(room.url, room.folder, *QUIET) as service:
        before = memory(service.process.pid)
        asked = b"GET /exercises?type=unstable HTTP/1.1\r\nHost: library.test\r\n\r\n" * 500
        with remembered(service.process.pid) as read, deaf(service.port, 20, asked), watched(service.port) as noticed:
            time.sleep(min(room.seconds, 20))
        growth = max(read) - before
    wrong = noticed.wrong() + ([f"memory grew by {growth:.0f} MiB"] if growth > MOST_GROWTH else [])
    return Seen(f"+{growth:.0f} MiB, {noticed}", wrong)


def typesetting(room: Room) -> Seen:
    """96 different PDFs at once."""
    with running(room.url, room.folder, *QUIET) as service:
        before = memory(service.process.pid)
        with remembered(service.process.pid) as read, watched(service.port) as noticed:
            statuses, _ = crowd(service.port, 96, pdf_of)
        after = memory(service.process.pid)
    wrong = _only(statuses, 200, 503) + noticed.wrong()
    wrong += [f"it took {max(read):.0f} MiB"] if max(read) > MOST_MEMORY else []
    wrong += [f"it kept {after - before:.0f} MiB"] if after - before > MOST_GROWTH / 3 else []
    return Seen(f"{dict(statuses)}, {before:.0f} MiB, {max(read):.0f} at most, {after:.0f} after, {noticed}", wrong)


def killed(room: Room) -> Seen:
    """The supervisor killed while 8 write: nothing acknowledged is lost, and nobody keeps the port."""
    header = key(room.url)
    with running(room.url, room.folder, "--workers", "2", *QUIET, EXERCISE_LIBRARY_RATE_LIMITS="off") as service:
        begun = time.monotonic()
        with creators(service.port, header, 8) as written:
            time.sleep(min(room.seconds, 3))
            service.kill()
            while service.status("/health/live") and time.monotonic() - begun < room.seconds + 30:
                time.sleep(0.05)
        free = service.status("/health/live") == 0
    checked = command("check", "--database", room.url).status == 0
    wrong = ([] if free else ["somebody keeps the port"]) + ([] if checked else ["check finds faults"])
    with running(room.url, room.folder, *QUIET) as service:
        lost = [slug for slug in written if service.status(f"/exercises/{slug}") != 200]
    return Seen(
        f"{len(written)} acknowledged, {len(lost)} lost, port {'free' if free else 'held'}", wrong + [f"{one} is lost" for one in lost]
    )


def ended(room: Room) -> Seen:
    """SIGTERM while 8 write: whatever was acknowledged is there, and the service is gone soon."""
    header = key(room.url)
    with (
        running(room.url, room.folder, *QUIET, EXERCISE_LIBRARY_RATE_LIMITS="off") as service,
        creators(service.port, header, 8) as written,
    ):
        time.sleep(min(room.seconds, 3))
        service.process.send_signal(signal.SIGTERM)
        begun = time.monotonic()
        service.process.wait(60)
        took = time.monotonic() - begun
        traced = "Traceback" in service.log
    with running(room.url, room.folder, *QUIET) as service:
        lost = [slug for slug in written if service.status(f"/exercises/{slug}") != 200]
    wrong = [f"{one} is lost" for one in lost] + (["the log has a fault"] if traced else [])
    return Seen(f"{len(written)} acknowledged, {len(lost)} lost, ended after {took:.1f} s", wrong)


ROWS: dict[str, Row] = {
    "library": crowds,
    "slow-readers": slow,
    "import": importing,
    "unread": unread,
    "pdf": typesetting,
    "kill": killed,
    "sigterm": ended,
}
