"""What a search finds, best match first."""

from collections.abc import Sequence
from functools import lru_cache

import sqlalchemy as sa

from api.library import ranking
from api.library.cursors import AfterRank, read
from api.library.listing import Listed, Page
from api.library.query import COUNTED
from api.store import asking, headings, search
from api.store.asking import Asking, Statement
from api.store.catalogue import totals
from api.store.catalogue.query import PreparedQuery, Shape, Where, exercises, filters, is_recommended, offered

CANDIDATES = 400
"""A search ranks this many matches at a time, so that a common word costs no more than a rare one."""
_LAST_ID = 2**31 - 1

_search = search.exercise_search


def page(connection: sa.Connection, prepared: PreparedQuery, wanted: Sequence[ranking.Wanted]) -> Asking[Page[Listed]]:
    """Rank the matches block by block, from the block in which the previous page ended."""
    query, place = prepared.asked, None if prepared.asked.after is None else read(prepared.asked.after, AfterRank)
    first, last = (0, None) if place is None else (place.first_id, place.last_id)
    found: list[tuple[AfterRank, int]] = []
    block: list[asking.Row] = []
    while len(found) <= query.limit:
        within = {"first": first, "last": _LAST_ID if last is None else last}
        [block] = yield [(_candidates(prepared.shape), {**prepared.values, **within})]
        if not block:
            break
        end: int = last if last is not None else block[-1][0]
        keys = sorted((AfterRank(first, end, ranking.rank(wanted, search.phrases_of(*by)), slug), id_) for id_, slug, *by in block)
        found += [(key, id_) for key, id_ in keys if place is None or key[2:] > place[2:]]
        if last is None and len(block) < CANDIDATES:
            break
        first, last, place = end + 1, None, None
    more = len(found) > query.limit
    documents = yield from _documents_of([id_ for _, id_ in found[: query.limit]])
    is_all = query.after is None and len(block) < CANDIDATES and first == 0
    total = len(found) if is_all else _number(connection, prepared, wanted)
    return Page([offered(document, query.types) for document in documents], total, found[query.limit - 1][0] if more else None)


def _documents_of(ids: Sequence[int]) -> Asking[list[str]]:
    if not ids:
        return []
    [rows] = yield [(_documents(len(ids)), {f"id_{n}": id_ for n, id_ in enumerate(ids)})]
    by_id: dict[int, str] = dict(rows)
    return [by_id[id_] for id_ in ids]


def _number(connection: sa.Connection, prepared: PreparedQuery, wanted: Sequence[ranking.Wanted]) -> int | None:
    if _at_least(connection, prepared, wanted) > COUNTED:
        return None
    return totals.number(connection, _total(prepared.shape), prepared.values)


def _at_least(connection: sa.Connection, prepared: PreparedQuery, wanted: Sequence[ranking.Wanted]) -> int:
    """Give a lower bound for the number of matches, from the sizes of each word and each heading."""
    shape, values = prepared.shape, prepared.values
    if shape.unjudged:
        return 0
    everything = headings.size(connection, headings.EVERYTHING)
    found = [search.in_at_least(connection, word) for word in wanted]
    found += [headings.size(connection, headings.recommended_for(type_)) for type_ in prepared.asked.types]
    found += [max(headings.size(connection, str(values[name])) for name in all_) for all_ in shape.filters]
    return everything - sum(everything - number for number in found)


@lru_cache(asking.FORMS)
def _candidates(shape: Shape) -> Statement:
    """Build the statement of the next matches by id, with what each is found by."""
    columns = _search.c
    rows = sa.select(columns.rowid, exercises.c.slug, columns.name, columns.alias, columns.term)
    by_id = search.in_order(rare=shape.rare)
    within = by_id.between(sa.bindparam("first", type_=sa.Integer), sa.bindparam("last", type_=sa.Integer))
    rows = rows.join_from(_search, exercises, exercises.c.id == columns.rowid).where(*_matches(shape), within)
    return rows.order_by(by_id).limit(CANDIDATES)


@lru_cache(asking.FORMS)
def _total(shape: Shape) -> sa.Select[int]:
    return totals.counted(sa.select(_search.c.rowid).where(*_matches(shape)).limit(totals.ENOUGH).subquery())


def _matches(shape: Shape) -> list[Where]:
    id_ = _search.c.rowid
    return [search.matches(shape.dialect), *filters(shape, id_), *(is_recommended(id_, name) for name in shape.type_names)]


@lru_cache(asking.FORMS)
def _documents(number: int) -> sa.Select[int, str]:
    ids = [sa.bindparam(f"id_{n}", type_=sa.Integer) for n in range(number)]
    return sa.select(exercises.c.id, exercises.c.document).where(exercises.c.id.in_(ids))
