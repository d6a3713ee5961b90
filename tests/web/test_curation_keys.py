"""Who may write: a live key of the right scope, from one request to the next, and its secret is nowhere."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from api.library.vocabulary import Scope
from api.store.engine import Database
from tests.curating import Curator, key_to
from tests.processes import running
from tests.shell import run
from tests.web.conftest import Trusted

LUNGE = {"slug": "lunge", "name": "Lunge"}
WRITES = [
    ("PUT", "/exercises/lunge", LUNGE),
    ("DELETE", "/exercises/cat-cow", None),
    ("PUT", "/sources/our-book", {"slug": "our-book"}),
    ("DELETE", "/sources/source-text", None),
    ("PUT", "/exercises/cat-cow/review", {}),
]


@pytest.mark.parametrize("header", [None, "Bearer nonsense", "Bearer", "Bearer ", "Basic dXNlcjpwYXNz", "nonsense", "", "Bearer é"])
def test_writing_needs_a_key(trusted: Trusted, header: str | None) -> None:
    for method, path, body in WRITES:
        headers = {b"If-Match": b"*"} | ({b"Authorization": header.encode()} if header is not None else {})
        refused = trusted.client.request(method, path, json=body, headers=headers)
        assert (refused.status_code, refused.json()["code"]) == (401, "unauthorized"), path
        assert refused.headers["www-authenticate"] == 'Bearer realm="exercise-library"'
        assert refused.headers["cache-control"] == "no-store"


def test_each_scope_opens_its_own_alone(trusted: Trusted) -> None:
    for method, path, body in WRITES:
        wrong = trusted.edit if path.endswith("/review") else trusted.review
        refused = trusted.client.request(method, path, json=body, headers={"If-Match": "*"} | wrong)
        assert (refused.status_code, refused.json()["code"]) == (403, "forbidden"), path
        assert 'error="insufficient_scope"' in refused.headers["www-authenticate"]


def test_reading_needs_none_and_does_not_look_at_any(trusted: Trusted) -> None:
    for path in ("/exercises", "/exercises/cat-cow", "/library", "/changes?since=0", "/sources"):
        answers = [trusted.client.get(path, headers=one) for one in ({}, {"Authorization": "Bearer nonsense"}, trusted.edit)]
        assert [one.status_code for one in answers] == [200, 200, 200]
        assert answers[0].content == answers[1].content == answers[2].content


def test_the_word_bearer_is_read_in_any_case(client: httpx.Client, database: Database) -> None:
    secret = key_to(database)
    for n, scheme in enumerate(["bearer", "BEARER", "Bearer "]):
        headers = {"Authorization": f"{scheme} {secret}", "If-None-Match": "*"}
        assert client.put(f"/exercises/lunge-{n}", json={"slug": f"lunge-{n}", "name": "L"}, headers=headers).status_code == 201


def test_a_key_that_has_ended_opens_nothing(client: httpx.Client, database: Database) -> None:
    now = datetime.now(UTC)
    ended = Curator(client, key_to(database, "ended", expires_at=now - timedelta(seconds=1)))
    live = Curator(client, key_to(database, "live", expires_at=now + timedelta(hours=1)))
    assert ended.create("lunge").status_code == 401
    assert live.create("lunge").status_code == 201


def test_a_key_made_and_revoked_in_the_shell_works_and_ends_with_the_next_request(url: str, tmp_path: Path) -> None:
    with running(url, tmp_path, "--workers", "2", "--log-requests", "all") as service:
        secret = run("keys", "create", "front-desk", database=url).stdout.strip()
        curator = Curator(service.client, secret)
        assert curator.create("lunge", reason="A first try.").status_code == 201
        assert curator.create("lunge").status_code == 412
        assert run("keys", "list", database=url).stdout.splitlines()[1].split("\t")[4] != "-"
        run("keys", "revoke", "front-desk", database=url)
        for _ in range(6):
            refused = curator.edit("lunge", summary="Too late.")
            assert refused.status_code == 401
            assert secret not in refused.text
        told = service.client.get("/exercises/lunge/history").json()["items"]
        assert [one["action"] for one in told] == ["created"]
        assert service.client.get(f"/exercises?key={secret}").status_code == 422
    assert "/exercises/{slug}" in service.log
    assert "Bearer" not in service.log
    assert secret not in service.log


def test_the_use_of_a_key_is_no_change_of_the_library(client: httpx.Client, database: Database) -> None:
    curator = Curator(client, key_to(database))
    record, tag = curator.read("/exercises/cat-cow")
    _, before = curator.read("/library")
    assert curator.ask("PUT", "/exercises/cat-cow", record, {"If-Match": tag}).status_code == 200
    assert curator.read("/library")[1] == before


def test_a_signature_is_signed_with_the_keys_name_where_none_is_given(client: httpx.Client, database: Database) -> None:
    reviewer = Curator(client, key_to(database, "dr-example", Scope.REVIEW))
    signed = reviewer.ask("PUT", "/exercises/cat-cow/review", {}, {"If-Match": "*"}).json()["review"]
    assert (signed["by"], signed["role"], signed["note"]) == ("dr-example", None, None)
