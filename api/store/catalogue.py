"""Asking the catalogue: filters, order, pages, and what to avoid.

Every list is read from an index in its own order and no further than its page, however many exercises there are: by slug under a
heading, by place in a type's list, by id among what a search finds. A statement is built once for each form of question; what is
asked goes into its parameters.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import permutations
from typing import Any, NamedTuple

import sqlalchemy as sa

from api.errors import Inconsistent, StaleCursor
from api.library import ranking
from api.library.listing import Listed, Listing, Page
from api.library.query import COUNTED, LONGEST_PAGE, CatalogueQuery
from api.library.suitability import of_document
from api.library.vocabulary import Verdict
from api.store import asking, avoidances, headings, search, tables
from api.store.counting import counted

CANDIDATES = 400
"""A search ranks this many matches at a time, so that a common word costs no more than a rare one."""
_LAST_ID = 2**31 - 1

Values = dict[str, str | int]
Where = sa.ColumnElement[bool]
Key = tuple[str | int, ...]
Rows = sa.Select[*tuple[Any, ...]]
"""A statement whose columns depend on what is asked."""

_exercise: sa.Table = tables.Exercise.__table__  # type: ignore[attr-defined]
_heading: sa.Table = tables.Heading.__table__  # type: ignore[attr-defined]
_recommendation: sa.Table = tables.Recommendation.__table__  # type: ignore[attr-defined]
_verdict: sa.Table = tables.PairVerdict.__table__  # type: ignore[attr-defined]
_search = search.exercise_search


class _Form(NamedTuple):
    """What a question is like, whatever its values."""

    types: int
    """How many types are asked."""
    headings: tuple[int, ...]
    """For each filter, how many headings satisfy it."""
    unjudged: bool
    """Whether only what has no verdict for a type is asked."""
    dialect: str
    rare: bool
    """Whether few have the words searched for."""

    @property
    def type_names(self) -> list[str]:
        """The parameters of the types."""
        return [f"type_{n}" for n in range(self.types)]

    @property
    def filters(self) -> list[list[str]]:
        """The parameters of the headings, filter by filter."""
        return [[f"heading_{n}_{m}" for m in range(number)] for n, number in enumerate(self.headings)]

    @property
    def key(self) -> tuple[str, ...]:
        """What the list is in the order of: columns that no two of its exercises share."""
        return {0: ("slug",), 1: ("position", "choice")}.get(self.types, ("position", "slug"))


class _Question(NamedTuple):
    """A question as the store understands it."""

    form: _Form
    values: Values
    wanted: Sequence[ranking.Wanted] | None
    """The words searched for; None where nothing is."""
    is_vain: bool
    """Whether nothing can be found, whatever the catalogue has."""


def find(connection: sa.Connection, query: CatalogueQuery) -> Listing:
    """Answer a question to the catalogue from one state of it."""
    question = _understood(connection, query)
    if question.is_vain:
        page: Page[Listed] = Page([], 0, None)
    elif question.wanted is not None:
        page = _ranked(connection, query, question, question.wanted)
    else:
        page = _ordered(connection, query, question)
    if not query.types:
        return Listing(page, query.types, None, None)
    nothing: Page[Listed] = Page([], 0, None)
    undecided = nothing if question.is_vain or len(query.types) == 1 else _undecided(connection, query, question)
    return Listing(page, query.types, avoidances.first(connection, query.types, query.q, question.wanted), undecided)


def _understood(connection: sa.Connection, query: CatalogueQuery) -> _Question:
    wanted = search.understand(connection, query.q) if query.q is not None else None
    asked = {name: value for name in headings.OF_FILTER if (value := getattr(query, name)) is not None}
    allowed = [headings.OF_FILTER[name](connection, value) for name, value in asked.items()]
    if not (allowed or query.types or wanted):
        allowed = [[headings.EVERYTHING]]
    rare = wanted is not None and search.is_rare(connection, wanted)
    form = _Form(len(query.types), tuple(map(len, allowed)), query.unjudged is not None, connection.dialect.name, rare)
    values: Values = dict(zip(form.type_names, query.types, strict=True))
    for names, all_ in zip(form.filters, allowed, strict=True):
        values |= zip(names, all_, strict=True)
    if query.unjudged is not None:
        values["unjudged"] = query.unjudged
    if wanted is not None:
        values["words"] = search.text(connection, wanted)
    return _Question(form, values, wanted, is_vain=(query.q is not None and wanted is None) or not all(allowed))


# What is found: conditions on an exercise, by its id.


def _is_under(id_: sa.ColumnElement[int], names: Sequence[str]) -> Where:
    """Require that it stands under one of some headings."""
    there = _heading.alias()
    return sa.exists().where(there.c.exercise_id == id_, _one_of(there.c.heading, names)).correlate_except(there)


def _is_recommended(id_: sa.ColumnElement[int], name: str) -> Where:
    there = _recommendation.alias()
    return sa.exists().where(there.c.exercise_id == id_, there.c.type == sa.bindparam(name)).correlate_except(there)


def _is_unjudged(id_: sa.ColumnElement[int]) -> Where:
    there = _verdict.alias()
    return ~sa.exists().where(there.c.exercise_id == id_, there.c.type == sa.bindparam("unjudged")).correlate_except(there)


def _one_of(column: sa.ColumnElement[str], names: Sequence[str]) -> Where:
    return column == sa.bindparam(names[0]) if len(names) == 1 else column.in_([sa.bindparam(name) for name in names])


def _filters(form: _Form, id_: sa.ColumnElement[int], besides: int = 0) -> list[Where]:
    """Require all that is asked of an exercise, besides its types and so many of the first filters."""
    unjudged = [_is_unjudged(id_)] if form.unjudged else []
    return [*(_is_under(id_, names) for names in form.filters[besides:]), *unjudged]


# Where it is found: rows of `id` and the key, each exercise once, from one index or from several to be merged.


def _sources(form: _Form) -> list[Rows]:
    if form.types > 1:
        return [_of_type(form, name).where(*_by_the_others(form, name)) for name in form.type_names]
    if form.types == 1:
        columns = _recommendation.c
        rows = sa.select(columns.exercise_id.label("id"), columns.position, columns.choice).where(columns.type == sa.bindparam("type_0"))
        return [rows.where(*_filters(form, columns.exercise_id))]
    columns = _heading.c
    rows = sa.select(columns.exercise_id.label("id"), columns.slug).where(*_filters(form, columns.exercise_id, besides=1))
    return [rows.where(columns.heading == sa.bindparam(name)) for name in form.filters[0]]


def _of_type(form: _Form, name: str) -> Rows:
    mine = _recommendation.c
    # Named, because it is used inside of other conditions too, where it would not be correlated by itself.
    slug = sa.select(_exercise.c.slug).where(_exercise.c.id == mine.exercise_id).correlate(_recommendation).scalar_subquery().label("slug")
    rows = sa.select(mine.exercise_id.label("id"), mine.position, slug)
    return rows.where(mine.type == sa.bindparam(name), *_filters(form, mine.exercise_id))


def _by_the_others(form: _Form, name: str) -> list[Where]:
    return [_is_recommended(_recommendation.c.exercise_id, other) for other in form.type_names if other != name]


def _undecided_sources(form: _Form) -> list[Rows]:
    """Take what one of the types recommends, another hasn't judged, and none avoids."""
    id_, there = _recommendation.c.exercise_id, _verdict.alias()
    avoided = sa.exists().where(there.c.exercise_id == id_, _one_of(there.c.type, form.type_names), there.c.verdict == Verdict.AVOID)
    decided = ~avoided.correlate_except(there)
    return [_of_type(form, name).where(decided, ~sa.and_(*_by_the_others(form, name))) for name in form.type_names]


