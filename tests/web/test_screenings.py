"""Screenings and programs over HTTP: nothing of the person stays anywhere."""

import json
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa

from api.app import create_app
from api.settings import Settings
from api.store.engine import Database
from tests.in_process import asking
from tests.processes import running

PERSON = {"symptoms": True, "indicators": ["pregnant", "very-sedentary"], "groups": ["wrist-pain"], "unsure": ["very-flexible"]}


def answers(client: httpx.Client, **given: object) -> dict[str, object]:
    flags = [flag["slug"] for flag in client.get("/red-flags").json()["items"]]
    return {"asked": flags, "red_flags": [], "symptoms": True, "indicators": [], **given}


def test_a_screening_answers_with_everything_it_promises(ask: httpx.Client) -> None:
    answer = ask.post("/screenings", json=answers(ask, **PERSON))
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert "etag" not in answer.headers
    body = answer.json()
    assert body["outcome"] == "likely"
    assert body["types"] == ["stiff", "unstable"]
    assert {one["indicator"] for one in body["because"]} == {"pregnant", "very-sedentary"}
    program = body["program"]
    assert {"pregnant", "wrist-pain", "hypermobile"} <= set(program["groups"])
    (cat_cow,) = [one for slot in program["slots"] for one in slot["choices"] if one["slug"] == "cat-cow"]
    assert cat_cow["variant"] == "on-forearms-or-fists"


@pytest.mark.parametrize("missing", ["asked", "red_flags", "symptoms", "indicators"])
def test_silence_is_not_a_no(ask: httpx.Client, missing: str) -> None:
    sent = answers(ask)
    del sent[missing]
    answer = ask.post("/screenings", json=sent)
    assert answer.status_code == 422
    assert [one["field"] for one in answer.json()["errors"]] == [missing]


@pytest.mark.parametrize(
    ("content", "content_type", "status"),
    [
        ("{", "application/json", 400),
        ("{}", "text/plain", 415),
        ('{"symptoms": "yes"}', "application/json", 422),
        (" " * 1_100_000, "application/json", 413),
        ("[" * 100_000, "application/json", 400),
    ],
)
def test_a_body_that_is_not_answers_is_refused(ask: httpx.Client, content: str, content_type: str, status: int) -> None:
    answer = ask.post("/screenings", content=content, headers={"Content-Type": content_type})
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")


def test_nothing_about_the_person_is_stored_or_logged(url: str, tmp_path: Path) -> None:
    with running(url, tmp_path) as service:
        before = service.client.get("/health/ready").json()
        for sent in (answers(service.client, **PERSON), answers(service.client, indicators=["no-such-thing-zebra"]), {"symptoms": "zebra"}):
            service.client.post("/screenings", json=sent)
        service.client.post("/screenings", content="{zebra", headers={"Content-Type": "application/json"})
        assert service.client.get("/health/ready").json() == before
    log = service.log
    for word in ("pregnant", "very-sedentary", "wrist-pain", "very-flexible", "zebra", "symptoms"):
        assert word not in log
    database = Database(url)
    with database.reading() as connection:
        tables = sa.inspect(connection).get_table_names()
        everything = [str(row) for table in tables for row in connection.execute(sa.text(f'SELECT * FROM "{table}"'))]  # noqa: S608
    database.close()
    assert not [row for row in everything if "zebra" in row]


def test_the_screening_can_be_taken_away(url: str) -> None:
    with asking(create_app(Settings(database_url=url, screening=False))) as client:
        assert client.post("/screenings", json={}).status_code == 404
        assert client.get("/screenings/form").status_code == 404
        assert "/screenings" not in client.get("/openapi.json").json()["paths"]
        assert "/screenings" not in json.dumps(client.get("/").json())


def test_a_program_names_what_it_withholds(ask: httpx.Client) -> None:
    program = ask.get("/programs", params={"type": "unstable", "only": ["figure-4-stretch", "cat-cow"]}).json()
    assert [one["slug"] for slot in program["slots"] for one in slot["choices"]] == ["cat-cow"]
    (withheld,) = program["withheld"]
    assert withheld["slug"] == "figure-4-stretch"
    assert withheld["reason"]
    assert withheld["source"]["quote"].endswith("figure 4 stretch")


def test_an_exercise_that_nobody_judged_for_the_type_is_withheld_as_unknown(ask: httpx.Client) -> None:
    program = ask.get("/programs", params={"type": "stiff", "only": "pelvic-list"}).json()
    (withheld,) = program["withheld"]
    assert (withheld["slug"], withheld["source"]) == ("pelvic-list", None)
    assert "not the same as safe" in withheld["reason"]


def test_groups_imply_groups(ask: httpx.Client) -> None:
    program = ask.get("/programs", params={"type": "unstable", "group": "after-16-weeks"}).json()
    assert set(program["groups"]) == {"pregnant", "after-16-weeks"}
    (tilts,) = [one for slot in program["slots"] for one in slot["choices"] if one["slug"] == "pelvic-tilts"]
    assert tilts["variant"]
    assert tilts["steps"] == next(one["steps"] for one in tilts["variants"] if one["slug"] == tilts["variant"])


@pytest.mark.parametrize("query", ["", "type=stif", "type=stiff&group=pregnan", "type=stiff&only=cat-co", "type=stiff&only=", "typ=stiff"])
def test_a_program_for_what_is_not_understood_is_refused(ask: httpx.Client, query: str) -> None:
    answer = ask.get(f"/programs?{query}")
    assert answer.status_code == 422
    assert answer.json()["errors"]
