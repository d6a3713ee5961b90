"""Nothing that a live record names can go, whatever is asked, imported or shipped: a write leans on that.

A write that names nothing new looks up none of its names (`_refuse_unknown` in `api/web/curation.py`).
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import get_args

import httpx
import pytest
import sqlalchemy as sa

from api.library import complaints, record
from api.library.record import Record, RefersTo, mentions
from api.library.source import Source
from api.store import reference, seeding, tables
from api.store.engine import Database
from api.store.exercises import read, write
from api.store.journal import Journal
from api.store.reference import edits
from api.store.reference.kinds import KINDS as KEPT
from tests.curating import Curator, key_to
from tests.made_up import FROZEN_SHOULDER
from tests.writing import AUTHOR, as_yaml, load

BOOK = {"slug": "our-book", "citation": "A book.", "kind": "expert-opinion", "certainty": "verified"}
SOURCE = {"slug": "our-book"}
PATTERN = {"slug": "our-pattern", "name": "Our pattern", "contraindications": [], "source": SOURCE}
GROUP = {"slug": "our-group", "name": "Our group", "question": "Are you one of us?", "source": SOURCE}
TERMS = [{"kind": kind, "slug": f"our-{kind}", "label": f"Our {kind}"} for kind in ("region", "equipment", "muscle")]
AROUND = {"sources": [BOOK], "groups": [GROUP], "terms": TERMS, "patterns": [PATTERN]}
CHILD = {
    "slug": "our-exercise",
    "name": "Our exercise",
    "variant_of": "our-parent",
    "patterns": ["our-pattern"],
    "regions": ["our-region"],
    "equipment": ["our-equipment"],
    "muscles": ["our-muscle"],
    "contraindications": [{"type": "freezing", "reason": "It hurts.", "source": SOURCE}],
    "cautions": [{"group": "our-group", "action": "note", "text": "Mind it.", "source": SOURCE}],
}
PARENT = {"slug": "our-parent", "name": "Our parent"}
KINDS = {
    mark.kind for name in vars(record) if name.endswith("Slug") for mark in get_args(getattr(record, name)) if isinstance(mark, RefersTo)
}


@pytest.fixture
def curator(client: httpx.Client, database: Database) -> Curator:
    load(database, FROZEN_SHOULDER)
    load(database, as_yaml({**AROUND, "exercises": [PARENT, CHILD]}))
    return Curator(client, key_to(database))


def every_live_record(database: Database) -> Iterator[Record]:
    with database.reading() as connection:
        for kind in KEPT:
            if kind != "source":  # names nothing
                yield from reference.records(connection, kind).values()
        for some in read.every(connection):
            yield from (one.exercise for one in some.values())


def dangling(database: Database) -> list[str]:
    """Give every name of a live record that nothing has."""
    with database.reading() as connection:
        slugs = connection.execute(sa.select(tables.of(tables.Exercise).c.slug)).scalars().all()
        known = reference.KnownSlugs(connection, exercise=slugs)
        return [wrong.message for one in every_live_record(database) for _, wrong in complaints.of_mentions(one, known)]


def shell(database: Database, change: Callable[[Journal], None]) -> None:
    with database.writing() as session:
        change(Journal(session, AUTHOR, datetime.now(UTC)))


def renew(journal: Journal) -> None:
    edits.renew(journal)
    write.renew(journal)


def refused(answer: httpx.Response) -> None:
    assert (answer.status_code, answer.json()["code"]) == (409, "in-use"), answer.text


def done(answer: httpx.Response) -> None:
    assert answer.status_code == 204, answer.text


DOORS: dict[str, Callable[[Database, Curator], None]] = {
    "a source is retired": lambda _, one: refused(one.ask("DELETE", "/sources/our-book", headers={"If-Match": "*"})),
    "the source of a type is retired": lambda _, one: refused(one.ask("DELETE", "/sources/made-up-book", headers={"If-Match": "*"})),
    "what it is a variant of is retired": lambda _, one: done(one.retire("our-parent")),
    "an import retires what it is a variant of": lambda database, _: load(database, as_yaml({"retired": [PARENT]})),
    "an import has others": lambda database, _: load(database, as_yaml({"terms": [{**TERMS[0], "slug": "another"}], "sources": []})),
    "an import says less of them": lambda database, _: load(database, as_yaml({"patterns": [{**PATTERN, "name": "Less"}]})),
    "a version is shipped without them": lambda database, _: shell(database, seeding.seed),
    "a version writes all anew": lambda database, _: shell(database, renew),
}


@pytest.mark.parametrize("door", DOORS)
def test_what_a_live_record_names_stays_whatever_goes(door: str, curator: Curator, database: Database) -> None:
    DOORS[door](database, curator)
    assert dangling(database) == []
    edited = curator.edit("our-exercise", summary="It names what it named, which nobody looks up.")
    assert edited.status_code == 200, edited.text
    beside = CHILD | {"slug": "another", "name": "Another"}  # of which every name is looked up
    created = curator.ask("PUT", "/exercises/another", beside, {"If-None-Match": "*"})
    assert created.status_code == 201, created.text


def test_these_records_name_one_of_each_kind(curator: Curator, database: Database) -> None:
    assert curator.read("/exercises/our-exercise")
    assert {one.kind for live in every_live_record(database) for one in mentions(live)} == KINDS
    assert mentions(Source.model_validate(BOOK)) == []


def test_there_is_no_other_way_to_take_something_away(client: httpx.Client) -> None:
    """Whoever makes one adds a door above."""
    paths: dict[str, dict[str, object]] = client.get("/openapi.json").json()["paths"]
    assert {path for path, methods in paths.items() if "delete" in methods} == {"/exercises/{slug}", "/sources/{slug}"}


def test_what_a_retired_exercise_names_may_go_so_a_revival_looks_it_up(curator: Curator) -> None:
    assert curator.ask("PUT", "/sources/new-book", BOOK | {"slug": "new-book"}, {"If-None-Match": "*"}).status_code == 201
    cautions = [{"group": "pregnant", "action": "note", "text": "Mind it.", "source": {"slug": "new-book"}}]
    assert curator.create("ours", cautions=cautions).status_code == 201
    done(curator.retire("ours"))
    done(curator.ask("DELETE", "/sources/new-book", headers={"If-Match": "*"}))
    revived = curator.create("ours", cautions=cautions)
    assert revived.status_code == 422
    assert revived.json()["errors"][0]["message"] == "There is no source 'new-book'."
