"""Conditions and types are data: a second, made-up condition is served from a file, without a line of code."""

import httpx
import pytest

from api.store.engine import Database
from tests.made_up import FROZEN_SHOULDER
from tests.web.test_refusals import error, problem
from tests.writing import load

BOTH = ["frozen-shoulder", "si-joint-dysfunction"]
BEFORE = [
    "/exercises?type=unstable",
    "/exercises?type=stiff",
    "/exercises?type=stiff&type=unstable",
    "/types/unstable",
    "/exercises/figure-4-stretch",
]


@pytest.fixture
def second(client: httpx.Client, database: Database) -> httpx.Client:
    """A client of a library with two conditions."""
    load(database, FROZEN_SHOULDER)
    return client


def test_what_was_asked_before_means_the_same_as_before(client: httpx.Client, database: Database) -> None:
    before = {address: client.get(address).json() for address in BEFORE}
    load(database, FROZEN_SHOULDER)
    assert {address: client.get(address).json() for address in BEFORE} == before


def test_a_new_condition_and_its_types_are_served(second: httpx.Client) -> None:
    assert [one["slug"] for one in second.get("/conditions").json()["items"]] == ["si-joint-dysfunction", "frozen-shoulder"]
    assert [one["slug"] for one in second.get("/types").json()["items"]] == ["stiff", "unstable", "freezing", "thawing"]
    assert second.get("/conditions/frozen-shoulder").json()["causes"][0]["type"] == "freezing"
    assert second.get("/types/freezing").json()["indicators"][0]["slug"] == "worse-at-night"
    assert "shoulder" in [one["slug"] for one in second.get("/vocabulary").json()["regions"]]


def test_what_is_recommended_and_avoided_for_a_new_type_is_served(second: httpx.Client) -> None:
    freezing = second.get("/exercises?type=freezing").json()
    assert [one["slug"] for one in freezing["items"]] == ["pendulum"]
    assert [(one["slug"], one["via"]) for one in freezing["avoid"]] == [
        ("arm-overhead", None),
        ("wall-climb", {"kind": "movement-pattern", "slug": "arm-overhead"}),
    ]
    assert [one["slug"] for one in second.get("/exercises?type=thawing").json()["items"]] == ["wall-climb", "pendulum"]
    both = second.get("/exercises?type=freezing&type=thawing").json()
    assert [one["slug"] for one in both["items"]] == ["pendulum"]
    assert both["undecided"] == []
    assert second.get("/exercises/wall-climb/suitability?type=freezing&type=thawing").json()["verdict"] == "avoid"
    assert second.get("/exercises/pendulum/suitability?type=freezing&type=unstable").json()["verdict"] == "unknown"


def test_filters_know_the_new_words(second: httpx.Client) -> None:
    for asked in ("condition=frozen-shoulder", "region=shoulder", "unjudged=stiff&region=shoulder"):
        assert [one["slug"] for one in second.get(f"/exercises?{asked}").json()["items"]] == ["pendulum", "wall-climb"], asked
    assert {one["slug"] for one in second.get("/exercises?unjudged=freezing").json()["items"]} >= {"figure-4-stretch", "cat-cow"}
    assert error(problem(second.get("/exercises?type=freezin"), 422))["did_you_mean"] == "freezing"


@pytest.mark.parametrize("path", ["/indicators", "/red-flags", "/screenings/form"])
def test_where_there_are_two_conditions_one_has_to_be_named(client: httpx.Client, database: Database, path: str) -> None:
    alone = client.get(path)
    assert alone.status_code == 200
    load(database, FROZEN_SHOULDER)
    told = error(problem(client.get(path), 422))
    assert (told["field"], sorted(told["allowed"] if isinstance(told["allowed"], list) else [])) == ("condition", BOTH)
    assert client.get(f"{path}?condition=si-joint-dysfunction").json() == alone.json()
    assert client.get(f"{path}?condition=frozen-shoulder").json() != alone.json()


def test_each_condition_has_its_own_questions(second: httpx.Client) -> None:
    assert [one["slug"] for one in second.get("/indicators?condition=frozen-shoulder").json()["items"]] == ["worse-at-night"]
    assert [one["slug"] for one in second.get("/red-flags?condition=frozen-shoulder").json()["items"]] == ["numb-arm"]
    assert error(problem(second.get("/indicators?condition=frozen-sholder"), 422))["did_you_mean"] == "frozen-shoulder"


def test_contraindications_of_every_type_are_listed_together(second: httpx.Client) -> None:
    everybody = second.get("/contraindications").json()
    assert [(one["slug"], one["type"]) for one in everybody["items"]] == [
        ("arm-overhead", "freezing"),
        ("wide-legs", "unstable"),
        ("figure-4-stretch", "unstable"),
        ("wall-climb", "freezing"),
    ]
    assert [one["slug"] for one in second.get("/contraindications?type=freezing").json()["items"]] == ["arm-overhead", "wall-climb"]
