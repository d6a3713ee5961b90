"""What pushes a running service: crowds, slow readers, long writers; and what others notice of it meanwhile."""

import asyncio
import hashlib
import json
import os
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

import httpx

from tests.processes import PATIENCE, client_of

PROBES = ("/health/live", "/health/ready")
READS = ("/exercises?q=cat+{n}", "/exercises/cat-cow?format=json", "/programs?type=stiff&only=cat-cow")
FINE, CREATED = 200, 201
BUSY = 503


def base(port: int) -> str:
    return f"http://127.0.0.1:{port}"


@dataclass
class Noticed:
    """The answers that others got meanwhile: how many of which status, and how long the slowest took, in seconds, by path."""

    statuses: Counter[tuple[str, int | str]] = field(default_factory=Counter)
    slowest: dict[str, float] = field(default_factory=dict)

    def ask(self, client: httpx.Client, path: str, number: int) -> None:
        begun = time.perf_counter()
        try:
            status: int | str = client.get(path.format(n=number)).status_code
        except httpx.TransportError as error:
            status = type(error).__name__
        self.statuses[path, status] += 1
        self.slowest[path] = max(self.slowest.get(path, 0), time.perf_counter() - begun)

    def wrong(self, seconds: float = 1, *, broken: int = 0) -> list[str]:
        """Say what wasn't answered well and soon; so many connections may have been broken off."""
        broken_off = sum(number for (_, status), number in self.statuses.items() if isinstance(status, str))
        fine = {FINE} | ({status for _, status in self.statuses if isinstance(status, str)} if broken_off <= broken else set())
        found = [f"{path} was answered {status}" for path, status in self.statuses if status not in fine]
        return found + [f"{path} took {slow:.2f} s" for path, slow in self.slowest.items() if slow > seconds]

    def __str__(self) -> str:
        kinds = {"probe": PROBES, "read": READS}
        slowest = {kind: max(self.slowest.get(path, 0) for path in paths) for kind, paths in kinds.items()}
        told = [f"slowest {kind} {seconds:.2f} s" for kind, seconds in slowest.items() if seconds]
        return f"{', '.join(told)} of {sum(self.statuses.values())}"


@contextmanager
def watched(port: int, paths: tuple[str, ...] = PROBES + READS) -> Iterator[Noticed]:
    """Ask each path ten times a second, in a thread and on a connection of its own, until the block ends."""
    noticed, ended = Noticed(), threading.Event()

    def ask(path: str) -> None:
        with client_of(base(port)) as client:
            for number in count():
                noticed.ask(client, path, number)
                if ended.wait(0.1):
                    return

    threads = [threading.Thread(target=ask, args=(path,)) for path in paths]
    for one in threads:
        one.start()
    try:
        yield noticed
    finally:
        ended.set()
        for one in threads:
            one.join(PATIENCE)


def started_by(pid: int) -> list[int]:
    """Give the processes that a process started, that those started, and so on."""
    found, processes = list[int](), [pid]
    while processes:
        with suppress(FileNotFoundError, ProcessLookupError):
            for task in (Path("/proc") / str(processes.pop()) / "task").iterdir():
                children = [int(one) for one in (task / "children").read_text(encoding="ascii").split()]
                found += children
                processes += children
    return found


def is_there(pid: int) -> bool:
    """Whether a process runs; one that has ended may still wait for its parent to hear of it."""
    return (Path("/proc") / str(pid) / "exe").exists()


