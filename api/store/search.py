"""Full-text search by each engine's own machinery: SQLite's FTS5, PostgreSQL's tsvector with GIN.

Words are folded and split by the program, so both engines index the same words; what a slip meant is looked up in the
catalogue's own vocabulary, through an index of words with one letter missing, so its size doesn't matter.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cache, lru_cache
from typing import NamedTuple

import sqlalchemy as sa
from sqlmodel import col

from api.library.exercise_draft import ExerciseDraft
from api.library.query import COUNTED
from api.library.ranking import Phrases, Wanted, compounds, is_whole, phrases, whole, whole_phrases
from api.library.spelling import deletions, joined, may_be_meant, reached_by, words
from api.store import asking
from api.store.documents import chunks
from api.store.tables import Word, WordDeletion, of

_word = of(Word).c
SEPARATOR = "\n"
FIELDS = frozenset({"name", "aliases", "search_terms"})
"""The only fields that an exercise is found by."""
_COMPOUNDS = "\n\n"
"""Separates the terms of a row from its compounds, which are search words and no phrase."""
_FEW = 50

exercise_search = sa.table(
    "exercise_search", sa.column("rowid", sa.Integer), sa.column("name"), sa.column("alias"), sa.column("term"), sa.column("words")
)


def understand(connection: sa.Connection, q: str) -> list[Wanted] | None:
    """Read a question as words of the catalogue; None where a word is unknown and nothing is one slip away."""
    typed = words(q)
    # Two typed words may make up known ones together: `pull`, `down` → `pulldown`.
    pairs = [_meant(connection, pair, prefix=n == len(typed) - 2, limit=_FEW) for n, pair in enumerate(joined(typed))]
    around = [{*before, *after} for before, after in zip([(), *pairs], [*pairs, ()], strict=True)]
    wanted = [_wanted(connection, word, around[n], prefix=n == len(typed) - 1) for n, word in enumerate(typed)]
    understood = [word for word in wanted if word is not None]
    return understood if typed and len(understood) == len(wanted) else None


def _wanted(connection: sa.Connection, word: str, compounds_: Collection[str], *, prefix: bool) -> Wanted | None:
    if compounds_ or _meant(connection, word, prefix=prefix):
        return Wanted((word, *sorted(compounds_)), prefix)
    slips = sorted(found for found in _candidates(connection, word) if may_be_meant(word, found))
    return Wanted(tuple(slips), prefix=False) if slips else None


def _meant(connection: sa.Connection, word: str, *, prefix: bool, limit: int = 1) -> list[str]:
    """Give words of the catalogue that are this one, or begin with it."""
    return asking.values(connection, _statement(None, prefix=prefix, limit=limit), _from(word, prefix=prefix))


def _uses(connection: sa.Connection, total: str, word: str, *, prefix: bool) -> int:
    """Give in how many exercises the words are that are this one, or begin with it: the `max` or the `sum` of their numbers."""
    return asking.value(connection, _statement(total, prefix=prefix), _from(word, prefix=prefix)) or 0


def _from(word: str, *, prefix: bool) -> asking.Values:
    return {"word": word, "after_all_it_begins": word[:-1] + chr(ord(word[-1]) + 1)} if prefix else {"word": word}


@cache
def _statement(total: str | None, *, prefix: bool, limit: int = 1) -> asking.Statement:
    begins = sa.and_(_word.word >= sa.bindparam("word"), _word.word < sa.bindparam("after_all_it_begins"))
    asked = sa.select(getattr(sa.func, total)(_word.uses) if total else _word.word)
    return asked.where(begins if prefix else _word.word == sa.bindparam("word")).limit(limit)


def in_at_least(connection: sa.Connection, wanted: Wanted) -> int:
    """Give a lower bound for the exercises with a word: the number for the most frequent word it may stand for."""
    return max(_uses(connection, "max", word, prefix=wanted.prefix) for word in wanted.words)


def is_rare(connection: sa.Connection, wanted: Sequence[Wanted]) -> bool:
    """Say whether so few exercises have every word that it is best to find them first and sort them then."""
    return any(sum(_uses(connection, "sum", spelling, prefix=word.prefix) for spelling in word.words) <= COUNTED for word in wanted)


def in_order(*, rare: bool) -> sa.ColumnElement[int]:
    """Give the order by id. PostgreSQL would look for a rare word by going through all in that order, if the index offered it."""
    return exercise_search.c.rowid + 0 if rare else exercise_search.c.rowid


def _candidates(connection: sa.Connection, word: str) -> list[str]:
    values = {f"deletion_{n}": deletion for n, deletion in enumerate(sorted(deletions(word)))}
    return asking.values(connection, _with_deletions(len(values)), values)


@lru_cache(asking.FORMS)
def _with_deletions(number: int) -> sa.Select[str]:
    any_of_them = col(WordDeletion.deletion).in_([sa.bindparam(f"deletion_{n}") for n in range(number)])
    return sa.select(col(WordDeletion.word)).where(any_of_them).distinct()


def matches(dialect: str) -> sa.ColumnElement[bool]:
    """Require every word of the parameter `words`, a text as `text` writes it."""
    words_ = sa.bindparam("words", type_=sa.String)
    if dialect == "sqlite":
        return sa.literal_column("exercise_search").op("MATCH", is_comparison=True)(words_)
    return exercise_search.c.words.op("@@", is_comparison=True)(words_.op("::")(sa.literal_column("tsquery")))


def first_matches(dialect: str, *, rare: bool, limit: int = COUNTED) -> sa.Select[int]:
    """Give the first of those that match, by id."""
    return sa.select(exercise_search.c.rowid).where(matches(dialect)).order_by(in_order(rare=rare)).limit(limit)


def text(connection: sa.Connection, wanted: Sequence[Wanted]) -> str:
    """Write what is wanted in the engine's own language."""
    dialect = connection.dialect.name
    alternatives = (_written_out(connection, word) for word in wanted)
    return _LANGUAGES[dialect].every.join(f"({_any_of(dialect, found.words, prefix=found.prefix)})" for found in alternatives)


