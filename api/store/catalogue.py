"""Asking the catalogue: filters, order, pages, and what to avoid."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import col, select

from api.errors import Inconsistent, StaleCursor
from api.library import ranking
from api.library.exercise import Judged
from api.library.listing import Listed, Listing, Page
from api.library.query import LONGEST_PAGE, CatalogueQuery
from api.library.suitability import suitability
from api.library.vocabulary import TermKind, Verdict
from api.store import avoidances, search
from api.store.counting import count
from api.store.tables import DysfunctionType, Exercise, ExerciseTerm, PairVerdict, Recommendation

CANDIDATES = 1_000
"""A search ranks this many matches at a time, so that a common word costs no more than a rare one."""

Where = sa.ColumnElement[bool]


def _term(kind: TermKind) -> Callable[[str], Where]:
    return lambda slug: col(Exercise.id).in_(select(ExerciseTerm.exercise_id).where(col(ExerciseTerm.term) == f"{kind}/{slug}"))


def _recommended_for(types: sa.Select[tuple[str]]) -> Where:
    return col(Exercise.id).in_(select(Recommendation.exercise_id).where(col(Recommendation.type).in_(types)))


def _tag(tag: str) -> Where:
    return _recommended_for(select(DysfunctionType.slug).where(col(DysfunctionType.tag) == tag))


def _condition(slug: str) -> Where:
    return _recommended_for(select(DysfunctionType.slug).where(col(DysfunctionType.condition) == slug))


def _unjudged(type_: str) -> Where:
    judged = select(PairVerdict.exercise_id).where(col(PairVerdict.exercise_id) == col(Exercise.id), col(PairVerdict.type) == type_)
    return ~sa.exists(judged)


# A filter is a field of the query and the condition it puts on an exercise.
FILTERS: dict[str, Callable[[str], Where]] = {
    "tag": _tag,
    "region": _term(TermKind.REGION),
    "equipment": _term(TermKind.EQUIPMENT),
    "condition": _condition,
    "unjudged": _unjudged,
}


@dataclass(frozen=True, slots=True)
class _Order:
    """What a page is taken from and in which order: columns that no two exercises share."""

    source: sa.FromClause
    key: tuple[sa.ColumnElement[int] | sa.ColumnElement[str], ...]


def find(connection: sa.Connection, query: CatalogueQuery) -> Listing:
    """Answer a question to the catalogue from one state of it."""
    wanted = search.understand(connection, query.q) if query.q is not None else None
    found_nothing = query.q is not None and wanted is None
    filters = _filters(connection, query, wanted)
    if found_nothing:
        page: Page[Listed] = Page([], 0, None)
    elif wanted is not None:
        page = _ranked(connection, query, filters, wanted)
    else:
        page = _ordered(connection, query, filters)
    if not query.types:
        return Listing(page, query.types, None, None)
    undecided = Page([], 0, None) if found_nothing else _undecided(connection, query, filters)
    return Listing(page, query.types, avoidances.first(connection, query.types, query.q, wanted), undecided)


def _filters(connection: sa.Connection, query: CatalogueQuery, wanted: Sequence[ranking.Wanted] | None) -> list[Where]:
    filters = [col(Exercise.retired_at).is_(None)]
    filters += [where(value) for name, where in FILTERS.items() if (value := getattr(query, name)) is not None]
    if wanted is not None:
        filters.append(col(Exercise.id).in_(search.matching(connection.dialect.name, wanted)))
    return filters


def _order(types: Sequence[str]) -> _Order:
    """By slug; for one type, in its own order; for several, by the lowest position in any, of what all of them recommend."""
    exercise = Exercise.__table__  # type: ignore[attr-defined]
    if not types:
        return _Order(exercise, (col(Exercise.slug),))
    if len(types) == 1:
        join = exercise.join(
            Recommendation, sa.and_(col(Recommendation.exercise_id) == col(Exercise.id), col(Recommendation.type) == types[0])
        )
        return _Order(join, (col(Recommendation.position), col(Recommendation.choice)))
    shared = _of_types(types, sa.func.count() == len(types))
    return _Order(exercise.join(shared, shared.c.exercise_id == col(Exercise.id)), (shared.c.position, col(Exercise.slug)))


def _of_types(types: Sequence[str], having: Where) -> sa.Subquery:
    """Select what some of the types recommend, with its lowest position in any."""
    recommended = col(Recommendation.exercise_id), sa.func.min(col(Recommendation.position)).label("position")
    return select(*recommended).where(col(Recommendation.type).in_(types)).group_by(recommended[0]).having(having).subquery()


def _ordered(connection: sa.Connection, query: CatalogueQuery, filters: Sequence[Where]) -> Page[Listed]:
    order = _order(query.types)
    statement = sa.select(col(Exercise.document), *order.key).select_from(order.source).where(*filters)
    if query.after is not None:
        if [type(one) for one in query.after] != [one.type.python_type for one in order.key]:
            raise StaleCursor("This cursor belongs to another question.")
        statement = statement.where(sa.tuple_(*order.key) > query.after)
    rows = connection.execute(statement.order_by(*order.key).limit(query.limit + 1)).all()
    items = [offered(row[0], query.types) for row in rows[: query.limit]]
    total = count(connection, sa.select(col(Exercise.id)).select_from(order.source).where(*filters))
    return Page(items, total, tuple(rows[query.limit - 1][1:]) if len(rows) > query.limit else None)


def offered(document: str, types: Sequence[str]) -> Listed:
    """Put an exercise into an answer; refuse to offer one whose own record doesn't recommend it."""
    if not types:
        return Listed(document, None)
    decided = suitability(Judged.model_validate_json(document, extra="ignore"), types)
    if decided.verdict is not Verdict.RECOMMENDED:
        raise Inconsistent("The catalogue's rows and records disagree about an exercise; run 'exercise-library check'.")
    return Listed(document, decided)


