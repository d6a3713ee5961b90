"""Search: by name, alias and search term, forgiving a slip in what nobody knows, and never confusing what everybody knows."""

import json
from collections import Counter
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from api.library.query import CatalogueQuery
from api.library.ranking import Wanted
from api.library.spelling import fold, is_one_slip, joined, reached_by, words
from api.store import catalogue, search, tables
from api.store.engine import Database
from tests.engines import Databases, PostgreSQLServer, SQLiteFiles
from tests.facts import EXERCISES
from tests.plans import explained
from tests.slips import unknown_slips
from tests.writing import SEED, edited, load, retire

SEEDED = {file.stem: yaml.safe_load(file.read_text(encoding="utf-8"))["exercise"] for file in sorted((SEED / "exercises").glob("*.yaml"))}
PHRASES = [
    (slug, phrase) for slug, one in SEEDED.items() for phrase in [one["name"], *one.get("aliases", []), *one.get("search_terms", [])]
]
OWN = [(slug, phrase) for slug, one in SEEDED.items() for phrase in [one["name"], *one.get("aliases", [])]]


def found(connection: sa.Connection, q: str) -> list[str]:
    """Search, and give what is found, best first."""
    listing = catalogue.find(connection, CatalogueQuery(q=q))
    return [str(json.loads(one.document)["slug"]) for one in listing.page.items]


def vocabulary(connection: sa.Connection) -> dict[str, int]:
    return {row.word: row.uses for row in connection.execute(sa.text("SELECT word, uses FROM word"))}


def expected_vocabulary(connection: sa.Connection) -> dict[str, int]:
    """Count the words of what is stored, from the stored records."""
    documents = connection.execute(sa.text("SELECT document FROM exercise WHERE retired_at IS NULL")).scalars()
    uses: Counter[str] = Counter()
    for one in map(json.loads, documents):
        phrases = [words(phrase) for phrase in [one["name"], *one["aliases"], *one["search_terms"]]]
        uses.update({word for phrase in phrases for word in (*phrase, *joined(phrase))})
    return dict(uses)


def is_exact(database: Database) -> bool:
    """Say whether the word table, its index of slips and the full-text index are what the stored exercises make them."""
    with database.reading() as connection:
        known = vocabulary(connection)
        indexed = connection.execute(sa.text("SELECT deletion, word FROM word_deletion")).all()
        rows = connection.execute(sa.text("SELECT rowid FROM exercise_search ORDER BY rowid")).scalars().all()
        live = connection.execute(sa.text("SELECT id FROM exercise WHERE retired_at IS NULL ORDER BY id")).scalars().all()
        wanted = sorted((deletion, word) for word in known for deletion in reached_by(word))
        assert known == expected_vocabulary(connection)
        assert sorted(tuple(row) for row in indexed) == wanted
        assert rows == live
    return True


@pytest.mark.parametrize(("slug", "phrase"), PHRASES)
def test_every_name_alias_and_search_term_finds_its_exercise(shared: Database, slug: str, phrase: str) -> None:
    with shared.reading() as connection:
        asis = found(connection, phrase)
        assert slug in asis
        for other in (phrase.upper(), phrase.title(), f"  {phrase}  ", phrase.replace(" ", "-"), phrase.replace("-", " ")):
            assert found(connection, other) == asis, other


@pytest.mark.parametrize(("slug", "phrase"), OWN)
def test_what_an_exercise_is_called_finds_it_first(shared: Database, slug: str, phrase: str) -> None:
    with shared.reading() as connection:
        assert found(connection, phrase)[0] == slug


