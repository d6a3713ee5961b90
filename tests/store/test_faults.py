"""Databases that can't answer: what is said is clear, and nothing is changed."""

import sqlite3
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime
from itertools import permutations
from pathlib import Path
from threading import Event

import psycopg
import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from api.app import create_app
from api.cli import main
from api.errors import Unavailable
from api.library.vocabulary import Scope
from api.settings import Settings
from api.store import engine, keys, reference, sqlite
from api.store.engine import Database
from api.store.exercises import read as exercises
from api.store.journal import Journal, revision
from api.store.opening import prepare
from tests.engines import Databases, PostgreSQLServer
from tests.in_process import asking
from tests.web.test_faults import CREATE, exercise, unavailable
from tests.writing import AUTHOR, as_yaml, load, state

NEWER = "The database has the schema '9999', which this version doesn't know; use the version that migrated it, or a newer one"
EVERY_COMMAND = (["serve"], ["migrate"], ["export"], ["keys", "list"], ["keys", "create", "somebody"], ["keys", "revoke", "somebody"])


def refused(*arguments: str, url: str) -> str:
    """Run a command that fails, and give what it says."""
    ended = CliRunner().invoke(main, [*arguments, "--database", url])
    assert (ended.exit_code, ended.stdout) == (1, ""), arguments
    return ended.stderr


def test_a_schema_newer_than_the_program_is_refused_and_left_alone(url: str, database: Database) -> None:
    with database.writing() as session:
        session.connection().execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    before = state(database)
    for arguments in EVERY_COMMAND:
        assert refused(*arguments, url=url) == f"Error: {NEWER}\n"
    with asking(create_app(Settings(database_url=url, migrate=False))) as client:
        assert unavailable(client.get("/health/ready"), "schema-mismatch") == NEWER
        assert client.get("/health/live").status_code == 200
    checked = CliRunner().invoke(main, ["check", "--database", url])
    assert (checked.exit_code, checked.stdout) == (1, f"WRONG  {NEWER}\n")
    assert state(database) == before


def test_a_database_without_a_library_says_so_and_is_served_from_when_it_has_one(empty_url: str) -> None:
    with asking(create_app(Settings(database_url=empty_url, migrate=False))) as client:
        assert (
            unavailable(client.get("/health/ready"), "schema-mismatch")
            == "The database has no library yet; run 'exercise-library migrate'."
        )
        assert client.get("/health/live").status_code == 200
        assert client.get("/metrics").status_code == 200
        for path in ("/exercises", "/exercises/cat-cow", "/types", "/programs?type=stiff", "/library", "/screenings/form"):
            assert "run 'exercise-library migrate'" in unavailable(client.get(path)), path
        assert "run 'exercise-library migrate'" in unavailable(client.put("/sources/x", headers={"Authorization": "Bearer exl_x"}))
        database = Database(empty_url)
        prepare(database, datetime.now(UTC))
        database.close()
        assert client.get("/health/ready").status_code == 200
        assert client.get("/exercises").json()["total"] == 6


WRONG_ADDRESSES = {
    "postgresql://nowhere.invalid/x": "host isn't known by that name",
    "postgresql://127.0.0.1:99999/x": "has a value that PostgreSQL's library doesn't understand",
    "postgresql://127.0.0.1:port/x": "has a value that PostgreSQL's library doesn't understand",
    "postgresql://127.0.0.1/x?sslmode=rather": "has a value that PostgreSQL's library doesn't understand",
    "postgresql://127.0.0.1:1/x": "doesn't answer",
    "postgresql://postgres@/no_such?host=FOLDER": "has no database of that name",
    "postgresql://no_such@/postgres?host=FOLDER": "refuses this role or its password",
}


@pytest.mark.parametrize("address", WRONG_ADDRESSES)
def test_what_is_wrong_with_the_address_of_a_database_is_told(postgresql: PostgreSQLServer, address: str) -> None:
    folder = postgresql.seeded().partition("host=")[2]
    ended = CliRunner().invoke(main, ["check", "--database", address.replace("FOLDER", folder)])
    assert (ended.exit_code, WRONG_ADDRESSES[address] in ended.output) == (1, True), ended.output


