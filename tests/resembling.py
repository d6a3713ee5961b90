"""Records labelled by hand with what each resembles, and how the rules do on them."""

import json
from pathlib import Path
from typing import NamedTuple

import yaml

from api.library.exercise_draft import ExerciseDraft
from api.library.matching import Suspect, Suspects, possible_matches
from api.library.vocabulary import SubjectKind
from tests.writing import SEED

HERE = Path(__file__).parent / "library"
LABELS: dict[str, dict[str, str]] = yaml.safe_load((HERE / "resemblance.yaml").read_text(encoding="utf-8"))
RECORDS = HERE / "resemblance.json"
"""The labelled records of free-exercise-db, which is in the public domain: names and instructions."""


class Score(NamedTuple):
    """How the rules do for one movement."""

    right: frozenset[str]
    missed: frozenset[str]
    wrong: frozenset[str]

    @property
    def precision(self) -> float:
        return len(self.right) / (len(self.right) + len(self.wrong))

    @property
    def recall(self) -> float:
        return len(self.right) / (len(self.right) + len(self.missed))


def seeded() -> Suspects:
    """Give what the seed data has an unstable joint avoid."""
    figure_4 = yaml.safe_load((SEED / "exercises" / "figure-4-stretch.yaml").read_text(encoding="utf-8"))["exercise"]
    wide_legs = yaml.safe_load((SEED / "si-joint-dysfunction.yaml").read_text(encoding="utf-8"))["patterns"][0]
    types = frozenset({"unstable"})
    return Suspects(
        [
            Suspect(SubjectKind.MOVEMENT_PATTERN, wide_legs["slug"], types, (wide_legs["name"], *wide_legs["aliases"]), ()),
            Suspect(
                SubjectKind.EXERCISE, figure_4["slug"], types, (figure_4["name"], *figure_4["aliases"]), tuple(figure_4["search_terms"])
            ),
        ]
    )


def resembled(records: Path = RECORDS) -> dict[str, dict[str, list[str]]]:
    """Give by which words each record of a file in the collection's format resembles what."""
    suspects = seeded()
    found = {}
    for one in json.loads(records.read_text(encoding="utf-8")):
        draft = ExerciseDraft(slug="one", name=one["name"], steps=[step for step in one["instructions"] if step.strip()])
        found[one["id"]] = {match.slug: match.words for match in possible_matches(draft, suspects)}
    return found


def scores() -> dict[str, Score]:
    """Give how the rules do on the labelled records, movement by movement."""
    found = resembled()
    return {slug: _score({id_ for id_, words in found.items() if slug in words}, set(LABELS[slug])) for slug in LABELS if slug != "nothing"}


def _score(found: set[str], truth: set[str]) -> Score:
    return Score(frozenset(found & truth), frozenset(truth - found), frozenset(found - truth))
