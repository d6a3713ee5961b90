"""Reading the change log: one record's history, and all that changed since a revision."""

from collections.abc import Sequence
from json import dumps, loads

import sqlalchemy as sa
from sqlmodel import col, select

from api.errors import Resync
from api.library.cursors import AfterChange, AfterRevision, Key, read
from api.library.history import HistoryEntry, LibraryChange, differing
from api.library.listing import Page
from api.library.record import SLUG
from api.store.catalogue import totals
from api.store.journal import revision
from api.store.keys import KIND as KEY
from api.store.tables import Change, Library, of

_TABLE = of(Change)
_OF_ONE = sa.select(_TABLE.c.revision).where(_TABLE.c.kind == "exercise", _TABLE.c.slug == sa.bindparam("wanted"))
_NUMBER = totals.counted(_OF_ONE.limit(totals.ENOUGH).subquery())


def of_exercise(connection: sa.Connection, slug: str, limit: int, after: Key | None, *, with_names: bool) -> Page[HistoryEntry] | None:
    """Give an exercise's changes, newest first; None where there never was such an exercise."""
    total = totals.number(connection, _NUMBER, {"wanted": slug}) if SLUG.fullmatch(slug) else 0
    if total == 0:
        return None
    statement = (
        _TABLE.select().where(_TABLE.c.kind == "exercise", _TABLE.c.slug == slug).order_by(_TABLE.c.revision.desc()).limit(limit + 1)
    )
    if after is not None:
        statement = statement.where(_TABLE.c.revision < read(after, AfterRevision).revision)
    rows = connection.execute(statement).mappings().all()
    items = [_entry(row, with_names=with_names) for row in rows[:limit]]
    return Page(items, total, (items[-1].revision,) if len(rows) > limit else None)


def _entry(row: sa.RowMapping, *, with_names: bool) -> HistoryEntry:
    before, after = (loads(row[name]) if row[name] else None for name in ("before", "after"))
    hidden = {} if with_names else {"by": None, "reason": None}
    told = {**row, **hidden, "fields": differing(before, after), "before": before, "after": after}
    return HistoryEntry.model_validate(told, extra="ignore")


def since(connection: sa.Connection, number: int, limit: int, after: Key | None) -> Page[str]:
    """Give the JSON of each change after a revision, oldest first; keys are nobody's business.

    Raises Resync where this library hasn't been at that revision yet.
    """
    newest = revision(connection)
    if number > newest:
        raise Resync(f"This library is at revision {newest}; begin again with '/library'.")
    order = _TABLE.c.revision, _TABLE.c.kind, _TABLE.c.slug
    statement = _TABLE.select().where(_TABLE.c.revision > number, _TABLE.c.kind != KEY)
    if after is not None:
        statement = statement.where(sa.tuple_(*order) > read(after, AfterChange))
    rows = connection.execute(statement.order_by(*order).limit(limit + 1)).mappings().all()
    last = rows[limit - 1] if len(rows) > limit else None
    return Page([_change(row) for row in rows[:limit]], None, (last["revision"], last["kind"], last["slug"]) if last else None)


def _change(row: sa.RowMapping) -> str:
    named = LibraryChange.model_construct(**{name: row[name] for name in ("revision", "kind", "slug", "action", "at")}, record=None)
    return f'{named.model_dump_json(exclude={"record"})[:-1]},"record":{row["after"] or "null"}}}'


def library_id(connection: sa.Connection) -> str:
    """Say which library this is."""
    return connection.execute(select(Library.library_id).where(col(Library.id) == 1)).scalar_one()


def changes(library: str, newest: int, items: Sequence[str], next_: str | None) -> str:
    """Write a page of changes, whose records are finished JSON already."""
    return f'{{"library_id":{dumps(library)},"revision":{newest},"items":[{",".join(items)}],"next":{dumps(next_)}}}'
