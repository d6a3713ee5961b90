"""The service as a process of its own, on a free port of this machine."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

PATIENCE = 60


@dataclass
class Served:
    """A running service."""

    base: str
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def client(self) -> httpx.Client:
        return httpx.Client(base_url=self.base, headers={"Accept-Encoding": "identity"}, timeout=PATIENCE)


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


@contextmanager
def serving(url: str, log: Path, *options: str, **environment: str) -> Iterator[Served]:
    """Serve a database until the block ends; what it prints is in `log`."""
    port = free_port()
    command = [sys.executable, "-m", "api", "serve", "--port", str(port), "--database", url, *options]
    with log.open("ab") as written:
        process = subprocess.Popen(command, stdout=written, stderr=written, env={**os.environ, **environment})  # noqa: S603
    try:
        served = Served(f"http://127.0.0.1:{port}", process, log)
        _wait(served)
        yield served
    finally:
        process.terminate()
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(served: Served) -> None:
    give_up = time.monotonic() + PATIENCE
    while time.monotonic() < give_up:
        assert served.process.poll() is None, f"it ended at once: {served.log.read_text()}"
        try:
            if httpx.get(f"{served.base}/health/ready").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    raise AssertionError(f"not ready after {PATIENCE} s: {served.log.read_text()}")
