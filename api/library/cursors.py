"""Where a page continues: the key of the last item seen, with named parts."""

from typing import NamedTuple, TypeVar

from api.errors import InvalidCursor

Key = tuple[str | int, ...]


class AfterSlug(NamedTuple):
    """Continues in the order of slugs."""

    slug: str


class AfterChoice(NamedTuple):
    """Continues in one type's list."""

    position: int
    choice: int


class AfterPosition(NamedTuple):
    """Continues in what several types recommend."""

    position: int
    slug: str


class AfterRank(NamedTuple):
    """Continues a search, which is ranked block by block: which block, and the place in it."""

    first_id: int
    last_id: int
    rank: int
    slug: str


class AfterPattern(NamedTuple):
    """Continues among movement patterns to avoid."""

    slug: str
    type: str


class AfterReason(NamedTuple):
    """Continues among exercises to avoid, each of which may have several reasons."""

    slug: str
    type: str
    ordinal: int


class AfterRevision(NamedTuple):
    """Continues in one record's history."""

    revision: int


class AfterChange(NamedTuple):
    """Continues among all changes."""

    revision: int
    kind: str
    slug: str


Named = TypeVar("Named", bound=NamedTuple)


def read(after: Key, *kinds: type[Named]) -> Named:
    """Read a key as the kind whose parts it has. Raises InvalidCursor where it fits none."""
    for kind in kinds:
        if [type(part) for part in after] == list(kind.__annotations__.values()):
            return kind._make(after)
    raise InvalidCursor("This cursor belongs to another question.")
