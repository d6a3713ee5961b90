"""A collection without contraindications brings exercises without a verdict, and the figure 4 doesn't escape under another name."""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.app import create_app
from api.settings import Settings
from api.store.engine import Database
from tests.curating import SOURCE, Curator, avoid, key_to
from tests.engines import Databases
from tests.in_process import asking
from tests.shell import run
from tests.writing import state

COLLECTION = Path(__file__).parents[3] / "shared" / "data" / "free-exercise-db.json"
OTHER_NAMES = {
    "figure-4-stretch": ["ankle-on-the-knee", "piriformis-smr", "seated-glute", "lying-glute", "it-band-and-glute-stretch"],
    "wide-legs": [
        "the-straddle",
        "wide-stance-barbell-squat",
        "wide-stance-stiff-legs",
        "sumo-deadlift",
        "sumo-deadlift-with-bands",
        "sumo-deadlift-with-chains",
        "reverse-band-sumo-deadlift",
        "kettlebell-sumo-high-pull",
        "barbell-side-split-squat",
    ],
}
ANKLE_ON_THE_KNEE = {
    "name": "Ankle On The Knee",
    "force": "static",
    "level": "beginner",
    "mechanic": None,
    "equipment": None,
    "primaryMuscles": ["glutes"],
    "secondaryMuscles": [],
    "instructions": ["Cross one ankle over the other knee."],
    "category": "stretching",
    "images": ["Ankle_On_The_Knee/0.jpg"],
    "id": "Ankle_On_The_Knee",
}


def take_in(url: str, file: Path, *arguments: str, code: int = 0) -> tuple[str, str]:
    """Import a collection; give what is written to standard output and to standard error."""
    result = run("import", "--format", "free-exercise-db", *arguments, str(file), database=url, code=code)
    return result.stdout, result.stderr


def collection(folder: Path, *exercises: dict[str, Any]) -> Path:
    file = folder / "collection.json"
    file.write_text(json.dumps(exercises, indent=1), encoding="utf-8")
    return file


@dataclass(frozen=True)
class Whole:
    """A library with the whole collection in it."""

    client: httpx.Client
    slugs: set[str]
    said: str


@pytest.fixture(scope="module")
def whole(databases: Databases) -> Iterator[Whole]:
    if not COLLECTION.exists() and not os.environ.get("CI"):
        pytest.skip(f"the collection is not part of this repository; it would stand at {COLLECTION}")
    url = databases.seeded()
    with asking(create_app(Settings(database_url=url))) as client:
        before = set(_slugs(client, "/exercises?limit=100"))
        _, said = take_in(url, COLLECTION)
        yield Whole(client, set(_slugs(client, "/exercises?limit=100")) - before, said)


def _slugs(client: httpx.Client, address: str | None) -> Iterator[str]:
    while address:
        page = client.get(address).json()
        yield from (one["slug"] for one in page["items"])
        address = page["next"]


def test_the_whole_collection_comes_in(whole: Whole) -> None:
    assert len(whole.slugs) == len(json.loads(COLLECTION.read_text(encoding="utf-8"))) == 873


@pytest.mark.parametrize("type_", ["stiff", "unstable"])
def test_none_of_it_is_offered_for_any_type_and_all_of_it_waits_for_a_clinician(whole: Whole, type_: str) -> None:
    assert not whole.slugs & set(_slugs(whole.client, f"/exercises?type={type_}&limit=100"))
    assert not whole.slugs & set(_slugs(whole.client, f"/exercises?type={type_}&q=stretch&limit=100"))
    assert whole.slugs <= set(_slugs(whole.client, f"/exercises?unjudged={type_}&limit=100"))


def test_it_is_unknown_for_each_type(whole: Whole) -> None:
    for slug in sorted(whole.slugs)[::5]:
        said = whole.client.get(f"/exercises/{slug}/suitability?type=unstable&type=stiff").json()
        assert said["verdict"] == "unknown", slug
        assert {one["verdict"] for one in said["because"]} == {"unknown"}, slug


def test_what_is_avoided_does_not_escape_under_another_name(whole: Whole) -> None:
    for meant, slugs in OTHER_NAMES.items():
        for slug in slugs:
            assert meant in [one["slug"] for one in whole.client.get(f"/exercises/{slug}").json()["possible_match"]], slug


