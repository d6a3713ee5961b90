"""Keys: printed once, kept as a hash, gone when they are revoked or past their day."""

import gzip
import math
import re
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from api.errors import Duplicate, NotFound
from api.library.vocabulary import Scope
from api.store import backup, keys
from api.store.engine import Database
from api.store.journal import Journal
from tests.shell import run
from tests.writing import AUTHOR

NOW = datetime.now(UTC)
HEADING = "name\tscope\tcreated\texpires\tlast used\trevoked"


def make(database: Database, name: str = "front-desk", scope: Scope = Scope.EDIT, expires_at: datetime | None = None) -> str:
    with database.writing() as session:
        return keys.create(Journal(session, AUTHOR, NOW), name, scope, expires_at)


def revoke(database: Database, name: str = "front-desk") -> None:
    with database.writing() as session:
        keys.revoke(Journal(session, AUTHOR, NOW), name)


def opens(database: Database, secret: str, at: datetime = NOW) -> keys.Key | None:
    with database.reading() as connection:
        return keys.opens(connection, secret, at)


def test_a_key_is_printed_alone_and_once(url: str) -> None:
    made = run("keys", "create", "front-desk", database=url)
    assert re.fullmatch(r"exl_[A-Za-z0-9_-]{43}\n", made.stdout)
    assert made.stderr == ""
    listed = run("keys", "list", database=url).stdout
    assert made.stdout.strip() not in listed
    [heading, row] = listed.splitlines()
    assert heading == HEADING
    assert re.fullmatch(r"front-desk\tedit\t\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00\t-\t-\t-", row)


def test_a_key_cannot_be_guessed(database: Database) -> None:
    secrets = [make(database, f"key-{n}") for n in range(20)]
    assert len(set(secrets)) == 20
    letters = "".join(one.removeprefix(keys.PREFIX) for one in secrets)
    entropy = -sum(letters.count(one) / len(letters) * math.log2(letters.count(one) / len(letters)) for one in set(letters))
    assert entropy > 5.8, "64 letters, each as likely as any other, have 6 bits"


def test_the_secret_is_nowhere_in_the_database(database: Database, url: str, tmp_path: Path) -> None:
    secret = make(database)
    assert opens(database, secret) is not None
    backup.backup(database, tmp_path / "all")
    everything = gzip.decompress((tmp_path / "all").read_bytes())
    assert b"front-desk" in everything
    assert secret.encode() not in everything
    assert secret.removeprefix(keys.PREFIX).encode() not in everything
    if not database.is_postgresql:
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as file:
            file.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        for one in Path(url.removeprefix("sqlite:///")).parent.glob(f"{Path(url).name}*"):
            assert secret.encode() not in one.read_bytes(), one


def test_a_key_opens_what_it_is_for_and_nothing_else_opens(database: Database) -> None:
    secret = make(database, scope=Scope.REVIEW)
    key = opens(database, secret)
    assert key is not None
    assert (key.name, key.scope, key.expires_at, key.last_used_at) == ("front-desk", Scope.REVIEW, None, None)
    for wrong in ("", keys.PREFIX, secret[:-1], f"{secret}=", secret.upper(), f" {secret}", "front-desk", secret.removeprefix(keys.PREFIX)):
        assert opens(database, wrong) is None, wrong


def test_a_key_ends_on_its_day(database: Database) -> None:
    secret = make(database, expires_at=NOW + timedelta(days=1))
    assert opens(database, secret, NOW + timedelta(days=1, microseconds=-1)) is not None
    assert opens(database, secret, NOW + timedelta(days=1)) is None
    assert opens(database, secret, NOW + timedelta(days=2)) is None


def test_a_revoked_key_opens_nothing_and_its_name_is_taken(database: Database) -> None:
    secret = make(database)
    revoke(database)
    assert opens(database, secret) is None
    with pytest.raises(NotFound, match="no live key named 'front-desk'"):
        revoke(database)
    with pytest.raises(Duplicate, match="is, or was, a key named 'front-desk'"):
        make(database)


def test_who_made_and_who_revoked_a_key_is_in_the_history(database: Database) -> None:
    make(database, scope=Scope.REVIEW)
    revoke(database)
    with database.reading() as connection:
        rows = connection.execute(
            sa.text('SELECT revision, slug, action, "by", channel, "after" FROM change WHERE kind = \'key\' ORDER BY revision')
        ).all()
    assert [tuple(row)[:5] for row in rows] == [
        (2, "front-desk", "created", AUTHOR.by, AUTHOR.channel),
        (3, "front-desk", "revoked", AUTHOR.by, AUTHOR.channel),
    ]
    assert rows[0].after == '{"name": "front-desk", "scope": "review", "expires_at": null}'


@pytest.mark.parametrize("name", ["Front", "front desk", "front_desk", "", "é", "a" * 5 + "\n"])
def test_a_name_is_a_slug(url: str, name: str) -> None:
    assert "Invalid value for NAME" in run("keys", "create", name, database=url, code=2).stderr


@pytest.mark.parametrize(
    "when",
    ["yesterday", "0d", "-3d", "2020-01-31", "9999999999d", "", "d", "2027-13-01", "9999-12-31T23:59-12:00", "1_0d", "٣d", " 3d", "+3d"],
)
def test_a_key_ends_in_the_future(url: str, when: str) -> None:
    assert "Invalid value for --expires" in run("keys", "create", "front-desk", "--expires", when, database=url, code=2).stderr
    assert run("keys", "list", database=url).stdout.splitlines() == [HEADING]


@pytest.mark.parametrize(
    ("when", "shown"), [("2999-01-31", "2999-01-31T00:00:00+00:00"), ("2999-01-31T12:00+02:00", "2999-01-31T10:00:00+00:00")]
)
def test_a_day_or_a_moment_may_be_given(url: str, when: str, shown: str) -> None:
    run("keys", "create", "front-desk", "--expires", when, database=url)
    assert run("keys", "list", database=url).stdout.splitlines()[1].split("\t")[3] == shown


def test_a_number_of_days_may_be_given(url: str) -> None:
    run("keys", "create", "front-desk", "--expires", "90d", "--scope", "review", database=url)
    row = run("keys", "list", database=url).stdout.splitlines()[1].split("\t")
    left = datetime.fromisoformat(row[3]) - datetime.now(UTC)
    assert row[1] == "review"
    assert timedelta(days=89, hours=23) < left <= timedelta(days=90)


def test_keys_are_revoked_from_the_shell(url: str) -> None:
    run("keys", "create", "front-desk", database=url)
    assert "no longer opens anything" in run("keys", "revoke", "front-desk", database=url).stderr
    assert run("keys", "list", database=url).stdout.splitlines()[1].split("\t")[5] != "-"
    assert "no live key" in run("keys", "revoke", "front-desk", database=url, code=1).stderr
    assert "is, or was" in run("keys", "create", "front-desk", database=url, code=1).stderr
