"""Importing files: all or nothing, in whatever order the records stand, from either engine into either."""

import json
import os
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from api.cli import main
from api.errors import Complaint, Contradiction, Duplicate
from api.store import checking, content, library
from api.store.content import FiledRecord, Files
from api.store.engine import Database
from api.store.exercises import read as exercises
from api.store.free_exercise_db import FreeExerciseDb
from tests.engines import Databases
from tests.made_up import FROZEN_SHOULDER
from tests.processes import PATIENCE, PROGRAM
from tests.shell import run
from tests.writing import document, edited, load, retire, state

SOURCE = {"slug": "source-text", "quote": "Isometric squats"}


def exercise(
    slug: str, parent: str | None = None, *, places: dict[str, tuple[int, int]] | None = None, **changes: object
) -> dict[str, object]:
    """Write an exercise, with its position and choice for some types."""
    recommended = [
        {"type": type_, "position": position, "choice": choice, "source": SOURCE} for type_, (position, choice) in (places or {}).items()
    ]
    return {"slug": slug, "name": slug.title(), "variant_of": parent, "recommendations": recommended, **changes}


def avoided(*types: str) -> list[dict[str, object]]:
    return [{"type": one, "reason": "It hurts.", "source": SOURCE} for one in types]


def file_of(*exercises: dict[str, object]) -> str:
    return json.dumps({"exercises": exercises})


def exported(database: Database) -> dict[str, object]:
    """Give the whole library, but for which one it is and how old."""
    with database.reading() as connection:
        content = json.loads(b"".join(library.document(connection)))
    assert isinstance(content, dict)
    return content


def records(database: Database) -> dict[str, object]:
    """Give every record, but for when and in which revision it was written."""
    ours = {"library_id", "revision", "schema", "sha256"}
    return {name: _timeless(part) for name, part in exported(database).items() if name not in ours}


def _timeless(part: object) -> object:
    if isinstance(part, list):
        return [_timeless(one) for one in part]
    if isinstance(part, dict):
        return {name: _timeless(one) for name, one in part.items() if name not in ("revision", "created_at", "updated_at")}
    return part


def log(database: Database, revision: int) -> list[tuple[str, str, bool, bool]]:
    """Give what a revision changed: action, slug, and whether there was and is a record."""
    with database.reading() as connection:
        rows = connection.execute(
            sa.text('SELECT action, slug, "before", "after" FROM change WHERE revision = :n ORDER BY slug'), {"n": revision}
        )
        return [(action, slug, before is not None, after is not None) for action, slug, before, after in rows]


def whole(database: Database) -> None:
    with database.reading() as connection:
        assert list(checking.wrong(connection)) == []


def test_exercises_of_one_file_may_swap_their_places(database: Database) -> None:
    load(database, file_of(exercise("first", places={"stiff": (8, 1)}), exercise("second", "first", places={"stiff": (9, 1)})))
    load(database, file_of(exercise("first", places={"stiff": (9, 1)}), exercise("second", "first", places={"stiff": (8, 1)})))
    assert [json.loads(document(database, one))["recommendations"][0]["position"] for one in ("first", "second")] == [9, 8]
    whole(database)


def test_an_exercise_may_take_the_place_that_another_of_the_file_gives_up(database: Database) -> None:
    load(database, file_of(exercise("first"), exercise("second", "first", places={"stiff": (9, 1)})))
    load(database, file_of(exercise("first", places={"stiff": (9, 1)}), exercise("second", "first")))
    assert json.loads(document(database, "second"))["recommendations"] == []
    whole(database)


def test_a_place_is_not_taken_from_an_exercise_that_keeps_it(database: Database) -> None:
    load(database, file_of(exercise("first"), exercise("second", "first", places={"stiff": (9, 1)})))
    before = state(database)
    for kept in ([], [exercise("second", "first", places={"stiff": (9, 1)})]):
        with pytest.raises(Duplicate, match="both claim place 9, choice 1 for the type 'stiff'"):
            load(database, file_of(*kept, exercise("first", places={"stiff": (9, 1)})))
        with pytest.raises(Duplicate):
            load(database, file_of(exercise("first", places={"stiff": (9, 1)}), *kept))
    assert state(database) == before