def _ranked(connection: sa.Connection, query: CatalogueQuery, filters: Sequence[Where], wanted: Sequence[ranking.Wanted]) -> Page[Listed]:
    """Rank the matches block by block; a cursor names its block by the first and last id, and the place in it by rank and slug."""
    first, last, *place = _block_of(query.after)
    source = _order(query.types).source
    ids = sa.select(col(Exercise.id), col(Exercise.slug)).select_from(source).where(*filters).order_by(col(Exercise.id))
    found: list[tuple[tuple[int, int, int, str], int]] = []
    while len(found) <= query.limit:
        within = col(Exercise.id) >= first if last is None else col(Exercise.id).between(first, last)
        block = connection.execute(ids.where(within).limit(CANDIDATES)).all()
        if not block:
            break
        end = last if last is not None else block[-1][0]
        by = search.found_by(connection, [id_ for id_, _ in block])
        keys = sorted(((first, end, ranking.rank(wanted, by[id_]), slug), id_) for id_, slug in block)
        found += [(key, id_) for key, id_ in keys if not place or key[2:] > tuple(place)]
        first, last, place = end + 1, None, []
    documents = _documents(connection, [id_ for _, id_ in found[: query.limit]])
    total = count(connection, sa.select(col(Exercise.id)).select_from(source).where(*filters))
    more = len(found) > query.limit
    return Page([offered(one, query.types) for one in documents], total, found[query.limit - 1][0] if more else None)


def _block_of(after: tuple[str | int, ...] | None) -> tuple[int, int | None, *tuple[int | str, ...]]:
    match after:
        case None:
            return 0, None
        case int(first), int(last), int(rank), str(slug):
            return first, last, rank, slug
        case _:
            raise StaleCursor("This cursor belongs to another question.")


def _documents(connection: sa.Connection, ids: Sequence[int]) -> list[str]:
    statement = select(Exercise.id, Exercise.document).where(col(Exercise.id).in_(ids))
    by_id = {id_: document for id_, document in connection.execute(statement)}  # noqa: C416  (mypy sees no pairs in rows)
    return [by_id[id_] for id_ in ids]


def _undecided(connection: sa.Connection, query: CatalogueQuery, filters: Sequence[Where]) -> Page[Listed]:
    """Find what one of the types recommends, another hasn't judged, and none avoids."""
    types = query.types
    some = _of_types(types, sa.func.count() < len(types))
    avoided = select(PairVerdict.exercise_id).where(
        col(PairVerdict.exercise_id) == col(Exercise.id),
        col(PairVerdict.type).in_(types),
        col(PairVerdict.verdict) == Verdict.AVOID,
    )
    source = Exercise.__table__.join(some, some.c.exercise_id == col(Exercise.id))  # type: ignore[attr-defined]
    statement = sa.select(col(Exercise.document)).select_from(source).where(*filters, ~sa.exists(avoided))
    documents = connection.execute(statement.order_by(some.c.position, col(Exercise.slug)).limit(LONGEST_PAGE)).scalars()
    items = [Listed(one, suitability(Judged.model_validate_json(one, extra="ignore"), types)) for one in documents]
    ids = sa.select(col(Exercise.id)).select_from(source).where(*filters, ~sa.exists(avoided))
    return Page(items, count(connection, ids), None)
