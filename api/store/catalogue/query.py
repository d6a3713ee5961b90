"""A query as the store prepares it, and what it asks of an exercise, as conditions on its id."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import sqlalchemy as sa

from api.errors import Inconsistent
from api.library import ranking
from api.library.listing import Listed
from api.library.query import CatalogueQuery
from api.library.suitability import of_document
from api.library.vocabulary import Verdict
from api.store import headings, search, tables

Values = Mapping[str, str | int]
Where = sa.ColumnElement[bool]

exercises = tables.of(tables.Exercise)
exercise_headings = tables.of(tables.Heading)
recommendations = tables.of(tables.Recommendation)
verdicts = tables.of(tables.PairVerdict)


class Shape(NamedTuple):
    """What a query is like, whatever its values."""

    types: int
    """How many types are asked."""
    headings: tuple[int, ...]
    """For each filter, how many headings satisfy it."""
    unjudged: bool
    """Whether only what has no verdict for a type is asked."""
    dialect: str
    rare: bool
    """Whether few have the words searched for."""

    @property
    def type_names(self) -> list[str]:
        """The parameters of the types."""
        return [f"type_{n}" for n in range(self.types)]

    @property
    def filters(self) -> list[list[str]]:
        """The parameters of the headings, filter by filter."""
        return [[f"heading_{n}_{m}" for m in range(number)] for n, number in enumerate(self.headings)]


class PreparedQuery(NamedTuple):
    """A query whose words have been looked up."""

    asked: CatalogueQuery
    shape: Shape
    values: Values
    wanted: Sequence[ranking.Wanted] | None
    """The words searched for; None where nothing is."""
    is_vain: bool
    """Whether nothing can be found, whatever the catalogue has."""


def prepare(connection: sa.Connection, query: CatalogueQuery) -> PreparedQuery:
    """Look up what the words of a query mean."""
    wanted = search.understand(connection, query.q) if query.q is not None else None
    asked = {name: value for name in headings.OF_FILTER if (value := getattr(query, name)) is not None}
    allowed = [headings.OF_FILTER[name](connection, value) for name, value in asked.items()]
    if not (allowed or query.types or wanted):
        allowed = [[headings.EVERYTHING]]
    rare = wanted is not None and search.is_rare(connection, wanted)
    shape = Shape(len(query.types), tuple(map(len, allowed)), query.unjudged is not None, connection.dialect.name, rare)
    values: dict[str, str | int] = dict(zip(shape.type_names, query.types, strict=True))
    for names, all_ in zip(shape.filters, allowed, strict=True):
        values |= zip(names, all_, strict=True)
    if query.unjudged is not None:
        values["unjudged"] = query.unjudged
    if wanted is not None:
        values["words"] = search.text(connection, wanted)
    return PreparedQuery(query, shape, values, wanted, is_vain=(query.q is not None and wanted is None) or not all(allowed))


def offered(document: str, types: tuple[str, ...]) -> Listed:
    """Put an exercise into an answer; refuse to offer one whose own record doesn't recommend it."""
    if not types:
        return Listed(document, None)
    decided = of_document(document, types)
    if decided.verdict is not Verdict.RECOMMENDED:
        raise Inconsistent("The catalogue's rows and records disagree about an exercise; run 'exercise-library check'.")
    return Listed(document, decided)


def is_recommended(id_: sa.ColumnElement[int], name: str) -> Where:
    """Require that a type recommends it."""
    there = recommendations.alias()
    return sa.exists().where(there.c.exercise_id == id_, there.c.type == sa.bindparam(name)).correlate_except(there)


def one_of(column: sa.ColumnElement[str], names: Sequence[str]) -> Where:
    """Require one of some parameters."""
    return column == sa.bindparam(names[0]) if len(names) == 1 else column.in_([sa.bindparam(name) for name in names])


def filters(shape: Shape, id_: sa.ColumnElement[int], besides: int = 0) -> list[Where]:
    """Require all that is asked of an exercise, besides its types and so many of the first filters."""
    unjudged = [_is_unjudged(id_)] if shape.unjudged else []
    return [*(_is_under(id_, names) for names in shape.filters[besides:]), *unjudged]


def _is_under(id_: sa.ColumnElement[int], names: Sequence[str]) -> Where:
    """Require that it stands under one of some headings."""
    there = exercise_headings.alias()
    return sa.exists().where(there.c.exercise_id == id_, one_of(there.c.heading, names)).correlate_except(there)


def _is_unjudged(id_: sa.ColumnElement[int]) -> Where:
    there = verdicts.alias()
    return ~sa.exists().where(there.c.exercise_id == id_, there.c.type == sa.bindparam("unjudged")).correlate_except(there)
