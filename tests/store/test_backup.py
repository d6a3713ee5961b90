"""A backup is one state of everything, made while others write, and becomes a library of its own on either engine."""

import gzip
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlmodel import SQLModel

from api.library.query import CatalogueQuery
from api.library.vocabulary import Channel, Scope
from api.store import backup, catalogue, checking, history, keys
from api.store.engine import Database
from api.store.journal import Author, Journal
from tests.engines import Databases
from tests.made_up import FROZEN_SHOULDER
from tests.shell import run
from tests.writing import edited, load, retire, state

NOW = datetime.now(UTC)


@pytest.fixture
def emptied(request: pytest.FixtureRequest, databases: Databases) -> Iterator[Callable[[str], Database]]:
    """Make empty databases, here or on the other engine."""
    other: Databases = request.getfixturevalue("postgresql" if databases is request.getfixturevalue("sqlite") else "sqlite")
    made: list[Database] = []

    def make(where: str) -> Database:
        made.append(Database((databases if where == "here" else other).empty()))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def secret(database: Database) -> str:
    """A library with a history of every kind, and a key to it."""
    load(database, FROZEN_SHOULDER)
    load(database, edited("exercises/cat-cow.yaml", "exercise", name="Ça, “cow” — 猫 🐈", aliases=["a\nb"]))
    load(
        database,
        "exercises: [{slug: b, name: B}, {slug: a, name: A, variant_of: b}, {slug: seated-4, name: S, variant_of: figure-4-stretch}]",
    )
    retire(database, "figure-4-stretch")
    with database.writing() as session:
        return keys.create(Journal(session, Author(by="root", channel=Channel.SHELL), NOW), "front-desk", Scope.EDIT, None)


def rows(database: Database) -> dict[str, list[tuple[object, ...]]]:
    """Give every row of every table, but for which library it is."""
    with database.reading() as connection:
        found = {
            table.name: [tuple(row) for row in connection.execute(table.select().order_by(*table.primary_key.columns))]
            for table in SQLModel.metadata.sorted_tables
        }
    [(id_, _, *rest)] = found["library"]
    return found | {"library": [(id_, *rest)]}


@pytest.mark.usefixtures("secret")
def test_a_session_in_another_time_zone_changes_no_moment(
    database: Database, url: str, emptied: Callable[[str], Database], tmp_path: Path
) -> None:
    far_away = Database(f"{url}&options=-c%20timezone%3DAsia/Tokyo" if database.is_postgresql else url)
    assert rows(far_away) == rows(database)
    assert str(rows(far_away)["change"]) == str(rows(database)["change"])
    backup.backup(far_away, tmp_path / "b")
    far_away.close()
    other = emptied("on the other engine")
    backup.restore(other, tmp_path / "b")
    assert rows(other) == rows(database)


def library_id(database: Database) -> str:
    with database.reading() as connection:
        return history.library_id(connection)


def is_whole(database: Database) -> None:
    with database.reading() as connection:
        assert list(checking.wrong(connection)) == []


@pytest.mark.parametrize("where", ["here", "on the other engine"])
def test_a_restored_library_is_the_same_but_for_its_identity(
    database: Database, secret: str, emptied: Callable[[str], Database], tmp_path: Path, where: str
) -> None:
    file = tmp_path / "library.backup"
    backup.backup(database, file)
    assert secret not in gzip.decompress(file.read_bytes()).decode()
    other = emptied(where)
    backup.restore(other, file)
    assert rows(other) == rows(database)
    assert library_id(other) != library_id(database)
    is_whole(other)
    with other.reading() as connection:
        key = keys.opens(connection, secret, NOW)
        assert key is not None
        assert key.name == "front-desk"
        for q in ("猫", "pendulum", "hip hike", "pendulmu"):
            assert catalogue.find(connection, CatalogueQuery(q=q)).page.items, q
    load(other, "exercise: {slug: a, name: A, variant_of: seated-4}")
    is_whole(other)


@pytest.mark.usefixtures("secret")
def test_there_and_back_again_is_the_same(database: Database, emptied: Callable[[str], Database], tmp_path: Path) -> None:
    there, back = emptied("on the other engine"), emptied("here")
    for one, other in ((database, there), (there, back)):
        backup.backup(one, tmp_path / "b")
        backup.restore(other, tmp_path / "b")
    assert rows(back) == rows(database)


def test_a_backup_that_is_made_while_others_write_is_one_state(
    database: Database, url: str, emptied: Callable[[str], Database], tmp_path: Path
) -> None:
    stop = threading.Event()
    written: list[int] = []

    def write() -> None:
        writer = Database(url)
        while not stop.is_set():
            n = len(written)
            load(writer, f"exercises: [{{slug: e{n}, name: Word{n}}}, {{slug: f{n}, name: Variant, variant_of: e{n}, aliases: [Word{n}]}}]")
            written.append(n)
        writer.close()

    thread = threading.Thread(target=write)
    thread.start()
    try:
        for n in range(3):
            before = len(written)
            while len(written) < before + 2:
                stop.wait(0.005)
            backup.backup(database, tmp_path / f"{n}")
    finally:
        stop.set()
        thread.join()
    sizes = []
    for n in range(3):
        restored = emptied("here")
        backup.restore(restored, tmp_path / f"{n}")
        is_whole(restored)
        sizes.append(len(rows(restored)["exercise"]))
    assert sizes == sorted(set(sizes))