def test_neighbours_that_are_written_one_after_the_other_are_each_told_once(database: Database) -> None:
    load(database, file_of(exercise("first", places={"stiff": (9, 1)}), exercise("second", "first", places={"stiff": (9, 2)})))
    assert log(database, 2) == [("created", "first", False, True), ("created", "second", False, True)]
    alternatives = [json.loads(document(database, one))["recommendations"][0]["alternatives"] for one in ("first", "second")]
    assert alternatives == [["second"], ["first"]]
    with database.reading() as connection:
        after = connection.execute(sa.text("SELECT \"after\" FROM change WHERE revision = 2 AND slug = 'first'")).scalar_one()
    assert after == document(database, "first")
    whole(database)


def test_an_exercise_and_its_variant_change_together(database: Database) -> None:
    load(database, file_of(exercise("first"), exercise("second", "first", places={"stiff": (9, 1)})))
    load(database, file_of(exercise("first", contraindications=avoided("stiff")), exercise("second", "first")))
    assert log(database, 3) == [("updated", "first", True, True), ("updated", "second", True, True)]
    whole(database)
    load(database, file_of(exercise("first", contraindications=avoided("unstable")), exercise("second", "first", summary="Changed.")))
    assert log(database, 4) == [("updated", "first", True, True), ("updated", "second", True, True)]
    whole(database)


def test_a_variant_that_the_file_has_not_is_still_looked_after(database: Database) -> None:
    load(database, file_of(exercise("first"), exercise("second", "first", places={"stiff": (9, 1)})))
    before = state(database)
    with pytest.raises(Contradiction, match="'second' is recommended for the type 'stiff'"):
        load(database, file_of(exercise("first", contraindications=avoided("stiff"))))
    assert state(database) == before


def test_other_records_stay(database: Database) -> None:
    before = records(database)
    load(database, FROZEN_SHOULDER)
    after = records(database)
    for name, part in before.items():
        found = after[name]
        if isinstance(part, list) and isinstance(found, list):
            assert [one for one in part if one not in found] == [], name
        else:
            assert found == part, name


@pytest.fixture
def elsewhere(request: pytest.FixtureRequest, databases: Databases) -> Databases:
    """The other engine."""
    other: Databases = request.getfixturevalue("postgresql" if databases is request.getfixturevalue("sqlite") else "sqlite")
    return other


def edit(database: Database) -> None:
    """Edit a library in every way that an export has to tell."""
    load(database, FROZEN_SHOULDER)
    load(database, edited("exercises/cat-cow.yaml", "exercise", name="Ça, “cow” — 猫 🐈", aliases=["a\nb"]))
    load(database, edited("exercises/pelvic-list.yaml", "exercise", recommendations=[]))
    load(database, file_of(exercise("seated-4", "figure-4-stretch"), exercise("strapped-4", "seated-4"), exercise("b"), exercise("a", "b")))
    load(database, file_of(exercise("wide", contraindications=avoided("thawing"), patterns=["wide-legs"]), exercise("wider", "wide")))
    for slug in ("wide", "figure-4-stretch", "seated-4", "a"):
        retire(database, slug)


def test_what_is_exported_is_the_same_where_it_is_imported(database: Database, elsewhere: Databases, url: str, tmp_path: Path) -> None:
    edit(database)
    file = tmp_path / "library.json"
    file.write_bytes(run("export", database=url).stdout_bytes)
    other_url = elsewhere.seeded()
    run("import", str(file), database=other_url)
    other = Database(other_url)
    try:
        assert records(other) == records(database)
        whole(other)
        before = state(other)
        assert "0 changed" in run("import", str(file), database=other_url).stderr
        assert state(other) == before
    finally:
        other.close()