def memory(pid: int) -> float:
    """Give the resident memory of a process and of all that it started, in MiB."""
    pages = 0
    for one in (pid, *started_by(pid)):
        with suppress(FileNotFoundError, ProcessLookupError):
            pages += int((Path("/proc") / str(one) / "statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


@contextmanager
def remembered(pid: int) -> Iterator[list[float]]:
    """Read the memory of a process five times a second until the block ends."""
    read, ended = [memory(pid)], threading.Event()

    def remember() -> None:
        while not ended.wait(0.2):
            read.append(memory(pid))

    thread = threading.Thread(target=remember)
    thread.start()
    try:
        yield read
    finally:
        ended.set()
        thread.join(PATIENCE)


# --- crowds


class Crowd(NamedTuple):
    """What a crowd was answered: how many of which status, whether all bodies were one, and how long the slowest refusal took."""

    statuses: Counter[int | str]
    bodies: set[bytes]
    """Digests of those that were answered well."""
    refused: float


async def _get(port: int, path: str, *headers: str) -> tuple[int, dict[str, str], bytes]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**20)
    lines = [f"GET {path} HTTP/1.1", "Host: library.test", "Connection: close", *headers]
    writer.write("\r\n".join([*lines, "", ""]).encode())
    start, *rest = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    named = {name.lower(): value for name, value in (line.split(": ", 1) for line in rest if line)}
    digest, left = hashlib.sha256(), int(named["content-length"])
    while left:
        piece = await reader.readexactly(min(left, 2**18))
        left -= len(piece)
        digest.update(piece)
    writer.close()
    return int(start.split()[1]), named, digest.digest()


def crowd(port: int, number: int, path_of: Callable[[int], str], *headers: str) -> Crowd:
    """Ask so many times at once. A refusal says when to ask again."""
    statuses, bodies, refused, begun = Counter[int | str](), set[bytes](), 0.0, time.monotonic()

    async def ask(n: int) -> None:
        nonlocal refused
        try:
            status, named, body = await _get(port, path_of(n), *headers)
        except (OSError, EOFError) as error:
            statuses[type(error).__name__] += 1
            return
        statuses[status] += 1
        if status == FINE:
            bodies.add(body)
        else:
            assert int(named["retry-after"]) >= 1
            refused = time.monotonic() - begun

    async def all_at_once() -> None:
        await asyncio.gather(*(ask(n) for n in range(number)))

    asyncio.run(all_at_once())
    return Crowd(statuses, bodies, refused)


@contextmanager
def slow_readers(port: int, number: int, path: str, bytes_a_second: int) -> Iterator[list[int]]:
    """Have so many read an answer, each so slowly, until the block ends; gives how many bytes each has got."""
    ended, got = threading.Event(), [0] * number
    connections = []
    for _ in range(number):
        connection = socket.socket()
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16 * 1024)
        connection.connect(("127.0.0.1", port))
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: library.test\r\n\r\n".encode())
        connections.append(connection)

    def read() -> None:
        while not ended.wait(0.1):
            for n, connection in enumerate(connections):
                with suppress(BlockingIOError):
                    got[n] += len(connection.recv(bytes_a_second // 10, socket.MSG_DONTWAIT))

    thread = threading.Thread(target=read)
    thread.start()
    try:
        yield got
    finally:
        ended.set()
        thread.join(PATIENCE)
        for connection in connections:
            connection.close()


@contextmanager
def deaf(port: int, number: int, asked: bytes) -> Iterator[None]:
    """Have so many ask without end on one connection each, and never read, until the block ends."""
    ended, connections = threading.Event(), [socket.create_connection(("127.0.0.1", port)) for _ in range(number)]
    for connection in connections:
        connection.setblocking(False)  # noqa: FBT003  (it takes nothing by name)

    def ask() -> None:
        while not ended.wait(0.01):
            for connection in connections:
                with suppress(OSError):
                    connection.send(asked)

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join(PATIENCE)
        for connection in connections:
            connection.close()


# --- writers


@contextmanager
def put_loops(port: int, header: dict[str, str], number: int) -> Iterator[Counter[int | str]]:
    """Have so many write without pause, each an exercise of its own, until the block ends; gives the statuses."""
    ended, statuses = threading.Event(), Counter[int | str]()

    def write(writer: int) -> None:
        slug = f"made-up-{writer}"
        with client_of(base(port), header) as client:
            for n in count():
                if ended.is_set():
                    return
                name = {"slug": slug, "name": f"Made up {n}"}
                there = client.get(f"/exercises/{slug}").status_code == FINE
                answer = client.put(f"/exercises/{slug}", json=name, headers={"If-Match" if there else "If-None-Match": "*"})
                statuses[answer.status_code] += 1
                if answer.status_code == BUSY and ended.wait(int(answer.headers["retry-after"])):
                    return

    threads = [threading.Thread(target=write, args=(n,)) for n in range(number)]
    for one in threads:
        one.start()
    try:
        yield statuses
    finally:
        ended.set()
        for one in threads:
            one.join(PATIENCE)


@contextmanager
def creators(port: int, header: dict[str, str], number: int) -> Iterator[dict[str, float]]:
    """Have so many create exercises without pause until the block ends; gives the slugs acknowledged, and when each was asked for."""
    ended, acknowledged = threading.Event(), dict[str, float]()

    def create(writer: int) -> None:
        with client_of(base(port), header | {"If-None-Match": "*"}) as client:
            for n in count():
                slug, begun = f"made-up-{writer}-{n}", time.monotonic()
                with suppress(httpx.TransportError):
                    if client.put(f"/exercises/{slug}", json={"slug": slug, "name": f"Made up {writer} {n}"}).status_code == CREATED:
                        acknowledged[slug] = begun
                        begun = 0
                if ended.wait(0.05 if begun else 0):  # whoever was refused, or heard nobody
                    return

    threads = [threading.Thread(target=create, args=(n,)) for n in range(number)]
    for one in threads:
        one.start()
    try:
        yield acknowledged
    finally:
        ended.set()
        for one in threads:
            one.join(PATIENCE)


def exercises_file(file: Path, number: int, size: int = 200) -> Path:
    """Write so many exercises to import, each about so many bytes long."""
    step = "Do it slowly, and breathe. " * max(1, size // 27 // 4)
    with file.open("w", encoding="utf-8") as lines:
        lines.write('{"library_id":"made-up","revision":1,"schema":"x",\n"exercises":[\n')
        rows = ({"slug": f"imported-{n}", "name": f"Imported {n}", "steps": [step] * 4} for n in range(number))
        lines.write(",\n".join(map(json.dumps, rows)))
        lines.write('\n],"sha256":"x"}\n')
    return file


def pdf_of(number: int) -> str:
    """Give the path of a PDF that differs from every other number's."""
    slugs = ("cat-cow", "pelvic-tilts", "self-massage", "figure-4-stretch", "pelvic-list", "isometric-squats")
    chosen = [slug for bit, slug in enumerate(slugs) if (number % 63 + 1) >> bit & 1]
    only = "".join(f"&only={quote(slug)}" for slug in chosen)
    return f"/programs?type={'stiff' if number < 63 else 'unstable'}&format=pdf{only}"
