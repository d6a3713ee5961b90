"""Databases as they are found: a PostgreSQL that somebody else set up, a SQLite file that somebody removes, replaces or locks away."""

import asyncio
import os
import shutil
from pathlib import Path

import httpx
import psycopg
import pytest
from click.testing import CliRunner

from api.app import create_app
from api.cli import main
from api.errors import Unavailable
from api.settings import Settings
from api.store import postgresql as ours
from api.store.engine import Database
from tests.curating import key_to
from tests.engines import Databases, PostgreSQLServer
from tests.in_process import asking
from tests.processes import PATIENCE, command, key, running
from tests.telling import state
from tests.web.test_faults import CREATE, WITHOUT_PRIVILEGES, exercise, unavailable

# What somebody may have set for a role, a database or a server.
OTHERWISE = {
    "client_encoding": "LATIN1",
    "search_path": "elsewhere",
    "TimeZone": "Asia/Kathmandu",
    "DateStyle": "German, DMY",
    "IntervalStyle": "iso_8601",
    "bytea_output": "escape",
    "extra_float_digits": "-5",
    "standard_conforming_strings": "off",
    "transform_null_equals": "on",
    "gin_fuzzy_search_limit": "1",
    "default_transaction_isolation": "serializable",
    "default_transaction_read_only": "on",
    "default_transaction_deferrable": "on",
    "idle_in_transaction_session_timeout": "300",
    "idle_session_timeout": "300",
    "transaction_timeout": "300",
    "max_parallel_workers_per_gather": "8",
    "statement_timeout": "300",
    "lock_timeout": "300",
}