WAYS_TO_WRITE: dict[str, Callable[[str], str]] = {
    "as one line": lambda text: json.dumps(json.loads(text)),
    "as a tree": lambda text: json.dumps(json.loads(text), indent=2),
    "with tabs": lambda text: json.dumps(json.loads(text), indent="\t", ensure_ascii=False),
    "with the lines of another system": lambda text: text.replace("\n", "\r\n"),
    "as a tree, escaped": lambda text: json.dumps(json.loads(text), indent=2, ensure_ascii=True),
    "without its checksum": lambda text: text.rpartition(',"sha256"')[0] + "}",
}


@pytest.mark.any_engine
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
@pytest.mark.parametrize("way", WAYS_TO_WRITE)
def test_an_export_is_understood_however_another_program_writes_it(shared: Database, tmp_path: Path, way: str, encoding: str) -> None:
    with shared.reading() as connection:
        text = b"".join(library.document(connection)).decode().replace("Cat", "Ça, “cow” — 猫 🐈")
    file = tmp_path / "library.json"
    file.write_text(text, encoding="utf-8")
    expected = [one.record for one in Files([file]) if isinstance(one, FiledRecord)]
    assert any("🐈" in str(one) for one in expected)
    file.write_bytes(WAYS_TO_WRITE[way](text).encode(encoding))
    assert [one.record if isinstance(one, FiledRecord) else one for one in Files([file])] == expected


@pytest.mark.any_engine
def test_an_export_in_another_encoding_is_imported(database: Database, url: str, tmp_path: Path) -> None:
    text = run("export", database=url).stdout
    assert '"slug":"cat-cow","name":"Cat' in text
    file = tmp_path / "library.json"
    file.write_bytes(text.replace('"slug":"cat-cow","name":"Cat', '"slug":"cat-cow","name":"Ça').replace("\n", "\r\n").encode("utf-16"))
    assert "; 1 changed" in run("import", str(file), database=url).stderr
    assert json.loads(document(database, "cat-cow"))["name"].startswith("Ça")


@pytest.mark.any_engine
@pytest.mark.parametrize(
    ("raw", "line"),
    [
        (b"exercise:\n  slug: x\n  name: caf\xe9\n", 3),
        (b'{"library_id":"x",\n"exercises":[\n{"slug":"x","name":"caf\xe9"}\n]}', 3),
        (b"\xff\xfee\x00\xff", 1),
        (b"\xff", 1),
    ],
)
def test_what_is_not_text_is_refused_with_its_line(tmp_path: Path, raw: bytes, line: int) -> None:
    file = tmp_path / "latin.yaml"
    file.write_bytes(raw)
    expected = Complaint(f"{file}:{line}", "This is not text in UTF-8.")
    assert [one for one in Files([file]) if isinstance(one, Complaint)] == [expected]
    foreign = FreeExerciseDb([file], lambda _: (), (), set())
    assert [one for one in foreign if isinstance(one, Complaint)] == [expected]


def test_what_memory_might_not_hold_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(content, "_LARGEST_YAML", 1000)
    file = tmp_path / "large.yaml"
    file.write_text(f"exercise: {{slug: x, name: X}}\n#{'x' * 1000}", encoding="utf-8")
    complaint = Complaint(str(file), "It can't be read: it has more than 1,000 characters; write one record a line, as 'export' does.")
    assert list(Files([file])) == [complaint]


def test_half_an_export_is_refused(shared: Database, tmp_path: Path) -> None:
    with shared.reading() as connection:
        lines = b"".join(library.document(connection)).splitlines(keepends=True)
    file = tmp_path / "library.json"
    for end in range(1, len(lines)):
        file.write_bytes(b"".join(lines[:end]))
        complaints = [one for one in Files([file]) if isinstance(one, Complaint)]
        assert [(one.field, "ends too early" in one.message) for one in complaints] == [(f"{file}:{end}", True)]


