"""Counting that never costs a scan."""

import sqlalchemy as sa

from api.library.query import COUNTED


def counted(rows: sa.FromClause) -> sa.Select[int]:
    """Build the statement that counts rows, and stops one beyond what is worth counting."""
    return sa.select(sa.func.count()).select_from(rows)


def count(connection: sa.Connection, statement: sa.Select[int]) -> int | None:
    """Count exactly what a statement selects, or give None where there is more than is worth counting."""
    number = connection.execute(counted(statement.limit(COUNTED + 1).subquery())).scalar_one()
    return number if number <= COUNTED else None
