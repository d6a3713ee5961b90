"""Questions that are asked all the time: SQLAlchemy writes their SQL once, and the driver asks it each time.

SQLAlchemy's own way to ask takes longer than the database's to answer. Nothing else of it is passed by: the connection is one that
it lent, and what it reads and writes on it belongs to the same transaction.
"""

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

import sqlalchemy as sa

from api.store.sqlite import note_the_time

if TYPE_CHECKING:
    import psycopg

FORMS = 1_000
"""For so many forms of question the statement is kept, and its SQL."""
Row = tuple[Any, ...]
Values = Mapping[str, str | int]
Statement = sa.Select[*tuple[Any, ...]]
"""A statement whose columns depend on what is asked."""
Asked = tuple[Statement, Values]
One = TypeVar("One")
Other = TypeVar("Other")
Asking = Generator[Sequence[Asked], list[list[Row]], One]
"""A part of an answer: it yields what it asks, is sent what each statement found, and returns the part."""
_ANYTHING = sa.select(1)
_MAY_ASK = "may ask"
_IDLE = 0
"""Of `psycopg.pq.TransactionStatus`, which takes long to import."""


def rows(connection: sa.Connection, statement: Statement, values: Values | None = None) -> list[Row]:
    """Give what a statement finds that takes and gives texts and numbers."""
    sql, given = _told(connection, statement, values)
    with _driver(connection, sql) as driver:
        found: list[Row] = driver.execute(sql, given).fetchall()
    return found


def several(connection: sa.Connection, asked: Sequence[Asked]) -> list[list[Row]]:
    """Give what each of some statements finds; PostgreSQL is told all of them at once, because a round trip takes longer than an answer."""
    if len(asked) == 1 or connection.dialect.name == "sqlite":
        return [rows(connection, statement, values) for statement, values in asked]
    told = [_told(connection, statement, values) for statement, values in asked]
    with _driver(connection, "; ".join(sql for sql, _ in told)) as driver:
        with driver.pipeline():
            cursors = [driver.execute(sql, given) for sql, given in told]
        return [cursor.fetchall() for cursor in cursors]


def answered(connection: sa.Connection, part: Callable[[], Asking[One]], *, alone: bool = False) -> One:
    """Ask what a part of an answer needs, as often as it needs more, and give that part.

    Where it is `alone`, nothing else is asked for the same answer. Then PostgreSQL is told the first statements without a transaction
    around them, which costs it as much as they do, and answers them from one state all the same. What turns out to need more is begun
    anew, within a transaction.
    """
    if alone and connection.dialect.name == "postgresql" and _psycopg(connection).pgconn.transaction_status == _IDLE:
        with suppress(_AskedAgainError), _once(connection):
            return _driven(connection, part())
    return _driven(connection, part())


def _driven(connection: sa.Connection, part: Asking[One]) -> One:
    try:
        asked = next(part)
        while True:
            asked = part.send(several(connection, asked))
    except StopIteration as finished:
        found: One = finished.value
        return found


class _AskedAgainError(Exception):
    """What was to be asked once needs more."""


@contextmanager
def _once(connection: sa.Connection) -> Iterator[None]:
    """Have the driver ask once, without a transaction. Raises _AskedAgainError when it should ask again."""
    driver, info = _psycopg(connection), connection.info
    driver.autocommit, info[_MAY_ASK] = True, True
    try:
        yield
    finally:
        info.pop(_MAY_ASK, None)  # SQLAlchemy empties it where the connection was lost
        if driver.pgconn.transaction_status == _IDLE:
            driver.autocommit = False


def _psycopg(connection: sa.Connection) -> "psycopg.Connection":
    driver: Any = connection.connection.dbapi_connection
    return cast("psycopg.Connection", driver)


def beside(one: Asking[One], other: Asking[Other]) -> Asking[tuple[One, Other]]:
    """Join two parts of an answer, so that what both need is asked together."""
    first, second = _Part(one), _Part(other)
    while asked := [*first.asked, *second.asked]:
        found = yield asked
        number = len(first.asked)
        first.hear(found[:number])
        second.hear(found[number:])
    return first.given[0], second.given[0]


class _Part(Generic[One]):
    """A part of an answer on its way: what it asks next, and what it gives once it asks nothing more."""

    def __init__(self, part: Asking[One]) -> None:
        self._part = part
        self.asked: Sequence[Asked] = ()
        self.given: list[One] = []
        self._go_on(None)

    def hear(self, found: list[list[Row]]) -> None:
        if self.asked:
            self._go_on(found)

    def _go_on(self, found: list[list[Row]] | None) -> None:
        try:
            self.asked = next(self._part) if found is None else self._part.send(found)
        except StopIteration as finished:
            self.asked = ()
            self.given.append(finished.value)


def _told(connection: sa.Connection, statement: Statement, values: Values | None) -> tuple[str, Sequence[Any] | Mapping[str, Any]]:
    """Give a statement's SQL, and the values in the form in which the driver takes them."""
    sql, names, fixed = _written(statement, connection.dialect)
    given = {**fixed, **values} if values else fixed
    return sql, [given[name] for name in names] if names else given


@contextmanager
def _driver(connection: sa.Connection, sql: str) -> Iterator[Any]:
    """Lend the driver's own connection; what goes wrong with it is told in SQLAlchemy's words."""
    note_the_time(connection)  # SQLAlchemy would have told it
    if _MAY_ASK in connection.info:
        if not connection.info[_MAY_ASK]:
            raise _AskedAgainError
        connection.info[_MAY_ASK] = False
    try:
        yield connection.connection.dbapi_connection
    except connection.dialect.loaded_dbapi.Error as error:
        raise _in_its_words(connection, error, sql) from error


def _in_its_words(connection: sa.Connection, error: Exception, sql: str) -> BaseException:
    """Say what went wrong as SQLAlchemy does."""
    dialect = connection.dialect
    if dialect.is_disconnect(error, connection.connection.dbapi_connection, None):  # type: ignore[arg-type]
        # It says so itself as soon as it asks, and lets go of every connection that was made before this one was lost.
        connection.execute(_ANYTHING)
    return sa.exc.DBAPIError.instance(sql, None, error, dialect.loaded_dbapi.Error, hide_parameters=True, dialect=dialect)


def values(connection: sa.Connection, statement: Statement, given: Values | None = None) -> list[Any]:
    """Give what a statement of one column finds."""
    return [value for (value,) in rows(connection, statement, given)]


def value(connection: sa.Connection, statement: Statement, given: Values | None = None) -> Any:  # noqa: ANN401
    """Give the one value that a statement finds; None where it finds none."""
    return next(iter(values(connection, statement, given)), None)


@lru_cache(FORMS)
def _written(statement: Statement, dialect: sa.Dialect) -> tuple[str, Sequence[str] | None, Mapping[str, Any]]:
    """Write a statement's SQL; the names of its parameters where they have an order; the values that it came with."""
    compiled = statement.compile(dialect=dialect)
    came_with: dict[str, Any] = {name: one.effective_value for one, name in compiled.bind_names.items() if not one.required}
    return str(compiled), compiled.positiontup, came_with
