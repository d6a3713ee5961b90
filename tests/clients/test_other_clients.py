"""Clients that people really use, as they are: the JDK's HttpClient and curl, which offer an upgrade to HTTP/2."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engines import Databases
from tests.processes import PATIENCE, Running, running

pytestmark = pytest.mark.clients

BODY = json.dumps({"asked": [], "red_flags": [], "symptoms": True, "indicators": []})


@pytest.fixture
def service(sqlite: Databases, tmp_path: Path) -> Iterator[Running]:
    with running(sqlite.seeded(), tmp_path) as service:
        yield service


def output(*words: str) -> str:
    """Run a program to its good end, and give what it printed. Where it isn't installed, that is a failure."""
    program = shutil.which(words[0])
    assert program, f"this needs {words[0]}"
    ended = subprocess.run([program, *words[1:]], text=True, capture_output=True, timeout=PATIENCE, check=False)  # noqa: S603  (a client that is tested)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


def test_the_client_of_the_jdk_is_answered(service: Running) -> None:
    statuses = output("java", str(Path(__file__).with_name("Ask.java")), service.base, BODY).split()
    assert len(statuses) == 2 * 2 * 24
    assert set(statuses) == {"200"}


@pytest.mark.parametrize("way", [[], ["--http1.0"], ["--http1.1"], ["--http2"], ["--http2", "-H", "Transfer-Encoding: chunked"]])
def test_curl_is_answered_whatever_it_offers(service: Running, way: list[str]) -> None:
    asked: list[str] = []
    for what in (["--json", BODY, f"{service.base}/screenings"], [f"{service.base}/types/stiff"], ["-I", f"{service.base}/types/stiff"]):
        asked += ["-sS", "-w", "%{http_code} ", "-o", "/dev/null", *way, *what, "--next"]
    assert output("curl", *asked[:-1]).split() == ["200"] * 3
