"""What changed, when and by whom: answers for curators, and for phones that stay in sync."""

from collections.abc import Mapping
from datetime import datetime

from pydantic import JsonValue

from api.library.record import Record
from api.library.vocabulary import ChangeAction, Channel

BOOKKEEPING = ("revision", "created_at", "updated_at")
"""The fields that the library keeps of an exercise, which say nothing of what it is."""

LONGEST_REASON = 1000
"""How many characters the reason for a change may have."""
PORTABLE_REASON = "^[ -~]*$"
"""What the document of the API describes, as a pattern: programs disagree about how letters beyond ASCII are sent in a header."""


def is_reason(text: str) -> bool:
    """Say whether a text can be the reason for a change: one line, of any script."""
    return len(text) <= LONGEST_REASON and text.isprintable()


class HistoryEntry(Record):
    """One committed change of one exercise."""

    revision: int
    """The library's revision that it made."""
    at: datetime
    """When, in UTC."""
    by: str | None
    """Who: a key's name, or the program; null for callers without a key."""
    channel: Channel
    """Through what."""
    action: ChangeAction
    """What it did."""
    fields: list[str]
    """The fields that differ, derived ones included."""
    reason: str | None
    """Why, in the words of who did it; null for callers without a key."""
    before: JsonValue
    """The exercise before; null where it is new."""
    after: JsonValue
    """The exercise after; null where it was retired."""


class History(Record):
    """The changes of one exercise, newest first."""

    items: list[HistoryEntry]
    """The changes."""
    total: int | None
    """How many there are."""
    next: str | None
    """Path and query of the next page; null on the last."""


class LibraryChange(Record):
    """One change of one record."""

    revision: int
    """The library's revision that it made."""
    kind: str
    """The kind of record, such as `exercise` or `source`; `retired-exercise`: what is left of one for its variants, not to be shown."""
    slug: str
    """Its name; a term's is its kind and its slug, such as `region/low-back`."""
    action: ChangeAction
    """What happened to it."""
    at: datetime
    """When, in UTC."""
    record: JsonValue
    """The record as this change left it; null where it is gone."""


class Changes(Record):
    """All that changed after a revision, oldest first."""

    library_id: str
    """Which library this is; another one means: begin again with `/library`."""
    revision: int
    """The library's revision as of this page: what to ask `since` next time, once `next` is null."""
    items: list[LibraryChange]
    """The changes, deletions included."""
    next: str | None
    """Path and query of the next page; null on the last."""


def differing(before: Mapping[str, object] | None, after: Mapping[str, object] | None) -> list[str]:
    """Name the fields that differ, in their order."""
    old, new = before or {}, after or {}
    return [name for name in {**old, **new} if name not in BOOKKEEPING and old.get(name) != new.get(name)]
