"""`view=summary` is short, and says no less of what keeps somebody safe."""

import csv
import gzip
import io
from typing import Any

import httpx
import pytest

from api.library.summary import ExerciseSummary

pytestmark = pytest.mark.any_engine

FIELDS = [
    *("slug", "name", "kind", "summary", "tags", "regions", "equipment", "helpful", "suitability", "recommendations"),
    *("contraindications", "cautions", "possible_match", "review", "image"),
]
UNSTABLE = "/exercises?type=unstable"


def summary(ask: httpx.Client, address: str) -> dict[str, Any]:
    found: dict[str, Any] = ask.get(f"{address}{'&' if '?' in address else '?'}view=summary").json()
    return found


@pytest.mark.parametrize("asked", ["", "?type=unstable", "?type=stiff&type=unstable", "?q=pelvic", "?unjudged=stiff", "?limit=2"])
def test_it_is_the_full_list_with_fewer_fields(ask: httpx.Client, asked: str) -> None:
    whole, short = ask.get(f"/exercises{asked}").json(), summary(ask, f"/exercises{asked}")
    assert list(short) == list(whole)
    for name in ("total", "types", "avoid", "avoid_total", "undecided_total", "disclaimer"):
        assert short[name] == whole[name]
    listed = [*zip(short["items"], whole["items"], strict=True), *zip(short["undecided"] or [], whole["undecided"] or [], strict=True)]
    assert listed
    for some, every in listed:
        assert list(some) == FIELDS == list(ExerciseSummary.model_fields)
        assert {name: some[name] for name in FIELDS[:-4]} == {name: every[name] for name in FIELDS[:-4]}
        assert {(one["group"], one["action"]) for one in some["cautions"]} == {(one["group"], one["action"]) for one in every["cautions"]}
        assert (some["possible_match"], some["review"]) == (every["possible_match"], every["review"])
        picture = every["images"][0]
        assert some["image"] == {"alt": picture["alt"], **{k: v for k, v in picture["files"][0].items() if k != "sha256"}}


def test_the_five_for_unstable_are_short(ask: httpx.Client) -> None:
    body = ask.get(f"{UNSTABLE}&view=summary").content
    assert len(body) <= 12_000
    assert len(gzip.compress(body)) <= 3_000
    assert len(ask.get(UNSTABLE).content) <= 48_000


def test_in_markdown_it_is_a_screenful(ask: httpx.Client) -> None:
    text = ask.get(f"{UNSTABLE}&view=summary&format=markdown").text
    lines = text.splitlines()
    assert len(lines) <= 40
    assert max(map(len, lines)) <= 80
    assert "- 1: **GENTLE** Self-massage of low back and glutes (self-massage). Needs" in lines
    assert "- 2: **or** Cat/cow (cat-cow). Needs nothing. Helpful: mat, cushion." in lines
    assert "- 4: Isometric squats (isometric-squats). Needs wall. Helpful: rail, chair." in lines
    assert text.index("## What to avoid") < text.index("- **Figure 4 stretch** (unstable): This stretch can make the pelvis less steady.")
    assert ask.get(f"{UNSTABLE}&format=markdown").text.startswith(text.rstrip("\n"))


def test_in_markdown_without_a_type_it_says_who_should_avoid_it(ask: httpx.Client) -> None:
    text = ask.get("/exercises?view=summary&format=markdown").text
    stretch = text.partition("- Figure 4 stretch")[2].partition("\n- ")[0]
    assert "Recommended for stiff.\n" in stretch
    assert "**Avoid for unstable:**" in stretch


def test_in_csv_it_has_the_same_rows_and_fewer_columns(ask: httpx.Client) -> None:
    whole, short = (list(csv.DictReader(io.StringIO(ask.get(f"{UNSTABLE}{asked}&format=csv").text))) for asked in ("", "&view=summary"))
    assert [(row["section"], row["slug"], row["verdict"]) for row in short] == [
        (row["section"], row["slug"], row["verdict"]) for row in whole
    ]
    assert "steps" not in short[0]
    assert short[0]["cautions"].startswith("group: pregnant | action: modify\n")


def test_the_view_belongs_to_cursors_and_etags(ask: httpx.Client) -> None:
    short, whole = (ask.get(f"{UNSTABLE}&limit=2{asked}") for asked in ("&view=summary", ""))
    assert short.headers["etag"] != whole.headers["etag"]
    page = ask.get(short.json()["next"]).json()
    assert list(page["items"][0]) == FIELDS
    assert ask.get(short.json()["next"].replace("&view=summary", "")).status_code == 422
    assert ask.get(whole.json()["next"] + "&view=summary").status_code == 422
    assert ask.get(whole.json()["next"] + "&view=full").status_code == 200


@pytest.mark.parametrize("path", ["/exercises/cat-cow", "/types", "/contraindications", "/programs?type=stiff", "/library", "/"])
def test_nothing_else_has_a_view(ask: httpx.Client, path: str) -> None:
    answer = ask.get(path + ("&" if "?" in path else "?") + "view=summary")
    assert (answer.status_code, answer.json()["code"]) == (422, "unknown-parameter")


@pytest.mark.parametrize("value", ["", "brief", "Summary", "summary&view=summary"])
def test_a_view_that_is_not_understood_is_refused(ask: httpx.Client, value: str) -> None:
    assert ask.get(f"{UNSTABLE}&view={value}").status_code == 422


@pytest.mark.parametrize(
    "path", ["/", "/exercises", "/exercises/cat-cow", "/types", "/programs?type=stiff", "/screenings/form", "/library", "/openapi.json"]
)
def test_json_ends_with_one_newline(ask: httpx.Client, path: str) -> None:
    body = ask.get(path).content
    assert body.endswith(b"}\n")
    assert not body.endswith(b"\n\n")


def test_problems_and_answers_about_a_person_end_with_a_newline_too(ask: httpx.Client) -> None:
    told = {"asked": [], "red_flags": [], "symptoms": True, "indicators": []}
    for answer in (ask.get("/nothing"), ask.get("/exercises?typ=x"), ask.post("/screenings", json=told), ask.get("/health/live")):
        assert answer.content.endswith(b"}\n"), answer.url
