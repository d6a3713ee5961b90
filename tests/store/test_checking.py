"""`check` finds every kind of damage, and says what it is in a clinician's words."""

import sqlite3
from contextlib import closing

import psycopg
import pytest

from api.store import checking
from api.store.engine import Database
from tests.shell import run
from tests.writing import as_yaml, load, retire

SEATED_4 = "exercise: {slug: seated-4, name: Seated 4, variant_of: figure-4-stretch}"
SHORT = {"CAT": "(SELECT id FROM exercise WHERE slug = 'cat-cow')", "FOUR": "(SELECT id FROM exercise WHERE slug = 'figure-4-stretch')"}
UNTOLD = """
    UPDATE exercise SET document = substr(document, 1, strpos(document, '"contraindications":') + 19) || '[]'
    || substr(document, strpos(document, ',"aliases"')) WHERE slug = 'seated-4'
"""

# What somebody did to the database behind the program's back, and what is said of it.
DAMAGES: dict[str, tuple[list[str], str]] = {
    "a verdict is gone": (
        ["DELETE FROM recommendation WHERE exercise_id = CAT", "DELETE FROM verdict WHERE exercise_id = CAT"],
        "'cat-cow': for which types it is recommended or to be avoided is stored otherwise than its record says (in 'verdict').",
    ),
    "another place": (
        ["UPDATE recommendation SET position = 7 WHERE exercise_id = CAT AND type = 'stiff'"],
        "'cat-cow': its place in the lists of what is recommended is stored otherwise",
    ),
    "an avoid is gone": (["DELETE FROM contraindication WHERE exercise_id = FOUR"], "'figure-4-stretch': why it is to be avoided is"),
    "a caution is gone": (["DELETE FROM caution WHERE exercise_id = CAT"], "'cat-cow': what to mind is stored otherwise"),
    "a region is gone": (
        ["DELETE FROM exercise_term WHERE exercise_id = CAT"],
        "'cat-cow': its regions, muscles or equipment is stored",
    ),
    "a retired one's avoid is back": (
        ["INSERT INTO exercise_pattern SELECT id, 'wide-legs' FROM exercise WHERE slug = 'pelvic-list'"],
        "'pelvic-list': which movement patterns it involves is stored otherwise",
    ),
    "another name": (
        ['UPDATE exercise SET document = replace(document, \'"name":"Cat/cow"\', \'"name":"Cow/dog"\') WHERE slug = \'cat-cow\''],
        "'cat-cow': a search doesn't find it by its names as they are now.",
    ),
    "another recommendation": (
        ["UPDATE exercise SET document = replace(document, '\"position\":2', '\"position\":3') WHERE slug = 'cat-cow'"],
        "'cat-cow': its place in the lists of what is recommended is stored otherwise",
    ),
    "a heading is miscounted": (
        ["UPDATE heading_size SET exercises = 7 WHERE heading = 'recommended/stiff'"],
        "It isn't known how many exercises stand under the heading 'recommended/stiff'.",
    ),
    "a heading was never counted": (
        ["DELETE FROM heading_size WHERE heading = 'everything'"],
        "It isn't known how many exercises stand under the heading 'everything'.",
    ),
    "an inherited avoid is gone": (
        [
            "DELETE FROM contraindication WHERE via_kind = 'variant-of'",
            "DELETE FROM verdict WHERE exercise_id = (SELECT id FROM exercise WHERE slug = 'seated-4')",
            UNTOLD,
        ],
        "'seated-4' should inherit what to avoid from its patterns and from what it is a variant of, and doesn't.",
    ),
    "a variant is untied": (
        ["UPDATE exercise SET variant_of_id = NULL WHERE slug = 'seated-4'"],
        "'seated-4' isn't tied to 'figure-4-stretch'.",
    ),
    "no JSON": (
        ["UPDATE exercise SET document = '{' WHERE slug = 'cat-cow'"],
        "The exercise 'cat-cow' can't be read; wrong is: all of it.",
    ),
    "a field is gone": (
        ["UPDATE exercise SET document = replace(document, '\"name\":', '\"nmae\":') WHERE slug = 'cat-cow'"],
        "The exercise 'cat-cow' can't be read; wrong is: name, nmae",
    ),
    "a record of another": (
        ["UPDATE exercise SET document = (SELECT document FROM exercise WHERE slug = 'pelvic-tilts') WHERE slug = 'cat-cow'"],
        "The exercise 'cat-cow' has the record of 'pelvic-tilts'.",
    ),
    "a condition that can't be read": (
        ["UPDATE condition SET document = '{}'"],
        "The condition 'si-joint-dysfunction' can't be read; wrong is: ",
    ),
    "a word is gone": (
        ["DELETE FROM word_deletion WHERE word = 'camel'", "DELETE FROM word WHERE word = 'camel'"],
        "The search index miscounts 1 words, such as 'camel'.",
    ),
    "a word is counted twice": (
        ["UPDATE word SET uses = uses + 1 WHERE word = 'camel'"],
        "The search index miscounts 1 words, such as 'camel'.",
    ),
    "a slip is not forgiven": (
        ["DELETE FROM word_deletion WHERE word = 'camel' AND deletion = 'came'"],
        "The search doesn't forgive every slip in 1 words, such as 'camel'.",
    ),
    "nothing is found": (["DELETE FROM exercise_search WHERE rowid = CAT"], "'cat-cow': a search doesn't find it by its names"),
    "a pattern's avoid is gone": (["DELETE FROM pattern_contraindication"], "The movement pattern 'wide-legs': "),
    "who names a source is forgotten": (
        ["DELETE FROM citation WHERE kind = 'exercise' AND slug = 'cat-cow' AND source = 'source-text'"],
        "The exercise 'cat-cow': whether it names the source 'source-text' is stored otherwise than its record says.",
    ),
    "the last change is forgotten": (
        ["DELETE FROM change WHERE revision = 3"],
        "The library is at revision 3, its history ends at 2.",
    ),
    "a change is forgotten": (["DELETE FROM change WHERE revision = 2"], "The history has gaps: of 3 revisions it knows 2."),
    "a source is gone": (
        ["UPDATE source SET retired_at = '2026-01-01 00:00:00' WHERE slug = 'source-text'"],
        "'cat-cow' names what there isn't: source 'source-text'.",
    ),
}


