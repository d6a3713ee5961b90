"""The command line, run for real: in processes of its own."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from tests.processes import free_port

ROOT = Path(__file__).parents[1]
PROGRAM = str(Path(sys.executable).parent / "exercise-library")
PATIENCE = 60


def start(*arguments: str, folder: Path = ROOT, **environment: str) -> subprocess.Popen[str]:
    """Start a command."""
    return subprocess.Popen(  # noqa: S603  (our own program, and arguments that tests write)
        [PROGRAM, *arguments], cwd=folder, env=os.environ | environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


def run(*arguments: str, folder: Path = ROOT, **environment: str) -> tuple[int, str, str]:
    """Run a command to its end; give its status, its output and its complaints."""
    with start(*arguments, folder=folder, **environment) as process:
        output, complaints = process.communicate(timeout=PATIENCE)
    return process.returncode, output, complaints


@contextmanager
def serving(*arguments: str, folder: Path, **environment: str) -> Iterator[tuple[httpx.Client, subprocess.Popen[str]]]:
    """Serve on a free port until the block ends, and lend a client."""
    port = free_port()
    with (
        start("serve", "--port", str(port), *arguments, folder=folder, **environment) as process,
        httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=PATIENCE) as client,
    ):
        try:
            _wait_until_ready(client, process)
            yield client, process
        finally:
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=PATIENCE)


def _wait_until_ready(client: httpx.Client, process: subprocess.Popen[str]) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        assert process.poll() is None, process.communicate()
        try:
            if client.get("/health/ready").status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    raise AssertionError(f"not ready after {PATIENCE} seconds")
