"""What pushes a service, for a while: what it says meanwhile, and how soon it is itself again.

    uv run python -m tests.bench.load [ROW …] [--engine sqlite|postgresql] [--seconds N] [--number N]

Each row has real processes and a library of its own, and runs alone by its name; without names all of them run, one after the other.
Ends with 1 where anything was wrong.

overload         one worker; 200 connections that never pause ask what it has in memory, what it has to look up, and write, while one
                 more asks a hot and a cold question ten times a second, before, during and after: nothing but the documented 503 and
                 429 is refused, no answer breaks off, waiting ends with the load, memory doesn't grow
library          60, then 300 who ask for the whole library at once: 200, or 503 at once
slow-readers     22 who read a whole library of 50 MB at 0.25 MB/s, for two minutes
import           an import of 20,000 exercises beside 25 who write without pause: 200, 201 or 503
unread           20 connections that ask without end and never read: at most 150 MiB more
pdf              96 different PDFs at once: at most 350 MiB, and back
kill-worker      one of two workers killed while others write: another takes its place, nothing is lost
kill-supervisor  the supervisor killed while others write: nothing is lost, nobody keeps the port
kill-database    PostgreSQL killed, or the one process that has SQLite, while others write: nothing is lost
sigterm          told to end while others write: nothing is lost, nobody is left
disk-full        a disk that fills up while others write: it is read, and later written; nothing is lost
file-removed     SQLite's file moved away while others write: nothing is acknowledged until it is back
file-replaced    the same, with another file in its place
raw-http, upgrades, hostile-files, as-found   run the tests that push so

In every row but `overload` and those that kill, end or take away what answers, probes and other reads, asked ten times a second, are
answered with 200 within a second.
"""

import argparse
import asyncio
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import count
from json import dumps
from multiprocessing import get_context
from pathlib import Path
from statistics import median, quantiles

import httpx

from tests.bench.rows import ROWS, Room, Row, Seen
from tests.clusters import Cluster
from tests.processes import Running, command, key, running
from tests.pushing import memory

HOT, COLD, WRITING = 120, 72, 8
"""Connections of each kind."""
SECONDS_APART = 10
SECONDS_TO_RECOVER = 2
FINE, DOCUMENTED = {200, 201}, {503, 429}
MOST_GROWTH = 1.25
WARMING = 0.3
"""The share of the load after which memory should be level: by then pools, caches and threads are there."""


@dataclass
class Watching:
    """Answers by kind of question and status, and how long the watched ones took, in seconds."""

    answers: Counter[tuple[str, int | str]] = field(default_factory=Counter)
    waited: dict[str, list[float]] = field(default_factory=dict)

    async def ask(self, kind: str, asking: Callable[[], Awaitable[httpx.Response]], *, watched: bool = False) -> None:
        """Ask once, and count the answer."""
        begun = time.perf_counter()
        try:
            status: int | str = (await asking()).status_code
        except httpx.TransportError as error:
            status = type(error).__name__
        self.answers[kind, status] += 1
        if watched:
            self.waited.setdefault(kind, []).append(time.perf_counter() - begun)

    def told(self, when: str) -> str:
        """Tell how long the watched ones waited."""
        parts = [
            f"{kind} {median(times) * 1000:.0f}/{quantiles(times, n=100)[98] * 1000:.0f}" for kind, times in sorted(self.waited.items())
        ]
        return f"{when:<8} median/p99 ms: {', '.join(parts)}"


async def watch(base: httpx.URL, seconds: float, names: "count[int]") -> Watching:
    """Ask a hot and a cold question ten times a second."""
    seen, until = Watching(), time.monotonic() + seconds
    async with httpx.AsyncClient(base_url=base, trust_env=False, timeout=60) as client:
        while time.monotonic() < until:
            await seen.ask("hot", lambda: client.get("/exercises?type=stiff"), watched=True)
            await seen.ask("cold", lambda: client.get(f"/exercises?q=cat+{next(names)}"), watched=True)
            await asyncio.sleep(0.1)
    return seen


class Connection:
    """One connection that asks again and again, in so little code that it asks faster than a service answers."""

    def __init__(self, base: httpx.URL) -> None:
        self._host, self._port = base.host, base.port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, method: str, path: str, headers: dict[str, str], body: bytes = b"") -> int:
        """Give the status; an answer that breaks off is an error."""
        reader, writer = self._streams = self._streams or await asyncio.open_connection(self._host, self._port)
        named = {"Host": self._host, "Content-Type": "application/json", "Content-Length": str(len(body)), **headers}
        if not body:
            del named["Content-Length"], named["Content-Type"]
        head = "".join(f"{name}: {value}\r\n" for name, value in named.items())
        writer.write(f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode() + body)
        start, *rest = (await reader.readuntil(b"\r\n\r\n")).lower().split(b"\r\n")
        await reader.readexactly(next(int(line[15:]) for line in rest if line.startswith(b"content-length:")))
        return int(start.split()[1])


