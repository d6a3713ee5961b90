"""The library's revision, and what each committed change was.

A writer holds the library's row from its first statement to its commit, so revisions become visible in their order and
without gaps: who has seen 7 has seen 6. (A sequence would not do: it moves before the commit.)
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlmodel import Session, col, select

from api.library.vocabulary import ChangeAction, Channel
from api.store.tables import Change, Library


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
        self._seen = revision(self.connection, hold=True)
        self._raised = False
        self.changed: dict[tuple[str, str], ChangeAction] = {}
        """By kind and slug, what happened to everything that was written so far."""

    @property
    def revision(self) -> int:
        """The revision that this transaction's changes belong to."""
        return self._seen + 1

    def log(self, entries: Sequence[Entry]) -> None:
        """Write down what happened, and raise the revision if nothing has yet; a record's second change joins its first."""
        if not entries:
            return
        if not self._raised:
            self.connection.execute(sa.update(Library).values(revision=self.revision))
            self._raised = True
        shared = {"revision": self.revision, "at": self.at, "by": self._author.by, "channel": self._author.channel.value}
        rows = [
            {**shared, "reason": self._author.reason, "kind": one.kind, "slug": one.slug, "action": one.action.value}
            | {"before": one.before, "after": one.after}
            for one in entries
            if (one.kind, one.slug) not in self.changed
        ]
        if rows:
            self.connection.execute(sa.insert(Change), rows)
        for one in entries:
            self._log_one(one)

    def _log_one(self, one: Entry) -> None:
        """Remember what happened to a record; what it was before this transaction stands in the log already."""
        first = self.changed.get((one.kind, one.slug))
        # What this transaction created is new to everybody else, however often it was written since.
        action = first if first and one.action is ChangeAction.UPDATED else one.action
        self.changed[one.kind, one.slug] = action
        if first:
            mine = col(Change.revision) == self.revision, col(Change.kind) == one.kind, col(Change.slug) == one.slug
            self.connection.execute(sa.update(Change).where(*mine).values(action=action, after=one.after))


def revision(connection: sa.Connection, *, hold: bool = False) -> int:
    """Give the library's revision; a writer holds the row."""
    statement = select(Library.revision).where(col(Library.id) == 1)
    return connection.execute(statement.with_for_update() if hold else statement).scalar_one()
