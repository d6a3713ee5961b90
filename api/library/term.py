"""Terms: words for regions, equipment and muscles, which are data, and how often each word of a filter occurs."""

from collections.abc import Sequence

from api.library.record import Record, Slug, Text
from api.library.vocabulary import NO_EQUIPMENT, TermKind


class Term(Record):
    """A word for a region, a piece of equipment or a muscle."""

    kind: TermKind
    """Which list it belongs to."""
    slug: Slug
    """The word, as filters take it; unique within its list."""
    label: Text
    """The word as a person reads it."""


def term_key(kind: str, slug: str) -> str:
    """Give the key under which a word is stored: `region/low-back` is the region `low-back`."""
    return f"{kind}/{slug}"


NOTHING_NEEDED = term_key(TermKind.EQUIPMENT, NO_EQUIPMENT)
"""The key of the word for exercises that need nothing: filters take it, and no record names it."""


def needed(equipment: Sequence[str]) -> list[str]:
    """Give the keys of what an exercise needs, or the word for nothing."""
    return [term_key(TermKind.EQUIPMENT, slug) for slug in equipment] or [NOTHING_NEEDED]


class CountedTerm(Record):
    """A word of the vocabulary, and how many exercises have it."""

    slug: Text
    """The word, as filters take it."""
    label: Text
    """The word as a person reads it."""
    count: int
    """How many exercises of the catalogue have it."""


class Vocabulary(Record):
    """Every word that filters take or answers use."""

    regions: list[CountedTerm]
    """Parts of the body."""
    equipment: list[CountedTerm]
    """Things that exercises need; `none` counts those that need nothing."""
    muscles: list[CountedTerm]
    """Muscles and muscle groups."""
    tags: list[CountedTerm]
    """What types ask exercises for: for whom, not what an exercise does to everybody."""
    levels: list[CountedTerm]
    """How soon a red flag needs a clinician; counted over red flags."""
    verdicts: list[CountedTerm]
    """What is known of an exercise for a type; counted over pairs of exercise and type."""
