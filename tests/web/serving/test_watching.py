"""Anyone who runs the service can see that it works, and nobody can see from that what a person asked."""

import json
import re
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from opentelemetry import trace
from prometheus_client.parser import text_string_to_metric_families

from api.app import create_app
from api.settings import Settings
from tests.engines import Databases
from tests.in_process import asking
from tests.processes import Running, key, running

GREETING = re.compile(r"The exercise library is at \S+; its documentation at \S+\.|Try: curl '\S+'")
LINE = {"at", "level", "logger", "event", "id", "method", "route", "status", "ms", "bytes"}
FAULT = {"at", "level", "logger", "event", "id", "route", "fault"}
PRIVATE = "pregnant-and-in-pain"
Line = dict[str, str | int | float]


@pytest.fixture
def file(sqlite: Databases) -> Path:
    return Path(sqlite.seeded().removeprefix("sqlite:///"))


def lines(service: Running) -> list[Line]:
    """Read the log: every line is JSON, but for the greeting."""
    service.client.get("/types")  # an answer comes before its line, but the next one after it
    return [json.loads(line) for line in service.log.splitlines() if not GREETING.fullmatch(line)]


def ask_in_private(client: httpx.Client, header: dict[str, str]) -> None:
    """Put a secret wherever a request has room for one."""
    private = {"asked": [PRIVATE], "red_flags": [PRIVATE], "symptoms": True, "indicators": [PRIVATE]}
    client.get(f"/exercises?q={PRIVATE}")
    client.get(f"/exercises?type={PRIVATE}")
    client.get(f"/exercises?{PRIVATE}=1")
    client.get(f"/exercises/{PRIVATE}")
    client.get(f"/{PRIVATE}")
    client.get(f"/programs?type=stiff&group={PRIVATE}")
    client.get("/types", headers={"User-Agent": PRIVATE, "Cookie": PRIVATE, "Referer": f"http://127.0.0.1/{PRIVATE}", "Accept": PRIVATE})
    client.get("/exercises/cat-cow/history", headers={"Authorization": f"Bearer exl_{PRIVATE}"})
    client.post("/screenings", json=private)
    client.post("/screenings", content=f"{{{PRIVATE}", headers={"Content-Type": "application/json"})
    client.put("/sources/x", json={"slug": PRIVATE}, headers=header | {"If-None-Match": "*", "X-Change-Reason": PRIVATE})
    client.request("DELETE", f"/exercises/{PRIVATE}", headers=header | {"If-Match": f'"{PRIVATE}"'})
    client.options(f"/exercises?q={PRIVATE}")


def break_a_record(file: Path) -> None:
    """Store what no release of this program would, so that it meets what nobody expects."""
    with closing(sqlite3.connect(file)) as other, other:
        other.execute("UPDATE exercise SET document = json_object('slug', ?) WHERE slug = 'cat-cow'", (PRIVATE,))


def drop_a_table(file: Path) -> None:
    with closing(sqlite3.connect(file)) as other, other:
        other.execute("DROP TABLE word")


@pytest.mark.parametrize("style", ["json", "text"])
def test_a_log_tells_every_request_and_nothing_of_who_asked(file: Path, tmp_path: Path, style: str) -> None:
    header = key(f"sqlite:///{file}")
    with running(f"sqlite:///{file}", tmp_path, "--log-requests", "all", "--log-format", style) as service:
        ask_in_private(service.client, header)
        break_a_record(file)
        assert service.client.get("/exercises/cat-cow/suitability?type=stiff&type=unstable").status_code == 500
        drop_a_table(file)
        assert service.client.get(f"/exercises?q=another+{PRIVATE}").status_code == 503
        service.client.get("/health/live", headers={"X-Request-ID": "mine"})
        log = service.log
        found = lines(service) if style == "json" else []
    assert PRIVATE not in log
    assert header["Authorization"].removeprefix("Bearer ") not in log
    if style == "text":
        assert re.search(r"^\S+ \S+ INFO    request GET /exercises/\{slug\} 404 [0-9.]+ \d+ [0-9a-f-]{36}$", log, re.MULTILINE)
        assert re.search(r"ERROR   fault", log)
        assert not [line for line in log.splitlines() if line.startswith("{")]
        return
    requests = [one for one in found if one["event"] == "request"]
    assert {frozenset(one) for one in requests} == {frozenset(LINE)}
    assert {one["route"] for one in requests} >= {"/exercises", "/exercises/{slug}", "/screenings", "/sources/{slug}", "other"}
    for one in requests:
        assert re.fullmatch(r"mine|[0-9a-f-]{36}", str(one["id"])), one
        assert (one["level"] == "ERROR") is (int(one["status"]) >= 500), one
    assert len({one["id"] for one in requests}) == len(requests)
    faults = [one for one in found if one["event"] == "fault"]
    assert [set(one) for one in faults] == [FAULT]
    assert faults[0]["route"] == "/exercises/{slug}/suitability"
    assert str(faults[0]["fault"]).splitlines()[-1] == "ValidationError"
    assert faults[0]["id"] in {one["id"] for one in requests if one["status"] == 500}
    said = [one for one in found if one["event"] == "database"]
    assert [one["said"] for one in said] == ["no such table: word"]


