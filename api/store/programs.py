"""Gathering what a program or a screening is made from, from one state of the library."""

from collections.abc import Sequence
from typing import TypeVar

import sqlalchemy as sa

from api.library.exercise import Exercise, Suitability
from api.library.listing import Listed
from api.library.program import Ingredients, Program, compose
from api.library.query import LONGEST_PAGE, CatalogueQuery
from api.library.record import Record
from api.library.reference import Condition, Group, Indicator, RedFlag, Source, TypeDraft
from api.library.screening import Questions
from api.store import catalogue, references
from api.store.exercises import read as exercises
from api.store.journal import revision

_Model = TypeVar("_Model", bound=Record)


def program(connection: sa.Connection, types: Sequence[str], groups: Sequence[str], only: Sequence[str] = ()) -> Program:
    """Make the program for types of the library; the groups have the implied ones already."""
    return compose(ingredients(connection, types, groups, only))


def ingredients(connection: sa.Connection, types: Sequence[str], groups: Sequence[str], only: Sequence[str] = ()) -> Ingredients:
    """Gather what the catalogue says for the types; what `only` names is all in the library."""
    query = CatalogueQuery(types=tuple(types), limit=LONGEST_PAGE)
    listing = catalogue.find(connection, query)
    recommended = list(listing.page.items)
    page = listing.page
    while page.last is not None:
        page = catalogue.find(connection, query._replace(after=page.last)).page
        recommended += page.items
    conditions = _conditions(connection, types)
    flags = _of(RedFlag, references.read(connection, "red-flag"))
    by_slug = exercises.load(connection, list(only))
    return Ingredients(
        types=types,
        groups=groups,
        recommended=_read(recommended),
        undecided=_read(listing.undecided.items if listing.undecided else []),
        avoid=listing.avoid.items if listing.avoid else [],
        avoid_total=listing.avoid.total if listing.avoid else 0,
        only=[by_slug[slug].exercise for slug in only],
        red_flags=[flag for flag in flags.values() if flag.condition in {one.slug for one in conditions}],
        stop_rules=[rule for one in conditions for rule in one.stop_rules],
        sources=_of(Source, references.read(connection, "source")),
        revision=revision(connection),
    )


def _read(items: Sequence[Listed]) -> list[tuple[Exercise, Suitability]]:
    return [(one.exercise, one.suitability) for one in items if one.suitability]


def _conditions(connection: sa.Connection, types: Sequence[str]) -> list[Condition]:
    known = _of(TypeDraft, references.read(connection, "type"))
    wanted = {known[type_].condition for type_ in types}
    return [one for slug, one in _of(Condition, references.read(connection, "condition")).items() if slug in wanted]


def _of(model: type[_Model], records: dict[str, Record]) -> dict[str, _Model]:
    """Give the records as what they are, for the type checker."""
    return {slug: one for slug, one in records.items() if isinstance(one, model)}


def groups(connection: sa.Connection) -> dict[str, Group]:
    """Give every group."""
    return _of(Group, references.read(connection, "group"))


def questions(connection: sa.Connection, condition: str) -> Questions:
    """Give what there is to ask for a condition."""
    types = _of(TypeDraft, references.read(connection, "type"))
    mine = [slug for slug, one in types.items() if one.condition == condition]
    indicators = _of(Indicator, references.read(connection, "indicator"))
    flags = _of(RedFlag, references.read(connection, "red-flag"))
    return Questions(
        types=mine,
        indicators={slug: one for slug, one in indicators.items() if one.type in mine},
        red_flags={slug: one for slug, one in flags.items() if one.condition == condition},
        groups=groups(connection),
    )
