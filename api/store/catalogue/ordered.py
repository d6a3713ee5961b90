"""Lists in an order that an index has: by slug under headings, by place in one type's list, by the gentlest place in several."""

from collections.abc import Sequence
from functools import lru_cache
from itertools import permutations
from typing import Any

import sqlalchemy as sa

from api.library import cursors
from api.library.listing import Listed, Page
from api.library.query import LONGEST_PAGE
from api.library.suitability import of_document
from api.library.vocabulary import Verdict
from api.store import asking, search
from api.store.asking import Asking, Statement
from api.store.catalogue import totals
from api.store.catalogue.query import (
    PreparedQuery,
    Shape,
    Where,
    exercise_headings,
    exercises,
    filters,
    is_recommended,
    offered,
    one_of,
    recommendations,
    verdicts,
)

# The answers.

After = type[cursors.AfterSlug] | type[cursors.AfterChoice] | type[cursors.AfterPosition]


def _order(shape: Shape) -> After:
    """Give the columns that order the list; together they are unique."""
    one: dict[int, After] = {0: cursors.AfterSlug, 1: cursors.AfterChoice}
    return one.get(shape.types, cursors.AfterPosition)


def page(connection: sa.Connection, prepared: PreparedQuery) -> Asking[Page[Listed]]:
    """Give a page of what satisfies every filter, in the order of its list."""
    query, shape = prepared.asked, prepared.shape
    after: cursors.Key | None = None if query.after is None else cursors.read(query.after, _order(shape))
    place = {f"after_{n}": part for n, part in enumerate(after or ())}
    [rows] = yield [(_page(shape, goes_on=bool(place)), {**prepared.values, **place, "limit": query.limit + 1})]
    items = [offered(row[0], query.types) for row in rows[: query.limit]]
    more = len(rows) > query.limit
    # A first page that isn't full has counted already.
    counted = not more and not place
    total = len(rows) if counted else totals.found(connection, prepared, _total(shape))
    return Page(items, total, tuple(rows[query.limit - 1][1:]) if more else None)


def undecided(connection: sa.Connection, prepared: PreparedQuery) -> Asking[Page[Listed]]:
    """Give what one of the types recommends, another hasn't judged, and none avoids, up to the length of an answer."""
    types, shape, is_searched = prepared.asked.types, prepared.shape, prepared.wanted is not None
    shown, number = _undecided_page(shape, searched=is_searched)
    [rows] = yield [(shown, prepared.values)]
    items = [Listed(document, of_document(document, types)) for document, *_ in rows]
    if len(items) < LONGEST_PAGE:
        total: int | None = len(items)
    elif shape.types == 2 and not shape.headings and not is_searched:  # noqa: PLR2004  (each two sizes are known)
        total = sum(totals.undecided(connection, first, other) for first, other in permutations(types))
    else:
        total = totals.number(connection, number, prepared.values)
    return Page(items, total, None)


# Where it is found: rows of `id` and the order, each exercise once, from one index or from several to be merged.


def _sources(shape: Shape) -> list[Statement]:
    if shape.types > 1:
        return _recommended_by_several(shape)
    return [_recommended_by_one(shape)] if shape.types else _under_headings(shape)


def _under_headings(shape: Shape) -> list[Statement]:
    """Take what stands under each heading that satisfies the first filter."""
    columns = exercise_headings.c
    rows = sa.select(columns.exercise_id.label("id"), columns.slug).where(*filters(shape, columns.exercise_id, besides=1))
    return [rows.where(columns.heading == sa.bindparam(name)) for name in shape.filters[0]]


def _recommended_by_one(shape: Shape) -> Statement:
    """Take one type's list."""
    columns = recommendations.c
    rows = sa.select(columns.exercise_id.label("id"), columns.position, columns.choice).where(columns.type == sa.bindparam("type_0"))
    return rows.where(*filters(shape, columns.exercise_id))


def _recommended_by_several(shape: Shape) -> list[Statement]:
    """Take from each type's list what the others recommend as well."""
    return [_of_type(shape, name).where(*_by_the_others(shape, name)) for name in shape.type_names]


def _undecided_by_some(shape: Shape) -> list[Statement]:
    """Take from each type's list what another hasn't judged and none avoids."""
    id_, there = recommendations.c.exercise_id, verdicts.alias()
    avoided = sa.exists().where(there.c.exercise_id == id_, one_of(there.c.type, shape.type_names), there.c.verdict == Verdict.AVOID)
    decided = ~avoided.correlate_except(there)
    return [_of_type(shape, name).where(decided, ~sa.and_(*_by_the_others(shape, name))) for name in shape.type_names]


