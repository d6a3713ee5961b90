"""The library's revision, and what each committed change was.

A writer holds the library's row from its first statement to its commit, so revisions become visible in order and
without gaps: whoever has seen 7 has seen 6. (A sequence wouldn't do: it moves before the commit.)
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
        shared = {"revision": self.revision, "at": self.at, **self._author._asdict(), "channel": self._author.channel.value}
        rows = [
            {**shared, **entry._asdict(), "action": entry.action.value} for entry in entries if (entry.kind, entry.slug) not in self.changed
        ]
        if rows:
            self.connection.execute(_NOTED, rows)
        for entry in entries:
            first = self.changed.get((entry.kind, entry.slug))
            # What this transaction created is new to everybody else, however often it was written since.
            action = first if first and entry.action is ChangeAction.UPDATED else entry.action
            self.changed[entry.kind, entry.slug] = action
            if first:
                self._log_again(entry, action)

    def _log_again(self, entry: Entry, action: ChangeAction) -> None:
        """Write down what became of a record whose change is in the log already: what it was before stands there."""
        mine = col(Change.revision) == self.revision, col(Change.kind) == entry.kind, col(Change.slug) == entry.slug
        self.connection.execute(sa.update(Change).where(*mine).values(action=action, after=entry.after))


def revision(connection: sa.Connection, *, hold: bool = False) -> int:
    """Give the library's revision; a writer holds the row."""
    found: int = connection.execute(_HELD if hold else _REVISION).scalar_one()
    return found
