"""Conditions and types are data: a second, made-up condition is served from a file, without a line of code."""

import httpx
import pytest

from api.store.engine import Database
from tests.made_up import FROZEN_SHOULDER
from tests.walking import Json
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


@pytest.mark.parametrize("path", ["/indicators", "/red-flags"])
def test_without_a_condition_a_list_has_those_of_every_condition(client: httpx.Client, database: Database, path: str) -> None:
    alone = client.get(path).json()["items"]
    load(database, FROZEN_SHOULDER)
    everything = client.get(path).json()
    own, other = (client.get(f"{path}?condition={one}").json()["items"] for one in reversed(BOTH))
    assert (own, other != []) == (alone, True)
    assert (everything["items"], everything["total"]) == ([*own, *other], len(own) + len(other))


def test_without_a_condition_a_screening_is_for_the_default_one(client: httpx.Client, database: Database) -> None:
    alone = client.get("/screenings/form").json()
    load(database, FROZEN_SHOULDER)
    assert client.get("/screenings/form").json() == alone == client.get("/screenings/form?condition=si-joint-dysfunction").json()
    other = client.get("/screenings/form?condition=frozen-shoulder").json()
    assert other["condition"] == "frozen-shoulder"
    groups = [one["slug"] for one in other["questions"] if one["kind"] == "group"]
    assert {"pregnant", "after-16-weeks", "hypermobile"} <= {*groups}, "no indicator of this condition finds them out"


def screened(client: httpx.Client, path: str = "/screenings", **given: object) -> dict[str, Json]:
    flags = [one["slug"] for one in client.get("/red-flags").json()["items"]]
    told = client.post(path, json={"asked": flags, "red_flags": [], "symptoms": True, "indicators": [], **given})
    assert told.status_code == 200, told.text
    body: dict[str, Json] = told.json()
    return body


def test_a_red_flag_of_any_condition_refers(second: httpx.Client) -> None:
    own = [one["slug"] for one in second.get("/red-flags?condition=si-joint-dysfunction").json()["items"]]
    told = screened(second)
    assert (told["condition"], told["outcome"]) == ("si-joint-dysfunction", "undetermined")
    assert screened(second, asked=own)["outcome"] == "undetermined"
    assert screened(second, red_flags=["numb-arm"])["outcome"] == "refer"
    assert screened(second, unsure=["numb-arm"])["outcome"] == "refer"
    shoulder = screened(second, "/screenings?condition=frozen-shoulder", asked=own)
    assert (shoulder["condition"], shoulder["outcome"], shoulder["missing"]) == ("frozen-shoulder", "incomplete", ["numb-arm"])


STRETCHED = """\
exercises:
  - slug: straddle
    name: Straddle reach
    patterns: [wide-legs]
    recommendations:
      - {type: freezing, position: 2, source: {slug: made-up-book}}
"""


def test_of_a_type_of_another_condition_only_the_avoids_count(second: httpx.Client, database: Database) -> None:
    load(database, STRETCHED)
    without = second.get("/programs?type=freezing&group=none").json()
    assert [[one["slug"] for one in slot["choices"]] for slot in without["slots"]] == [["pendulum"], ["straddle"]]
    assert [(one["type"], one["exercises"]) for one in without["not_for"]] == [("unstable", ["straddle"])]
    program = second.get("/programs?type=freezing&group=pregnant").json()
    assert (program["types"], program["basis"]) == (["freezing"], "project-rule")
    assert [[one["slug"] for one in slot["choices"]] for slot in program["slots"]] == [["pendulum"]]
    assert [one["slug"] for one in program["withheld"]] == ["straddle"]
    assert program["undecided"] == []
    assert {one["slug"] for one in program["avoid"]} >= {"figure-4-stretch", "wide-legs", "straddle", "wall-climb"}
    assert screened(second, "/screenings?condition=frozen-shoulder", indicators=["worse-at-night"], groups=["pregnant"])["because"] == [
        {"indicator": "worse-at-night", "group": None, "type": "freezing", "source": {"slug": "made-up-book", "quote": None}}
    ]


def test_each_condition_has_its_own_questions(second: httpx.Client) -> None:
    assert [one["slug"] for one in second.get("/indicators?condition=frozen-shoulder").json()["items"]] == ["worse-at-night"]
    assert [one["slug"] for one in second.get("/red-flags?condition=frozen-shoulder").json()["items"]] == ["numb-arm"]
    assert error(problem(second.get("/indicators?condition=frozen-sholder"), 422))["did_you_mean"] == "frozen-shoulder"


@pytest.mark.parametrize("condition", BOTH)
@pytest.mark.parametrize(("path", "kind"), [("/indicators", "indicator"), ("/red-flags", "red-flag")])
def test_what_is_listed_for_a_condition_is_what_its_form_asks(second: httpx.Client, condition: str, path: str, kind: str) -> None:
    listed = {one["slug"] for one in second.get(f"{path}?condition={condition}").json()["items"]}
    asked = {one["slug"] for one in second.get(f"/screenings/form?condition={condition}").json()["questions"] if one["kind"] == kind}
    assert listed == asked != set()


def test_contraindications_of_every_type_are_listed_together(second: httpx.Client) -> None:
    everybody = second.get("/contraindications").json()
    assert [(one["slug"], one["type"]) for one in everybody["items"]] == [
        ("arm-overhead", "freezing"),
        ("wide-legs", "unstable"),
        ("figure-4-stretch", "unstable"),
        ("wall-climb", "freezing"),
    ]
    assert [one["slug"] for one in second.get("/contraindications?type=freezing").json()["items"]] == ["arm-overhead", "wall-climb"]