def test_a_retired_exercise_comes_along_as_far_as_its_variants_need_it(database: Database) -> None:
    edit(database)
    assert exported(database)["retired"] == [
        {
            "slug": "figure-4-stretch",
            "name": "Figure 4 stretch",
            "patterns": [],
            "variant_of": None,
            "contraindications": [
                {name: part for name, part in one.items() if name != "via"} | {"via": None}
                for one in json.loads(_last(database, "figure-4-stretch"))["contraindications"]
            ],
        },
        {"slug": "seated-4", "name": "Seated-4", "patterns": [], "variant_of": "figure-4-stretch", "contraindications": []},
        {
            "slug": "wide",
            "name": "Wide",
            "patterns": ["wide-legs"],
            "variant_of": None,
            "contraindications": [{"type": "thawing", "reason": "It hurts.", "via": None, "source": SOURCE}],
        },
    ]


def _last(database: Database, slug: str) -> str:
    with database.reading() as connection:
        found = connection.execute(sa.text("SELECT document FROM exercise WHERE slug = :slug"), {"slug": slug}).scalar_one()
    return str(found)


WRONG = {
    "a word": ('"kind":null', '"kind":"strech"', "kind", "stretch"),
    "a field": ('"summary":null', '"sumary":null', "sumary", "summary"),
    "a region": ('"regions":[]', '"regions":["low-bak"]', "regions[0]", "low-back"),
    "a parent": ('"variant_of":null', '"variant_of":"cat-cwo"', "variant_of", "cat-cow"),
}


@pytest.mark.parametrize("what", WRONG)
def test_one_wrong_record_in_a_thousand_keeps_all_of_them_out(database: Database, url: str, tmp_path: Path, what: str) -> None:
    right, wrong, field, meant = WRONG[what]
    lines = [_line(f"exercise-{n}") for n in range(1000)]
    assert right in lines[500]
    lines[500] = lines[500].replace(right, wrong)
    file = tmp_path / "many.json"
    file.write_text('{"library_id":"x","revision":1,"schema":"0001",\n"exercises":[\n' + ",\n".join(lines) + "\n]\n}\n", encoding="utf-8")
    before = state(database)
    said = run("import", str(file), database=url, code=1).stderr
    assert f"{file}:503: {field}: " in said
    assert f"Did you mean '{meant}'?" in said
    assert "1 thing to correct; nothing was written." in said
    assert state(database) == before


def _line(slug: str) -> str:
    empty: dict[str, object] = {"kind": None, "summary": None, "variant_of": None, "regions": [], "recommendations": []}
    return json.dumps({"slug": slug, "name": slug, **empty}, separators=(",", ":"))


def test_a_check_lists_what_would_change_and_changes_nothing(database: Database, url: str, tmp_path: Path) -> None:
    file = tmp_path / "condition.yaml"
    file.write_text(FROZEN_SHOULDER, encoding="utf-8")
    before = state(database)
    checked = run("import", "--check", str(file), database=url)
    assert checked.stdout.splitlines() == [
        "created source made-up-book",
        "created term region/shoulder",
        "created condition frozen-shoulder",
        "created type freezing",
        "created type thawing",
        "created indicator worse-at-night",
        "created red-flag numb-arm",
        "created movement-pattern arm-overhead",
        "created exercise pendulum",
        "created exercise wall-climb",
    ]
    assert "10 records read; 10 changed." in checked.stderr
    assert "Nothing was changed" in checked.stderr
    assert state(database) == before


@pytest.mark.any_engine
@pytest.mark.parametrize("command", [["import"], ["import", "--check"], ["compare", "--type", "unstable"]])
def test_what_can_be_read_once_only_is_refused_at_once(url: str, tmp_path: Path, command: list[str]) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    ended = CliRunner().invoke(main, [*command, str(pipe), "--database", url])
    assert (ended.exit_code, ended.stdout) == (2, "")
    assert f"'{pipe}' is not a regular file" in ended.stderr


