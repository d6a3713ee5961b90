"""What types should avoid: movement patterns, which reach further, and exercises, named or by inheritance."""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

import sqlalchemy as sa

from api.errors import Inconsistent
from api.library.cursors import AfterPattern, AfterReason, Key, read
from api.library.exercise_draft import Via
from api.library.listing import Page
from api.library.pattern import Avoidance, MovementPattern
from api.library.query import COUNTED, LONGEST_PAGE
from api.library.ranking import Wanted
from api.library.record import Attribution
from api.library.spelling import words
from api.library.vocabulary import SubjectKind
from api.store import asking, headings, search, tables
from api.store.asking import Asked, Asking, Statement
from api.store.catalogue import totals

CANDIDATES = 1_000
"""How many matches of a search are looked through for what to avoid."""

READ = 500
"""How many of the reasons read last are cached."""
SETS = 20
"""How many of the sets of movement patterns read last are cached."""

Types = tuple[str, ...]
Values = Mapping[str, str | int]

_exercise = tables.of(tables.Exercise)
_heading = tables.of(tables.Heading)
_why = tables.of(tables.Contraindication)
_SHOWN = _why.c.type, _why.c.ordinal, _why.c.reason, _why.c.via_kind, _why.c.via_slug, _why.c.source, _why.c.quote
_pattern = tables.of(tables.MovementPattern)
_pattern_why = tables.of(tables.PatternContraindication)


def first(connection: sa.Connection, types: Types, q: str | None, wanted: Sequence[Wanted] | None) -> Asking[Page[Avoidance]]:
    """List what the types should avoid, up to the length of an answer; what a search names comes first."""
    asked = [(_pattern_documents(len(types)), _asked(types)), _exercises(types, LONGEST_PAGE)]
    if wanted is not None:
        asked.append(_found(connection, types, wanted))
    documents, listed, *matched = yield asked
    known = tuple(document for (document,) in documents)
    patterns = _of_patterns(known, types)
    named = [] if q is None else _named(patterns, known, q)
    matching, others = dict(_avoidance(row) for rows in matched for row in rows), dict(map(_avoidance, listed))
    found = [*named, *matching.values(), *(pattern for pattern in patterns if pattern not in named)]
    found += [avoidance for key, avoidance in others.items() if key not in matching]
    total = len(patterns) + len(others) if len(others) < LONGEST_PAGE else _total(connection, types, len(patterns))
    return Page(found[:LONGEST_PAGE], total, None)


def page(connection: sa.Connection, types: Types, limit: int, after: Key | None) -> Page[Avoidance]:
    """Page through all that the types should avoid: patterns by slug, then exercises by slug."""
    place = None if after is None else read(after, AfterPattern, AfterReason)
    reason = place if isinstance(place, AfterReason) else None
    documents, listed = asking.several(connection, [(_pattern_documents(len(types)), _asked(types)), _exercises(types, limit + 1, reason)])
    patterns = _of_patterns(tuple(document for (document,) in documents), types)
    keyed: list[tuple[Key, Avoidance]] = []
    if reason is None:
        keyed += [
            (AfterPattern(pattern.slug, pattern.type), pattern)
            for pattern in patterns
            if place is None or (pattern.slug, pattern.type) > place
        ]
    keyed += [_avoidance(row) for row in listed]
    last = keyed[limit - 1][0] if len(keyed) > limit else None
    total = len(keyed) if last is None and after is None else _total(connection, types, len(patterns))
    return Page([avoidance for _, avoidance in keyed[:limit]], total, last)


def _total(connection: sa.Connection, types: Types, patterns: int) -> int | None:
    # Each exercise has at least one reason for each type, so there are at least so many.
    if sum(headings.size(connection, headings.avoided_for(type_)) for type_ in types) > COUNTED:
        return None
    number = totals.number(connection, _number(len(types)), _asked(types))
    return None if number is None else number + patterns


# The same document always reads the same, so the latest readings are cached.


@lru_cache(SETS)
def _of_patterns(documents: tuple[str, ...], types: Types) -> tuple[Avoidance, ...]:
    """Give why the types should avoid these movement patterns."""
    return tuple(
        avoidance
        for pattern in map(MovementPattern.model_validate_json, documents)
        for avoidance in sorted(pattern.avoidances, key=lambda avoidance: avoidance.type)
        if avoidance.type in types
    )


def _named(patterns: Iterable[Avoidance], documents: Iterable[str], q: str) -> list[Avoidance]:
    """Give the patterns in whose names every word of a search begins a word."""
    names = {
        pattern.slug: words(" ".join([pattern.name, *pattern.aliases])) for pattern in map(MovementPattern.model_validate_json, documents)
    }
    return [pattern for pattern in patterns if all(any(name.startswith(word) for name in names[pattern.slug]) for word in words(q))]