def test_a_statement_is_given_up_after_its_time(databases: Databases) -> None:
    database = Database(databases.seeded(), statement_seconds=1)
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
    with pytest.raises(Unavailable, match="took too long"), database.reading() as connection:
        connection.execute(sa.text(endless))
    with database.reading() as connection:
        assert connection.execute(sa.text("SELECT 1")).scalar_one() == 1
    database.close()


def test_the_time_is_each_statements_own(databases: Databases) -> None:
    database = Database(databases.seeded(), statement_seconds=1)
    with database.reading() as connection:
        until = time.monotonic() + 1.5
        while time.monotonic() < until:
            assert reference.slugs(connection, "term")
    database.close()


def lost(connection: sa.Connection, other: psycopg.Connection) -> sa.Connection:
    """Ask on a connection, and have the server end it before it is asked again."""
    assert reference.slugs(connection, "type")
    driver = connection.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)
    ended = other.execute("SELECT pg_terminate_backend(%s, 10000)", [driver.info.backend_pid])
    assert ended.fetchone() == (True,)
    return connection


def test_a_connection_that_is_lost_costs_one_answer_and_the_others_are_made_anew(on_postgresql: str) -> None:
    database = Database(on_postgresql, connections=5)  # four are lent, one watches
    with psycopg.connect(on_postgresql, autocommit=True) as other, ExitStack() as stack:
        ours = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        for _ in range(3):
            with ExitStack() as lent:
                for connection in [lent.enter_context(database.reading()) for _ in range(3)]:
                    assert reference.slugs(connection, "type")
                with pytest.raises(Unavailable), database.reading() as connection:
                    reference.slugs(lost(connection, other), "type")
            for connection in [stack.enter_context(database.reading()) for _ in range(4)]:
                assert reference.slugs(connection, "type")
            stack.close()
            assert other.execute(f"SELECT count(*) {ours}".encode()).fetchone() == (4,)
    database.close()


def test_a_connection_that_is_lost_after_its_last_question_costs_no_answer_and_no_alarm(
    on_postgresql: str, caplog: pytest.LogCaptureFixture
) -> None:
    database = Database(on_postgresql, connections=2)  # one is lent, one watches
    with psycopg.connect(on_postgresql, autocommit=True) as other:
        for _ in range(3):
            with database.reading() as connection:
                lost(connection, other)
    assert caplog.records == []
    database.close()


def test_more_questions_than_connections_wait_and_then_say_so(databases: Databases, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "SECONDS_FOR_A_CONNECTION", 0.2)
    database = Database(databases.seeded(), connections=1)
    with database.reading(), pytest.raises(Unavailable, match="no database connection was free"), database.reading():
        pass
    with database.reading() as connection:
        assert connection.execute(sa.text("SELECT 1")).scalar_one() == 1
    database.close()


def test_whoever_asks_again_and_again_keeps_nobody_waiting(databases: Databases, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "SECONDS_FOR_A_CONNECTION", 2)
    database = Database(databases.seeded(), connections=4)
    has_written = Event()

    def read() -> None:
        while not has_written.is_set():
            with database.reading() as connection:
                assert reference.slugs(connection, "type")

    with ThreadPoolExecutor(8) as others:
        readers = [others.submit(read) for _ in range(8)]
        try:
            for _ in range(20):
                with database.writing() as session:
                    session.connection().execute(sa.text("UPDATE library SET revision = revision"))
        finally:
            has_written.set()
        for reader in readers:
            reader.result()
    assert database.connections_in_use == 0
    database.close()


