"""What of the library another catalogue is held against, and the command that does it for a file."""

import csv
import json
from pathlib import Path

import pytest

from api.library.comparing import ForeignExercise, comparison
from api.store import comparisons
from api.store.engine import Database
from tests.engines import Databases
from tests.shell import run
from tests.writing import load, retire, state

pytestmark = pytest.mark.any_engine

COLLECTION = Path(__file__).parents[3] / "shared" / "data" / "free-exercise-db.json"
RECORDS = Path(__file__).parents[1] / "library" / "resemblance.json"


def same_as(database: Database, *names: str) -> list[str | None]:
    theirs = [ForeignExercise(id=str(n), name=name) for n, name in enumerate(names)]
    with database.reading() as connection:
        known = comparisons.known(connection, theirs, ["unstable"])
    return [one.same_as for one in comparison(theirs, ["unstable"], known, 1).items]


def test_names_and_aliases_are_found_among_many(database: Database) -> None:
    made = "".join(f"  - {{slug: made-{n}, name: Made {n}, aliases: [also made {n}, Squat]}}\n" for n in range(600))
    load(database, f"exercises:\n{made}")
    before = state(database)
    assert same_as(database, *(f"ALSO made {n}" for n in range(600))) == [f"made-{n}" for n in range(600)]
    assert same_as(database, "Squat", "Made", "made 1 2", "made 12", "Hip-hike", "...", "piriformis") == [
        "made-0",
        None,
        None,
        "made-12",
        "pelvic-list",
        None,
        None,
    ]
    assert state(database) == before


def test_a_retired_exercise_is_nobodys_but_still_resembled(database: Database) -> None:
    retire(database, "figure-4-stretch")
    theirs = [ForeignExercise(id="1", name="Figure 4 stretch")]
    with database.reading() as connection:
        known = comparisons.known(connection, theirs, ["unstable"])
    (found,) = comparison(theirs, ["unstable"], known, 1).items
    assert (found.same_as, found.verdict.value, [one.slug for one in found.possible_match]) == (None, "unknown", ["figure-4-stretch"])


def test_a_file_is_compared_on_the_command_line(databases: Databases) -> None:
    url = databases.seeded()
    command = ("compare", str(RECORDS), "--format", "free-exercise-db", "--type", "unstable")
    told = run(*command, database=url)
    rows = list(csv.DictReader(told.stdout.splitlines()))
    ids = [one["id"] for one in json.loads(RECORDS.read_text(encoding="utf-8"))]
    assert [row["id"] for row in rows] == ids
    by_id = {row["id"]: row for row in rows}
    assert by_id["Ankle_On_The_Knee"]["possible_match"] == "figure-4-stretch"
    assert by_id["Overhead_Squat"]["words"] == "feet should be wider"
    assert by_id["Barbell_Squat"]["possible_match"] == ""
    assert {row["verdict"] for row in rows} == {"unknown"}
    assert "Comparing" in told.stderr
    assert "pictures" in told.stderr
    written = run(*command, "--output", "markdown", database=url).stdout
    assert "- **Ankle\\_On\\_The\\_Knee** figure 4 stretch:" in written
    assert "Not reviewed by a" in written
    databases.drop(url)


@pytest.mark.parametrize(
    ("content", "types", "said"),
    [
        ("[", ("unstable",), ": It can't be read as JSON"),
        ("{}", ("unstable",), ":1: This format is an array of exercises."),
        ('[\n{"id": "a", "nam": "A"}]', ("unstable",), ":2: nam: There is no such field."),
        ('[{"id": "a", "name": "A"}, {"id": "a", "name": "B"}]', ("unstable",), "The id 'a' is there twice."),
        ('[{"id": "a", "name": "A"}]', ("unstabel",), "Did you mean 'unstable'?"),
        ('[{"id": "a", "name": "A"}]', ("loose",), "Did you mean 'unstable'?"),
        ('[{"id": "a", "name": "A"}]', (), "Missing option '--type'"),
    ],
)
def test_what_is_not_understood_is_refused_in_a_sentence(
    databases: Databases, tmp_path: Path, content: str, types: tuple[str, ...], said: str
) -> None:
    url = databases.seeded()
    file = tmp_path / "theirs.json"
    file.write_text(content, encoding="utf-8")
    asked = [part for one in types for part in ("--type", one)]
    refused = run("compare", str(file), *asked, database=url, code=1 if types else 2)
    assert said in refused.stderr
    assert refused.stdout == ""
    databases.drop(url)


@pytest.mark.skipif(not COLLECTION.exists(), reason="the whole collection is not part of this repository")
def test_the_whole_collection_is_compared(databases: Databases) -> None:
    url = databases.seeded()
    told = run("compare", str(COLLECTION), "--type", "unstable", database=url).stdout
    rows = list(csv.DictReader(told.splitlines()))
    assert len(rows) == 873
    assert sum(row["possible_match"] != "" for row in rows) == 77
    databases.drop(url)
