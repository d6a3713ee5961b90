"""All that is derived from exercises' records to find them by: rows, words, headings and the sources they name.

One function brings it from what exercises were to what they are; made anew, it is the same function from nothing.
"""

from collections.abc import Callable, Mapping

import sqlalchemy as sa
from sqlmodel import SQLModel, col

from api.library.exercise import Exercise
from api.library.record import mentioning
from api.store import headings, search, tables
from api.store.exercises import read, rows
from api.store.reference import citations

KIND = "exercise"


def change(connection: sa.Connection, removed: Mapping[int, Exercise], added: Mapping[int, Exercise]) -> None:
    """Bring the index from what exercises were to what they are now; what doesn't follow from a field that differs is left alone."""
    fields = {id_: rows.differing(removed.get(id_), added.get(id_)) for id_ in {**removed, **added}}
    rows.change(connection, removed, added, fields)
    for bring, followed, what in _PARTS:
        gone, come = _differing(removed, added, fields, followed, what)
        if gone or come:
            bring(connection, gone, come)


def _cite(connection: sa.Connection, removed: Mapping[int, Exercise], added: Mapping[int, Exercise]) -> None:
    citations.write(connection, KIND, {exercise.slug: added.get(id_) for id_, exercise in {**removed, **added}.items()})


_PARTS = (
    (search.index, search.FIELDS, search.to_be_found_by),
    (headings.count, headings.FIELDS, headings.of),
    (_cite, mentioning(Exercise), citations.cited),
)
"""What brings each other part of the index up to date, the fields that it follows from, and what follows from them."""


def remake(connection: sa.Connection) -> None:
    """Make the whole index anew from the records, in bounded memory."""
    whole: list[type[SQLModel]] = [*reversed(rows.DETAILS), tables.HeadingSize, tables.WordDeletion, tables.Word]
    for table in whole:
        connection.execute(sa.delete(table))
    connection.execute(sa.delete(search.exercise_search))
    connection.execute(sa.delete(tables.Citation).where(col(tables.Citation.kind) == KIND))
    for some in read.every(connection):
        change(connection, {}, {stored.id: stored.exercise for stored in some.values()})


def _differing(
    removed: Mapping[int, Exercise],
    added: Mapping[int, Exercise],
    fields: Mapping[int, frozenset[str]],
    of: frozenset[str],
    what: Callable[[Exercise], object],
) -> tuple[dict[int, Exercise], dict[int, Exercise]]:
    """Leave out those of which the same follows from these fields as before."""
    same = {id_ for id_ in removed.keys() & added.keys() if not fields[id_] & of or what(removed[id_]) == what(added[id_])}
    gone = {id_: exercise for id_, exercise in removed.items() if id_ not in same}
    return gone, {id_: exercise for id_, exercise in added.items() if id_ not in same}
