"""A library that version 0.1.0 made is, after an upgrade, as a new one, but for what its curators edited."""

import gzip
import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import sqlalchemy as sa
import yaml

from api.app import create_app
from api.settings import Settings
from api.store import checking, differences, seeding
from api.store.engine import Database
from api.store.opening import prepare
from tests.in_process import asking
from tests.shell import run
from tests.store import old_libraries
from tests.walking import Json, everything
from tests.writing import load, state

NOW = datetime(2027, 1, 1, tzinfo=UTC)
Record = dict[str, Any]
# What was edited by hand, and in which fields; everything else follows the new version.
EDITED: dict[tuple[str, str], set[str]] = {
    ("exercises", "cat-cow"): {"aliases", "cautions"},
    ("exercises", "self-massage"): {"steps"},
    ("exercises", "pelvic-list"): {"recommendations"},
    ("exercises", "pelvic-tilts"): {"review"},
    ("conditions", "si-joint-dysfunction"): {"summary", "stop_rules"},
    ("groups", "osteoporosis"): {"question"},
    ("types", "stiff"): {"plain_name"},
}
OURS = {"our-bridge", "our-lunge", "seated-4", "our-twist", "our-scissors", "gentle-scissors", "wall-press"}
BOOKKEEPING = {"revision", "created_at", "updated_at", "library_id", "sha256", "next"}


class Opened(NamedTuple):
    """A library, and how others get at it."""

    url: str
    database: Database


@pytest.fixture
def old(empty_url: str) -> Iterator[Opened]:
    """A library that version 0.1.0 made and that was edited through every door it had."""
    old_libraries.fill(empty_url, "edited")
    database = Database(empty_url)
    yield Opened(empty_url, database)
    database.close()


@pytest.fixture
def upgraded(old: Opened) -> Opened:
    upgrade(old.database)
    return old


def upgrade(database: Database) -> None:
    prepare(database, NOW)
    with database.reading() as connection:
        assert list(checking.wrong(connection)) == []


def asked(url: str) -> dict[str, Json]:
    with asking(create_app(Settings(database_url=url, migrate=False))) as client:
        return {address: _bare(answer) for address, answer in everything(client).items() if "/history" not in address}


def _bare(answer: Json) -> Json:
    """Leave out when something was written."""
    if isinstance(answer, dict):
        return {name: _bare(part) for name, part in answer.items() if name not in BOOKKEEPING}
    return [_bare(one) for one in answer] if isinstance(answer, list) else answer


def test_every_answer_of_an_untouched_old_library_is_that_of_a_new_one(empty_url: str, url: str) -> None:
    old_libraries.fill(empty_url, "untouched")
    database = Database(empty_url)
    upgrade(database)
    with database.reading() as connection:
        assert list(differences.listed(connection)) == []
    database.close()
    ours, new = asked(empty_url), asked(url)
    for answers in (ours, new):
        assert {address.partition("?")[0] for address in answers} >= {"/exercises", "/exercises/cat-cow", "/programs", "/library"}
        answers.pop("/changes?since=0")  # its history is longer
        assert all("/history" not in address for address in answers)
    assert ours == new


def library(url: str) -> dict[str, dict[str, Record]]:
    """Give every record by section and slug."""
    with asking(create_app(Settings(database_url=url, migrate=False))) as client:
        found: Record = client.get("/library").json()
    return {section: {_key(one): one for one in records} for section, records in found.items() if isinstance(records, list)}


def _key(record: Record) -> str:
    return f"{record['kind']}/{record['slug']}" if "label" in record else str(record["slug"])


def without(record: Record, fields: set[str]) -> Record:
    return {name: part for name, part in record.items() if name not in fields | BOOKKEEPING}


def test_what_was_not_edited_follows_field_by_field(upgraded: Opened, url: str) -> None:
    ours, new = library(upgraded.url), library(url)
    flag = next(slug for slug, one in ours["red_flags"].items() if one["question"].startswith("Ours: "))
    hidden = {("red_flags", flag): {"question", "criteria", "at_least", "source"}, ("exercises", "isometric-squats"): set()}
    for section, records in new.items():
        for slug, record in records.items():
            if (section, slug) == ("exercises", "isometric-squats"):
                assert slug not in ours[section]
                continue
            fields = EDITED.get((section, slug), hidden.get((section, slug), set())) | {"alternatives"}
            assert without(ours[section][slug], fields) == without(record, fields), (section, slug)


def test_what_was_edited_stays(upgraded: Opened) -> None:
    ours = library(upgraded.url)
    exercises = ours["exercises"]
    assert "Ours: small movements only." in [one["text"] for one in exercises["cat-cow"]["cautions"]]
    assert "our cat" in exercises["cat-cow"]["aliases"]
    assert exercises["self-massage"]["steps"][-1] == "Ours: breathe out."
    assert 40 in [one["position"] for one in exercises["pelvic-list"]["recommendations"]]
    assert "isometric-squats" not in exercises
    assert exercises.keys() >= OURS
    assert exercises["our-bridge"]["cautions"][0]["variant"] == "on-a-chair"
    assert exercises["our-bridge"]["dosages"][0]["for_variant"] is None
    assert [one["via"]["slug"] for one in exercises["seated-4"]["contraindications"]] == ["figure-4-stretch"]
    assert [one["via"]["slug"] for one in exercises["our-lunge"]["contraindications"]] == ["wide-legs"]
    assert ours["conditions"]["si-joint-dysfunction"]["summary"] == "Ours: a joint that hurts."
    assert "Ours: stop when it hurts." in [one["text"] for one in ours["conditions"]["si-joint-dysfunction"]["stop_rules"]]
    assert ours["groups"]["osteoporosis"]["question"] == "Ours: are your bones thin?"
    assert ours["types"]["stiff"]["plain_name"] == "Ours: a joint that is too stiff"
    assert "our-clinic" in ours["sources"]
    assert "equipment/our-table" in ours["terms"]


