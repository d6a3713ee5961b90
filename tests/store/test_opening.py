"""Starting: once or again, alone or together, a library is migrated and seeded exactly once, and no edit is undone."""

import shutil
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from subprocess import run as run_process
from threading import Barrier

import pytest
import sqlalchemy as sa
import yaml
from click.testing import CliRunner

from api.cli import main
from api.errors import InvalidValue, SchemaMismatch
from api.store.engine import Database
from api.store.opening import prepare
from tests.facts import EXERCISES
from tests.processes import ROOT, command
from tests.writing import as_yaml, document, edited, load, retire, state

LATER = datetime.now(UTC) + timedelta(days=400)


@pytest.fixture
def empty(empty_url: str) -> Iterator[Database]:
    database = Database(empty_url)
    yield database
    database.close()


def test_starting_again_changes_nothing(empty: Database) -> None:
    prepare(empty, datetime.now(UTC))
    before = state(empty)
    assert before["revision"] == 1
    prepare(empty, LATER)
    assert state(empty) == before


def test_the_seed_is_one_revision_and_one_change_for_each_record(shared: Database) -> None:
    with shared.reading() as connection:
        changes = connection.execute(sa.text('SELECT kind, slug, revision, action, channel, "after" FROM change')).all()
        kept = sum(
            connection.execute(sa.text(f"SELECT count(*) FROM {table}")).scalar_one()  # noqa: S608
            for table in (
                "exercise",
                "source",
                "caution_group",
                "term",
                "condition",
                "dysfunction_type",
                "indicator",
                "red_flag",
                "movement_pattern",
            )
        )
    assert {(row.revision, row.action, row.channel) for row in changes} == {(1, "created", "seed")}
    assert len({(row.kind, row.slug) for row in changes}) == len(changes) == kept
    assert sorted(row.slug for row in changes if row.kind == "exercise") == EXERCISES
    assert all(row.after for row in changes)


def _as_a_new_version(database: Database) -> None:
    """Let the library believe that another version seeded it."""
    with database.writing() as session:
        session.connection().execute(sa.text("UPDATE library SET seed_digest = 'of another version'"))


def test_an_edited_record_keeps_its_edit_when_the_seed_comes_again(database: Database) -> None:
    load(database, edited("exercises/cat-cow.yaml", "exercise", name="Cat and cow", summary="Edited."))
    load(database, edited("si-joint-dysfunction.yaml", "patterns", name="Legs far apart"))
    before = state(database)
    prepare(database, LATER)
    assert state(database) == before
    _as_a_new_version(database)
    prepare(database, LATER)
    assert state(database) == before
    assert '"name":"Cat and cow"' in document(database, "cat-cow")


def test_a_retired_exercise_does_not_come_back_when_the_seed_comes_again(database: Database) -> None:
    retire(database, "isometric-squats")
    before = state(database)
    _as_a_new_version(database)
    prepare(database, LATER)
    assert state(database) == before


