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

pytestmark = pytest.mark.any_engine

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


@pytest.mark.parametrize("group", ["pregnant", "after-16-weeks", "recently-pregnant", "hypermobile"])
def test_a_group_that_is_a_sign_counts_by_every_door(ask: httpx.Client, group: str) -> None:
    told = ask.post("/screenings", json=answers(ask, indicators=["very-sedentary"], groups=[group])).json()
    assert told["types"] == ["stiff", "unstable"]
    assert [(one["indicator"], one["group"], one["type"]) for one in told["because"]] == [
        ("very-sedentary", None, "stiff"),
        (None, group, "unstable"),
    ]
    assert told["because"][1]["source"]["slug"] == "source-text"
    unsure = ask.post("/screenings", json=answers(ask, indicators=["very-sedentary"], unsure=[group])).json()
    assert (unsure["types"], len(unsure["because"])) == (["stiff"], 1)
    asked_for = ask.get(f"/programs?type=stiff&group={group}").json()
    for program in (told["program"], unsure["program"], asked_for):
        assert program["types"] == ["stiff", "unstable"]
        assert program["basis"] == "project-rule"
        assert program["groups_asked"] is True
        assert [one["slug"] for one in program["withheld"]] == ["figure-4-stretch"]
        assert [one["slug"] for one in program["undecided"]] == ["pelvic-list", "isometric-squats"]
        assert {one["slug"]: one["suitability"]["intensity"] for slot in program["slots"] for one in slot["choices"]} == {
            "self-massage": "gentle",
            "cat-cow": None,
            "pelvic-tilts": None,
        }
        assert {one["exercise"] for one in program["cautions"]} <= {"self-massage", "cat-cow", "pelvic-tilts"}
    assert told["program"] == asked_for


def test_none_says_that_groups_were_asked_about(ask: httpx.Client) -> None:
    nobody, everybody = ask.get("/programs?type=stiff").json(), ask.get("/programs?type=stiff&group=none").json()
    assert (nobody["groups_asked"], everybody["groups_asked"]) == (False, True)
    assert "pregnant" in [one["slug"] for one in nobody["unasked"]]
    assert everybody["unasked"] == []
    assert nobody["slots"] == everybody["slots"]
    refused = ask.get("/programs?type=stiff&group=none&group=pregnant")
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "group")
    assert ask.get("/programs?type=stiff&group=nobody").json()["errors"][0]["did_you_mean"] is None
    assert ask.get("/programs?type=stiff&group=non").json()["errors"][0]["did_you_mean"] == "none"


def test_both_editions_are_the_same_in_json_and_csv_and_differ_on_paper(ask: httpx.Client) -> None:
    for name in ("json", "csv", "markdown", "html"):
        handout, full = (ask.get(f"/programs?type=unstable&group=none&format={name}&edition={one}") for one in ("patient", "clinician"))
        assert handout.text == ask.get(f"/programs?type=unstable&group=none&format={name}").text
        assert (handout.text == full.text) == (name in ("json", "csv")), name
        if name not in ("json", "csv"):
            assert ("What others print" in handout.text, "What others print" in full.text) == (False, True)
    refused = ask.get("/programs?type=unstable&edition=doctor")
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "edition")


def test_what_is_sure_and_unsure_is_refused(ask: httpx.Client) -> None:
    told = ask.post("/screenings", json=answers(ask, groups=["hypermobile"], unsure=["hypermobile"]))
    assert (told.status_code, [one["field"] for one in told.json()["errors"]]) == (422, ["unsure[0]"])


@pytest.mark.parametrize("name", ["markdown", "csv"])
def test_a_list_names_the_groups_that_are_signs_of_a_type_that_should_avoid_an_exercise(ask: httpx.Client, name: str) -> None:
    told = " ".join(ask.get(f"/exercises?type=stiff&format={name}").text.split())
    assert "Signs of that type: Pregnant; More than 16 weeks pregnant; Recently pregnant" in told or "unstable: after-16-weeks" in told
    assert "signs" not in ask.get("/exercises?type=stiff").json()
