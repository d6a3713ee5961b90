"""Queries of the catalogue: filters, order, pages, and what to avoid.

Every list is read from an index in its own order and no further than its page, however many exercises there are: by slug under a
heading, by place in a type's list, by id among what a search finds. A statement is built once for each shape of query; the values
are its parameters.
"""

import sqlalchemy as sa

from api.library.listing import Listed, Listing, Page
from api.library.query import CatalogueQuery
from api.store import asking
from api.store.catalogue import avoid, ordered, ranked
from api.store.catalogue.query import PreparedQuery, prepare


def find(connection: sa.Connection, query: CatalogueQuery) -> Listing:
    """Answer a query of the catalogue from one state of it."""
    prepared = prepare(connection, query)
    page = _page(connection, prepared)
    if not query.types:
        return Listing(asking.answered(connection, page), query.types, None, None)
    around = asking.beside(avoid.first(connection, query.types, query.q, prepared.wanted), _undecided(connection, prepared))
    found, (avoided, undecided) = asking.answered(connection, asking.beside(page, around))
    return Listing(found, query.types, avoided, undecided)


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