@pytest.mark.parametrize(
    ("q", "first"),
    [
        ("hip hike", "pelvic-list"),
        ("hiphike", "pelvic-list"),
        ("catcow", "cat-cow"),
        ("CatCow", "cat-cow"),
        ("cat co", "cat-cow"),
        ("wallsit", "isometric-squats"),
        ("wallsi", "isometric-squats"),
        ("wallsitt", "isometric-squats"),
        ("pelvictilt", "pelvic-tilts"),
        ("pelviclist", "pelvic-list"),
        ("selfmassage", "self-massage"),
        ("figure4", "figure-4-stretch"),
        ("figure 8", None),
        ("figure 44", None),
        ("figure8", None),
        ("figure x", None),
        ("9", None),
        ("x", None),
        ("z", None),
        ("ctt cow", None),
        ("catt cow", None),
        ("wall sit", "isometric-squats"),
        ("pelvic list", "pelvic-list"),
        ("pelvic tilt", "pelvic-tilts"),
        ("pelvic tilts", "pelvic-tilts"),
        ("pelvic lits", "pelvic-list"),
        ("pelvic tlit", "pelvic-tilts"),
        ("pelvci list", "pelvic-list"),
        ("figure 4", "figure-4-stretch"),
        ("figrue 4", "figure-4-stretch"),
        ("figure four", "figure-4-stretch"),
        ("cat/cow", "cat-cow"),
        ("Cat & Cow!", "cat-cow"),
        ("CÁT cöw", "cat-cow"),
        ("marjaryasana", "cat-cow"),
        ("utkatasana", "isometric-squats"),
        ("self masage", "self-massage"),
        ("squ", "isometric-squats"),
        ("isometric squa", "isometric-squats"),
        ("stretch figure", "figure-4-stretch"),
        ("", None),
        ("...", None),
        ("cartwheel", None),
        ("cat cartwheel", None),
    ],
)
def test_the_right_exercise_comes_first(shared: Database, q: str, first: str | None) -> None:
    with shared.reading() as connection:
        assert next(iter(found(connection, q)), None) == first


def test_pelvic_list_and_pelvic_tilt_never_stand_in_for_each_other(shared: Database) -> None:
    with shared.reading() as connection:
        for q in ("pelvic list", "PELVIC LIST", "list", "pelvic-list", "list pelvic", "hip list", "pelviclist", "pelviclst"):
            assert "pelvic-tilts" not in found(connection, q), q
        for q in ("pelvic tilt", "tilt", "tilts", "pelvic tilts", "posterior pelvic tilt", "til", "pelvictilt", "pelvictlt"):
            assert "pelvic-list" not in found(connection, q), q


def test_a_known_word_is_never_corrected(shared: Database) -> None:
    with shared.reading() as connection:
        for word in vocabulary(connection):
            assert search.understand(connection, word) == [Wanted((word,), prefix=True)]
            understood = search.understand(connection, f"{word} cat")
            assert understood is not None
            assert understood[0] in (Wanted((word,), prefix=False), Wanted((word, f"{word}cat"), prefix=False))


def test_the_last_word_may_be_a_beginning(shared: Database) -> None:
    with shared.reading() as connection:
        for slug, phrase in OWN:
            spoken = words(phrase)
            for length in range(1, len(spoken[-1]) + 1):
                assert slug in found(connection, " ".join([*spoken[:-1], spoken[-1][:length]])), f"{phrase} {length}"


def test_one_slip_in_a_word_that_nobody_knows_is_forgiven(shared: Database) -> None:
    with shared.reading() as connection:
        known = vocabulary(connection)
        for slug, phrase in OWN:
            for word in [word for word in words(phrase) if reached_by(word)]:
                for slip in unknown_slips(word, known)[:: 9 if len(word) > 6 else 5]:
                    assert slug in found(connection, fold(phrase).replace(word, slip, 1)) or word not in fold(phrase), f"{phrase}: {slip}"


def test_every_slip_of_every_known_word_is_understood_as_that_word(shared: Database) -> None:
    with shared.reading() as connection:
        known = vocabulary(connection)
        for word in [word for word in known if reached_by(word)]:
            for slip in unknown_slips(word, known)[::7]:
                understood = search.understand(connection, slip) or []
                assert len(understood) == 1, f"{slip} for {word}"
                assert word in understood[0].words, f"{slip} for {word}"
                assert all(is_one_slip(slip, one) for one in understood[0].words)


NERVES = (
    "exercises:\n  - {slug: l4, name: L4 nerve glide}\n  - {slug: l5-s1, name: L5-S1 nerve glide}\n  - {slug: t12, name: T12 rotation}\n"
)