@pytest.fixture
def edited_database(database: Database) -> Database:
    load(database, SEATED_4)
    retire(database, "pelvic-list")
    return database


def damage(database: Database, statements: list[str]) -> None:
    with database.writing() as session:
        for statement in statements:
            written = statement if database.is_postgresql else statement.replace("strpos(", "instr(")
            for short, long in SHORT.items():
                written = written.replace(short, long)
            assert session.connection().exec_driver_sql(written).rowcount != 0, statement


@pytest.mark.parametrize("what", DAMAGES)
def test_damage_is_found_and_said(edited_database: Database, url: str, what: str) -> None:
    statements, said = DAMAGES[what]
    damage(edited_database, statements)
    checked = run("check", database=url, code=1)
    assert [line for line in checked.stdout.splitlines() if line.startswith(f"WRONG  {said}")], checked.stdout
    assert "Something is wrong." in checked.stderr


def test_a_whole_library_is_as_it_should_be(edited_database: Database, url: str) -> None:
    checked = run("check", database=url)
    assert checked.stdout.splitlines() == [
        "EDITED The exercise 'pelvic-list' was retired.",
        "EDITED 1 records of the kind 'exercise' were added: seated-4.",
    ]
    assert checked.stderr == "Everything is as it should be.\n"
    with edited_database.reading() as connection:
        assert list(checking.wrong(connection)) == []


def test_what_others_wrote_since_it_last_read_is_no_damage(database: Database, url: str) -> None:
    # From 3.44 on SQLite looks into the full-text index, and a connection that had read before may see damage that isn't there.
    for number in range(5):
        with database.reading() as connection:
            assert list(checking.wrong(connection)) == []
        other = Database(url)
        load(other, as_yaml({"exercises": [{"slug": f"made-up-{number}-{n}", "name": f"Made up {number} {n}"} for n in range(50)]}))
        other.close()
    with database.reading() as connection:
        assert list(checking.wrong(connection)) == []


def test_another_schema_is_all_that_is_said(database: Database, url: str) -> None:
    damage(database, ["UPDATE alembic_version SET version_num = '0000'", "UPDATE exercise SET document = '{'"])
    [line] = run("check", database=url, code=1).stdout.splitlines()
    assert line.startswith("WRONG  The database has the schema '0000', which this version doesn't know;")


def test_an_empty_database_is_no_library(empty_url: str) -> None:
    assert "run 'exercise-library migrate'" in run("check", database=empty_url, code=1).output


def test_a_verdict_alone_may_be_gone(database: Database, url: str) -> None:
    statement = f"DELETE FROM verdict WHERE exercise_id = {SHORT['CAT']}"  # noqa: S608  (our own words)
    if database.is_postgresql:
        with psycopg.connect(url) as connection:
            connection.execute("SET session_replication_role = replica")
            connection.execute(statement.encode())
        said = "'cat-cow': for which types it is recommended"
    else:
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as file:
            file.execute(statement)
            file.commit()
        said = "The table 'recommendation' has a row that names what isn't there."
    assert f"WRONG  {said}" in run("check", database=url, code=1).stdout
