# ruff: noqa: S608  (plain SQL is the point here, and nobody else's text gets into it)
"""What neither database lets anybody store, asked in plain SQL: the program's own checks are not in the way."""

from enum import StrEnum

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DataError, IntegrityError

from api.library import vocabulary
from api.store.engine import Database

FIGURE_4 = "(SELECT id FROM exercise WHERE slug = 'figure-4-stretch')"
MASSAGE = "(SELECT id FROM exercise WHERE slug = 'self-massage')"
LIST = "(SELECT id FROM exercise WHERE slug = 'pelvic-list')"


def verdict(exercise: str, type_: str, word: str) -> str:
    return f"INSERT INTO verdict (exercise_id, type, verdict) VALUES ({exercise}, '{type_}', {word})"


def recommendation(exercise: str, type_: str, *, word: str = "recommended", position: int = 9, choice: int = 1) -> str:
    columns = "exercise_id, type, verdict, position, choice, source"
    return f"INSERT INTO recommendation ({columns}) VALUES ({exercise}, '{type_}', '{word}', {position}, {choice}, 'source-text')"


def contraindication(exercise: str, type_: str, *, word: str = "avoid", via: str = "NULL, NULL") -> str:
    columns = "exercise_id, ordinal, type, verdict, reason, via_kind, via_slug, source"
    return f"INSERT INTO contraindication ({columns}) VALUES ({exercise}, 9, '{type_}', '{word}', 'why', {via}, 'source-text')"


def caution(action: str, variant: str, *, exercise: str = MASSAGE, group: str = "pregnant", source: str = "source-text") -> str:
    columns = "exercise_id, ordinal, caution_group, action, variant, text, source"
    return f"INSERT INTO caution ({columns}) VALUES ({exercise}, 99, '{group}', '{action}', {variant}, 'mind', '{source}')"


def is_refused(database: Database, *statements: str) -> bool:
    """Say whether the database refuses the last of some statements; it takes those before, and keeps none of them."""
    with database.writing() as session:
        for statement in statements[:-1]:
            session.connection().execute(sa.text(statement))
        try:
            session.connection().execute(sa.text(statements[-1]))
        except (IntegrityError, DataError):
            return True
        finally:
            session.rollback()
    return False


def test_a_pair_has_one_verdict(shared: Database) -> None:
    assert is_refused(shared, verdict(FIGURE_4, "unstable", "'recommended'"))
    assert is_refused(shared, verdict(MASSAGE, "unstable", "'avoid'"))
    assert not is_refused(shared, verdict(LIST, "stiff", "'avoid'"))


def test_what_is_to_be_avoided_cannot_be_recommended_as_well(shared: Database) -> None:
    assert is_refused(shared, recommendation(FIGURE_4, "unstable"))
    assert is_refused(shared, recommendation(FIGURE_4, "unstable", word="avoid"))
    assert is_refused(shared, verdict(LIST, "stiff", "'avoid'"), recommendation(LIST, "stiff"))
    assert not is_refused(shared, verdict(LIST, "stiff", "'recommended'"), recommendation(LIST, "stiff"))


@pytest.mark.parametrize("via", ["NULL, NULL", "'movement-pattern', 'wide-legs'", "'variant-of', 'figure-4-stretch'"])
def test_what_is_recommended_cannot_be_avoided_as_well_not_even_by_inheritance(shared: Database, via: str) -> None:
    assert is_refused(shared, contraindication(MASSAGE, "unstable", via=via))
    assert is_refused(shared, contraindication(MASSAGE, "unstable", via=via, word="recommended"))
    assert is_refused(shared, verdict(LIST, "stiff", "'recommended'"), contraindication(LIST, "stiff", via=via))
    assert not is_refused(shared, verdict(LIST, "stiff", "'avoid'"), contraindication(LIST, "stiff", via=via))


def test_a_verdict_cannot_be_turned_round_or_taken_away_under_its_reason(shared: Database) -> None:
    assert is_refused(shared, f"UPDATE verdict SET verdict = 'recommended' WHERE exercise_id = {FIGURE_4} AND type = 'unstable'")
    assert is_refused(shared, f"UPDATE verdict SET verdict = 'avoid' WHERE exercise_id = {MASSAGE} AND type = 'stiff'")
    assert is_refused(shared, f"DELETE FROM verdict WHERE exercise_id = {FIGURE_4} AND type = 'unstable'")
    assert is_refused(shared, f"UPDATE contraindication SET verdict = 'recommended' WHERE exercise_id = {FIGURE_4}")
    assert is_refused(shared, f"UPDATE recommendation SET verdict = 'avoid' WHERE exercise_id = {MASSAGE}")
    assert is_refused(shared, f"UPDATE contraindication SET type = 'stiff' WHERE exercise_id = {FIGURE_4}")


@pytest.mark.parametrize("word", ["'unknown'", "'maybe'", "'RECOMMENDED'", "'Avoid'", "''", "NULL"])
def test_no_row_is_the_only_way_to_say_unknown(shared: Database, word: str) -> None:
    assert is_refused(shared, verdict(LIST, "stiff", word))


def test_two_exercises_never_claim_one_place(shared: Database) -> None:
    new = verdict(LIST, "stiff", "'recommended'")
    assert is_refused(shared, new, recommendation(LIST, "stiff", position=2, choice=1))
    assert is_refused(shared, new, recommendation(LIST, "stiff", position=2, choice=2))
    assert not is_refused(shared, new, recommendation(LIST, "stiff", position=2, choice=3))


