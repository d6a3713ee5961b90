"""Questions that are asked all the time: SQLAlchemy writes their SQL once, and the driver asks it each time.

SQLAlchemy's own way to ask takes longer than the database's to answer. Nothing else of it is passed by: the connection is one that
it lent, and what it reads and writes on it belongs to the same transaction.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from api.store.sqlite import note_the_time

FORMS = 1_000
"""For so many forms of question the statement is kept, and its SQL."""
Row = tuple[Any, ...]
Values = Mapping[str, str | int]
_ANYTHING = sa.select(1)


def rows(connection: sa.Connection, statement: sa.Select[*tuple[Any, ...]], values: Values | None = None) -> list[Row]:
    """Give what a statement finds that takes and gives texts and numbers."""
    sql, names, fixed = _written(statement, connection.dialect)
    given = {**fixed, **values} if values else fixed
    driver: Any = connection.connection.dbapi_connection
    note_the_time(connection)  # SQLAlchemy would have told it
    try:
        found: list[Row] = driver.execute(sql, [given[name] for name in names] if names else given).fetchall()
    except connection.dialect.loaded_dbapi.Error as error:
        raise _in_its_words(connection, error, sql) from error
    return found


def _in_its_words(connection: sa.Connection, error: Exception, sql: str) -> BaseException:
    """Say what went wrong as SQLAlchemy does."""
    dialect = connection.dialect
    if dialect.is_disconnect(error, connection.connection.dbapi_connection, None):  # type: ignore[arg-type]
        # It says so itself as soon as it asks, and lets go of every connection that was made before this one was lost.
        connection.execute(_ANYTHING)
    return sa.exc.DBAPIError.instance(sql, None, error, dialect.loaded_dbapi.Error, hide_parameters=True, dialect=dialect)


def values(connection: sa.Connection, statement: sa.Select[*tuple[Any, ...]], given: Values | None = None) -> list[Any]:
    """Give what a statement of one column finds."""
    return [value for (value,) in rows(connection, statement, given)]


def value(connection: sa.Connection, statement: sa.Select[*tuple[Any, ...]], given: Values | None = None) -> Any:  # noqa: ANN401
    """Give the one value that a statement finds; None where it finds none."""
    return next(iter(values(connection, statement, given)), None)


@lru_cache(FORMS)
def _written(statement: sa.Select[*tuple[Any, ...]], dialect: sa.Dialect) -> tuple[str, Sequence[str] | None, Mapping[str, Any]]:
    """Write a statement's SQL; the names of its parameters where they have an order; the values that it came with."""
    compiled = statement.compile(dialect=dialect)
    came_with: dict[str, Any] = {name: one.effective_value for one, name in compiled.bind_names.items() if not one.required}
    return str(compiled), compiled.positiontup, came_with