async def press(base: httpx.URL, header: dict[str, str], seconds: float) -> Counter[tuple[str, int | str]]:
    """Ask and write without pause through many connections."""
    answers, until, names = Counter[tuple[str, int | str]](), time.monotonic() + seconds, count()

    async def each(kind: str, ask: Callable[[Connection], Awaitable[int]]) -> None:
        connection = Connection(base)
        while time.monotonic() < until:
            try:
                answers[kind, await ask(connection)] += 1
            except (OSError, EOFError) as error:
                answers[kind, type(error).__name__] += 1
                connection = Connection(base)

    async def write(connection: Connection) -> int:
        # The same hundred exercises again and again: the library doesn't grow, its history does.
        slug = f"made-up-{next(names) % 100}"
        body = dumps({"slug": slug, "name": f"Made up {next(names)}"}).encode()
        status = await connection.ask("PUT", f"/exercises/{slug}", header | {"If-Match": "*"}, body)
        if status == httpx.codes.NOT_FOUND:
            status = await connection.ask("PUT", f"/exercises/{slug}", header | {"If-None-Match": "*"}, body)
        # Whoever came second in the same moment did nothing wrong, and neither did the service.
        return httpx.codes.OK if status == httpx.codes.PRECONDITION_FAILED else status

    await asyncio.gather(
        *(each("hot", lambda connection: connection.ask("GET", "/exercises?type=stiff", {})) for _ in range(HOT)),
        *(each("cold", lambda connection: connection.ask("GET", f"/exercises?q=pelvic+{next(names)}", {})) for _ in range(COLD)),
        *(each("write", write) for _ in range(WRITING)),
    )
    return answers


def pressed_in_its_own_process(base: str, header: dict[str, str], seconds: float) -> Counter[tuple[str, int | str]]:
    """Press from where it doesn't keep the one that watches waiting."""
    return asyncio.run(press(httpx.URL(base), header, seconds))


async def remember(service: Running, seconds: float) -> list[float]:
    """Read the memory once a second."""
    read, until = [], time.monotonic() + seconds
    while time.monotonic() < until:
        read.append(memory(service.process.pid))
        await asyncio.sleep(1)
    return read


async def measure(service: Running, header: dict[str, str], seconds: float) -> list[str]:
    """Load a service, print what was seen, and give what was wrong."""
    base, names = service.client.base_url, count()
    before = await watch(base, SECONDS_APART, names)
    at_first = memory(service.process.pid)
    with ProcessPoolExecutor(1, get_context("spawn")) as other:
        pressing = asyncio.get_running_loop().run_in_executor(other, pressed_in_its_own_process, str(base), header, seconds)
        pressed, during, read = await asyncio.gather(pressing, watch(base, seconds, names), remember(service, seconds))
    begun = time.perf_counter()
    await asyncio.to_thread(service.wait, "/health/ready", 200)
    await asyncio.sleep(max(0, SECONDS_TO_RECOVER - (time.perf_counter() - begun)))
    after = await watch(base, SECONDS_APART, names)
    warm, at_last = read[int(len(read) * WARMING)], memory(service.process.pid)

    total = sum(pressed.values())
    say(f"{total} answers in {seconds:.0f} s, {total / seconds:.0f} a second:")
    for (kind, status), times in sorted(pressed.items(), key=str):
        say(f"  {kind:<6} {status}  {times}")
    for when, seen in (("before", before), ("during", during), ("after", after)):
        say(seen.told(when))
    say(f"memory   {at_first:.0f} MiB before, {warm:.0f} warm, {max(read):.0f} at the most, {at_last:.0f} after")
    return list(wrong(pressed + during.answers, before, after, growth=at_last / warm, traced="Traceback" in service.log))


def wrong(pressed: Counter[tuple[str, int | str]], before: Watching, after: Watching, *, growth: float, traced: bool) -> list[str]:
    """Say what must not be."""
    found = [f"{kind} was answered {status}" for kind, status in pressed if status not in FINE | DOCUMENTED]
    found += [f"{kind} is still answered {status} after the load" for kind, status in after.answers if status not in FINE]
    for kind, times in after.waited.items():
        if median(times) > 2 * median(before.waited[kind]) + 0.01:
            found.append(f"{kind} is still slow after the load")
    found += [f"memory grew by {growth - 1:.0%}"] if growth > MOST_GROWTH else []
    return found + (["the log has a fault"] if traced else [])


def say(text: str) -> None:
    """Print a line."""
    print(text, flush=True)  # noqa: T201  (this is its answer)


def overload(room: Room) -> Seen:
    """Load one worker with more than it can answer."""
    header = key(room.url)
    with running(room.url, room.folder, "--workers", "1", "--log-requests", "off") as service:
        return Seen(
            f"{HOT} connections ask what is in memory, {COLD} what isn't, {WRITING} write",
            asyncio.run(measure(service, header, room.seconds)),
        )


def tried(name: str, row: Row, given: argparse.Namespace) -> Seen:
    """Run a row on a library of its own."""
    with ExitStack() as opened:
        folder = Path(opened.enter_context(tempfile.TemporaryDirectory()))
        os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))  # where the PostgreSQL wheel looks for sockets
        cluster = opened.enter_context(Cluster()) if given.engine == "postgresql" else None
        url = cluster.url if cluster else f"sqlite:///{folder / 'library.db'}"
        command("migrate", "--database", url)
        seen = row.push(Room(url, folder, cluster, given.seconds or row.seconds, given.number or row.number))
    say(f"{name} on {given.engine}, load average {os.getloadavg()[0]:.1f}: {'WRONG' if seen.wrong else 'holds'}. {seen.told}")
    for one in seen.wrong:
        say(f"WRONG: {one}")
    return seen


def main() -> None:
    """Read the options, run the rows, and end with 1 where something was wrong."""
    rows = {"overload": Row(overload), **ROWS}
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rows", nargs="*", metavar="ROW", help=", ".join(rows))
    parser.add_argument("--seconds", type=float, help="how long a row may take at most, if not as long as it says itself")
    parser.add_argument("--number", type=int, help="how many exercises there are to read or to import; 4,000 are some 50 MB to read")
    parser.add_argument("--engine", choices=["sqlite", "postgresql"], default="sqlite")
    given = parser.parse_args()
    if unknown := [name for name in given.rows if name not in rows]:
        parser.error(f"there is no row {', '.join(unknown)}; there are {', '.join(rows)}")
    wrong = [name for name in given.rows or rows if tried(name, rows[name], given).wrong]
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