def _merged(sources: Sequence[Rows], key: Sequence[str], limit: int | sa.BindParameter[int]) -> sa.FromClause:
    """Merge lists in the order of a key, no further than the limit; what stands in several counts where it stands first."""
    parts = [one.order_by(*(one.selected_columns[name] for name in key)).limit(limit).subquery() for one in sources]
    if len(parts) == 1:
        return parts[0]
    every = sa.union_all(*(sa.select(*part.c) for part in parts)).subquery()
    first = [sa.func.min(column).label(column.name) if column.name == "position" else column for column in every.c]
    return sa.select(*first).group_by(*(column for column in every.c if column.name != "position")).subquery()


def _number_of(sources: Sequence[Rows]) -> sa.Select[int]:
    """Count what is in some lists; the order doesn't matter, so what is needed for it alone is left out."""
    return counted(_merged([one.with_only_columns(one.selected_columns.id) for one in sources], (), COUNTED + 1))


@lru_cache(asking.FORMS)
def _page(form: _Form, *, goes_on: bool) -> Rows:
    """Build the statement of one page: `goes_on` after the key in `after_0` and so on."""
    sources, limit = _sources(form), sa.bindparam("limit", type_=sa.Integer)
    if goes_on:
        sources = [one.where(*_after(form, [one.selected_columns[name] for name in form.key])) for one in sources]
    if len(sources) == 1:  # it has its order from an index: documents needn't be sorted
        return _its_documents(sources[0], form.key, limit)
    return _with_documents(_merged(sources, form.key, limit), form.key, limit)


