"""Totals: from the sizes of headings where these suffice, else counted, but never by a scan."""

from collections.abc import Mapping

import sqlalchemy as sa

from api.library.query import COUNTED
from api.store import asking, headings
from api.store.catalogue.query import PreparedQuery

ENOUGH = COUNTED + 1
"""Counting stops one beyond what is worth counting."""


def counted(rows: sa.FromClause) -> sa.Select[int]:
    """Build the statement that counts rows, of which there are no more than `ENOUGH` to be read."""
    return sa.select(sa.func.count()).select_from(rows)


def number(connection: sa.Connection, statement: sa.Select[int], values: Mapping[str, str | int]) -> int | None:
    """Count what a statement counts; None where there is more than is worth counting."""
    found: int = asking.value(connection, statement, values)
    return found if found <= COUNTED else None


def found(connection: sa.Connection, prepared: PreparedQuery, statement: sa.Select[int]) -> int | None:
    """Give how many a query finds: the sizes of headings may tell where the statement would stop counting."""
    known = _known(connection, prepared)
    return number(connection, statement, prepared.values) if known is None else known


def _known(connection: sa.Connection, prepared: PreparedQuery) -> int | None:
    """Give the total where the sizes of headings tell it: where one or two headings are required."""
    shape, values = prepared.shape, prepared.values
    names = [*map(headings.recommended_for, prepared.asked.types), *(str(values[name]) for all_ in shape.filters for name in all_)]
    if len(names) > (1 if shape.unjudged else 2) or any(number > 1 for number in shape.headings):
        return None
    known = headings.size(connection, *names)
    if shape.unjudged:
        known -= sum(headings.size(connection, *names, heading) for heading in headings.judged_for(str(values["unjudged"])))
    return known


def undecided(connection: sa.Connection, type_: str, other: str) -> int:
    """Give how many one type recommends and the other hasn't judged."""
    recommended = headings.recommended_for(type_)
    judged = sum(headings.size(connection, recommended, verdict) for verdict in headings.judged_for(other))
    return headings.size(connection, recommended) - judged
