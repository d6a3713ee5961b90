"""What the catalogue can be asked."""

from typing import NamedTuple

from api.library.vocabulary import Tag

PAGE = 50
"""How many items a page has, unless the caller says otherwise."""
LONGEST_PAGE = 100
"""How many items a page has at most; as many entries of `avoid` and `undecided` are shown."""
LONGEST_SEARCH = 200
"""How many characters the words to look for may have."""
COUNTED = 10_000
"""Up to how many matches are counted exactly; beyond, counting would cost a scan."""


class CatalogueQuery(NamedTuple):
    """A query of the catalogue: all filters that are set must hold."""

    types: tuple[str, ...] = ()
    """Recommended for every one of these types."""
    tag: Tag | None = None
    """Recommended for some type that works by this tag."""
    q: str | None = None
    """Found by these words."""
    region: str | None = None
    """Works on this region."""
    equipment: str | None = None
    """Needs this, possibly among others; `none`: needs nothing."""
    condition: str | None = None
    """Recommended for some type of this condition."""
    unjudged: str | None = None
    """Has no verdict for this type yet."""
    limit: int = PAGE
    """How many items at most."""
    after: tuple[str | int, ...] | None = None
    """The key of the last item seen; the page begins after it."""