@pytest.mark.parametrize("read", [1, 2, 50])
def test_what_an_import_says_was_written_however_much_of_it_is_read(database: Database, url: str, tmp_path: Path, read: int) -> None:
    """As by `import FILE 2>&1 | head`: whoever stops reading after "changed" was told the truth."""
    file = tmp_path / "many.yaml"
    file.write_text(file_of(*(exercise(f"sumo-{n}") for n in range(500))), encoding="utf-8")
    heard = subprocess.run(  # noqa: S603  (our own program, and arguments of this test)
        ["/bin/sh", "-c", f'"$@" 2>&1 | head -{read}', "sh", PROGRAM, "import", str(file), "--database", url],
        text=True,
        capture_output=True,
        timeout=PATIENCE,
        check=True,
    ).stdout
    with database.reading() as connection:
        there = exercises.load(connection, [f"sumo-{n}" for n in range(500)])
    assert ("500 records read; 500 changed." in heard) is (read > 1)
    assert len(there) == 500 or read == 1


def test_yaml_is_imported_with_its_reason(database: Database, url: str, tmp_path: Path) -> None:
    file = tmp_path / "condition.yaml"
    file.write_text(FROZEN_SHOULDER, encoding="utf-8")
    imported = run("import", str(file), "--reason", "We treat shoulders, too.", database=url)
    assert imported.stdout == ""
    assert json.loads(document(database, "pendulum"))["tags"] == ["mobilize", "stabilize"]
    with database.reading() as connection:
        told = connection.execute(sa.text("SELECT DISTINCT channel, reason FROM change WHERE revision = 2")).all()
    assert [tuple(row) for row in told] == [("import", "We treat shoulders, too.")]


@pytest.mark.parametrize("reason", ["Two\nlines.", "a" * 1001, "Turned \u202eround."])
def test_a_reason_is_one_line_that_can_be_read(database: Database, url: str, tmp_path: Path, reason: str) -> None:
    file = tmp_path / "condition.yaml"
    file.write_text(FROZEN_SHOULDER, encoding="utf-8")
    refused = run("import", str(file), "--reason", reason, database=url, code=2)
    assert "It has to be one line of at most 1000 characters." in refused.stderr
    with database.reading() as connection:
        assert exercises.get(connection, "pendulum") is None


def test_an_import_is_one_moment(database: Database) -> None:
    load(database, FROZEN_SHOULDER)
    written = json.loads(document(database, "pendulum"))
    assert written["created_at"] == written["updated_at"]
    assert abs(datetime.now(UTC) - datetime.fromisoformat(written["created_at"])).total_seconds() < 60


TWICE_OR_BROKEN = {
    "a field": ('"summary":null', '"summary":null,"variant_of":"cat-cow"', ":3: This is not JSON: the key 'variant_of' is given twice"),
    "an escaped field": ('"summary":null', '"summary":null,"n\\u0061me":"x"', ":3: This is not JSON: the key 'name' is given twice"),
    "a field within a field": ('"regions":[]', '"regions":[],"tags":[{"a":1,"a":2}]', ":3: This is not JSON: the key 'a' is given twice"),
    "what follows a record": ("\n]\n}", " {}\n]\n}", ":3: This is not JSON: trailing characters at column "),
    "a digit": ('"regions":[]', '"regions":[01]', ":3: This is not JSON: invalid number at column "),
    "a section": ("\n]\n}", '\n],\n"exercises":[\n]\n}', ":5: The section 'exercises' is given twice."),
}


@pytest.mark.any_engine
@pytest.mark.parametrize("what", TWICE_OR_BROKEN)
def test_what_an_export_gives_twice_or_broken_is_refused_with_its_line(database: Database, url: str, tmp_path: Path, what: str) -> None:
    right, twice, complaint = TWICE_OR_BROKEN[what]
    text = '{"library_id":"x","revision":1,"schema":"0001",\n"exercises":[\n' + _line("lunge") + "\n]\n}\n"
    assert text.count(right) == 1
    file = tmp_path / "twice.json"
    file.write_text(text.replace(right, twice), encoding="utf-8")
    before = state(database)
    assert f"{file}{complaint}" in run("import", str(file), database=url, code=1).stderr
    assert state(database) == before
