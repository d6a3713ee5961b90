"""What is asked at once is answered from one state, and what needs more is asked again, in a transaction."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from api.errors import Unavailable
from api.library.query import CatalogueQuery
from api.store import asking, catalogue
from api.store.asking import Asking
from api.store.engine import Database

REVISION = sa.select(sa.literal_column("revision", sa.Integer)).select_from(sa.text("library"))
SLOW = sa.select(sa.literal_column("1", sa.Integer)).select_from(sa.text("pg_sleep(0.5)"))
Write = Callable[[], None]


@pytest.fixture
def url(on_postgresql: str) -> str:
    """Have `database` on PostgreSQL."""
    return on_postgresql


@pytest.fixture
def write(url: str) -> Iterator[Write]:
    """Raise the revision as another process would."""
    other = Database(url)

    def once() -> None:
        with other.writing() as session:
            session.connection().execute(sa.text("UPDATE library SET revision = revision + 1"))

    yield once
    other.close()


def rounds(write: Write, seen: list[int]) -> Asking[tuple[int, int]]:
    """Ask twice, while somebody writes."""
    [[(first,)]] = yield [(REVISION, {})]
    seen.append(first)
    write()
    [[(second,)]] = yield [(REVISION, {})]
    return first, second


def test_statements_asked_at_once_see_one_state(database: Database, write: Write) -> None:
    def part() -> Asking[tuple[int, int]]:
        [(before,)], _, [(after,)] = yield [(REVISION, {}), (SLOW, {}), (REVISION, {})]
        return before, after

    def write_soon() -> None:
        time.sleep(0.2)
        write()

    with ThreadPoolExecutor(1) as another:
        with database.reading() as connection:
            waiting = another.submit(write_soon)
            before, after = asking.answered(connection, part, alone=True)
        waiting.result()
        with database.reading() as connection:
            now = asking.value(connection, REVISION)
    assert before == after == now - 1


def test_what_needs_more_is_begun_anew_and_sees_one_state(database: Database, write: Write) -> None:
    seen: list[int] = []
    with database.reading() as connection:
        first, second = asking.answered(connection, lambda: rounds(write, seen), alone=True)
    assert first == second
    assert seen == [first - 1, first], "what was seen at once, and what was seen in the transaction"


def test_a_part_that_asks_by_itself_needs_more(database: Database, write: Write) -> None:
    def part(connection: sa.Connection) -> Asking[tuple[int, int]]:
        first = asking.value(connection, REVISION)
        write()
        [[(second,)]] = yield [(REVISION, {})]
        return first, second

    with database.reading() as connection:
        first, second = asking.answered(connection, lambda: part(connection), alone=True)
    assert first == second


def test_what_is_asked_later_is_asked_in_a_transaction_again(database: Database, write: Write) -> None:
    for _ in range(2):
        with database.reading() as connection:
            assert catalogue.find(connection, CatalogueQuery(types=("stiff",)), alone=True).page.items
            before = asking.value(connection, REVISION)
            write()
            assert asking.value(connection, REVISION) == before
        with database.reading() as connection:
            assert asking.value(connection, REVISION) == before + 1


def test_nothing_is_asked_at_once_within_a_transaction(database: Database, write: Write) -> None:
    seen: list[int] = []
    with database.reading() as connection:
        before = asking.value(connection, REVISION)
        assert asking.answered(connection, lambda: rounds(write, seen), alone=True) == (before, before)
    assert seen == [before]


def test_a_mistake_or_a_lost_connection_leaves_none_that_writes_without_a_transaction(database: Database) -> None:
    wrong = sa.select(sa.literal_column("nothing", sa.Integer)).select_from(sa.text("nowhere"))

    def part(statement: asking.Statement) -> Asking[None]:
        yield [(statement, {}), (REVISION, {})]

    def write_half() -> None:
        with database.writing() as session:
            session.connection().execute(sa.text("UPDATE library SET revision = revision + 1"))
            raise ZeroDivisionError

    ended = sa.select(sa.literal_column("1", sa.Integer)).select_from(sa.text("pg_terminate_backend(pg_backend_pid())"))
    for statement in (wrong, ended):
        with pytest.raises(Unavailable), database.reading() as connection:
            asking.answered(connection, lambda: part(statement), alone=True)  # noqa: B023
        with database.reading() as connection:
            before = asking.value(connection, REVISION)
        with pytest.raises(ZeroDivisionError):
            write_half()
        with database.reading() as connection:
            assert asking.value(connection, REVISION) == before
