"""Whatever states a verdict says what it is not, and that no clinician reviewed it."""

import httpx
import pytest

from api.library.wording import DISCLAIMER

pytestmark = pytest.mark.any_engine

VERDICTS = [
    "/exercises",
    "/exercises?type=unstable",
    "/exercises?type=stiff&type=unstable&limit=1",
    "/exercises?q=nothing-like-it",
    "/exercises/cat-cow/suitability?type=stiff",
    "/contraindications",
    "/contraindications?type=stiff",
    "/programs?type=stiff",
]


@pytest.mark.parametrize("path", VERDICTS)
def test_json_has_it(ask: httpx.Client, path: str) -> None:
    assert ask.get(path).json()["disclaimer"] == DISCLAIMER


@pytest.mark.parametrize("path", VERDICTS)
def test_markdown_says_it(ask: httpx.Client, path: str) -> None:
    said = " ".join(ask.get(path, headers={"Accept": "text/markdown"}).text.split())
    assert "General information, not a diagnosis" in said
    assert "Not reviewed by a clinician." in said


def test_suitability_names_its_exercise(ask: httpx.Client) -> None:
    said = ask.get("/exercises/cat-cow/suitability?type=stiff").json()
    assert (said["slug"], said["name"]) == ("cat-cow", "Cat/cow")
