"""Gathers the part of the library that another catalogue is compared with."""

from collections.abc import Iterator, Sequence
from itertools import islice

import sqlalchemy as sa
from sqlmodel import col, select

from api.library.comparing import ForeignExercise, Known, Named, by_name
from api.library.exercise_draft import Judged
from api.store import search
from api.store.suspects import suspects
from api.store.tables import Exercise

_CHUNK = 500


def known(connection: sa.Connection, theirs: Sequence[ForeignExercise], types: Sequence[str]) -> Known:
    """Give our exercises that have a name of theirs, and what the types avoid."""
    found = search.called(connection, (name for exercise in theirs for name in exercise.names))
    named = [Named(judged, frozenset((found[id_].name, *found[id_].aliases)) - {""}) for id_, judged in _judged(connection, list(found))]
    return Known(by_name(named), suspects(connection).of(types))


def _judged(connection: sa.Connection, ids: Sequence[int]) -> Iterator[tuple[int, Judged]]:
    rest = iter(ids)
    while chunk := list(islice(rest, _CHUNK)):
        rows = connection.execute(select(Exercise.id, Exercise.document).where(col(Exercise.id).in_(chunk)))
        yield from ((id_, Judged.of(document)) for id_, document in rows)