def test_no_level_of_the_spine_stands_in_for_another(database: Database) -> None:
    load(database, NERVES)
    with database.reading() as connection:
        assert found(connection, "L4 nerve glide") == found(connection, "l4 nerv glide") == found(connection, "l4nerve") == ["l4"]
        assert found(connection, "L5 nerve glide") == ["l5-s1"]
        for q in ("L3 nerve glide", "L nerve glde 4", "L44 nerve glide", "S2 nerve glide", "T1O rotation", "T11 rotation", "l3nerve"):
            assert found(connection, q) == [], q


TWO_WAYS = [("Push-up", "pushup"), ("Sit up", "situp"), ("Pulldown", "pull down"), ("Bodyweight squat", "body weight squat")]


@pytest.mark.parametrize(("stored", "other"), [*TWO_WAYS, *((other, stored) for stored, other in TWO_WAYS)])
def test_one_word_or_two_find_the_same(database: Database, stored: str, other: str) -> None:
    load(
        database,
        "exercises:\n"
        f"  - {{slug: meant, name: {stored}}}\n"
        f"  - {{slug: longer, name: 'Wide {stored} with a pause'}}\n"
        "  - {slug: pull, name: Pull through}\n  - {slug: down, name: Down dog with weight}\n",
    )
    assert is_exact(database)
    with database.reading() as connection:
        for q in (stored, other, other.upper()):
            assert found(connection, q)[:2] == ["meant", "longer"], q
            assert {"meant", "longer"} <= set(found(connection, q[:-1])), q


@pytest.mark.parametrize(
    ("stored", "q"),
    [
        ("TheraBand™ row", "theraband row"),
        ("𝗕𝗜𝗥𝗗 𝗗𝗢𝗚", "bird dog"),
        ("Kalça sıkıştırma", "KALÇA SIKIŞTIRMA"),
        ("Bækkenløft", "bakkenloft"),
        ("Pel\u00advic clock", "pelvic clock"),
        ("Child’s pose", "childs pose"),
        ("Childs pose", "childʼs pose"),
    ],
)
def test_what_is_written_in_other_letters_is_found(database: Database, stored: str, q: str) -> None:
    load(database, yaml.safe_dump({"exercise": {"slug": "meant", "name": stored}}))
    with database.reading() as connection:
        assert found(connection, q) == found(connection, stored)
        assert found(connection, q)[0] == "meant"


def test_two_slips_are_not_forgiven(shared: Database) -> None:
    with shared.reading() as connection:
        known = vocabulary(connection)
        for word in [word for word in known if len(word) >= 6]:
            for typed in (f"{word[0]}zz{word[1:]}", f"{word[0]}q{word[2:-1]}q", word[2:] + word[:2], f"{word}xx"):
                understood = search.understand(connection, typed)
                assert understood is None or all(is_one_slip(typed, one) for one in understood[0].words), typed
                assert is_one_slip(typed, word) or understood is None or word not in understood[0].words, typed


METACHARACTERS = [
    '"',
    "*",
    "OR",
    "NEAR",
    "NEAR(cat cow)",
    ":*",
    "&",
    "'",
    "\\",
    "|",
    "!",
    "<->",
    "(",
    ")",
    "^",
    "name:",
    "{name}:",
    "+",
    "-",
    "%",
    "_",
    ";",
    "--",
    "\x00",
]


@pytest.mark.parametrize("odd", METACHARACTERS)
def test_what_means_something_to_a_search_engine_means_nothing_here(shared: Database, odd: str) -> None:
    meant = words(odd)
    with shared.reading() as connection:
        for q in (odd, f"cat{odd}", f"{odd}cat", f"cat {odd} cow", f"{odd} cat cow {odd}", odd * 3):
            assert found(connection, q) == found(connection, " ".join(words(q))), q
        if not meant:
            assert found(connection, f"cat {odd} cow") == ["cat-cow"]
        for word in ("or", "and", "not", "near"):
            assert "self-massage" not in found(connection, f"cat {word} massage"), word


@given(q=st.text(max_size=200))
@example(q="\ufb01gure \uff14")
@settings(max_examples=50)
def test_no_question_breaks_the_search(shared: Database, q: str) -> None:
    with shared.reading() as connection:
        assert set(found(connection, q)) <= set(EXERCISES)


