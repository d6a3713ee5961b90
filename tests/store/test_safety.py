"""Nothing unsafe is offered, whatever is asked: the real seed data, every way of asking, every page."""

import json
from functools import cache
from itertools import product

import pytest
import sqlalchemy as sa

from api.library.listing import Listing
from api.library.query import LONGEST_PAGE, CatalogueQuery
from api.library.vocabulary import Verdict
from api.store import catalogue
from api.store.engine import Database
from tests.facts import AVOIDED, FILTERS, PAGE_SIZES, is_avoided, is_recommended
from tests.slips import unknown_slips

TYPES = [("stiff",), ("unstable",), ("stiff", "unstable"), ("unstable", "stiff")]
ONE_FILTER: list[dict[str, str]] = [{}, *({name: value} for name, values in FILTERS.items() for value in values)]
ALL_FILTERS = [
    {name: value for name, value in zip(FILTERS, values, strict=True) if value}
    for values in product(*([None, *values] for values in FILTERS.values()))
]
STEP = 1499
"""Of every type, filter, page size and word, one in so many is asked, unless pytest gets `--exhaustive`; no factor of any of them."""


@cache
def slug_of(document: str) -> str:
    return str(json.loads(document)["slug"])


def pages(connection: sa.Connection, types: tuple[str, ...], filters: dict[str, str], limit: int, q: str | None) -> list[Listing]:
    """Follow every `next`."""
    query = CatalogueQuery(types=types, limit=limit, q=q, **filters)  # type: ignore[arg-type]
    found = [catalogue.find(connection, query)]
    while (after := found[-1].page.last) is not None:
        assert len(found) <= 10, f"{types} {filters} {limit} {q}: the pages have no end"
        found.append(catalogue.find(connection, CatalogueQuery(types=types, limit=limit, q=q, after=after, **filters)))  # type: ignore[arg-type]
    return found


def refuse_the_unsafe(connection: sa.Connection, types: tuple[str, ...], filters: dict[str, str], limit: int, q: str | None) -> list[str]:
    """Check every page of an answer; give what was offered."""
    asked = f"{types} {filters} {limit} {q}"
    offered = []
    for listing in pages(connection, types, filters, limit, q):
        assert len(listing.page.items) <= limit, asked
        for one in listing.page.items:
            slug = slug_of(one.document)
            offered.append(slug)
            assert is_recommended(slug, *types), f"{asked}: {slug} was offered"
            assert one.suitability is not None, asked
            assert one.suitability.verdict is Verdict.RECOMMENDED, asked
            assert all(is_recommended(other, *types) for other in one.suitability.alternatives), asked
        assert listing.undecided is not None, asked
        for one in listing.undecided.items:
            slug = slug_of(one.document)
            assert not is_avoided(slug, *types), f"{asked}: {slug} is called undecided"
            assert not is_recommended(slug, *types), f"{asked}: {slug} is called undecided"
            assert one.suitability is not None, asked
            assert one.suitability.verdict is Verdict.UNKNOWN, asked
        assert listing.avoid is not None, asked
        assert {(one.type, one.slug) for one in listing.avoid.items} == {(type_, slug) for type_ in types for slug in AVOIDED[type_]}, asked
        assert all(one.reason and one.source.slug and one.source.quote for one in listing.avoid.items), asked
        assert listing.page.total is not None, asked
    assert len(offered) == len(set(offered)) == listing.page.total, asked
    return offered


@pytest.fixture(scope="module")
def questions(shared: Database) -> list[str | None]:
    """No question, every word that the search knows, and slips of each."""
    with shared.reading() as connection:
        known = list(connection.execute(sa.text("SELECT word FROM word ORDER BY word")).scalars())
    assert len(known) > 90
    slips = [slip for n, word in enumerate(known) for slip in unknown_slips(word, known)[n % 9 :: 17]]
    # Asking PostgreSQL takes longer, and both engines find the same: `test_search.py` sees to that.
    return [None, *known, *slips][:: 3 if shared.is_postgresql else 1]