def test_each_that_resembles_something_is_proposed_in_the_shell_and_in_its_answers(whole: Whole) -> None:
    proposed = {line.partition(":")[0] for line in whole.said.splitlines() if ": variant_of: " in line or ": patterns: " in line}
    shown = {one["slug"] for one in _records(whole.client) if one["possible_match"]} & whole.slugs
    assert proposed == shown >= {slug for slugs in OTHER_NAMES.values() for slug in slugs}
    assert f"{len(shown)} exercises resemble one that some type avoids" in whole.said


def _records(client: httpx.Client) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get("/library").json()["exercises"]
    return found


def test_it_names_where_it_comes_from_and_takes_over_neither_its_levels_nor_its_pictures(whole: Whole) -> None:
    for one in (one for one in _records(whole.client) if one["slug"] in whole.slugs):
        assert [each["source"]["slug"] for each in one["provenance"]] == ["free-exercise-db"], one["slug"]
        assert one["images"] == one["recommendations"] == one["contraindications"] == [], one["slug"]
        assert "beginner" not in json.dumps(one).lower() or "beginner" in json.dumps(one["steps"]).lower(), one["slug"]
    assert whole.client.get("/sources/free-exercise-db").json()["certainty"] == "unverified"


def test_a_check_shows_it_all_and_changes_nothing(database: Database, url: str, tmp_path: Path) -> None:
    before = state(database)
    shown, said = take_in(url, collection(tmp_path, ANKLE_ON_THE_KNEE), "--check")
    assert "created exercise ankle-on-the-knee" in shown.splitlines()
    assert "ankle-on-the-knee: variant_of: figure-4-stretch (by ankle-over-knee stretch)" in said.splitlines()
    assert state(database) == before


def test_taking_it_in_again_changes_nothing_that_a_clinic_has_edited(database: Database, url: str, tmp_path: Path) -> None:
    file = collection(tmp_path, ANKLE_ON_THE_KNEE)
    take_in(url, file)
    with asking(create_app(Settings(database_url=url))) as client:
        edited = Curator(client, key_to(database)).edit("ankle-on-the-knee", name="Our own name", variant_of="figure-4-stretch")
        assert edited.status_code == 200, edited.text
    before = state(database)
    _, said = take_in(url, file)
    assert "1 exercises are here already and stay as they are." in said
    assert state(database) == before


@pytest.mark.parametrize(
    ("decision", "verdict"),
    [
        ({"variant_of": "figure-4-stretch"}, "avoid"),
        ({"contraindications": avoid("unstable")}, "avoid"),
        ({"recommendations": [{"type": "unstable", "position": 90, "choice": 1, "source": SOURCE}]}, "recommended"),
    ],
)
def test_a_clinicians_decision_settles_it(database: Database, url: str, tmp_path: Path, decision: dict[str, Any], verdict: str) -> None:
    take_in(url, collection(tmp_path, ANKLE_ON_THE_KNEE))
    with asking(create_app(Settings(database_url=url))) as client:
        assert client.get("/exercises/ankle-on-the-knee").json()["possible_match"] != []
        decided = Curator(client, key_to(database)).edit("ankle-on-the-knee", **decision)
        assert decided.status_code == 200, decided.text
        assert decided.json()["possible_match"] == []
        assert client.get("/exercises/ankle-on-the-knee/suitability?type=unstable").json()["verdict"] == verdict
        assert ("ankle-on-the-knee" in set(_slugs(client, "/exercises?type=unstable"))) is (verdict == "recommended")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ('[\n{"id": "A", "name": "A"},\n{"id": "B", "nme": "B"}\n]', ":3: "),
        ('{"exercises": []}', "This format is an array of exercises."),
        ("[", "It can't be read as JSON"),
        ('[\n{"id": &a "A", "name": *a}]', ":2: It can't be read as JSON: anchors ('&a') aren't read"),
        ('[\n{"id": "A", "name": *a}]', ":2: It can't be read as JSON: aliases ('*a') aren't read"),
        ('[\n{"id": "A",\n"name": "A", "name": "B"}]', ":3: It can't be read as JSON: the key 'name' stands here twice"),
        ('[\n{"id": "A", "name": "A", "primaryMuscles": [!!str x]}]', ":2: It can't be read as JSON: tags ('!!str') aren't read"),
        ('[{"id": "!!!", "name": "No slug"}]', ":1: "),
    ],
)
def test_what_is_not_its_format_is_refused_with_its_line(database: Database, url: str, tmp_path: Path, text: str, complaint: str) -> None:
    before = state(database)
    file = tmp_path / "collection.json"
    file.write_text(text, encoding="utf-8")
    _, said = take_in(url, file, code=1)
    assert str(file) in said
    assert complaint in said
    assert state(database) == before