def test_both_engines_find_the_same_in_the_same_order(sqlite: SQLiteFiles, postgresql: PostgreSQLServer) -> None:
    answers: list[dict[str, list[str]]] = []
    for databases in (sqlite, postgresql):
        database = Database(databases.seeded())
        with database.reading() as connection:
            known = sorted(vocabulary(connection))
            slips = [slip for word in known for slip in unknown_slips(word, known)[::29]]
            asked = [phrase for _, phrase in PHRASES] + known + [word[:3] for word in known] + slips
            answers.append({q: found(connection, q) for q in asked})
        database.close()
    assert answers[0] == answers[1]


def test_a_written_word_is_known_at_once_and_a_gone_one_no_longer(database: Database) -> None:
    with database.reading() as connection:
        before = vocabulary(connection)
    load(database, edited("exercises/cat-cow.yaml", "exercise", name="Zebra crossing", aliases=["cat-cow"], search_terms=[]))
    assert is_exact(database)
    with database.reading() as connection:
        after = vocabulary(connection)
        assert found(connection, "zebra") == found(connection, "zebar") == ["cat-cow"]
        assert found(connection, "marjaryasana") == found(connection, "marjaryasan") == []
        assert search.understand(connection, "marjaryasana") is None
    assert before["marjaryasana"] == 1
    assert "marjaryasana" not in after
    assert (before["all"], after.get("all")) == (1, None)
    assert after["pelvic"] == before["pelvic"] - 1


def test_a_retired_exercise_is_found_no_longer_and_its_words_are_forgotten(database: Database) -> None:
    retire(database, "figure-4-stretch")
    assert is_exact(database)
    with database.reading() as connection:
        assert found(connection, "figure 4") == found(connection, "pigeon") == []
        assert search.understand(connection, "pigeon") is None
    load(database, edited("exercises/figure-4-stretch.yaml", "exercise"))
    assert is_exact(database)
    with database.reading() as connection:
        assert found(connection, "pigeon") == ["figure-4-stretch"]


def test_words_are_counted_right_whatever_is_written(database: Database) -> None:
    assert is_exact(database)
    for n in range(4):
        many = "".join(f"  - {{slug: made-{m}, name: Made {m % 3}, aliases: [shared {n}, own {n} {m}]}}\n" for m in range(20 + n))
        load(database, f"exercises:\n{many}")
        assert is_exact(database)
    for m in range(0, 20, 3):
        retire(database, f"made-{m}")
    assert is_exact(database)


def _made_word(n: int) -> str:
    """Write a number in letters."""
    return "".join("bcdfghjklm"[int(digit)] for digit in f"{n * 7919 % 10**6:06}")


@pytest.fixture(scope="module")
def large(databases: Databases) -> Iterator[Database]:
    """A library whose vocabulary has 100,000 words more."""
    url = databases.seeded()
    database = Database(url)
    with database.writing() as session:
        connection = session.connection()
        connection.execute(sa.insert(tables.Word), [{"word": _made_word(n), "uses": 1} for n in range(100_000)])
        # One letter of each is enough to fill the index; the words of the seed have all of theirs.
        shortened = "INSERT INTO word_deletion (deletion, word) SELECT substr(word, 2), word FROM word WHERE uses = 1"
        connection.execute(sa.text(f"{shortened} ON CONFLICT DO NOTHING"))
        if database.is_postgresql:
            connection.execute(sa.text("ANALYZE"))
    yield database
    database.close()
    databases.drop(url)


def test_in_a_hundred_thousand_words_what_was_meant_is_looked_up_in_an_index(large: Database) -> None:
    with large.reading() as connection:
        assert connection.execute(sa.text("SELECT count(*) FROM word")).scalar_one() > 100_000
        assert connection.execute(sa.text("SELECT count(*) FROM word_deletion")).scalar_one() > 100_000
        for q in ("marjaryasana", "marjaryasna", "pelvic lits", "utkatassana hike"):
            plans: list[str] = []
            with explained(connection, plans):
                assert search.understand(connection, q) is not None, q
            assert plans
            for plan in plans:
                assert ("Index" in plan) if large.is_postgresql else ("SEARCH" in plan), plan
                assert "Seq Scan" not in plan, plan
                assert "SCAN" not in plan, plan
        assert found(connection, "marjaryasna") == ["cat-cow"]
        assert found(connection, "pelvic lits")[0] == "pelvic-list"
