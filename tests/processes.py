"""The program as processes that tests may hurt: commands, and services on ports of their own."""

import os
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx

ROOT = Path(__file__).parents[1]
PATIENCE = 60
NO_CERTIFICATES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""For clients that speak no TLS: by default httpx reads the certificates of the whole world for each."""
PROGRAM = str(Path(sys.executable).with_name("exercise-library"))


@dataclass(frozen=True)
class Finished:
    """What a command left: its status, its output and what it said."""

    status: int
    output: str
    said: str


def command(*arguments: str, fails: bool = False, under: Sequence[str] = (), **environment: str) -> Finished:
    """Run a command of the program to its end, which is a good one unless it is to fail."""
    ended = subprocess.run(  # noqa: S603  (our own program, and arguments that tests write)
        [*under, PROGRAM, *arguments],
        cwd=ROOT,
        env=os.environ | environment,
        text=True,
        capture_output=True,
        timeout=PATIENCE,
        check=False,
    )
    assert (ended.returncode != 0) is fails, f"{ended.returncode}: {ended.stdout}{ended.stderr}"
    assert "Traceback" not in ended.stderr, ended.stderr
    return Finished(ended.returncode, ended.stdout, ended.stderr)


def key(url: str, name: str = "test", scope: str = "edit") -> dict[str, str]:
    """Make a key, and give the header that shows it."""
    return {"Authorization": f"Bearer {command('keys', 'create', name, '--scope', scope, '--database', url).output.strip()}"}


class Running:
    """A service that runs, or did."""

    def __init__(self, port: int, process: subprocess.Popen[bytes], log: Path) -> None:
        self.port = port
        self.process = process
        self._log = log
        self.base = f"http://127.0.0.1:{port}"
        self.client = client_of(self.base)

    @property
    def log(self) -> str:
        return self._log.read_text(encoding="utf-8")

    def connect(self) -> socket.socket:
        """Open a connection to say things that no HTTP client would."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)

    def status(self, path: str) -> int:
        """Ask, on a connection of its own; 0 where nobody answers."""
        try:
            return httpx.get(f"{self.base}{path}", trust_env=False, timeout=PATIENCE, verify=NO_CERTIFICATES).status_code
        except httpx.TransportError:
            return 0

    def wait(self, path: str, status: int, seconds: int = PATIENCE) -> None:
        """Wait until a path is answered with a status."""
        until = time.monotonic() + seconds
        while (found := self.status(path)) != status:
            assert self.process.poll() is None, f"it ended with {self.process.returncode}: {self.log}"
            assert time.monotonic() < until, f"{path} is {found}, not {status}, after {seconds} s: {self.log}"
            time.sleep(0.05)

    def kill(self) -> None:
        """End it at once, as a power cut would: no handler runs."""
        self.process.kill()
        self.process.wait(PATIENCE)


def client_of(base: str | httpx.URL, headers: Mapping[str, str] | None = None) -> httpx.Client:
    """Give a client of a service that runs on this machine."""
    return httpx.Client(base_url=base, headers=headers, trust_env=False, timeout=PATIENCE, verify=NO_CERTIFICATES)


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


@contextmanager
def running(
    url: str, folder: Path, *options: str, until: str = "/health/ready", under: Sequence[str] = (), **environment: str
) -> Iterator[Running]:
    """Serve a database until the block ends, from when `until` is answered with 200 on."""
    port = free_port()
    log = folder / f"log-{port}"
    with log.open("ab") as written:
        process = subprocess.Popen(  # noqa: S603  (our own program, and arguments that tests write)
            [*under, PROGRAM, "serve", "--port", str(port), *(["--database", url] if url else []), *options],
            cwd=folder,
            stdout=written,
            stderr=written,
            env=os.environ | {"PYTHONPATH": str(ROOT)} | environment,
            start_new_session=True,
        )
    service = Running(port, process, log)
    try:
        service.wait(until, 200)
        yield service
    finally:
        service.client.close()
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(PATIENCE)
        with suppress(ProcessLookupError):  # workers of a supervisor that was killed
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(PATIENCE)