@pytest.mark.parametrize(("position", "choice"), [(0, 1), (1, 0), (-1, 1)])
def test_places_count_from_one(shared: Database, position: int, choice: int) -> None:
    assert is_refused(shared, verdict(LIST, "stiff", "'recommended'"), recommendation(LIST, "stiff", position=position, choice=choice))


def test_modify_names_a_variant_of_the_same_exercise_and_nothing_else_does(shared: Database) -> None:
    assert is_refused(shared, caution("modify", "NULL"))
    assert is_refused(shared, caution("note", "'at-the-wall'"))
    assert is_refused(shared, caution("avoid", "'at-the-wall'"))
    assert is_refused(shared, caution("modify", "'on-forearms-or-fists'"))  # cat/cow has that one
    assert not is_refused(shared, caution("modify", "'at-the-wall'"))
    assert not is_refused(shared, caution("ask-first", "NULL"))


@pytest.mark.parametrize(
    "statement",
    [
        verdict("4711", "stiff", "'avoid'"),
        verdict(LIST, "sprained", "'avoid'"),
        caution("note", "NULL", exercise="4711"),
        caution("note", "NULL", group="astronauts"),
        caution("note", "NULL", source="hearsay"),
        f"INSERT INTO dosage (exercise_id, ordinal, printed_for, source) VALUES ({LIST}, 99, 'x', 'hearsay')",
        f"INSERT INTO exercise_term (exercise_id, term) VALUES ({LIST}, 'region/elbow')",
        f"INSERT INTO exercise_pattern (exercise_id, pattern) VALUES ({LIST}, 'headstand')",
        f"UPDATE exercise SET variant_of_id = 4711 WHERE id = {LIST}",
        "INSERT INTO citation (kind, slug, source) VALUES ('exercise', 'pelvic-list', 'hearsay')",
        "INSERT INTO pattern_contraindication (pattern, type, reason, source) VALUES ('headstand', 'stiff', 'x', 'source-text')",
        "INSERT INTO pattern_contraindication (pattern, type, reason, source) VALUES ('wide-legs', 'sprained', 'x', 'source-text')",
        "INSERT INTO indicator (slug, position, document, revision, type) VALUES ('tired', 9, '{}', 1, 'sprained')",
        "INSERT INTO red_flag (slug, position, document, revision, condition) VALUES ('tired', 9, '{}', 1, 'sprained-ankle')",
        "INSERT INTO word_deletion (deletion, word) VALUES ('lis', 'no-such-word')",
        "DELETE FROM source WHERE slug = 'source-text'",
        "DELETE FROM dysfunction_type WHERE slug = 'unstable'",
        "DELETE FROM movement_pattern WHERE slug = 'wide-legs'",
        "DELETE FROM condition WHERE slug = 'si-joint-dysfunction'",
        "DELETE FROM caution_group WHERE slug = 'pregnant'",
        f"DELETE FROM exercise WHERE id = {FIGURE_4}",
    ],
)
def test_nothing_names_what_does_not_exist(shared: Database, statement: str) -> None:
    assert is_refused(shared, statement.replace(":", r"\:"))


def test_slugs_are_unique(shared: Database) -> None:
    for table in (
        "exercise",
        "dysfunction_type",
        "condition",
        "source",
        "caution_group",
        "movement_pattern",
        "indicator",
        "red_flag",
        "term",
    ):
        with shared.reading() as connection:
            columns = [one["name"] for one in sa.inspect(connection).get_columns(table) if one["name"] != "id"]
        listed = ", ".join(columns)
        assert is_refused(shared, f"INSERT INTO {table} ({listed}) SELECT {listed} FROM {table} LIMIT 1"), table


def test_there_is_one_library(shared: Database) -> None:
    assert is_refused(shared, "INSERT INTO library (id, library_id, revision) VALUES (2, 'another', 1)")


WORDS: list[tuple[str, str, type[StrEnum]]] = [
    ("verdict", "verdict", vocabulary.Verdict),
    ("caution", "action", vocabulary.Action),
    ("exercise", "kind", vocabulary.ExerciseKind),
    ("recommendation", "intensity", vocabulary.Intensity),
    ("dysfunction_type", "tag", vocabulary.Tag),
    ("term", "kind", vocabulary.TermKind),
]


@pytest.mark.parametrize(("table", "column", "words"), WORDS)
def test_words_are_stored_as_they_are_written_and_no_others_are(shared: Database, table: str, column: str, words: type[StrEnum]) -> None:
    with shared.reading() as connection:
        stored = set(connection.execute(sa.text(f"SELECT DISTINCT {column} FROM {table} WHERE {column} IS NOT NULL")).scalars())
    assert stored
    assert stored <= {word.value for word in words}
    for wrong in {word.name for word in words} | {"never-heard-of"}:
        assert is_refused(shared, f"UPDATE {table} SET {column} = '{wrong}'"), wrong


def test_every_constraint_has_a_name_by_which_a_migration_can_find_it(shared: Database) -> None:
    with shared.reading() as connection:
        inspector = sa.inspect(connection)
        for table in inspector.get_table_names():
            if table.startswith(("exercise_search", "alembic_version")):
                continue
            assert inspector.get_pk_constraint(table)["name"] == f"pk_{table}"
            found = [*inspector.get_foreign_keys(table), *inspector.get_unique_constraints(table), *inspector.get_check_constraints(table)]
            assert all(str(one["name"]).startswith(("fk_", "uq_", "ck_")) for one in found), table
