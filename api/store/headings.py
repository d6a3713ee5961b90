"""Headings: what an exercise is looked up under, like the entries of a book's index. `region/low-back` is one, `recommended/stiff` another.

Under a heading the exercises stand in the order of their slugs, so that a list of them is read like a page of the index.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache, partial
from itertools import combinations_with_replacement

import sqlalchemy as sa

from api.library.exercise import Exercise
from api.library.term import needed, term_key
from api.library.vocabulary import TermKind, Verdict
from api.store import asking, tables

EVERYTHING = "everything"
"""The heading of the whole catalogue."""

_size = tables.of(tables.HeadingSize)
_type = tables.of(tables.DysfunctionType)

FIELDS = frozenset({"regions", "equipment", "recommendations", "contraindications"})
"""The only fields that headings follow from."""


def of(exercise: Exercise) -> set[str]:
    """Give the headings that an exercise stands under."""
    return set(_of(exercise))


def _of(exercise: Exercise) -> Iterator[str]:
    yield EVERYTHING
    yield from (term_key(TermKind.REGION, slug) for slug in exercise.regions)
    yield from needed(exercise.equipment)
    yield from (recommended_for(recommendation.type) for recommendation in exercise.recommendations)
    yield from (avoided_for(contraindication.type) for contraindication in exercise.contraindications)


def recommended_for(type_: str) -> str:
    """Name the heading of what is recommended for a type."""
    return f"{Verdict.RECOMMENDED}/{type_}"


def avoided_for(type_: str) -> str:
    """Name the heading of what a type should avoid."""
    return f"{Verdict.AVOID}/{type_}"


def judged_for(type_: str) -> tuple[str, str]:
    """Name the headings of what a type has a verdict on."""
    return recommended_for(type_), avoided_for(type_)


def _recommended(column: str, connection: sa.Connection, value: str) -> list[str]:
    """Look up, for a filter on exercises, the types that recommend them."""
    return [recommended_for(slug) for slug in asking.values(connection, _types(column), {"value": value})]


@lru_cache
def _types(column: str) -> sa.Select[str]:
    return sa.select(_type.c.slug).where(_type.c[column] == sa.bindparam("value")).order_by(_type.c.slug)


# By field of the query: the headings, under one of which an exercise has to stand.
OF_FILTER: dict[str, Callable[[sa.Connection, str], list[str]]] = {
    "region": lambda _, slug: [term_key(TermKind.REGION, slug)],
    "equipment": lambda _, slug: [term_key(TermKind.EQUIPMENT, slug)],
    "tag": partial(_recommended, "tag"),
    "condition": partial(_recommended, "condition"),
}


# The sizes of headings, alone and in pairs, are kept, so that nothing has to be counted.


def count(connection: sa.Connection, removed: Mapping[int, Exercise], added: Mapping[int, Exercise]) -> None:
    """Note which exercises have gone and which have come."""
    change = sizes(added.values())
    change.subtract(sizes(removed.values()))
    changed = [{"heading": name, "exercises": number} for name, number in sorted(change.items()) if number]
    if changed:
        connection.execute(_MORE, changed)
    left = [name for name, number in change.items() if number < 0]
    if left:
        connection.execute(sa.delete(_size).where(_size.c.heading.in_(left), _size.c.exercises == 0))


def sizes(exercises: Iterable[Exercise]) -> Counter[str]:
    """Count exercises under each of their headings, and under each two."""
    pairs = (combinations_with_replacement(of(exercise) - {EVERYTHING}, 2) for exercise in exercises)
    found: Counter[str] = Counter()
    for pairs_of_exercise in pairs:
        found.update(_together(*pair) for pair in pairs_of_exercise)
        found[EVERYTHING] += 1
    return found


def size(connection: sa.Connection, *together: str) -> int:
    """Give how many exercises stand under a heading, or under two at once."""
    return asking.value(connection, _SIZE, {"wanted": _together(*together)}) or 0


def _together(*names: str) -> str:
    return " & ".join(sorted({*names} - {EVERYTHING})) or EVERYTHING


# Both engines know these words, for which SQLAlchemy has two constructs.
_MORE = sa.text(
    "INSERT INTO heading_size (heading, exercises) VALUES (:heading, :exercises) "
    "ON CONFLICT (heading) DO UPDATE SET exercises = heading_size.exercises + excluded.exercises"
)
_SIZE = sa.select(_size.c.exercises).where(_size.c.heading == sa.bindparam("wanted"))