def _its_documents(rows: Rows, key: Sequence[str], limit: sa.BindParameter[int]) -> Rows:
    columns = [rows.selected_columns[name] for name in key]
    rows = rows.join(_exercise, _exercise.c.id == rows.selected_columns.id)
    return rows.with_only_columns(_exercise.c.document, *columns).order_by(*columns).limit(limit)


def _after(form: _Form, columns: Sequence[sa.ColumnElement[Any]]) -> list[Where]:
    values = [sa.bindparam(f"after_{n}", type_=column.type) for n, column in enumerate(columns)]
    if len(columns) == 1:
        return [columns[0] > values[0]]
    after = sa.tuple_(*columns) > sa.tuple_(*values)
    if form.types < 2:  # noqa: PLR2004  (one list)
        return [after]
    # The first condition follows from the second; it is what the index is entered by.
    return [columns[0] >= values[0], after, ~_stood_before(form, columns[1], values)]


def _stood_before(form: _Form, slug: sa.ColumnElement[str], after: Sequence[sa.BindParameter[Any]]) -> Where:
    """Say whether it stood on an earlier page, by its place in another type's list."""
    there = _recommendation.alias()
    earlier = sa.or_(there.c.position < after[0], sa.and_(there.c.position == after[0], slug <= after[1]))
    mine = there.c.exercise_id == _recommendation.c.exercise_id, _one_of(there.c.type, form.type_names)
    return sa.exists().where(*mine, earlier).correlate_except(there)


def _with_documents(rows: sa.FromClause, key: Sequence[str], limit: int | sa.BindParameter[int]) -> Rows:
    columns = [rows.c[name] for name in key]
    return sa.select(_exercise.c.document, *columns).join_from(rows, _exercise, _exercise.c.id == rows.c.id).order_by(*columns).limit(limit)


@lru_cache(asking.FORMS)
def _total(form: _Form) -> sa.Select[int]:
    # What all types recommend is in each of their lists, so one is enough to count.
    return _number_of(_sources(form)[:1] if form.types else _sources(form))


@lru_cache(asking.FORMS)
def _undecided_page(form: _Form, *, searched: bool) -> tuple[Rows, sa.Select[int]]:
    """Build the statements of what is undecided, and of how many that are."""
    sources = _undecided_sources(form)
    if searched:
        sources = [one.where(_recommendation.c.exercise_id.in_(_matching(form))) for one in sources]
    shown = _with_documents(_merged(sources, form.key, LONGEST_PAGE), form.key, LONGEST_PAGE)
    return shown, _number_of(sources)