def test_each_reading_sees_all_that_was_committed_before_it_and_nothing_after(databases: Databases) -> None:
    url = databases.seeded()
    database, other = Database(url), Database(url)
    slugs: list[str] = []
    for n in range(4):
        with database.reading() as connection:
            before = revision(connection)
            load(other, as_yaml({"exercises": [exercise(f"made-up-{n}")]}))
            assert revision(connection) == before
            assert exercises.get(connection, f"made-up-{n}") is None
        slugs.append(f"made-up-{n}")
        with pytest.raises(ZeroDivisionError), database.reading():
            raise ZeroDivisionError
        with database.reading() as connection:
            assert revision(connection) == before + 1
            assert all(exercises.get(connection, slug) for slug in slugs)
        assert database.connections_in_use == 0
        with database.writing() as session:
            session.connection().execute(sa.text("UPDATE library SET revision = revision"))
    database.close()
    other.close()


def test_all_connections_can_be_lent_and_given_back_in_any_order(databases: Databases) -> None:
    database = Database(databases.seeded(), connections=4)
    assert database.connections_limit == 3
    for order in permutations(range(3)):
        lent = [database.reading() for _ in range(3)]
        connections = [one.__enter__() for one in lent]
        assert len({id(one) for one in connections}) == database.connections_in_use == 3
        for n in order:
            assert reference.slugs(connections[n], "type")
            lent[n].__exit__(None, None, None)
        assert database.connections_in_use == 0
    database.close()


# --- SQLite alone


@pytest.fixture
def file(sqlite: Databases) -> Path:
    return Path(sqlite.seeded().removeprefix("sqlite:///"))


@contextmanager
def locked(file: Path) -> Iterator[None]:
    """Hold the file as a writer that doesn't end."""
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


def test_another_writer_keeps_writers_waiting_for_a_while_and_no_reader(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.app.SECONDS_FOR_A_LOCK", 0.2)
    monkeypatch.setattr("api.cli.opened.SECONDS_FOR_A_LOCK", 0.2)
    url = f"sqlite:///{file}"
    database = Database(url)
    with database.writing() as session:
        secret = keys.create(Journal(session, AUTHOR, datetime.now(UTC)), "test", Scope.EDIT, None)
    database.close()
    header = {"Authorization": f"Bearer {secret}"}
    with asking(create_app(Settings(database_url=url))) as client:
        with locked(file):
            answer = client.put("/exercises/made-up", json=exercise("made-up"), headers=header | CREATE)
            assert unavailable(answer) == "The database is busy with another writer. Try again in a moment."
            assert client.get("/exercises").json()["total"] == 6
            assert client.get("/health/ready").status_code == 200
            assert refused("migrate", url=url) == "Error: The database is busy with another writer. Try again in a moment.\n"
        assert client.put("/exercises/made-up", json=exercise("made-up"), headers=header | CREATE).status_code == 201


def test_a_connection_that_lies_at_hand_keeps_no_writer_waiting(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(engine._POOL, "pool_timeout", 0.1)  # noqa: SLF001  (less than the first writer takes)
    database = Database(f"sqlite:///{file}", connections=3)
    with database.reading() as connection:
        before = revision(connection)

    def write(slug: str) -> None:
        load(database, as_yaml({"exercises": [exercise(slug)]}))

    with ThreadPoolExecutor(1) as another:
        with database.writing() as session:
            session.connection()
            waiting = another.submit(write, "made-up")
            time.sleep(0.5)
            assert not waiting.done()
        waiting.result()
    with database.reading() as connection:
        assert revision(connection) == before + 1
    database.close()
    assert database.connections_in_use == 0


def test_a_disk_without_room_is_said_to_be_full_and_takes_nothing_half(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"sqlite:///{file}"
    database = Database(url)
    before = state(database)
    database.close()
    configure = sqlite._configure  # noqa: SLF001  (there is no other way to make a disk small without the right to mount one)

    def small(connection: sa.engine.interfaces.DBAPIConnection, record: object) -> None:
        configure(connection, record)
        connection.cursor().execute("PRAGMA max_page_count = 1")  # or as many as it has already

    monkeypatch.setattr(sqlite, "_configure", small)
    full = Database(url)
    with pytest.raises(Unavailable, match="disk of the database is full; nothing was changed"), full.writing() as session:
        session.connection().execute(sa.text("CREATE TABLE large AS SELECT zeroblob(1000000)"))
    assert state(full) == before
    full.close()