def test_a_signature_stays_where_the_content_did(upgraded: Opened) -> None:
    review = library(upgraded.url)["exercises"]["our-bridge"]["review"]
    assert {**review, "at": None} == {"by": "A. Physio", "role": None, "note": "As we teach it.", "at": None}


def test_an_upgrade_is_one_revision_that_names_every_record_that_it_wrote(old: Opened) -> None:
    before = {row.slug: row.document for row in _exercises(old.database)}
    revision = _revision(old.database)
    upgrade(old.database)
    assert _revision(old.database) == revision + 1
    statement = sa.text("SELECT slug FROM change WHERE revision = :number AND kind = 'exercise'")
    with old.database.reading() as connection:
        told = set(connection.execute(statement, {"number": revision + 1}).scalars())
    assert told == {row.slug for row in _exercises(old.database) if row.document != before[row.slug] and row.retired_at is None}


def _exercises(database: Database) -> list[Any]:
    with database.reading() as connection:
        return list(connection.execute(sa.text("SELECT slug, document, retired_at FROM exercise")).all())


def _revision(database: Database) -> int:
    with database.reading() as connection:
        return int(connection.execute(sa.text("SELECT revision FROM library")).scalar_one())


def test_an_upgrade_is_done_once(upgraded: Opened) -> None:
    before = state(upgraded.database)
    prepare(upgraded.database, NOW + timedelta(days=1))
    assert state(upgraded.database) == before


def test_searches_and_filters_answer_in_an_old_library(upgraded: Opened) -> None:
    with asking(create_app(Settings(database_url=upgraded.url, migrate=False))) as client:

        def found(query: str) -> list[str]:
            return [one["slug"] for one in client.get(f"/exercises?{query}").json()["items"]]

        assert "our-bridge" in found("q=brucke")
        assert "our-bridge" in found("q=bridhe")
        assert "wall-press" in found("equipment=wall")
        assert "our-bridge" in found("equipment=none")
        assert found("type=unstable&type=stiff")
        assert "our-lunge" not in found("type=unstable")
        assert [one["condition"] for one in client.get("/indicators").json()["items"]] == ["si-joint-dysfunction"] * 7


def test_check_names_an_avoid_that_an_old_library_forgot(upgraded: Opened) -> None:
    with upgraded.database.reading() as connection:
        gone = [line for line in differences.listed(connection) if "no longer is" in line]
    assert gone == ["The exercise 'our-scissors' was to be avoided for the type 'unstable' until revision 19, and no longer is."]


def test_a_backup_of_an_old_version_is_restored_and_upgraded(empty_url: str, tmp_path: Path) -> None:
    file = shutil.copy(old_libraries.FIXTURES / "0.1.0-edited-backup.jsonl.gz", tmp_path / "backup")
    run("restore", str(file), database=empty_url)
    assert run("check", database=empty_url).stdout.count("WRONG") == 0
    assert library(empty_url)["exercises"]["self-massage"]["steps"][-1] == "Ours: breathe out."
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        assert json.loads(next(lines))["schema"] == "0001"


def test_an_export_of_an_old_version_leaves_alone_what_it_does_not_know(upgraded: Opened) -> None:
    record = library(upgraded.url)["exercises"]["our-bridge"]
    known = {
        "helpful": ["mat"],
        "variants": [record["variants"][0] | {"heeds": ["pregnant"], "helpful": ["cushion"]}],
        "cautions": [record["cautions"][0] | {"for_variant": "on-a-chair"}],
        "dosages": [record["dosages"][0] | {"for_variant": "on-a-chair"}],
    }
    group = library(upgraded.url)["groups"]["osteoporosis"]
    sign = {"type": "unstable", "source": {"slug": "our-clinic", "quote": None}}
    load(upgraded.database, json.dumps({"exercises": [record | known], "groups": [group | {"sign_of": [sign]}]}))
    run("import", str(old_libraries.FIXTURES / "0.1.0-edited-export.json"), database=upgraded.url)
    after = library(upgraded.url)
    assert {name: after["exercises"]["our-bridge"][name] for name in known} == known
    assert after["groups"]["osteoporosis"]["sign_of"] == [sign]
    assert after["conditions"]["si-joint-dysfunction"]["default"] is True


def test_what_a_release_shipped_is_shipped_still_under_its_name() -> None:
    shipped = yaml.safe_load((Path(__file__).parent / "shipped-0.1.0.yaml").read_text(encoding="utf-8"))
    today = {one.key: one.record.model_dump() for one in seeding.read_shipped()}
    for kind, slugs in shipped.items():
        for slug, inside in slugs.items():
            record = today[kind, slug]
            there = {one["slug"] for name in ("variants", "causes") for one in record.get(name, ())}
            assert set(inside) <= there, (kind, slug)