def _matching(form: _Form) -> sa.Select[int]:
    return sa.select(_search.c.rowid).where(search.matches(form.dialect)).order_by(search.in_order(rare=form.rare)).limit(COUNTED)


@lru_cache(asking.FORMS)
def _candidates(form: _Form) -> Rows:
    """Build the statement of the next matches by id, with what each is found by."""
    columns = _search.c
    rows = sa.select(columns.rowid, _exercise.c.slug, columns.name, columns.alias, columns.term)
    within = columns.rowid.between(sa.bindparam("first", type_=sa.Integer), sa.bindparam("last", type_=sa.Integer))
    rows = rows.join_from(_search, _exercise, _exercise.c.id == columns.rowid).where(*_matches(form), within)
    return rows.order_by(search.in_order(rare=form.rare)).limit(CANDIDATES)


@lru_cache(asking.FORMS)
def _matches_total(form: _Form) -> sa.Select[int]:
    return counted(sa.select(_search.c.rowid).where(*_matches(form)).limit(COUNTED + 1).subquery())


def _matches(form: _Form) -> list[Where]:
    id_ = _search.c.rowid
    return [search.matches(form.dialect), *_filters(form, id_), *(_is_recommended(id_, name) for name in form.type_names)]


@lru_cache(asking.FORMS)
def _documents(number: int) -> sa.Select[int, str]:
    ids = [sa.bindparam(f"id_{n}", type_=sa.Integer) for n in range(number)]
    return sa.select(_exercise.c.id, _exercise.c.document).where(_exercise.c.id.in_(ids))


# The answers.


def _ordered(connection: sa.Connection, query: CatalogueQuery, question: _Question) -> Page[Listed]:
    form, values = question.form, question.values
    goes_on = _going_on(form, query.after) if query.after is not None else {}
    rows = asking.rows(connection, _page(form, goes_on=bool(goes_on)), {**values, **goes_on, "limit": query.limit + 1})
    items = [offered(row[0], query.types) for row in rows[: query.limit]]
    more = len(rows) > query.limit
    # A first page that isn't full has counted already.
    total = len(rows) if not more and not goes_on else _number_found(connection, question)
    return Page(items, total, tuple(rows[query.limit - 1][1:]) if more else None)


def _going_on(form: _Form, after: Key) -> Values:
    kinds = [int if name in ("position", "choice") else str for name in form.key]
    if [type(one) for one in after] != kinds:
        raise StaleCursor("This cursor belongs to another question.")
    return {f"after_{n}": one for n, one in enumerate(after)}


def _number_found(connection: sa.Connection, question: _Question) -> int | None:
    known = _known_number(connection, question)
    return _number(connection, _total(question.form), question.values) if known is None else known


def _known_number(connection: sa.Connection, question: _Question) -> int | None:
    """Give how many there are where the sizes of headings tell it: one or two that each has to stand under."""
    form, values = question.form, question.values
    names = [headings.recommended_for(str(values[name])) for name in form.type_names]
    names += [str(values[name]) for all_ in form.filters for name in all_]
    if len(names) > (1 if form.unjudged else 2) or any(number > 1 for number in form.headings):
        return None
    number = headings.size(connection, *names)
    if form.unjudged:
        judged = headings.recommended_for(str(values["unjudged"])), headings.avoided_for(str(values["unjudged"]))
        number -= sum(headings.size(connection, *names, one) for one in judged)
    return number


def _number(connection: sa.Connection, statement: sa.Select[int], values: Mapping[str, str | int]) -> int | None:
    number: int = asking.value(connection, statement, values)
    return number if number <= COUNTED else None


def offered(document: str, types: tuple[str, ...]) -> Listed:
    """Put an exercise into an answer; refuse to offer one whose own record doesn't recommend it."""
    if not types:
        return Listed(document, None)
    decided = of_document(document, types)
    if decided.verdict is not Verdict.RECOMMENDED:
        raise Inconsistent("The catalogue's rows and records disagree about an exercise; run 'exercise-library check'.")
    return Listed(document, decided)


