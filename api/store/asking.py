"""Questions that are asked all the time: SQLAlchemy writes their SQL once, and the driver asks it each time.

SQLAlchemy's own way to ask takes longer than the database's to answer. Nothing else of it is passed by: the connection is the
one that it lent, in the transaction that it began.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from api.store.sqlite import note_the_time

FORMS = 1_000
"""For so many forms of question the statement is kept, and its SQL."""
Row = tuple[Any, ...]
_ANYTHING = sa.select(1)


def rows(connection: sa.Connection, statement: sa.Select[*tuple[Any, ...]], values: Mapping[str, str | int] | None = None) -> list[Row]:
    """Give what a statement finds that takes and gives texts and numbers."""
    if not connection.in_transaction():
        connection.begin()
    sql, compiled = _written(statement, connection.dialect)
    given = compiled.construct_params(values)
    cursor: Any = connection.connection.cursor()
    note_the_time(connection)  # SQLAlchemy would have told it
    try:
        cursor.execute(sql, [given[name] for name in compiled.positiontup] if compiled.positiontup else given)
        found: list[Row] = cursor.fetchall()
    except connection.dialect.loaded_dbapi.Error as error:
        raise _in_its_words(connection, error, sql) from error
    finally:
        cursor.close()
    return found


def _in_its_words(connection: sa.Connection, error: Exception, sql: str) -> BaseException:
    """Say what went wrong as SQLAlchemy does."""
    dialect = connection.dialect
    if dialect.is_disconnect(error, connection.connection.driver_connection, None):  # type: ignore[arg-type]
        # It says so itself as soon as it asks, and lets go of every connection that was made before this one was lost.
        connection.execute(_ANYTHING)
    return sa.exc.DBAPIError.instance(sql, None, error, dialect.loaded_dbapi.Error, hide_parameters=True, dialect=dialect)


def values(connection: sa.Connection, statement: sa.Select[*tuple[Any, ...]], given: Mapping[str, str | int] | None = None) -> list[Any]:
    """Give what a statement of one column finds."""
    return [value for (value,) in rows(connection, statement, given)]


def value(connection: sa.Connection, statement: sa.Select[*tuple[Any, ...]], given: Mapping[str, str | int] | None = None) -> Any:  # noqa: ANN401
    """Give the one value that a statement finds; None where it finds none."""
    return next(iter(values(connection, statement, given)), None)


@lru_cache(FORMS)
def _written(statement: sa.Select[*tuple[Any, ...]], dialect: sa.Dialect) -> tuple[str, Any]:
    compiled = statement.compile(dialect=dialect)
    return str(compiled), compiled
