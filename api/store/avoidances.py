"""What types should avoid: movement patterns, which reach further, and exercises, named or by inheritance."""

from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from sqlmodel import col

from api.errors import StaleCursor
from api.library.exercise import Via
from api.library.listing import Page
from api.library.query import LONGEST_PAGE
from api.library.ranking import Wanted
from api.library.record import Attribution, Record
from api.library.reference import Avoidance, MovementPattern
from api.library.spelling import words
from api.library.vocabulary import SubjectKind
from api.store import references, search
from api.store.counting import count
from api.store.tables import Contraindication, Exercise

Key = tuple[str | int, ...]


def first(connection: sa.Connection, types: Sequence[str], q: str | None, wanted: Sequence[Wanted] | None) -> Page[Avoidance]:
    """List what the types should avoid, what a search names first, as much as an answer shows."""
    known = references.read(connection, "movement-pattern")
    patterns = _patterns(known, types)
    named = [one for one in patterns if q is not None and _is_named(known[one.slug], q)]
    found = list(named)
    match = search.matching(connection.dialect.name, wanted) if wanted is not None else None
    if match is not None:
        found += _values(_exercises(connection, types, LONGEST_PAGE, where=(col(Exercise.id).in_(match),)))
    found += [one for one in patterns if one not in named]
    if len(found) < LONGEST_PAGE:
        others = () if match is None else (col(Exercise.id).not_in(match),)
        found += _values(_exercises(connection, types, LONGEST_PAGE - len(found), where=others))
    return Page(found[:LONGEST_PAGE], _total(connection, types, len(patterns)), None)


def page(connection: sa.Connection, types: Sequence[str], limit: int, after: Key | None) -> Page[Avoidance]:
    """Page through all that the types should avoid: patterns by slug, then exercises by slug."""
    patterns = _patterns(references.read(connection, "movement-pattern"), types)
    match after:
        case None:
            shown, place = patterns, None
        case (str(slug), str(type_)):
            shown, place = [one for one in patterns if (one.slug, one.type) > (slug, type_)], None
        case (str(), str(), int()):
            shown, place = [], after
        case _:
            raise StaleCursor("This cursor belongs to another question.")
    keyed: list[tuple[Key, Avoidance]] = [((one.slug, one.type), one) for one in shown]
    keyed += _exercises(connection, types, limit + 1, after=place)
    last = keyed[limit - 1][0] if len(keyed) > limit else None
    return Page(_values(keyed[:limit]), _total(connection, types, len(patterns)), last)


def _values(keyed: Sequence[tuple[Key, Avoidance]]) -> list[Avoidance]:
    return [one for _, one in keyed]


def _total(connection: sa.Connection, types: Sequence[str], patterns: int) -> int | None:
    counted = count(connection, sa.select(col(Contraindication.exercise_id)).where(col(Contraindication.type).in_(types)))
    return None if counted is None else counted + patterns


def _patterns(known: Mapping[str, Record], types: Sequence[str]) -> list[Avoidance]:
    return [
        Avoidance(
            kind=SubjectKind.MOVEMENT_PATTERN, slug=slug, name=one.name, type=why.type, reason=why.reason, via=None, source=why.source
        )
        for slug, one in sorted(known.items())
        if isinstance(one, MovementPattern)
        for why in sorted(one.contraindications, key=lambda why: why.type)
        if why.type in types
    ]


def _is_named(one: Record, q: str) -> bool:
    """Say whether every word of a search begins a word of the pattern's names."""
    names = words(" ".join([one.name, *one.aliases])) if isinstance(one, MovementPattern) else []
    return all(any(name.startswith(word) for name in names) for word in words(q))


def _exercises(
    connection: sa.Connection,
    types: Sequence[str],
    limit: int,
    *,
    after: Key | None = None,
    where: Sequence[sa.ColumnElement[bool]] = (),
) -> list[tuple[Key, Avoidance]]:
    key = col(Exercise.slug), col(Contraindication.type), col(Contraindication.ordinal)
    why = Contraindication.__table__.c  # type: ignore[attr-defined]
    statement = (
        sa.select(*key, col(Exercise.name), why.reason, why.via_kind, why.via_slug, why.source, why.quote)
        .join_from(Contraindication, Exercise, col(Exercise.id) == col(Contraindication.exercise_id))
        .where(col(Contraindication.type).in_(types), *where)
    )
    if after is not None:
        statement = statement.where(sa.tuple_(*key) > after)
    rows = connection.execute(statement.order_by(*key).limit(limit)).all()
    return [((row.slug, row.type, row.ordinal), _avoidance(row)) for row in rows]


def _avoidance(row: sa.Row[tuple[object, ...]]) -> Avoidance:
    return Avoidance(
        kind=SubjectKind.EXERCISE,
        slug=row.slug,
        name=row.name,
        type=row.type,
        reason=row.reason,
        via=Via(kind=row.via_kind, slug=row.via_slug) if row.via_kind else None,
        source=Attribution(slug=row.source, quote=row.quote),
    )