def _ranked(connection: sa.Connection, query: CatalogueQuery, question: _Question, wanted: Sequence[ranking.Wanted]) -> Page[Listed]:
    """Rank the matches block by block; a cursor names its block by the first and last id, and the place in it by rank and slug."""
    first, last, *place = _block_of(query.after)
    found: list[tuple[tuple[int, int, int, str], int]] = []
    block: list[asking.Row] = []
    while len(found) <= query.limit:
        within = {"first": first, "last": _LAST_ID if last is None else last}
        block = asking.rows(connection, _candidates(question.form), {**question.values, **within})
        if not block:
            break
        end: int = last if last is not None else block[-1][0]
        keys = sorted(((first, end, ranking.rank(wanted, search.phrases_of(*by)), slug), id_) for id_, slug, *by in block)
        found += [(key, id_) for key, id_ in keys if not place or key[2:] > tuple(place)]
        if last is None and len(block) < CANDIDATES:
            break
        first, last, place = end + 1, None, []
    documents = _read(connection, [id_ for _, id_ in found[: query.limit]])
    more = len(found) > query.limit
    is_all = query.after is None and len(block) < CANDIDATES and first == 0
    total = len(found) if is_all else _number_of_matches(connection, question, wanted)
    return Page([offered(one, query.types) for one in documents], total, found[query.limit - 1][0] if more else None)


def _block_of(after: Key | None) -> tuple[int, int | None, *tuple[int | str, ...]]:
    match after:
        case None:
            return 0, None
        case int(first), int(last), int(rank), str(slug):
            return first, last, rank, slug
        case _:
            raise StaleCursor("This cursor belongs to another question.")


def _read(connection: sa.Connection, ids: Sequence[int]) -> list[str]:
    if not ids:
        return []
    by_id: dict[int, str] = dict(asking.rows(connection, _documents(len(ids)), {f"id_{n}": id_ for n, id_ in enumerate(ids)}))
    return [by_id[id_] for id_ in ids]


def _number_of_matches(connection: sa.Connection, question: _Question, wanted: Sequence[ranking.Wanted]) -> int | None:
    if _at_least(connection, question, wanted) > COUNTED:
        return None
    return _number(connection, _matches_total(question.form), question.values)


def _at_least(connection: sa.Connection, question: _Question, wanted: Sequence[ranking.Wanted]) -> int:
    """Give how many match for certain: what is asked can miss no more than each word and each heading misses by itself."""
    form, values = question.form, question.values
    if form.unjudged:
        return 0
    everything = headings.size(connection, headings.EVERYTHING)
    found = [search.in_at_least(connection, one) for one in wanted]
    found += [headings.size(connection, headings.recommended_for(str(values[name]))) for name in form.type_names]
    found += [max(headings.size(connection, str(values[name])) for name in all_) for all_ in form.filters]
    return everything - sum(everything - number for number in found)


def _undecided(connection: sa.Connection, query: CatalogueQuery, question: _Question) -> Page[Listed]:
    shown, number = _undecided_page(question.form, searched=question.wanted is not None)
    documents = [document for document, *_ in asking.rows(connection, shown, question.values)]
    items = [Listed(one, of_document(one, query.types)) for one in documents]
    if len(items) < LONGEST_PAGE:
        total: int | None = len(items)
    elif question.form.types == 2 and not question.form.headings and question.wanted is None:  # noqa: PLR2004  (each two sizes are known)
        total = sum(_undecided_number(connection, one, other) for one, other in permutations(query.types))
    else:
        total = _number(connection, number, question.values)
    return Page(items, total, None)


def _undecided_number(connection: sa.Connection, one: str, other: str) -> int:
    """Give how many one type recommends and the other hasn't judged."""
    recommended, judged = headings.recommended_for(one), (headings.recommended_for(other), headings.avoided_for(other))
    return headings.size(connection, recommended) - sum(headings.size(connection, recommended, verdict) for verdict in judged)
