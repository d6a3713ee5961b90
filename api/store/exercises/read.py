"""Reading exercises: one by its slug, or those related to others."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import sqlalchemy as sa
from sqlmodel import col, select

from api.library.exercise import Exercise
from api.library.exercise_draft import ExerciseDraft
from api.library.places import Claim, Place
from api.library.query import COUNTED
from api.library.record import SLUG
from api.store import asking, documents, tables
from api.store.documents import BATCH, chunks

_table = tables.of(tables.Exercise)
_ONE = sa.select(_table.c.document).where(_table.c.slug == sa.bindparam("wanted"), _table.c.retired_at.is_(None))
_STORED = sa.select(_table.c.slug, _table.c.id, _table.c.document, _table.c.retired_at.is_not(None))
_AS_IT_STANDS = _STORED.where(_table.c.slug == sa.bindparam("wanted"))


@dataclass(frozen=True)
class Stored:
    """An exercise as it stands in the database."""

    id: int
    document: str
    is_retired: bool

    @cached_property
    def exercise(self) -> Exercise:
        """The record that the document is of."""
        return _exercise_in(self.document)


def live(found: Stored | None) -> Stored | None:
    """Leave out what is retired: readers see nothing of it."""
    return None if found is None or found.is_retired else found


@lru_cache(BATCH)
def _exercise_in(document: str) -> Exercise:
    return documents.read(Exercise, document)


def get(connection: sa.Connection, slug: str) -> str | None:
    """Give the JSON of one exercise; None where there is none. What is no slug isn't asked for: PostgreSQL takes no NUL."""
    document: str | None = asking.value(connection, _ONE, {"wanted": slug}) if SLUG.fullmatch(slug) else None
    return document


def as_it_stands(connection: sa.Connection, slug: str) -> Stored | None:
    """Give one exercise, a retired one too; None where there never was one."""
    found = asking.rows(connection, _AS_IT_STANDS, {"wanted": slug}) if SLUG.fullmatch(slug) else []
    return next((Stored(id_, document, bool(is_retired)) for _, id_, document, is_retired in found), None)


def load(connection: sa.Connection, slugs: Sequence[str]) -> dict[str, Stored]:
    """Give exercises as they stand, retired ones included."""
    found: dict[str, Stored] = {}
    for chunk in chunks(slugs):
        found |= _found(connection, _STORED.where(_table.c.slug.in_(chunk)))
    return found


def _found(connection: sa.Connection, statement: asking.Statement) -> dict[str, Stored]:
    """Give what a statement finds that asks for the columns of `_STORED`."""
    return {slug: Stored(id_, document, bool(is_retired)) for slug, id_, document, is_retired in connection.execute(statement)}


def parents(connection: sa.Connection, named: Collection[str], coming: Collection[str] = ()) -> Collection[str]:
    """Give those of the exercises named as parents that exist or are coming; where one doesn't, with all that may have been meant."""
    there = {*ids(connection, sorted(named)), *(slug for slug in named if slug in coming)}
    return there if there.issuperset(named) else {**dict.fromkeys(there), **candidates(connection)}


def candidates(connection: sa.Connection) -> dict[str, Exercise | None]:
    """Give what may have been meant by a name that doesn't exist: as many slugs as are worth comparing, with some of the exercises."""
    table = tables.Exercise
    live = select(table.slug).where(col(table.retired_at).is_(None)).order_by(col(table.slug)).limit(COUNTED)
    slugs = list(connection.execute(live).scalars())
    return {**dict.fromkeys(slugs), **{slug: stored.exercise for slug, stored in load(connection, slugs[:BATCH]).items()}}


def ids(connection: sa.Connection, slugs: Iterable[str]) -> dict[str, int]:
    """Give the numbers of those exercises that exist, retired ones included."""
    found: dict[str, int] = {}
    for chunk in chunks(slugs):
        found |= dict(connection.execute(sa.select(_table.c.slug, _table.c.id).where(_table.c.slug.in_(chunk))).all())
    return found


def every(connection: sa.Connection, *, retired: bool | None = False) -> Iterator[dict[str, Stored]]:
    """Read the exercises in the order they came, some at a time: those of the catalogue, or the retired ones; None: all of them."""
    last, statement = 0, _STORED.order_by(_table.c.id).limit(BATCH)
    if retired is not None:
        statement = statement.where(_table.c.retired_at.is_not(None) if retired else _table.c.retired_at.is_(None))
    while some := _found(connection, statement.where(_table.c.id > last)):
        last = next(reversed(some.values())).id
        yield some


def holders(connection: sa.Connection, places: Collection[Place]) -> dict[Claim, str]:
    """Give the exercise at each of these places."""
    table = tables.Recommendation
    found: dict[Claim, str] = {}
    for chunk in chunks(sorted(places)):
        at = sa.select(col(tables.Exercise.slug), col(table.type), col(table.position), col(table.choice))
        mine = col(tables.Exercise.id) == table.exercise_id, is_at(chunk)
        found |= {(type_, position, choice): slug for slug, type_, position, choice in connection.execute(at.where(*mine))}
    return found


def is_at(places: Iterable[Place]) -> sa.ColumnElement[bool]:
    """Ask type by type: SQLite would look for pairs in the whole table."""
    positions: dict[str, list[int]] = {}
    for type_, position in places:
        positions.setdefault(type_, []).append(position)
    table = tables.Recommendation
    return sa.or_(*(sa.and_(col(table.type) == type_, col(table.position).in_(all_)) for type_, all_ in positions.items()))


def at_places(connection: sa.Connection, places: Collection[Place], besides: Collection[str]) -> dict[str, Stored]:
    """Give the other exercises that are at these places."""
    found: dict[str, Stored] = {}
    for chunk in chunks(sorted(places)):
        found |= _found(connection, _STORED.where(_table.c.id.in_(select(tables.Recommendation.exercise_id).where(is_at(chunk)))))
    return {slug: stored for slug, stored in found.items() if slug not in besides}


def variants_of(connection: sa.Connection, ids: Sequence[int]) -> list[ExerciseDraft]:
    """Give the variants of these exercises: they inherit their avoids."""
    found: list[ExerciseDraft] = []
    for chunk in chunks(ids):
        mine = col(tables.Exercise.variant_of_id).in_(chunk), col(tables.Exercise.retired_at).is_(None)
        variants = connection.execute(select(tables.Exercise.document).where(*mine)).scalars()
        found += [documents.read(ExerciseDraft, document) for document in variants]
    return found
