"""A client that was written for the library's first condition goes on as before when a second one is loaded beside it."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx

from api import formats
from api.store.engine import Database
from tests.made_up import FROZEN_SHOULDER
from tests.walking import every_page
from tests.writing import load

API = Path(__file__).parents[2] / "api"
OURS = "si-joint-dysfunction"


def conversation(client: httpx.Client) -> dict[str, Any]:
    """Do what an app for the first condition does, from its first screen to the printed program."""
    form = client.get("/screenings/form").json()
    flags = [one["slug"] for one in form["questions"] if one["kind"] == "red-flag" and one["group"] is None]
    everything = [one["slug"] for one in client.get("/red-flags").json()["items"] if one["condition"] == OURS]
    told = {"asked": everything, "red_flags": [], "symptoms": True}
    types = [one["slug"] for one in client.get("/types").json()["items"] if one["condition"] == OURS]
    return {
        "form": form,
        "flags": flags,
        "types": types,
        "indicators": [one for one in client.get("/indicators").json()["items"] if one["type"] in types],
        "pages": {one: [page["items"] for page in every_page(client, f"/exercises?type={one}&limit=2&view=summary")] for one in types},
        "lists": {one: client.get(f"/exercises?type={one}").json() for one in types},
        "both": client.get("/exercises?type=stiff&type=unstable").json(),
        "found": client.get("/exercises?q=hip+hike&type=unstable").json()["items"],
        "suitability": client.get("/exercises/figure-4-stretch/suitability?type=unstable").json(),
        "avoid": client.get("/contraindications?type=unstable").json(),
        "screened": {one: client.post("/screenings", json={**told, "indicators": [one]}).json() for one in ("pregnant", "heavy-impact")},
        "nothing sure": client.post("/screenings", json={**told, "indicators": []}).json(),
        "referred": client.post("/screenings", json={**told, "indicators": [], "red_flags": everything[:1]}).json(),
        "sheet": client.get("/programs?type=unstable&group=pregnant&format=markdown").text,
        "compared": client.post("/comparisons?type=unstable", json={"exercises": [{"id": "1", "name": "Figure 4 stretch"}]}).json(),
    }


def without_revision(told: object) -> object:
    """Leave out what counts the library's changes, and what no app of the first condition could know beforehand."""
    if isinstance(told, dict):
        return {name: without_revision(part) for name, part in told.items() if name not in ("revision", "updated_at")}
    if isinstance(told, list):
        return [without_revision(part) for part in told]
    return re.sub(r"[Rr]evision \d+", "revision", told) if isinstance(told, str) else told


def test_what_an_app_for_the_first_condition_does_comes_to_the_same(client: httpx.Client, database: Database) -> None:
    before = conversation(client)
    load(database, FROZEN_SHOULDER)
    after = conversation(client)
    for name in before:
        assert without_revision(after[name]) == without_revision(before[name]), name


def test_every_item_of_a_list_names_its_condition(client: httpx.Client, database: Database) -> None:
    load(database, FROZEN_SHOULDER)
    for path in ("/types", "/indicators", "/red-flags"):
        assert {one["condition"] for one in client.get(path).json()["items"]} == {OURS, "frozen-shoulder"}, path
    form = client.get("/screenings/form").json()
    assert form["condition"] == OURS


WORDS = re.compile(r"\b(stiff|loose|unstable|pelvis|lower spine|sacro-?iliac)\b", re.IGNORECASE)
VOCABULARY = {"resemblances.py"}
"""Words that names of exercises are compared by, whatever the condition."""


def sentences(file: Path) -> Iterator[str]:
    """Give the texts in a file of ours that a person may read: strings of several words, but for what explains the code."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    explains = {id(one.value) for one in ast.walk(tree) if isinstance(one, ast.Expr)}
    for one in ast.walk(tree):
        if isinstance(one, ast.Constant) and isinstance(one.value, str) and id(one) not in explains and " " in one.value:
            yield re.sub(r"such as `?[\w-]+`?|\S*type=\w+\S*", "", one.value, flags=re.IGNORECASE)  # an example of a value


def test_no_sentence_of_ours_is_about_one_condition() -> None:
    found = [
        f"{file.name}: {text}"
        for file in API.rglob("*.py")
        if file.name not in VOCABULARY
        for text in sentences(file)
        if WORDS.search(text)
    ]
    templates = [one for one in (API / Path(formats.__file__).parent / "templates").rglob("*") if one.suffix in (".html", ".typ", ".js")]
    assert len(templates) > 5
    found += [one.name for one in templates if WORDS.search(one.read_text(encoding="utf-8"))]
    assert found == []