def test_only_errors_are_logged_unless_asked_otherwise(file: Path, tmp_path: Path) -> None:
    with running(f"sqlite:///{file}", tmp_path) as service:
        service.client.get("/types")
        service.client.get("/nowhere")
        assert [(one["route"], one["status"]) for one in lines(service) if one["status"] != 503] == [("other", 404)]


def test_nothing_is_logged_where_that_is_asked(file: Path, tmp_path: Path) -> None:
    with running(f"sqlite:///{file}", tmp_path, "--log-requests", "off") as service:
        service.client.get("/nowhere")
        assert lines(service) == []


@pytest.mark.parametrize("id_", ["mine", "a" * 128, "01J/9:z_~.+=@-"])
def test_a_request_keeps_the_name_it_came_with(ask: httpx.Client, id_: str) -> None:
    for path in ("/exercises", "/exercises", "/nowhere", "/health/live", "/library"):
        assert ask.get(path, headers={"X-Request-ID": id_}).headers["x-request-id"] == id_, path


@pytest.mark.parametrize("id_", ["a" * 129, 'x" injected="1', "a b", "{}", "é".encode(), "\t", ""])
def test_a_name_that_could_be_mistaken_for_more_is_not_kept(ask: httpx.Client, id_: str | bytes) -> None:
    headers = httpx.Headers([(b"X-Request-ID", id_.encode() if isinstance(id_, str) else id_)])
    assert "x-request-id" not in ask.get("/exercises", headers=headers).headers
    assert re.fullmatch(r"[0-9a-f-]{36}", ask.get("/nowhere", headers=headers).headers["x-request-id"])


def numbers(client: httpx.Client) -> dict[str, dict[tuple[str, ...], float]]:
    """Read `/metrics` as Prometheus does."""
    answer = client.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=")
    return {
        sample.name: {tuple(one.labels.values()): one.value for one in family.samples if one.name == sample.name}
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def test_requests_are_counted_by_route_and_never_by_what_was_asked(client: httpx.Client) -> None:
    asked = Counter[tuple[str, str, str]]()
    before = numbers(client).get("exercise_library_requests_total", {})
    for n in range(20):
        for method, path, route, status in (
            ("GET", f"/exercises/made-up-{n}", "/exercises/{slug}", "404"),
            ("GET", f"/{PRIVATE}{n}", "other", "404"),
            ("GET", f"/exercises?q={PRIVATE}{n}", "/exercises", "200"),
            (f"METHOD{n}", "/exercises", "/exercises", "501"),
        ):
            client.request(method, path)
            asked[method if method == "GET" else "other", route, status] += 1
    after = numbers(client)
    for labels, count in asked.items():
        assert after["exercise_library_requests_total"][labels] - before.get(labels, 0) == count, labels
    assert PRIVATE not in client.get("/metrics").text
    assert len(after["exercise_library_requests_total"]) < 20
    assert after["exercise_library_database_connections_in_use"] == {(): 0}
    assert after["exercise_library_revision"] == {(): 1}


def test_ready_means_that_questions_are_answered(client: httpx.Client) -> None:
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok", "revision": 1})
    assert answer.headers["cache-control"] == client.get("/health/live").headers["cache-control"] == "no-store"
    assert client.get("/exercises").status_code == 200


class Tracer(trace.Tracer):
    """Notes what a trace would have."""

    def __init__(self, noted: list[str]) -> None:
        self._noted = noted

    def start_span(self, name: str, *more: Any, **told: Any) -> trace.Span:  # noqa: ANN401  (it notes whatever it is told)
        self._noted.append(f"{name} {more} {told}")
        return trace.NonRecordingSpan(trace.INVALID_SPAN_CONTEXT)

    @contextmanager
    def start_as_current_span(self, name: str, *more: Any, **told: Any) -> Iterator[trace.Span]:  # type: ignore[override]  # noqa: ANN401
        yield self.start_span(name, *more, **told)


class Provider(trace.TracerProvider):
    """Traces whatever is instrumented."""

    def __init__(self) -> None:
        self.noted: list[str] = []

    def get_tracer(self, *_: Any, **__: Any) -> trace.Tracer:  # noqa: ANN401  (see above)
        return Tracer(self.noted)


def test_where_requests_are_traced_no_trace_has_what_was_asked(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    provider = Provider()
    monkeypatch.setattr(trace, "get_tracer_provider", lambda: provider)
    with asking(FastAPI()) as anybody:
        anybody.get(f"/?q={PRIVATE}")
    assert PRIVATE in "".join(provider.noted)
    provider.noted.clear()
    with asking(create_app(Settings(database_url=url))) as client:
        ask_in_private(client, {})
    assert PRIVATE not in "".join(provider.noted)
