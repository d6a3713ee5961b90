"""`POST /comparisons`: another catalogue's exercises, in order, and nothing of them kept."""

import time
from typing import Any

import httpx
import pytest

pytestmark = pytest.mark.any_engine

THEIRS = [
    {"id": "b", "name": "Fig. 4 stretch"},
    {"id": "a", "name": "Hip hike", "aliases": [], "steps": []},
    {"id": "c", "name": "Figure 4"},
    {"id": "d", "name": "Cat/cow", "steps": ["Cross your left ankle over your right thigh."]},
    {"id": " é\u202e ", "name": "Bench press"},
]


def post(ask: httpx.Client, exercises: object, query: str = "type=unstable") -> httpx.Response:
    return ask.post(f"/comparisons?{query}", json={"exercises": exercises})


def test_each_exercise_is_answered_in_order(ask: httpx.Client) -> None:
    answered = post(ask, THEIRS)
    assert (answered.status_code, answered.headers["cache-control"]) == (200, "no-store")
    answer = answered.json()
    assert list(answer) == ["types", "items", "revision", "disclaimer"]
    assert answer["types"] == ["unstable"]
    assert answer["revision"] == ask.get("/health/ready").json()["revision"]
    assert "pictures" in answer["disclaimer"]
    assert "Not reviewed by a clinician" in answer["disclaimer"]
    assert [tuple(one.values())[:3] for one in answer["items"]] == [
        ("b", "unknown", None),
        ("a", "recommended", "pelvic-list"),
        ("c", "avoid", "figure-4-stretch"),
        ("d", "unknown", "cat-cow"),
        (" é\u202e ", "unknown", None),
    ]
    assert [[match["slug"] for match in one["possible_match"]] for one in answer["items"]] == [
        ["figure-4-stretch"],
        [],
        [],
        ["figure-4-stretch"],
        [],
    ]
    assert answer["items"][3]["possible_match"][0]["words"] == ["ankle over your right thigh"]


def test_the_verdict_is_that_of_suitability(ask: httpx.Client) -> None:
    every = ask.get("/exercises?limit=100").json()["items"]
    for query in ("type=stiff", "type=unstable", "type=stiff&type=unstable", "type=unstable&type=unstable"):
        theirs = [{"id": f"{one['slug']} {name}", "name": name} for one in every for name in [one["name"], *one["aliases"]]]
        for item in post(ask, theirs, query).json()["items"]:
            slug = item["id"].partition(" ")[0]
            told = ask.get(f"/exercises/{slug}/suitability?{query}").json()
            assert (item["same_as"], item["verdict"], item["because"]) == (slug, told["verdict"], told["because"]), item["id"]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("", "empty-value"),
        ("type=", "empty-value"),
        ("type=loosee", "unknown-value"),
        ("typ=unstable", "unknown-parameter"),
        ("type=unstable&format=json", "unknown-parameter"),
    ],
)
def test_a_question_that_is_not_understood_is_refused(ask: httpx.Client, query: str, code: str) -> None:
    refused = post(ask, THEIRS, query)
    assert (refused.status_code, refused.json()["code"]) == (422, code)


ONE: dict[str, Any] = {"id": "1", "name": "One"}


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"exercises": []},
        {"exercises": [ONE | {"id": str(n)} for n in range(1001)]},
        {"exercises": [ONE, ONE]},
        {"exercises": [ONE | {"id": ""}]},
        {"exercises": [ONE | {"id": 1}]},
        {"exercises": [ONE | {"name": " "}]},
        {"exercises": [{"id": "1"}]},
        {"exercises": [{"name": "One"}]},
        {"exercises": [ONE | {"steps": "Lie down."}]},
        {"exercises": [ONE | {"instructions": []}]},
        {"exercises": [ONE], "types": ["unstable"]},
    ],
)
def test_a_body_of_another_shape_is_refused(ask: httpx.Client, body: object) -> None:
    refused = ask.post("/comparisons?type=unstable", json=body)
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid-content")
    assert refused.headers["cache-control"] == "no-store"
    assert refused.json()["errors"]


def test_a_large_body_and_another_media_type_are_refused(ask: httpx.Client) -> None:
    assert post(ask, [ONE | {"steps": ["x" * 2**20]}]).status_code == 413
    assert ask.post("/comparisons?type=unstable", content=b"{}", headers={"Content-Type": "text/csv"}).status_code == 415
    assert ask.post("/comparisons?type=unstable", content=b"{", headers={"Content-Type": "application/json"}).status_code == 400
    assert ask.get("/comparisons?type=unstable").status_code == 405


def test_a_thousand_are_compared_in_about_a_second(ask: httpx.Client) -> None:
    steps = [f"Step {n}: stand up, breathe in and out, and keep your back straight while your hands rest on the hips." for n in range(6)]
    theirs = [{"id": str(n), "name": f"Exercise {n}", "steps": [*steps, "Stand with your feet wider than your hips."]} for n in range(1000)]
    post(ask, theirs)  # the table of rules is compiled once
    began = time.process_time()
    answer = post(ask, theirs).json()
    assert time.process_time() - began < 1
    assert [one["id"] for one in answer["items"]] == [str(n) for n in range(1000)]
    assert all([match["slug"] for match in one["possible_match"]] == ["wide-legs"] for one in answer["items"])
    began = time.process_time()
    hostile = "feet legs ankle not as the on far " * 28_000
    assert post(ask, [ONE | {"steps": [f"{hostile} wide apart spread twice side"]}]).status_code == 200
    assert time.process_time() - began < 10
