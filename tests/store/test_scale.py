"""However many exercises there are, each question is answered from an index, and the generator writes what the program would."""

import re
from collections.abc import Callable, Iterator
from json import loads
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import SQLModel, select

from api.library.query import COUNTED, CatalogueQuery
from api.store import catalogue
from api.store.catalogue import avoid
from api.store.engine import Database
from api.store.exercises import write
from api.store.journal import Journal
from api.store.tables import Exercise
from tests.bench import many
from tests.engines import Databases
from tests.plans import explained
from tests.writing import load

MANY = 11_000
"""So many that a common word is in more than is counted, and no more: they are written for each engine."""

QUESTIONS = {
    "everything": CatalogueQuery(),
    "everything, the deepest page": CatalogueQuery(after=("wide-",)),
    "a type": CatalogueQuery(types=("stiff",)),
    "a type, the deepest page": CatalogueQuery(types=("stiff",), after=(11_500, 1)),
    "two types": CatalogueQuery(types=("stiff", "unstable")),
    "two types, the deepest page": CatalogueQuery(types=("stiff", "unstable"), after=(11_500, "wide-")),
    "a tag": CatalogueQuery(tag="stabilize"),  # type: ignore[arg-type]
    "a condition": CatalogueQuery(condition="si-joint-dysfunction"),
    "a region": CatalogueQuery(region="low-back"),
    "a region, the deepest page": CatalogueQuery(region="low-back", after=("wide-",)),
    "equipment": CatalogueQuery(equipment="wall"),
    "a region and equipment": CatalogueQuery(region="low-back", equipment="none"),
    "a type and a region": CatalogueQuery(types=("stiff",), region="low-back"),
    "unjudged": CatalogueQuery(unjudged="stiff"),
    "a rare word": CatalogueQuery(q=many.RARE),
    "a common word": CatalogueQuery(q=many.COMMON),
    "a common word of a type": CatalogueQuery(q=many.COMMON, types=("unstable",)),
    "a common word of two types": CatalogueQuery(q=many.COMMON, types=("stiff", "unstable")),
}


@pytest.fixture(scope="module")
def large(databases: Databases) -> Iterator[Database]:
    database = Database(databases.seeded())
    many.fill(database, MANY)
    yield database
    database.close()


def rows(database: Database) -> dict[str, list[str]]:
    with database.reading() as connection:
        found = {table.name: sorted(map(str, connection.execute(table.select()))) for table in SQLModel.metadata.sorted_tables}
        index = sa.text("SELECT rowid, name, alias, term FROM exercise_search ORDER BY rowid")
        return {**found, "exercise_search": sorted(map(str, connection.execute(index)))}


def test_the_generator_writes_what_the_program_would(databases: Databases) -> None:
    in_bulk, one_by_one = Database(databases.seeded()), Database(databases.seeded())
    many.fill(in_bulk, 130)
    with one_by_one.writing() as session:
        journal = Journal(session, many.AUTHOR, many.AT)
        write.write(journal, [many.draft(number) for number in range(1, 131)])
    there, wanted = rows(in_bulk), rows(one_by_one)
    assert {table: there[table] == wanted[table] for table in wanted} == dict.fromkeys(wanted, True)
    in_bulk.close()
    one_by_one.close()


# Small tables may be read whole: types, patterns, terms. What a page has, at most 101 rows and some merged lists of them, may be sorted.
LARGE = "exercise|heading|recommendation|contraindication|verdict|word|word_deletion|exercise_search"
# An index that is read without a condition is read from one end; nothing says how far.
WHOLE = (
    rf"Seq Scan on (?:{LARGE})\b",
    rf"Index (?:Only )?Scan (?:Backward )?using \w+ on (?:{LARGE})\b.*\n(?! *Index Cond)",
    rf"SCAN (?:{LARGE})\b(?! VIRTUAL)",
)
SCANS, WHOLE_TABLES = re.compile("|".join(WHOLE)), re.compile(WHOLE[0])


@pytest.mark.parametrize("question", QUESTIONS)
def test_nothing_large_is_read_whole(large: Database, question: str) -> None:
    plans: list[str] = []
    with large.reading() as connection, explained(connection, plans):
        listing = catalogue.find(connection, QUESTIONS[question])
    assert listing.page.items, question
    assert plans
    # What is found by a common word may as well be met by going through all by id, up to the page's end.
    scans = WHOLE_TABLES if QUESTIONS[question].q == many.COMMON else SCANS
    for plan in plans:
        assert not scans.search(plan), f"{question}:\n{plan}"


def test_a_rare_word_is_looked_up_and_not_looked_for(large: Database) -> None:
    plans: list[str] = []
    with large.reading() as connection, explained(connection, plans):
        catalogue.find(connection, QUESTIONS["a rare word"])
    of_words = [plan for plan in plans if "@@" in plan]
    assert len(of_words) >= 2 * large.is_postgresql
    for plan in of_words:
        assert "ix_exercise_search_words" in plan
        assert "pk_exercise_search" not in plan, plan


