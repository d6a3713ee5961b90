"""Servers as processes, each pinned to one core, measured by wrk from another, and ended whatever happens."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from tests.processes import free_port

ROOT = Path(__file__).parents[2]
CONNECTIONS = 16
PATIENCE = 60
SERVER_CORE, CLIENT_CORE = 0, 1
_PER_SECOND = re.compile(r"Requests/sec:\s+([\d.]+)")
_WRONG = re.compile(r"Non-2xx or 3xx responses: .*")  # who is slow, and lets wrk wait too long, has few answers a second already


@dataclass(frozen=True)
class Program:
    """What to start; `PORT` in its words is the port it gets."""

    name: str
    words: Sequence[str]
    path: str
    environment: Mapping[str, str] = field(default_factory=dict)

    def command(self, port: int) -> list[str]:
        return ["taskset", "-c", str(SERVER_CORE), sys.executable, "-m", *(word.replace("PORT", str(port)) for word in self.words)]


@dataclass(frozen=True)
class Server:
    """A program that runs and has answered."""

    program: Program
    port: int
    pid: int
    seconds: float
    """From the start of the process to its first 200."""

    @property
    def megabytes(self) -> float:
        """The memory that it has in use."""
        pages = int(Path(f"/proc/{self.pid}/statm").read_text(encoding="ascii").split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 2**20

    def get(self, **headers: str) -> tuple[int, dict[str, str], bytes]:
        return get(self.port, self.program.path, headers)

    def per_second(self, seconds: int, *options: str, path: str | None = None) -> float:
        """Have wrk ask for so long; give how many answers a second it got, which have to be successes."""
        url = f"http://127.0.0.1:{self.port}{path or self.program.path}"
        words = ["taskset", "-c", str(CLIENT_CORE), "wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", *options, url]
        said = subprocess.run(words, capture_output=True, text=True, check=True, timeout=seconds + PATIENCE).stdout  # noqa: S603
        if wrong := _WRONG.search(said):
            sys.exit(f"{self.program.name} was asked {' '.join(options)} {url}: {wrong[0]}")
        found = _PER_SECOND.search(said)
        assert found, said
        return float(found[1])


def get(port: int, path: str, headers: Mapping[str, str]) -> tuple[int, dict[str, str], bytes]:
    connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        connection.request("GET", path, headers=dict(headers))
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
    finally:
        connection.close()


@contextmanager
def started(program: Program, log: Path) -> Iterator[Server]:
    """Run a program until the block ends."""
    port = free_port()
    began = time.perf_counter()
    with log.open("ab") as written:
        process = subprocess.Popen(  # noqa: S603  (what we start stands in `run.py`)
            program.command(port),
            cwd=ROOT,
            env=os.environ | program.environment,
            stdout=written,
            stderr=written,
            start_new_session=True,
        )
    try:
        while not _answers(port, program.path):
            if process.poll() is not None or time.perf_counter() - began > PATIENCE:
                sys.exit(f"{program.name} doesn't answer {program.path}:\n{log.read_text()[-2000:]}")
            time.sleep(0.002)
        yield Server(program, port, process.pid, time.perf_counter() - began)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(PATIENCE)


def _answers(port: int, path: str) -> bool:
    try:
        return get(port, path, {})[0] == 200
    except (OSError, HTTPException):
        return False
