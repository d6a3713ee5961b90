"""Where a page goes on: the key of the last item seen, whose parts have names."""

from typing import NamedTuple, TypeVar

from api.errors import InvalidCursor

Key = tuple[str | int, ...]


class AfterSlug(NamedTuple):
    """Goes on in the order of slugs."""

    slug: str


class AfterChoice(NamedTuple):
    """Goes on in one type's list."""

    position: int
    choice: int


class AfterPosition(NamedTuple):
    """Goes on in what several types recommend."""

    position: int
    slug: str


class AfterRank(NamedTuple):
    """Goes on among what a search finds, which is ranked block by block: which block, and the place in it."""

    first_id: int
    last_id: int
    rank: int
    slug: str


class AfterPattern(NamedTuple):
    """Goes on among movement patterns to avoid."""

    slug: str
    type: str


class AfterReason(NamedTuple):
    """Goes on among exercises to avoid, each with as many reasons as it has."""

    slug: str
    type: str
    ordinal: int


class AfterRevision(NamedTuple):
    """Goes on in one record's history."""

    revision: int


class AfterChange(NamedTuple):
    """Goes on among all changes."""

    revision: int
    kind: str
    slug: str


Named = TypeVar("Named", bound=NamedTuple)


def read(after: Key, *kinds: type[Named]) -> Named:
    """Read a key as the one of these kinds whose parts it has. Raises InvalidCursor where it has nobody's."""
    for kind in kinds:
        if [type(part) for part in after] == list(kind.__annotations__.values()):
            return kind._make(after)
    raise InvalidCursor("This cursor belongs to another question.")
