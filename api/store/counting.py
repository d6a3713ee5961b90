"""Counting that never costs a scan."""

import sqlalchemy as sa

from api.library.query import COUNTED


def count(connection: sa.Connection, statement: sa.Select[tuple[int]]) -> int | None:
    """Count exactly what a statement selects, or give None where there is more than is worth counting."""
    counted = connection.execute(sa.select(sa.func.count()).select_from(statement.limit(COUNTED + 1).subquery())).scalar_one()
    return counted if counted <= COUNTED else None