@pytest.fixture(autouse=True)
def _patient_probes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that runs other tests, too, may be slow; that readiness says so is tested elsewhere."""
    monkeypatch.setattr("api.web.places.SECONDS_FOR_A_PROBE", PATIENCE)


@pytest.fixture
def found(on_postgresql: str) -> str:
    return on_postgresql


def name_of(url: str) -> str:
    return url.partition("@/")[2].partition("?")[0]


def set_for_all(url: str, name: str, value: str) -> None:
    """Set something for everybody who connects from now on."""
    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute(f"ALTER DATABASE {name_of(url)} SET {name} = '{value}'".encode())


def works(url: str) -> None:
    """Check that a library answers, learns of writes and takes them, with every character."""
    database = Database(url)
    header = {"Authorization": f"Bearer {key_to(database)}"}
    database.close()
    with asking(create_app(Settings(database_url=url, migrate=False))) as client:
        for n, precondition in enumerate([CREATE, {"If-Match": "*"}]):
            answer = client.put("/exercises/cat", json=exercise("cat", f"猫 ñ {n}"), headers=header | precondition)
            assert answer.status_code == 201 - n, answer.text
            shown = client.get("/exercises/cat").json()
            assert shown["name"] == f"猫 ñ {n}"
            assert shown["updated_at"].endswith(("Z", "+00:00"))
        assert {one["slug"] for one in client.get("/exercises?q=cat").json()["items"]} == {"cat", "cat-cow"}
        assert client.get("/health/ready").status_code == 200


def test_there_is_another_value_for_everything_that_we_set() -> None:
    assert OTHERWISE.keys() == {*ours.SESSION, "client_encoding", "statement_timeout", "lock_timeout"}


@pytest.mark.parametrize("name", OTHERWISE)
def test_a_setting_of_the_role_or_the_database_changes_nothing(found: str, name: str) -> None:
    with psycopg.connect(found) as connection:
        expected = ours.SESSION.get(name)
        usual = connection.execute(f"SHOW {name}".encode()).fetchone()
    set_for_all(found, name, OTHERWISE[name])
    with psycopg.connect(found) as connection:
        assert connection.execute(f"SHOW {name}".encode()).fetchone() != usual
    database = Database(found, lock_seconds=7, statement_seconds=11)
    with database.reading() as connection_:
        shown = connection_.exec_driver_sql(f"SHOW {name}").scalar_one()
    limits = {"client_encoding": "UTF8", "statement_timeout": "11s", "lock_timeout": "7s"}
    assert shown == (limits[name] if expected is None else expected)

    assert asyncio.run(_watches(database))
    database.close()
    works(found)


async def _watches(database: Database) -> bool:
    """Say whether the connection that watches for changes tells the state, before long."""
    until = asyncio.get_running_loop().time() + PATIENCE
    while (told := await state(database.freshness)) is None and asyncio.get_running_loop().time() < until:  # noqa: ASYNC110  (asking is what opens it)
        await asyncio.sleep(0.01)
    database.freshness.close()
    return told is not None


ENVIRONMENT = {
    "PGCLIENTENCODING": "LATIN1",
    "PGTZ": "Asia/Kathmandu",
    "PGDATESTYLE": "German, DMY",
    "PGOPTIONS": "-c default_transaction_isolation=serializable -c search_path=elsewhere -c default_transaction_read_only=on",
}


@pytest.mark.parametrize("name", ENVIRONMENT)
def test_a_setting_of_the_environment_changes_nothing(found: str, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, ENVIRONMENT[name])
    works(found)


def test_a_search_path_in_the_url_is_meant(found: str) -> None:
    with psycopg.connect(found, autocommit=True) as owner:
        owner.execute(b"CREATE SCHEMA clinic")
    url = f"{found}{'&' if '?' in found else '?'}options=-csearch_path%3Dclinic"
    command("migrate", "--database", url)
    with psycopg.connect(found) as owner:
        assert owner.execute(b"SELECT count(*) FROM clinic.exercise").fetchone() == (6,)
    works(url)
    with psycopg.connect(found) as owner:
        assert owner.execute(b"SELECT count(*) FROM public.exercise").fetchone() == (6,)


@pytest.mark.parametrize("encoding", ["LATIN1", "SQL_ASCII"])
def test_a_database_that_cannot_hold_every_character_is_refused_in_a_sentence(postgresql: PostgreSQLServer, encoding: str) -> None:
    other = postgresql.empty()
    name = f"in_{encoding.lower()}"
    with psycopg.connect(other, autocommit=True) as owner:
        owner.execute(f"CREATE DATABASE {name} ENCODING '{encoding}' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0".encode())
    url = other.replace(name_of(other), name)
    said = f"The database's encoding is {encoding}; make one with ENCODING 'UTF8' TEMPLATE template0."
    for arguments in (["migrate"], ["export"], ["serve", "--port", "0"]):
        ended = CliRunner().invoke(main, [*arguments, "--database", url])
        assert (ended.exit_code, ended.stderr) == (1, f"Error: {said}\n")
    with asking(create_app(Settings(database_url=url, migrate=False))) as client:
        assert unavailable(client.get("/health/ready")) == said
        assert unavailable(client.get("/exercises")) == said
        assert client.get("/health/live").status_code == 200
    postgresql.drop(url)
    postgresql.drop(other)


# --- SQLite's file


@pytest.fixture
def file(sqlite: Databases) -> Path:
    return Path(sqlite.seeded().removeprefix("sqlite:///"))


def put(client: httpx.Client, slug: str, header: dict[str, str]) -> httpx.Response:
    return client.put(f"/exercises/{slug}", json=exercise(slug), headers=header | CREATE)


def _remove(file: Path) -> None:
    file.rename(file.with_name("elsewhere"))


def _replace(file: Path) -> None:
    other = file.with_name("other")
    shutil.copy(file, other)
    file.rename(file.with_name("elsewhere"))
    other.rename(file)


def _put_back(file: Path) -> None:
    file.unlink(missing_ok=True)
    file.with_name("elsewhere").rename(file)


@pytest.mark.parametrize(("take", "said"), [(_remove, "removed"), (_replace, "replaced")])
def test_a_file_that_was_removed_or_replaced_takes_no_write_and_answers_nothing(
    file: Path, tmp_path: Path, take: object, said: str
) -> None:
    assert callable(take)
    header = key(url := f"sqlite:///{file}")
    with running(url, tmp_path) as service:
        ask = service.client
        for _ in range(3):
            assert ask.get("/exercises?type=stiff").status_code == 200  # kept, and asked for again
        assert put(ask, "before", header).status_code == 201
        take(file)
        assert f"was {said} while it was in use" in unavailable(put(ask, "after", header))
        for path in ("/health/ready", "/exercises?type=stiff", "/library"):
            assert f"was {said} while it was in use" in unavailable(ask.get(path)), path
        assert ask.get("/health/live").status_code == 200
        _put_back(file)
        assert ask.get("/health/ready").status_code == 200
        assert ask.get("/exercises/before").status_code == 200
        assert put(ask, "after", header).status_code == 201


def test_a_file_that_goes_while_something_is_written_takes_no_acknowledgement_with_it(file: Path) -> None:
    database = Database(f"sqlite:///{file}")
    with pytest.raises(Unavailable, match="was removed while it was in use"), database.writing() as session:  # noqa: PT012  (the end of the block raises)
        session.connection().exec_driver_sql("UPDATE library SET revision = revision + 1")
        _remove(file)
    database.close()


def test_a_folder_that_cannot_be_written_is_said_to_be_read_only(file: Path, tmp_path: Path) -> None:
    folder = tmp_path / "shelf"
    folder.mkdir()
    library = Path(shutil.copy(file, folder / "library.db"))
    library.chmod(0o444)
    folder.chmod(0o555)
    for arguments in (["export"], ["serve", "--port", "0"], ["check"]):
        ended = command(*arguments, "--database", f"sqlite:///{library}", fails=True, under=WITHOUT_PRIVILEGES)
        assert len(ended.said.splitlines()) == 1
        assert "read-only" in ended.said
    folder.chmod(0o755)
    assert os.listdir(folder) == ["library.db"]  # noqa: PTH208  (a list to compare)


# --- what isn't there

QUIET = (["keys", "create", "x"], ["keys", "list"], ["keys", "revoke", "x"], ["export"], ["check"], ["backup", "b"])


@pytest.mark.parametrize("arguments", QUIET)
def test_a_command_makes_no_library_by_accident(empty_url: str, arguments: list[str], tmp_path: Path) -> None:
    asked = [str(tmp_path / one) if one == "b" else one for one in arguments]
    ended = CliRunner().invoke(main, [*asked, "--database", empty_url])
    assert ended.exit_code == 1
    assert "The database has no library yet" in ended.output
    assert len(ended.output.splitlines()) <= 2
    assert not Path(empty_url.removeprefix("sqlite:///")).exists()
    assert list(tmp_path.iterdir()) == []


def test_checking_an_import_makes_no_library(empty_url: str, tmp_path: Path) -> None:
    content = tmp_path / "one.yaml"
    content.write_text("exercise: {slug: mine, name: Mine}", encoding="utf-8")
    ended = CliRunner().invoke(main, ["import", "--check", str(content), "--database", empty_url])
    assert (ended.exit_code, ended.stderr) == (1, "Error: The database has no library yet; run 'exercise-library migrate'.\n")
    assert CliRunner().invoke(main, ["import", str(content), "--database", empty_url]).exit_code == 0


@pytest.mark.parametrize("arguments", [["migrate"], ["serve", "--port", "0"]])
def test_no_command_makes_a_folder(arguments: list[str], tmp_path: Path) -> None:
    ended = CliRunner().invoke(main, [*arguments, "--database", f"sqlite:///{tmp_path}/none/library.db"])
    assert (ended.exit_code, ended.stderr) == (1, f"Error: There is no folder '{tmp_path}/none' for the database; make it first.\n")
    assert list(tmp_path.iterdir()) == []


def test_a_backup_is_replaced_only_where_that_is_meant(file: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.write_text("Something else.", encoding="utf-8")
    url = f"sqlite:///{file}"
    assert command("backup", str(kept), "--database", url, fails=True).said == f"Error: {kept} is there already; --force replaces it.\n"
    assert kept.read_text(encoding="utf-8") == "Something else."
    command("backup", str(kept), "--force", "--database", url)
    assert kept.stat().st_size > 1000


def test_a_backup_takes_no_place_of_what_is_not_a_file(file: Path, tmp_path: Path) -> None:
    device = tmp_path / "pipe"
    os.mkfifo(device)
    for force in ([], ["--force"]):
        said = command("backup", str(device), *force, "--database", f"sqlite:///{file}", fails=True).said
        assert said == f"Error: {device} is not a regular file, so no backup can take its place.\n"
    assert device.is_fifo()


PRINTS = (["export"], ["keys", "create", "somebody"], ["compare", "FILE", "--type", "unstable"])


@pytest.mark.parametrize("arguments", PRINTS)
@pytest.mark.parametrize(("to", "why"), [("/dev/full", "No space left on device"), ("&-", "Standard output is closed")])
def test_what_cannot_be_printed_fails_in_a_sentence_and_leaves_nothing(
    file: Path, tmp_path: Path, arguments: list[str], to: str, why: str
) -> None:
    catalogue = tmp_path / "catalogue.json"
    catalogue.write_text('[{"id": "a", "name": "A"}]', encoding="utf-8")
    keys = command("keys", "list", "--database", f"sqlite:///{file}").output
    given = [str(catalogue) if one == "FILE" else one for one in arguments]
    said = command(*given, "--database", f"sqlite:///{file}", fails=True, under=["sh", "-c", f'"$@" >{to}', "sh"]).said
    assert why in said
    assert "Exception ignored" not in said
    assert command("keys", "list", "--database", f"sqlite:///{file}").output == keys


def test_a_backup_over_the_limit_of_a_files_size_says_so(found: str, tmp_path: Path) -> None:
    limited = ["prlimit", "--fsize=4096"]
    said = command("backup", str(tmp_path / "b"), "--database", found, fails=True, under=limited).said
    assert said == f"Error: {tmp_path / 'b'}: File too large.\n"
    assert list(tmp_path.iterdir()) == []