def test_every_filter_and_page_size_offers_only_what_every_type_asked_recommends(shared: Database) -> None:
    with shared.reading() as connection:
        for n, (types, filters) in enumerate(product(TYPES[:3], ONE_FILTER)):
            whole = refuse_the_unsafe(connection, types, filters, LONGEST_PAGE, None)
            sizes = [PAGE_SIZES[n % 7]] if filters else PAGE_SIZES
            for limit in sizes:
                assert refuse_the_unsafe(connection, types, filters, limit, None) == whole, f"{types} {filters} {limit}"


def test_all_filters_together_offer_only_what_every_type_asked_recommends(shared: Database) -> None:
    with shared.reading() as connection:
        for n, filters in enumerate(ALL_FILTERS[::2]):
            refuse_the_unsafe(connection, TYPES[n % 3], filters, PAGE_SIZES[n % len(PAGE_SIZES)], None)


def test_every_word_and_every_slip_offers_only_what_every_type_asked_recommends(shared: Database, questions: list[str | None]) -> None:
    with shared.reading() as connection:
        for n, q in enumerate(questions):
            refuse_the_unsafe(connection, TYPES[1 + n % 3], {}, PAGE_SIZES[n % len(PAGE_SIZES)], q)


def test_no_combination_of_type_filter_page_size_and_word_offers_anything_else(
    shared: Database, questions: list[str | None], request: pytest.FixtureRequest
) -> None:
    step = 1 if request.config.getoption("--exhaustive") else STEP
    everything = list(product(TYPES, ONE_FILTER, PAGE_SIZES, questions))
    with shared.reading() as connection:
        for types, filters, limit, q in everything[::step]:
            refuse_the_unsafe(connection, types, filters, limit, q)


def test_an_unjudged_exercise_is_never_one_that_has_a_verdict(shared: Database, questions: list[str | None]) -> None:
    with shared.reading() as connection:
        for type_, limit in product(AVOIDED, PAGE_SIZES):
            listings = pages(connection, (), {"unjudged": type_}, limit, None)
            found = [slug_of(one.document) for listing in listings for one in listing.page.items]
            assert found == (["isometric-squats", "pelvic-list"] if type_ == "stiff" else [])
            assert all(one.suitability is None for listing in listings for one in listing.page.items)
        for type_, q in product(AVOIDED, questions[::5]):
            for listing in pages(connection, (), {"unjudged": type_}, 1, q):
                for one in listing.page.items:
                    assert not is_avoided(slug_of(one.document), type_)
                    assert not is_recommended(slug_of(one.document), type_)


def test_both_types_leave_undecided_what_only_one_of_them_recommends(shared: Database) -> None:
    with shared.reading() as connection:
        listing = catalogue.find(connection, CatalogueQuery(types=("stiff", "unstable")))
    assert listing.undecided is not None
    assert [slug_of(one.document) for one in listing.undecided.items] == ["pelvic-list", "isometric-squats"]


def test_figure_4_is_never_offered_to_an_unstable_pelvis(shared: Database) -> None:
    with shared.reading() as connection:
        for types in [types for types in TYPES if "unstable" in types]:
            for q in [None, "figure 4", "figure 4 stretch", "figrue 4", "stretch", "f", "piriformis stretch"]:
                for listing in pages(connection, types, {}, 1, q):
                    assert listing.undecided is not None
                    shown = [*listing.page.items, *listing.undecided.items]
                    assert "figure-4-stretch" not in [slug_of(one.document) for one in shown], q


def test_what_a_search_names_comes_first_among_what_to_avoid(shared: Database) -> None:
    with shared.reading() as connection:
        for q, first in [("figure 4", "figure-4-stretch"), ("straddle", "wide-legs"), ("legs too wide", "wide-legs"), (None, "wide-legs")]:
            avoid = catalogue.find(connection, CatalogueQuery(types=("unstable",), q=q)).avoid
            assert avoid is not None
            assert avoid.items[0].slug == first, q
            assert avoid.total == 2, q
