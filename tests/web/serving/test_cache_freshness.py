"""A read that begins after a write was acknowledged sees it: two workers, a writer of its own process, readers that never pause."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.engines import SQLiteFiles
from tests.processes import PATIENCE, free_port, running

HERE = Path(__file__).parents[3]
READERS = 2


@dataclass
class Seen:
    """What the writer and the readers found."""

    reads: int
    unchanged: int
    stale: int


def hammer(url: str, base: str, folder: Path, writes: int) -> Seen:
    memory = folder / "numbers"
    memory.write_bytes(bytes(16))
    commands = [["write", url, str(memory), str(writes), base], *([["read", str(memory), base]] * READERS)]
    processes = [
        subprocess.Popen([sys.executable, "-m", "tests.web.hammering", *one], stdout=subprocess.PIPE, text=True, cwd=HERE)  # noqa: S603
        for one in commands
    ]
    outputs = [one.communicate(timeout=900)[0] for one in processes]
    assert not any(one.returncode for one in processes)
    reads, unchanged, stale = (sum(numbers) for numbers in zip(*(map(int, one.split()) for one in outputs), strict=True))
    return Seen(reads, unchanged, stale)


@pytest.mark.parametrize("writes", [200, pytest.param(5_000, marks=pytest.mark.slow)])
def test_no_read_is_stale_through_any_worker_while_another_process_writes(url: str, tmp_path: Path, writes: int) -> None:
    with running(url, tmp_path, "--workers", "2") as service:
        seen = hammer(url, service.base, tmp_path, writes)
    assert seen.stale == 0, seen
    assert seen.reads >= writes, seen
    assert seen.unchanged > 0, seen


@contextmanager
def serving_unchecked(url: str) -> Iterator[str]:
    port = free_port()
    command = ["-m", "uvicorn", "tests.web.unchecked:app", "--factory", "--port", str(port), "--log-level", "warning"]
    process = subprocess.Popen([sys.executable, *command], env={"EXERCISE_LIBRARY_DATABASE_URL": url}, cwd=HERE)  # noqa: S603
    try:
        base = f"http://127.0.0.1:{port}"
        with httpx.Client(transport=httpx.HTTPTransport(retries=8), timeout=PATIENCE) as client:
            assert client.get(base).status_code == 200
        yield base
    finally:
        process.terminate()
        process.wait(PATIENCE)


def test_the_test_can_fail(sqlite: SQLiteFiles, tmp_path: Path) -> None:
    url = sqlite.seeded()
    with serving_unchecked(url) as base:
        assert hammer(url, base, tmp_path, writes=20).stale > 0