def test_a_library_is_never_overwritten(database: Database, url: str, tmp_path: Path) -> None:
    file = tmp_path / "library.backup"
    said = run("backup", str(file), database=url)
    assert said.stdout == ""
    assert f"rows written to {file}" in said.stderr
    before = state(database)
    assert "has a library already" in run("restore", str(file), database=url, code=1).stderr
    assert state(database) == before


def lines_of(file: Path) -> list[str]:
    return gzip.decompress(file.read_bytes()).decode().splitlines(keepends=True)


def zipped(lines: list[str]) -> bytes:
    return gzip.compress("".join(lines).encode())


# What somebody did to a backup: from its bytes and its lines to other bytes, and what is said of them.
DAMAGES: dict[str, tuple[Callable[[bytes, list[str]], bytes], str]] = {
    "nothing in it": (lambda _, __: b"", "is not a backup"),
    "cut in the header": (lambda whole, _: whole[:7], "is not a whole backup; nothing was restored"),
    "cut at the start": (lambda whole, _: whole[:60], "is not a whole backup"),
    "cut in the middle": (lambda whole, _: whole[: len(whole) // 2], "is not a whole backup"),
    "cut before its checksum": (lambda whole, _: whole[:-8], "is not a whole backup"),
    "cut at the very end": (lambda whole, _: whole[:-1], "is not a whole backup"),
    "a bit in the middle": (lambda whole, _: _flipped(whole, len(whole) // 2), "is not a whole backup"),
    "a bit of the checksum": (lambda whole, _: _flipped(whole, len(whole) - 6), "is not a whole backup"),
    "not packed": (lambda _, lines: "".join(lines).encode(), "is not a whole backup; nothing was restored"),
    "a picture": (lambda _, __: b"\x89PNG\r\n\x1a\n" + bytes(100), "is not a whole backup"),
    "another format": (lambda _, __: zipped(['{"slug": "cat-cow"}\n']), "is not a backup of an exercise library"),
    "an array": (lambda _, __: zipped(["[]\n"]), "is not a backup of an exercise library"),
    "no JSON": (lambda _, __: zipped(["slug: cat-cow\n"]), "is not a whole backup"),
    "another version": (
        lambda _, lines: zipped([lines[0].replace('"schema": "', '"schema": "9'), *lines[1:]]),
        "use the version that wrote it",
    ),
    "no version": (lambda _, lines: zipped(['{"format": "exercise-library-backup"}\n', *lines[1:]]), "is not a whole backup"),
    "another table": (
        lambda _, lines: zipped([line.replace('{"table": "word"', '{"table": "wrod"') for line in lines]),
        "is not a whole backup",
    ),
    "another column": (lambda _, lines: zipped([line.replace('"uses"]', '"used"]') for line in lines]), "is not a whole backup"),
    "a table twice": (lambda _, lines: zipped([*lines, *lines[1:]]), "is not a whole backup"),
    "a row too long": (lambda _, lines: zipped([*lines, "[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]\n"]), "is not a whole backup"),
    "a verdict that is both": (lambda _, lines: zipped([_both(line) for line in lines]), "is not a whole backup"),
}


def _flipped(whole: bytes, at: int) -> bytes:
    return whole[:at] + bytes([whole[at] ^ 4]) + whole[at + 1 :]


def _both(line: str) -> str:
    return line.replace('"unstable", "avoid"]', '"unstable", "recommended"]')


@pytest.fixture(scope="session")
def a_backup(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Path:
    database = Database(databases.seeded())
    file = tmp_path_factory.mktemp("backup") / "library.backup"
    backup.backup(database, file)
    database.close()
    return file


@pytest.mark.any_engine
@pytest.mark.parametrize("what", DAMAGES)
def test_what_is_no_whole_backup_leaves_nothing_behind(a_backup: Path, empty_url: str, tmp_path: Path, what: str) -> None:
    damage, said = DAMAGES[what]
    file = tmp_path / "damaged.backup"
    file.write_bytes(damage(a_backup.read_bytes(), lines_of(a_backup)))
    refused = run("restore", str(file), database=empty_url, code=1)
    assert f"{file} " in refused.stderr
    assert said in refused.stderr
    database = Database(empty_url)
    with database.reading() as connection:
        assert sa.inspect(connection).get_table_names() == []
    database.close()


def test_after_a_refusal_a_whole_backup_is_restored(a_backup: Path, empty_url: str, tmp_path: Path) -> None:
    half = tmp_path / "half.backup"
    half.write_bytes(a_backup.read_bytes()[:-100])
    run("restore", str(half), database=empty_url, code=1)
    assert "rows restored" in run("restore", str(a_backup), database=empty_url).stderr
    run("check", database=empty_url)


@pytest.mark.parametrize("file", ["no/such/folder/b", "."])
def test_a_backup_that_cannot_be_written_says_so(url: str, tmp_path: Path, file: str) -> None:
    refused = run("backup", str(tmp_path / file), database=url, code=1 if "no" in file else 2)
    assert "Error: " in refused.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_database_without_a_library_is_not_backed_up(empty_url: str, tmp_path: Path) -> None:
    refused = run("backup", str(tmp_path / "b"), database=empty_url, code=1)
    assert "The database has no library yet" in refused.stderr
    assert list(tmp_path.iterdir()) == []
