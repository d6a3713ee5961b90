"""How an engine would answer each statement that is executed."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest
import sqlalchemy as sa

from api.store import asking

_PARAMETER = re.compile(r"%\((\w+)\)s")


def _whatever_is_asked(connection: sa.Connection, statement: str) -> str:
    """Give the plan that PostgreSQL keeps for a statement that is asked often, without a look at its values."""
    names = list(dict.fromkeys(_PARAMETER.findall(statement)))
    numbered = _PARAMETER.sub(lambda name: f"${names.index(name[1]) + 1}", statement)
    driver = connection.connection.driver_connection
    assert driver is not None
    lines = driver.execute(f"EXPLAIN (COSTS off, GENERIC_PLAN) {numbered}", prepare=False).fetchall()
    return "\n".join(line for (line,) in lines)


@contextmanager
def explained(connection: sa.Connection, plans: list[str]) -> Iterator[None]:
    """Collect the plan of each statement that is executed."""
    explain = "EXPLAIN QUERY PLAN "
    is_postgresql = connection.dialect.name == "postgresql"
    if is_postgresql:
        # Of so few rows PostgreSQL likes to read all. What matters is that it needn't, and won't with a million.
        for way in ("seqscan", "hashjoin", "mergejoin"):
            connection.exec_driver_sql(f"SET LOCAL enable_{way} = off")
        explain = "EXPLAIN (COSTS off) "

    def before(one: sa.Connection, _: object, statement: str, parameters: object, *__: object) -> None:
        if not statement.startswith("EXPLAIN"):
            lines = one.exec_driver_sql(explain + statement, parameters).all()  # type: ignore[arg-type]
            plans.append("\n".join(str(line[-1]) for line in lines))
            if is_postgresql:
                plans.append(_whatever_is_asked(one, statement))

    def rows(one: sa.Connection, statement: asking.Statement, values: asking.Values | None = None) -> list[asking.Row]:
        one.execute(statement, dict(values or {}))  # so that SQLAlchemy sees what it is passed by for
        return asked(one, statement, values)

    asked = asking.rows

    def several(one: sa.Connection, statements: Sequence[asking.Asked]) -> list[list[asking.Row]]:
        return [rows(one, statement, values) for statement, values in statements]

    sa.event.listen(connection, "before_cursor_execute", before)
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(asking, "rows", rows)
            patch.setattr(asking, "several", several)
            yield
    finally:
        sa.event.remove(connection, "before_cursor_execute", before)
