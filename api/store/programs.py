"""Gathers what a program or a screening is made from, out of one state of the library."""

from collections.abc import Mapping, Sequence

import sqlalchemy as sa

from api.library.composing import Ingredients, compose, reach
from api.library.condition import Condition, TypeDraft
from api.library.exercise import Exercise, Suitability
from api.library.listing import Listed
from api.library.program import Program
from api.library.query import LONGEST_PAGE, CatalogueQuery
from api.library.questionnaire import Questions
from api.library.screening_items import Group, Indicator, RedFlag, implied, of_conditions
from api.library.source import Source
from api.library.vocabulary import SubjectKind
from api.store import catalogue, reference
from api.store.catalogue.avoid import page as avoided_page
from api.store.exercises import read as exercises
from api.store.journal import revision

Read = tuple[Exercise, Suitability]
"""An exercise, and how it reads for the types asked together."""


def program(connection: sa.Connection, types: Sequence[str], groups: Sequence[str] | None, only: Sequence[str] = ()) -> Program:
    """Make the program for types of the library and for groups; None: nobody was asked about groups."""
    return compose(ingredients(connection, types, groups, only))


def ingredients(connection: sa.Connection, types: Sequence[str], groups: Sequence[str] | None, only: Sequence[str] = ()) -> Ingredients:
    """Gather what the catalogue says for the types, and for those that the groups are signs of; what `only` names is in the library."""
    known_types, known_groups = reference.records_as(connection, "type", TypeDraft), groups_of(connection)
    minded = None if groups is None else implied(groups, known_groups)
    within = reach(types, minded or (), known_types, known_groups)
    recommended, undecided = _found(connection, within.types)
    avoid = avoided_page(connection, within.all, LONGEST_PAGE, None)
    conditions = _conditions(connection, within.types, known_types)
    flags = reference.records_as(connection, "red-flag", RedFlag)
    torn: dict[str, None] = {}  # nothing is recommended and to be avoided for one type
    if len(within.all) > 1:
        torn = dict.fromkeys(avoidance.slug for avoidance in avoid.items if avoidance.kind is SubjectKind.EXERCISE)
    by_slug = exercises.load(connection, list(dict.fromkeys([*only, *torn])))
    return Ingredients(
        reach=within,
        groups=minded,
        recommended=recommended,
        undecided=undecided,
        avoided=[by_slug[slug].exercise for slug in torn],
        avoid=avoid.items,
        avoid_total=avoid.total,
        only=[by_slug[slug].exercise for slug in only],
        conditions=conditions,
        red_flags=of_conditions(flags.values(), {condition.slug for condition in conditions}),
        sources=reference.records_as(connection, "source", Source),
        known_types=known_types,
        known_groups=known_groups,
        revision=revision(connection),
    )


def _found(connection: sa.Connection, types: Sequence[str]) -> tuple[list[Read], list[Read]]:
    """Give everything that all of the types recommend, and what is undecided up to the length of an answer."""
    query = CatalogueQuery(types=tuple(types), limit=LONGEST_PAGE)
    listing = catalogue.find(connection, query)
    recommended, page = list(listing.page.items), listing.page
    while page.last is not None:
        page = catalogue.find(connection, query._replace(after=page.last)).page
        recommended += page.items
    return _read(recommended), _read(listing.undecided.items if listing.undecided else [])


def _read(items: Sequence[Listed]) -> list[Read]:
    return [(listed.exercise, listed.suitability) for listed in items if listed.suitability]


def _conditions(connection: sa.Connection, types: Sequence[str], known: Mapping[str, TypeDraft]) -> list[Condition]:
    wanted = {known[type_].condition for type_ in types}
    return [condition for slug, condition in reference.records_as(connection, "condition", Condition).items() if slug in wanted]


def groups_of(connection: sa.Connection) -> dict[str, Group]:
    """Give every group."""
    return reference.records_as(connection, "group", Group)


def questions(connection: sa.Connection, condition: str) -> Questions:
    """Give what there is to ask for a condition."""
    types = reference.records_as(connection, "type", TypeDraft)
    mine = [slug for slug, type_ in types.items() if type_.condition == condition]
    indicators = reference.records_as(connection, "indicator", Indicator)
    return Questions(
        condition=condition,
        types=mine,
        indicators={slug: indicator for slug, indicator in indicators.items() if indicator.type in mine},
        red_flags=reference.records_as(connection, "red-flag", RedFlag),
        groups=groups_of(connection),
    )