@pytest.fixture
def newer(tmp_path: Path) -> Path:
    """A copy of the program, whose seed data can be changed: a new version."""
    for folder in ("api", "migrations", "seed_data"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def _change(file: Path, section: str, **changes: object) -> None:
    content = yaml.safe_load(file.read_text(encoding="utf-8"))
    content[section] |= changes
    file.write_text(as_yaml(content), encoding="utf-8")


def _migrate(folder: Path, url: str) -> None:
    command = [sys.executable, "-m", "api", "migrate", "--database", url]
    done = run_process(command, cwd=folder, capture_output=True, text=True, check=False, timeout=60)  # noqa: S603  (our own program)
    assert done.returncode == 0, done.stderr


def test_a_new_version_brings_better_data_to_untouched_records_and_warnings_to_edited_ones(
    newer: Path, url: str, database: Database
) -> None:
    load(database, edited("exercises/cat-cow.yaml", "exercise", name="Cat and cow"))
    exercises = newer / "seed_data" / "exercises"
    source = {"slug": "source-text", "quote": "Isometric squats"}
    _change(exercises / "pelvic-tilts.yaml", "exercise", summary="Better.")
    _change(
        exercises / "cat-cow.yaml",
        "exercise",
        summary="Better.",
        recommendations=[],
        contraindications=[{"type": "unstable", "reason": "Since we know better.", "source": source}],
        cautions=[{"group": "osteoporosis", "action": "note", "text": "New.", "source": source}],
    )
    _migrate(newer, url)
    assert '"summary":"Better."' in document(database, "pelvic-tilts")
    cat_cow = document(database, "cat-cow")
    assert '"name":"Cat and cow"' in cat_cow
    assert '"summary":"Better."' in cat_cow
    assert "Since we know better." in cat_cow
    assert '"text":"New."' in cat_cow
    assert '"tags":[]' in cat_cow
    assert state(database)["revision"] == 3


def test_processes_that_start_together_migrate_and_seed_exactly_once(empty_url: str) -> None:
    with ThreadPoolExecutor(4) as together:
        list(together.map(lambda _: command("migrate", "--database", empty_url), range(4)))
    database = Database(empty_url)
    with database.reading() as connection:
        changes = connection.execute(
            sa.text("SELECT kind, slug, count(*) AS times, max(revision) AS revision FROM change GROUP BY kind, slug")
        ).all()
        assert {(row.times, row.revision) for row in changes} == {(1, 1)}
        assert len([row for row in changes if row.kind == "exercise"]) == 6
        assert connection.execute(sa.text("SELECT revision FROM library")).scalars().all() == [1]
    database.close()


def test_a_schema_of_a_newer_version_is_refused_in_a_sentence(url: str, database: Database) -> None:
    with database.writing() as session:
        session.connection().execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(SchemaMismatch, match="9999"):
        prepare(database, datetime.now(UTC))
    for name in ("migrate", "serve"):
        refused = CliRunner().invoke(main, [name, "--database", url])
        assert refused.exit_code == 1
        assert refused.stdout == ""
        assert refused.stderr.startswith("Error: The database has the schema '9999', which this version doesn't know")


@pytest.mark.parametrize("wrong", ["mysql://localhost/x", "library.db", "sqlite://", "sqlite:///:memory:", "", "postgresql://%zz"])
def test_a_database_that_is_none_of_ours_is_refused_in_a_sentence(wrong: str) -> None:
    with pytest.raises(InvalidValue, match="database URL"):
        Database(wrong)


def test_a_refused_transaction_leaves_no_trace(database: Database) -> None:
    before = state(database)
    with suppress(InterruptedError), database.writing() as session:
        session.connection().execute(sa.text("UPDATE library SET revision = 4711"))
        raise InterruptedError
    assert state(database) == before


def test_a_reader_sees_one_state_of_the_library_from_its_first_question_to_its_last(database: Database) -> None:
    with database.reading() as connection:
        assert connection.execute(sa.text("SELECT revision FROM library")).scalar_one() == 1
        load(database, edited("exercises/cat-cow.yaml", "exercise", name="Cat and cow"))
        assert connection.execute(sa.text("SELECT revision FROM library")).scalar_one() == 1
        assert connection.execute(sa.text("SELECT name FROM exercise WHERE slug = 'cat-cow'")).scalar_one() == "Cat/cow"
    assert state(database)["revision"] == 2


def test_connections_that_open_a_new_file_together_all_get_in(tmp_path: Path) -> None:
    """SQLite has nobody wait while a file's way of writing is decided: it tells one of them to try again."""

    def open_it(url: str, together: Barrier) -> None:
        database = Database(url)
        together.wait()
        database.create()
        with database.writing() as session:
            session.connection().execute(sa.text("CREATE TABLE IF NOT EXISTS opened (by INTEGER)"))
        database.close()

    with ThreadPoolExecutor(4) as threads:
        for number in range(50):
            together = Barrier(4)
            for one in [threads.submit(open_it, f"sqlite:///{tmp_path}/{number}.db", together) for _ in range(4)]:
                one.result()
