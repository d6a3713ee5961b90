"""Who pushes the service doesn't push others away: crowds, slow readers, long writers, and many PDFs."""

import os
import signal
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import psycopg
import pytest

from api.app import create_app
from api.settings import Settings
from api.web import places
from tests.engines import Databases
from tests.listening import Listening, listening, until
from tests.processes import PATIENCE, client_of, command, key, running
from tests.pushing import crowd, exercises_file, memory, pdf_of, put_loops, slow_readers, watched

SOON = 5
"""Seconds; a machine that runs other tests, too, needs more than the one second that is promised (and measured by `tests.bench.load`)."""


@pytest.fixture(autouse=True)
def _patient_probes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.web.places.SECONDS_FOR_A_PROBE", SOON)


@contextmanager
def served(url: str) -> Iterator[Listening]:
    app = create_app(Settings(database_url=url, rate_limits=False))
    with listening(app) as service:
        yield service


@pytest.fixture
def long(url: str, tmp_path: Path) -> str:
    """A library of some megabytes."""
    command("import", str(exercises_file(tmp_path / "long.json", 200, 12_000)), "--database", url)
    return url


def test_a_crowd_gets_the_whole_library_and_keeps_nobody_waiting(url: str) -> None:
    with served(url) as service, watched(service.port) as noticed:
        for headers in (["Accept-Encoding: gzip"], []):
            statuses, bodies, _ = crowd(service.port, 100, lambda _: "/library", *headers)
            assert (statuses, len(bodies)) == ({200: 100}, 1)
    assert noticed.wrong(SOON) == []


def test_slow_readers_of_the_whole_library_hold_no_connection(long: str) -> None:
    with served(long) as service, slow_readers(service.port, 40, "/library", 10_000) as got:
        until(lambda: min(got) > 0)
        until(lambda: service.app.state.database.connections_in_use == 0)
        with watched(service.port) as noticed:
            statuses, bodies, _ = crowd(service.port, 10, lambda _: "/library")
            assert (statuses, len(bodies)) == ({200: 10}, 1)
        assert noticed.wrong(SOON) == []
        assert max(got) < 2_000_000  # they are all still reading


@contextmanager
def holding(url: str) -> Iterator[None]:
    """Hold the library as a long import does."""
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            yield
            other.execute("ROLLBACK")
    else:
        with psycopg.connect(url) as other:
            other.execute("SELECT revision FROM library FOR UPDATE")
            yield
            other.rollback()


def test_writers_who_wait_for_a_long_one_are_refused_after_a_while_and_keep_nobody_waiting(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.app.SECONDS_FOR_A_LOCK", 1)
    header = key(url)
    with served(url) as service:
        with watched(service.port) as noticed, ExitStack() as writers, holding(url):
            refused = writers.enter_context(put_loops(service.port, header, 25))
            until(lambda: refused[503] >= 3)
        assert noticed.wrong(SOON) == []
        assert set(refused) <= {200, 201, 503}  # those who were waiting when it ended may write
        with put_loops(service.port, header, 25) as written:
            until(lambda: sum(written.values()) > 30)
        assert set(written) <= {200, 201}


def test_who_waits_for_a_place_too_long_or_behind_too_many_is_refused(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    header = key(url)
    divide = places.divide

    def tight(connections: int, *, writers_together: bool) -> places.Division:
        refusal = "Others are writing."
        return divide(connections, writers_together=writers_together)._replace(
            writers=places.Places(1, waiting=2, seconds=0.5, refusal=refusal)
        )

    monkeypatch.setattr("api.app.divide", tight)
    with served(url) as service, ExitStack() as writers, holding(url):
        refused = writers.enter_context(put_loops(service.port, header, 10))
        until(lambda: refused[503] >= 9)


def test_pdfs_leave_no_memory_behind(sqlite: Databases, tmp_path: Path) -> None:
    with running(sqlite.seeded(), tmp_path, "--workers", "1") as service:
        assert crowd(service.port, 1, pdf_of)[0] == {200: 1}
        before = memory(service.process.pid)
        statuses, bodies, _ = crowd(service.port, 6, lambda n: pdf_of(n + 1))
        assert (statuses, len(bodies)) == ({200: 6}, 6)
        assert memory(service.process.pid) < before + 40  # each would leave about as much


def test_a_probe_is_answered_soon_although_the_database_does_not_answer(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.web.places.SECONDS_FOR_A_PROBE", 0.5)
    released = threading.Event()
    monkeypatch.setattr("api.web.operations._ready", lambda _: released.wait(PATIENCE))
    with served(url) as service, client_of(f"http://127.0.0.1:{service.port}") as client:
        try:
            for _ in range(3):
                begun = time.monotonic()
                refused = client.get("/health/ready")
                assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
                assert time.monotonic() - begun < 3
            assert client.get("/health/live").status_code == 200
            assert client.get("/exercises/cat-cow").status_code == 200
            assert service.app.state.database.connections_in_use == 0
        finally:
            released.set()


# --- ending


def test_workers_end_with_their_supervisor(sqlite: Databases, tmp_path: Path) -> None:
    with running(sqlite.seeded(), tmp_path, "--workers", "2") as service:
        service.kill()
        until(lambda: service.status("/health/live") == 0)


@pytest.mark.parametrize("workers", ["1", "2"])
def test_ctrl_c_ends_quietly(sqlite: Databases, tmp_path: Path, workers: str) -> None:
    with running(sqlite.seeded(), tmp_path, "--workers", workers) as service:
        os.killpg(service.process.pid, signal.SIGINT)  # as a terminal tells everybody in it
        assert service.process.wait(PATIENCE) == 130
        assert [line for line in service.log.splitlines() if "Traceback" in line or "Abort" in line or "Interrupt" in line] == []


def test_a_terminal_that_goes_ends_a_single_worker_well(sqlite: Databases, tmp_path: Path) -> None:
    was = signal.signal(signal.SIGHUP, signal.SIG_DFL)  # under `nohup` the service would rightly live on
    with running(sqlite.seeded(), tmp_path) as service:
        signal.signal(signal.SIGHUP, was)
        os.killpg(service.process.pid, signal.SIGHUP)
        assert service.process.wait(PATIENCE) in (0, -signal.SIGTERM)
        assert "Traceback" not in service.log