def _written_out(connection: sa.Connection, wanted: Wanted) -> Wanted:
    """Spell out the words that a prefix begins, where they are few: an engine gives no match before it has all of the prefix."""
    if not wanted.prefix:
        return wanted
    begun = {known for word in wanted.words for known in _meant(connection, word, prefix=True, limit=_FEW + 1)}
    return wanted if len(begun) > _FEW else Wanted(tuple(sorted(begun)), prefix=False)


class _Language(NamedTuple):
    """How an engine writes what is wanted."""

    every: str
    either: str
    word: str
    beginning: str


_LANGUAGES = {"sqlite": _Language(" AND ", " OR ", '"{}"', '"{}"*'), "postgresql": _Language(" & ", " | ", "'{}'", "'{}':*")}


def _any_of(dialect: str, words_: Iterable[str], *, prefix: bool = False) -> str:
    language = _LANGUAGES[dialect]
    return language.either.join((language.beginning if prefix else language.word).format(word) for word in words_)


def called(connection: sa.Connection, names: Iterable[str]) -> dict[int, Phrases]:
    """Give the exercises of which a name or an alias is one of these, folded; some that are only called alike may be among them."""
    found: dict[int, Phrases] = {}
    for chunk in chunks(sorted({key for name in names if (key := whole(name))})):
        found |= _phrases(connection, matches(connection.dialect.name), {"words": _any_of(connection.dialect.name, chunk)})
    return found


def found_by(connection: sa.Connection, ids: Sequence[int]) -> dict[int, Phrases]:
    """Give what each exercise is found by."""
    return _phrases(connection, exercise_search.c.rowid.in_(ids), {})


def _phrases(connection: sa.Connection, which: sa.ColumnElement[bool], values: asking.Values) -> dict[int, Phrases]:
    columns = exercise_search.c
    rows = connection.execute(sa.select(columns.rowid, columns.name, columns.alias, columns.term).where(which), values)
    return {id_: phrases_of(*by) for id_, *by in rows}


