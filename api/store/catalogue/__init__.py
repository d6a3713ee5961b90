"""Queries of the catalogue: filters, order, pages, and what to avoid.

Every list is read from an index in its own order and no further than its page, however many exercises there are: by slug under a
heading, by place in a type's list, by id among what a search finds. A statement is built once for each shape of query; the values
are its parameters.
"""

from collections.abc import Callable, Collection

import sqlalchemy as sa

from api.library.listing import Listed, Listing, Page
from api.library.query import CatalogueQuery
from api.store import asking, reference
from api.store.catalogue import avoid, ordered, ranked
from api.store.catalogue.query import PreparedQuery, prepare

Check = Callable[[Collection[str]], object]


def find(connection: sa.Connection, query: CatalogueQuery, check: Check | None = None, *, alone: bool = False) -> Listing:
    """Answer a query of the catalogue from one state of it; `check` is given every type that there is, where any is asked.

    Where it is `alone`, nothing else is asked for the same answer.
    """
    # What a type recommends is a page and no more, as a rule; other lists go on, and words have to be looked up first.
    is_short = len(query.types) == 1 and not (query.q or query.tag or query.after)
    return asking.answered(connection, lambda: _listing(connection, query, check), alone=alone and is_short)


def _listing(connection: sa.Connection, query: CatalogueQuery, check: Check | None) -> asking.Asking[Listing]:
    if check and len(query.types) > 1:  # before it is asked for: who asks for fifty that don't exist would have a long statement built
        yield from _checked(check)
    prepared = prepare(connection, query)
    page = _page(connection, prepared)
    if not query.types:
        return Listing((yield from page), query.types, None, None)
    around = asking.beside(avoid.first(connection, query.types, query.q, prepared.wanted), _undecided(connection, prepared))
    whole = asking.beside(page, around)
    if check and len(query.types) == 1:
        _, (found, (avoided, undecided)) = yield from asking.beside(_checked(check), whole)
    else:
        found, (avoided, undecided) = yield from whole
    return Listing(found, query.types, avoided, undecided)


def _checked(check: Check) -> asking.Asking[None]:
    [found] = yield [(reference.prepared_slugs("type"), {})]
    check([slug for (slug,) in found])


def _page(connection: sa.Connection, prepared: PreparedQuery) -> asking.Asking[Page[Listed]]:
    if prepared.is_vain:
        return _nothing()
    if prepared.wanted is not None:
        return ranked.page(connection, prepared, prepared.wanted)
    return ordered.page(connection, prepared)


def _undecided(connection: sa.Connection, prepared: PreparedQuery) -> asking.Asking[Page[Listed]]:
    if prepared.is_vain or prepared.shape.types == 1:
        return _nothing()
    return ordered.undecided(connection, prepared)


def _nothing() -> asking.Asking[Page[Listed]]:
    yield from ()
    return Page([], 0, None)
