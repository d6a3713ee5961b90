"""The library's revision, and what each committed change was.

A writer holds the library's row from its first statement to its commit, so revisions become visible in their order and
without gaps: who has seen 7 has seen 6. (A sequence would not do: it moves before the commit.)
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlmodel import Session, col

from api.library.vocabulary import ChangeAction, Channel
from api.store.tables import Change, Library, of

_library = of(Library).c
_REVISION = sa.select(_library.revision).where(_library.id == 1)
_HELD = _REVISION.with_for_update()
_RAISED = sa.update(of(Library)).values(revision=sa.bindparam("raised"))
_NOTED = sa.insert(of(Change))


class Author(NamedTuple):
    """Who changes the library, through what, and why."""

    by: str
    channel: Channel
    reason: str | None = None


class Entry(NamedTuple):
    """What happened to one record: its finished JSON before and after."""

    kind: str
    slug: str
    action: ChangeAction
    before: str | None
    after: str | None


class Journal:
    """The open transaction of one author: the library's row is held until it ends."""

    def __init__(self, session: Session, author: Author, at: datetime) -> None:
        """Wait for the library's row."""
        self.session = session
        self.connection = session.connection()
        self.at = at
        self._author = author
        self.revision = revision(self.connection, hold=True) + 1
        """The revision that this transaction's changes belong to."""
        self._raised = False
        self.changed: dict[tuple[str, str], ChangeAction] = {}
        """By kind and slug, what happened to everything that was written so far."""

    def log(self, entries: Sequence[Entry]) -> None:
        """Write down what happened, and raise the revision if nothing has yet; a record's second change joins its first."""
        if not entries:
            return
        if not self._raised:
            self.connection.execute(_RAISED, {"raised": self.revision})
            self._raised = True
        shared = {"revision": self.revision, "at": self.at, "by": self._author.by, "channel": self._author.channel.value}
        rows = [
            {**shared, "reason": self._author.reason, "kind": one.kind, "slug": one.slug, "action": one.action.value}
            | {"before": one.before, "after": one.after}
            for one in entries
            if (one.kind, one.slug) not in self.changed
        ]
        if rows:
            self.connection.execute(_NOTED, rows)
        for one in entries:
            first = self.changed.get((one.kind, one.slug))
            # What this transaction created is new to everybody else, however often it was written since.
            action = first if first and one.action is ChangeAction.UPDATED else one.action
            self.changed[one.kind, one.slug] = action
            if first:
                self._log_again(one, action)

    def _log_again(self, one: Entry, action: ChangeAction) -> None:
        """Write down what became of a record whose change is in the log already: what it was before stands there."""
        mine = col(Change.revision) == self.revision, col(Change.kind) == one.kind, col(Change.slug) == one.slug
        self.connection.execute(sa.update(Change).where(*mine).values(action=action, after=one.after))


def revision(connection: sa.Connection, *, hold: bool = False) -> int:
    """Give the library's revision; a writer holds the row."""
    found: int = connection.execute(_HELD if hold else _REVISION).scalar_one()
    return found