def index(connection: sa.Connection, removed: Mapping[int, ExerciseDraft], added: Mapping[int, ExerciseDraft]) -> None:
    """Bring the index from what exercises were found by to what they are found by now."""
    if removed:
        connection.execute(sa.delete(exercise_search).where(exercise_search.c.rowid.in_(removed)))
    fill(connection, added)
    _count(connection, uses(added.values()), uses(removed.values()))


def fill(connection: sa.Connection, added: Mapping[int, ExerciseDraft]) -> None:
    """Put exercises into the index, whose words are counted already."""
    rows = [{"rowid": id_, **row_of(draft)} for id_, draft in added.items()]
    if rows:
        connection.execute(_insert(connection.dialect.name), rows)


def to_be_found_by(draft: ExerciseDraft) -> Phrases:
    """Give what an exercise is to be found by: what `found_by` gives where all is well."""
    row = row_of(draft)
    return phrases_of(row["name"], row["alias"], row["term"])


def phrases_of(name: str, alias: str, term: str) -> Phrases:
    """Read a row of the index."""
    return Phrases(name, tuple(alias.split(SEPARATOR)), tuple(term.partition(_COMPOUNDS)[0].split(SEPARATOR)))


def row_of(draft: ExerciseDraft) -> dict[str, str]:
    """Give an exercise's row of the index; its words but for whole phrases are words of the catalogue."""
    found = phrases(draft.name, filter(words, draft.aliases), filter(words, draft.search_terms))
    terms = SEPARATOR.join(found.terms) + _COMPOUNDS + " ".join([*compounds(found), *whole_phrases(found)])
    return {"name": found.name, "alias": SEPARATOR.join(found.aliases), "term": terms}


def _insert(dialect: str) -> sa.Executable:
    if dialect == "sqlite":
        return sa.text("INSERT INTO exercise_search (rowid, name, alias, term) VALUES (:rowid, :name, :alias, :term)")
    # The words are split already, so they become the vector as they are: no parser and no dictionary of the server's touches them.
    return sa.text(
        "INSERT INTO exercise_search (rowid, name, alias, term, words) VALUES (:rowid, :name, :alias, :term, "
        r"array_to_tsvector(array_remove(regexp_split_to_array(:name || ' ' || :alias || ' ' || :term, '\s+'), '')))"
    )


def uses(drafts: Iterable[ExerciseDraft]) -> Counter[str]:
    """Count in how many exercises each word is."""
    spoken = (word for draft in drafts for word in set(" ".join(row_of(draft).values()).split()))
    return Counter(word for word in spoken if not is_whole(word))


def _count(connection: sa.Connection, added: Counter[str], removed: Counter[str]) -> None:
    change = Counter(added)
    change.subtract(removed)
    touched = sorted(word for word, uses in change.items() if uses)
    for chunk in chunks(touched):
        _count_chunk(connection, {word: change[word] for word in chunk})


def _count_chunk(connection: sa.Connection, change: Mapping[str, int]) -> None:
    statement = sa.select(col(Word.word), col(Word.uses)).where(col(Word.word).in_(change))
    known = {row.word: row.uses for row in connection.execute(statement)}
    now = {word: known.get(word, 0) + more for word, more in change.items()}
    gone = [word for word, count in now.items() if count <= 0]
    new = [word for word, count in now.items() if count > 0 and word not in known]
    kept = [{"w": word, "n": count} for word, count in now.items() if count > 0 and word in known]
    if gone:
        connection.execute(sa.delete(WordDeletion).where(col(WordDeletion.word).in_(gone)))
        connection.execute(sa.delete(Word).where(col(Word.word).in_(gone)))
    if kept:
        connection.execute(sa.update(Word).where(col(Word.word) == sa.bindparam("w")).values(uses=sa.bindparam("n")), kept)
    if new:
        connection.execute(sa.insert(Word), [{"word": word, "uses": now[word]} for word in new])
        reached = [{"deletion": deletion, "word": word} for word in new for deletion in sorted(reached_by(word))]
        if reached:
            connection.execute(sa.insert(WordDeletion), reached)