def test_what_to_avoid_is_read_from_its_index(large: Database) -> None:
    plans: list[str] = []
    with large.reading() as connection, explained(connection, plans):
        page = avoid.page(connection, ("stiff", "unstable"), 50, None)
        page = avoid.page(connection, ("unstable",), 50, page.last)
    assert len(page.items) == 50
    assert not any(SCANS.search(plan) for plan in plans), "\n\n".join(plans)


def test_no_question_starts_a_second_process(large: Database) -> None:
    if large.is_postgresql:
        with large.reading() as connection:
            assert connection.exec_driver_sql("SHOW max_parallel_workers_per_gather").scalar_one() == "0"


def test_a_scan_would_be_noticed(large: Database) -> None:
    plans: list[str] = []
    with large.reading() as connection, explained(connection, plans):
        connection.execute(sa.text("SELECT count(*) FROM exercise WHERE name LIKE '%x%'"))
    assert any(SCANS.search(plan) for plan in plans), plans


Json = dict[str, Any]


@pytest.fixture(scope="module")
def everything(large: Database) -> list[Json]:
    with large.reading() as connection:
        return [loads(document) for document in connection.execute(select(Exercise.document)).scalars()]


def types_of(one: Json, kind: str = "recommendations") -> set[str]:
    return {each["type"] for each in one[kind]}


TIED = """
exercise:
  slug: {slug}
  name: {slug}
  recommendations:
  - {{type: stiff, position: {stiff}, source: {{slug: common-knowledge}}}}
  - {{type: unstable, position: {unstable}, source: {{slug: common-knowledge}}}}
"""
EXPECTED: dict[str, Callable[[Json], bool]] = {
    "everything": lambda _: True,
    "a type": lambda one: "stiff" in types_of(one),
    "two types": lambda one: types_of(one) == {"stiff", "unstable"},
    "a tag": lambda one: "stabilize" in one["tags"],
    "a condition": lambda one: bool(one["tags"]),
    "a region": lambda one: "low-back" in one["regions"],
    "equipment": lambda one: "wall" in one["equipment"],
    "a region and equipment": lambda one: "low-back" in one["regions"] and not one["equipment"],
    "a type and a region": lambda one: "stiff" in types_of(one) and "low-back" in one["regions"],
    "unjudged": lambda one: "stiff" not in types_of(one) | types_of(one, "contraindications"),
    "a rare word": lambda one: many.RARE in one["name"],
}


@pytest.mark.parametrize("question", EXPECTED)
def test_a_total_is_exact(large: Database, everything: list[Json], question: str) -> None:
    with large.reading() as connection:
        total = catalogue.find(connection, QUESTIONS[question]).page.total
    assert total == sum(map(EXPECTED[question], everything))


def test_what_would_have_to_be_counted_beyond_ten_thousand_has_no_total(large: Database) -> None:
    with large.reading() as connection:
        assert catalogue.find(connection, QUESTIONS["a common word"]).page.total is None
        assert catalogue.find(connection, QUESTIONS["everything"]).page.total == MANY + 6 > COUNTED


def test_pages_hold_together_from_the_first_to_the_last(large: Database, everything: list[Json]) -> None:
    query = CatalogueQuery(types=("stiff", "unstable"), region="hips", limit=100)
    seen: list[str] = []
    with large.reading() as connection:
        page = catalogue.find(connection, query).page
        while page.last is not None:
            seen += [one.document for one in page.items]
            page = catalogue.find(connection, query._replace(after=page.last)).page
        seen += [one.document for one in page.items]
    wanted = [one["slug"] for one in everything if types_of(one) == {"stiff", "unstable"} and "hips" in one["regions"]]
    assert len(wanted) > query.limit
    assert sorted(loads(one)["slug"] for one in seen) == sorted(wanted)


def test_what_to_avoid_is_listed_once_from_the_first_page_to_the_last(large: Database, everything: list[Json]) -> None:
    seen: list[str] = []
    with large.reading() as connection:
        page = avoid.page(connection, ("stiff", "unstable"), 100, None)
        while page.last is not None:
            seen += [one.slug for one in page.items]
            page = avoid.page(connection, ("stiff", "unstable"), 100, page.last)
        seen += [one.slug for one in page.items]
    avoided = [one["slug"] for one in everything if one["contraindications"]]
    assert seen == ["wide-legs", *sorted(avoided)]
    assert page.total == len(seen)


def test_who_is_at_one_place_in_two_lists_is_on_one_page(database: Database) -> None:
    places = {"one": (50, 60), "two": (61, 50), "three": (52, 51)}
    for slug, (stiff, unstable) in places.items():
        load(database, TIED.format(slug=slug, stiff=stiff, unstable=unstable))
    query = CatalogueQuery(types=("stiff", "unstable"), limit=1, after=(49, ""))
    found: list[str] = []
    with database.reading() as connection:
        while query.after is not None:
            page = catalogue.find(connection, query).page
            found += [loads(one.document)["slug"] for one in page.items]
            query = query._replace(after=page.last)
    assert found == ["one", "two", "three"]