def _exercises(types: Types, limit: int, after: Key | None = None) -> Asked:
    """Ask for the exercises that the types should avoid, by slug, after a key."""
    place = {f"after_{n}": part for n, part in enumerate(after or ())}
    return _listed(len(types), goes_on=bool(place)), {**_asked(types), **place, "limit": limit + (1 if place else 0)}


def _found(connection: sa.Connection, types: Types, wanted: Sequence[Wanted]) -> Asked:
    """Ask for those that a search finds, by slug."""
    statement = _matching(len(types), connection.dialect.name, rare=search.is_rare(connection, wanted))
    return statement, {**_asked(types), "words": search.text(connection, wanted)}


@lru_cache(READ)
def _avoidance(row: asking.Row) -> tuple[Key, Avoidance]:
    slug, type_, ordinal, reason, via_kind, via_slug, source, quote, name = row
    if reason is None or name is None:
        raise Inconsistent("The catalogue says of an exercise that a type should avoid it, and not why; run 'exercise-library check'.")
    via = Via(kind=via_kind, slug=via_slug) if via_kind else None
    attribution = Attribution(slug=source, quote=quote)
    found = Avoidance(kind=SubjectKind.EXERCISE, slug=slug, name=name, type=type_, reason=reason, via=via, source=attribution)
    return AfterReason(slug, type_, ordinal), found


# The statements, each built once for a number of types; `type_0` and so on are the types, `heading_0` and so on their headings.


@lru_cache(asking.FORMS)
def _asked(types: Types) -> Values:
    values: dict[str, str | int] = {f"type_{n}": type_ for n, type_ in enumerate(types)}
    return values | {f"heading_{n}": headings.avoided_for(type_) for n, type_ in enumerate(types)}


def _is_asked(column: sa.ColumnElement[str], types: int) -> sa.ColumnElement[bool]:
    return column.in_([sa.bindparam(f"type_{n}", type_=column.type) for n in range(types)])


@lru_cache(asking.FORMS)
def _number(types: int) -> sa.Select[int]:
    return totals.counted(sa.select(_why.c.exercise_id).where(_is_asked(_why.c.type, types)).limit(totals.ENOUGH).subquery())


@lru_cache(asking.FORMS)
def _pattern_documents(types: int) -> sa.Select[str]:
    is_avoided = sa.exists().where(_pattern_why.c.pattern == _pattern.c.slug, _is_asked(_pattern_why.c.type, types))
    return sa.select(_pattern.c.document).where(is_avoided).order_by(_pattern.c.slug)


@lru_cache(asking.FORMS)
def _listed(types: int, *, goes_on: bool) -> Statement:
    """Merge the types' lists of what to avoid, each read in its own order and no further than the limit."""
    limit = sa.bindparam("limit", type_=sa.Integer)
    parts = [_of_type(n, goes_on=goes_on).limit(limit).subquery() for n in range(types)]
    rows = parts[0] if types == 1 else sa.union_all(*(sa.select(*part.c) for part in parts)).subquery()
    why = sa.and_(_why.c.exercise_id == rows.c.exercise_id, _why.c.type == rows.c.type)
    # Outer, so that SQLite follows the list as it is read, without a copy; whoever stands in it has a reason and an exercise.
    shown = sa.select(rows.c.slug, *_SHOWN, _exercise.c.name).join_from(rows, _why, why, isouter=True)
    shown = shown.join(_exercise, _exercise.c.id == rows.c.exercise_id, isouter=True)
    if goes_on:
        key = rows.c.slug, _why.c.type, _why.c.ordinal
        shown = shown.where(sa.tuple_(*key) > sa.tuple_(*(sa.bindparam(f"after_{n}", type_=part.type) for n, part in enumerate(key))))
    return shown.order_by(rows.c.slug, _why.c.type, _why.c.ordinal).limit(limit)


def _of_type(n: int, *, goes_on: bool) -> Statement:
    """Take the exercises under a type's heading; the first may have been shown already, for some of its reasons or for all."""
    type_ = sa.bindparam(f"type_{n}", type_=sa.String).label("type")
    rows = sa.select(_heading.c.exercise_id, _heading.c.slug, type_).where(_heading.c.heading == sa.bindparam(f"heading_{n}"))
    if goes_on:
        rows = rows.where(_heading.c.slug >= sa.bindparam("after_0"))
    return rows.order_by(_heading.c.slug)


@lru_cache(asking.FORMS)
def _matching(types: int, dialect: str, *, rare: bool) -> Statement:
    matches = search.first_matches(dialect, rare=rare, limit=CANDIDATES).subquery()
    shown = sa.select(_exercise.c.slug, *_SHOWN, _exercise.c.name).join_from(matches, _why, _why.c.exercise_id == matches.c.rowid)
    shown = shown.join(_exercise, _exercise.c.id == _why.c.exercise_id).where(_is_asked(_why.c.type, types))
    return shown.order_by(_exercise.c.slug, _why.c.type, _why.c.ordinal).limit(LONGEST_PAGE)