def _of_type(shape: Shape, name: str) -> Statement:
    mine = recommendations.c
    # Named, because it is used inside of other conditions too, where it would not be correlated by itself.
    slug = sa.select(exercises.c.slug).where(exercises.c.id == mine.exercise_id).correlate(recommendations).scalar_subquery().label("slug")
    rows = sa.select(mine.exercise_id.label("id"), mine.position, slug)
    return rows.where(mine.type == sa.bindparam(name), *filters(shape, mine.exercise_id))


def _by_the_others(shape: Shape, name: str) -> list[Where]:
    return [is_recommended(recommendations.c.exercise_id, other) for other in shape.type_names if other != name]


# The statements, each built once for a shape.


@lru_cache(asking.FORMS)
def _page(shape: Shape, *, goes_on: bool) -> Statement:
    """Build the statement of one page: `goes_on` after the key in `after_0` and so on."""
    sources, limit, order = _sources(shape), sa.bindparam("limit", type_=sa.Integer), _order(shape)._fields
    if goes_on:
        sources = [rows.where(*_after(shape, [rows.selected_columns[name] for name in order])) for rows in sources]
    if len(sources) == 1:  # it has its order from an index: documents needn't be sorted
        return _its_documents(sources[0], order, limit)
    return _with_documents(_merged(sources, order, limit), order, limit)


@lru_cache(asking.FORMS)
def _total(shape: Shape) -> sa.Select[int]:
    # What all types recommend is in each of their lists, so one is enough to count.
    return totals.counted(_without_order(_sources(shape)[:1] if shape.types else _sources(shape)))


@lru_cache(asking.FORMS)
def _undecided_page(shape: Shape, *, searched: bool) -> tuple[Statement, sa.Select[int]]:
    """Build the statements for what is undecided, and for its number."""
    sources, order = _undecided_by_some(shape), _order(shape)._fields
    if searched:
        matching = search.first_matches(shape.dialect, rare=shape.rare)
        sources = [rows.where(recommendations.c.exercise_id.in_(matching)) for rows in sources]
    shown = _with_documents(_merged(sources, order, LONGEST_PAGE), order, LONGEST_PAGE)
    return shown, totals.counted(_without_order(sources))


def _after(shape: Shape, columns: Sequence[sa.ColumnElement[Any]]) -> list[Where]:
    values = [sa.bindparam(f"after_{n}", type_=column.type) for n, column in enumerate(columns)]
    if len(columns) == 1:
        return [columns[0] > values[0]]
    after = sa.tuple_(*columns) > sa.tuple_(*values)
    if shape.types == 1:
        return [after]
    # The first condition follows from the second; it is what the index is entered by.
    return [columns[0] >= values[0], after, ~_stood_before(shape, columns[1], values)]


def _stood_before(shape: Shape, slug: sa.ColumnElement[str], after: Sequence[sa.BindParameter[Any]]) -> Where:
    """Say whether it stood on an earlier page, by its place in another type's list."""
    there = recommendations.alias()
    earlier = sa.or_(there.c.position < after[0], sa.and_(there.c.position == after[0], slug <= after[1]))
    mine = there.c.exercise_id == recommendations.c.exercise_id, one_of(there.c.type, shape.type_names)
    return sa.exists().where(*mine, earlier).correlate_except(there)


def _without_order(sources: Sequence[Statement]) -> sa.FromClause:
    """Merge lists to count them, without the columns that only order them."""
    return _merged([rows.with_only_columns(rows.selected_columns.id) for rows in sources], (), totals.ENOUGH)


def _merged(sources: Sequence[Statement], order: Sequence[str], limit: int | sa.BindParameter[int]) -> sa.FromClause:
    """Merge lists in an order, up to the limit; an exercise in several lists counts at its first place."""
    parts = [rows.order_by(*(rows.selected_columns[name] for name in order)).limit(limit).subquery() for rows in sources]
    if len(parts) == 1:
        return parts[0]
    every = sa.union_all(*(sa.select(*part.c) for part in parts)).subquery()
    first = [sa.func.min(column).label(column.name) if column.name == "position" else column for column in every.c]
    return sa.select(*first).group_by(*(column for column in every.c if column.name != "position")).subquery()


def _its_documents(rows: Statement, order: Sequence[str], limit: sa.BindParameter[int]) -> Statement:
    columns = [rows.selected_columns[name] for name in order]
    rows = rows.join(exercises, exercises.c.id == rows.selected_columns.id)
    return rows.with_only_columns(exercises.c.document, *columns).order_by(*columns).limit(limit)


def _with_documents(rows: sa.FromClause, order: Sequence[str], limit: int | sa.BindParameter[int]) -> Statement:
    columns = [rows.c[name] for name in order]
    return sa.select(exercises.c.document, *columns).join_from(rows, exercises, exercises.c.id == rows.c.id).order_by(*columns).limit(limit)
