"""Headings: what an exercise is looked up under, like the entries of a book's index. `region/low-back` is one, `recommended/stiff` another.

Under a heading the exercises stand in the order of their slugs, so that a list of them is read like a page of the index.
"""

from collections.abc import Callable, Iterator
from functools import lru_cache

import sqlalchemy as sa

from api.library.exercise import Exercise
from api.library.vocabulary import TermKind, Verdict
from api.store import tables

EVERYTHING = "everything"
"""The heading of the whole catalogue."""

_type: sa.Table = tables.DysfunctionType.__table__  # type: ignore[attr-defined]


def of(exercise: Exercise) -> set[str]:
    """Give the headings that an exercise stands under."""
    return set(_of(exercise))


def _of(exercise: Exercise) -> Iterator[str]:
    yield EVERYTHING
    yield from (f"{TermKind.REGION}/{slug}" for slug in exercise.regions)
    yield from (f"{TermKind.EQUIPMENT}/{slug}" for slug in exercise.equipment or ["none"])
    yield from (f"{Verdict.RECOMMENDED}/{one.type}" for one in exercise.recommendations)
    yield from (avoided_for(one.type) for one in exercise.contraindications)


def avoided_for(type_: str) -> str:
    """Name the heading of what a type should avoid."""
    return f"{Verdict.AVOID}/{type_}"


def _itself(kind: TermKind) -> Callable[[sa.Connection, str], list[str]]:
    return lambda _, slug: [f"{kind}/{slug}"]


def _recommended(column: str) -> Callable[[sa.Connection, str], list[str]]:
    """What is asked of an exercise is said of the types that recommend it."""

    def headings(connection: sa.Connection, value: str) -> list[str]:
        return [f"{Verdict.RECOMMENDED}/{slug}" for slug in connection.execute(_types(column), {"value": value}).scalars()]

    return headings


@lru_cache
def _types(column: str) -> sa.Select[str]:
    return sa.select(_type.c.slug).where(_type.c[column] == sa.bindparam("value")).order_by(_type.c.slug)


# A filter is a field of the query; these are the headings of which an exercise has to stand under one.
OF_FILTER: dict[str, Callable[[sa.Connection, str], list[str]]] = {
    "region": _itself(TermKind.REGION),
    "equipment": _itself(TermKind.EQUIPMENT),
    "tag": _recommended("tag"),
    "condition": _recommended("condition"),
}
