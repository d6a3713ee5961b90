"""Reading exercises: one by its slug, or those related to others."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import islice
from typing import TypeVar, cast

import sqlalchemy as sa
from sqlmodel import col, select

from api.library.exercise import Exercise
from api.library.exercise_draft import ExerciseDraft
from api.library.places import Claim, Place
from api.library.query import COUNTED
from api.library.record import SLUG
from api.store import asking, documents, tables

BATCH = 500
"""So many exercises are read or written together."""
_Item = TypeVar("_Item")

_table = tables.of(tables.Exercise)
_ONE = sa.select(_table.c.document).where(_table.c.slug == sa.bindparam("wanted"), _table.c.retired_at.is_(None))
_AS_IT_STANDS = sa.select(_table.c.id, _table.c.document, _table.c.retired_at.is_not(None)).where(_table.c.slug == sa.bindparam("wanted"))


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
    return next((Stored(id_, document, bool(is_retired)) for id_, document, is_retired in found), None)


def load(connection: sa.Connection, slugs: Sequence[str]) -> dict[str, Stored]:
    """Give exercises as they stand, retired ones included."""
    table = tables.Exercise
    statement = select(table.slug, table.id, table.document, table.retired_at).where(col(table.slug).in_(slugs))
    rows = connection.execute(statement) if slugs else ()
    return {slug: Stored(cast("int", id_), document, at is not None) for slug, id_, document, at in rows}


def exist(connection: sa.Connection, slugs: Sequence[str]) -> set[str]:
    """Give those of the slugs that name an exercise, retired ones included."""
    found: set[str] = set()
    for chunk in chunks(slugs):
        found |= set(connection.execute(select(tables.Exercise.slug).where(col(tables.Exercise.slug).in_(chunk))).scalars())
    return found


def parents(connection: sa.Connection, named: Collection[str], coming: Collection[str] = ()) -> Collection[str]:
    """Give those of the exercises named as parents that exist or are coming; where one doesn't, with all that may have been meant."""
    there = exist(connection, sorted(named)) | {slug for slug in named if slug in coming}
    return there if there.issuperset(named) else {**dict.fromkeys(there), **candidates(connection)}


def candidates(connection: sa.Connection) -> dict[str, Exercise | None]:
    """Give what may have been meant by a name that doesn't exist: as many slugs as are worth comparing, with some of the exercises."""
    table = tables.Exercise
    live = select(table.slug).where(col(table.retired_at).is_(None)).order_by(col(table.slug)).limit(COUNTED)
    slugs = list(connection.execute(live).scalars())
    return {**dict.fromkeys(slugs), **{slug: stored.exercise for slug, stored in load(connection, slugs[:BATCH]).items()}}


def ids(connection: sa.Connection, slugs: Collection[str]) -> dict[str, int]:
    """Give the numbers of exercises, retired ones included."""
    statement = select(tables.Exercise.slug, tables.Exercise.id).where(col(tables.Exercise.slug).in_(slugs))
    return {slug: cast("int", id_) for slug, id_ in connection.execute(statement)} if slugs else {}


def every(connection: sa.Connection, *, retired: bool = False) -> Iterator[dict[str, Stored]]:
    """Read the exercises in the order they came, some at a time: those of the catalogue, or the retired ones."""
    table, last = tables.Exercise, 0
    is_wanted = col(table.retired_at).is_not(None) if retired else col(table.retired_at).is_(None)
    statement = select(table.slug, table.id, table.document).where(is_wanted).order_by(col(table.id)).limit(BATCH)
    while rows := connection.execute(statement.where(col(table.id) > last)).all():
        last = cast("int", rows[-1].id)
        yield {row.slug: Stored(row.id, row.document, retired) for row in rows}


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
    table = tables.Exercise
    for chunk in chunks(sorted(places)):
        there = select(tables.Recommendation.exercise_id).where(is_at(chunk))
        rows = connection.execute(select(table.slug, table.id, table.document).where(col(table.id).in_(there)))
        found |= {slug: Stored(cast("int", id_), document, is_retired=False) for slug, id_, document in rows if slug not in besides}
    return found


def variants_of(connection: sa.Connection, ids: Sequence[int]) -> list[ExerciseDraft]:
    """Give the variants of these exercises: they inherit their avoids."""
    found: list[ExerciseDraft] = []
    for chunk in chunks(ids):
        mine = col(tables.Exercise.variant_of_id).in_(chunk), col(tables.Exercise.retired_at).is_(None)
        variants = connection.execute(select(tables.Exercise.document).where(*mine)).scalars()
        found += [documents.read(ExerciseDraft, document) for document in variants]
    return found


def chunks(values: Iterable[_Item]) -> Iterator[list[_Item]]:
    """Give values in lists short enough to be asked together."""
    rest = iter(values)
    while chunk := list(islice(rest, BATCH)):
        yield chunk
