"""How a library differs from the seed data that it last received: edits, which are no damage, and avoids that have gone."""

from collections.abc import Iterable, Iterator, Mapping

import sqlalchemy as sa
from pydantic_core import from_json
from sqlmodel import col, select

from api.library import upgrading
from api.library.record import Record
from api.library.vocabulary import ChangeAction, Channel
from api.store import reference, seeding, tables
from api.store.exercises import bequests, read, write
from api.store.reference.kinds import KINDS

_Warning = str | Mapping[str, object]
"""A warning in a stored record: a slug, or a statement."""
_NAMED = 10
"""How many are named where there are many."""


def listed(connection: sa.Connection) -> Iterator[str]:
    """Yield each, in a sentence."""
    base = seeding.last_shipped(connection)
    now = seeding.stored(connection, base.keys())
    warned = _warned(connection)
    for (kind, slug), shipped in base.items():
        current = now.live.get((kind, slug))
        if current is None:
            yield f"The {kind} '{slug}' was retired."
        elif current != shipped:
            also = f" A later version of the seed data added {warned[kind, slug]}." if (kind, slug) in warned else ""
            yield f"The {kind} '{slug}' was edited: {', '.join(_differing(current, shipped))}.{also}"
    yield from _added(connection, base)
    yield from _gone(connection)


def _differing(record: Record, other: Record) -> list[str]:
    return [name for name in type(record).model_fields if getattr(record, name) != getattr(other, name, None)]


def _added(connection: sa.Connection, base: Mapping[seeding.Key, Record]) -> Iterator[str]:
    exercise = tables.Exercise
    live = select(exercise.slug).where(col(exercise.retired_at).is_(None)).order_by(col(exercise.slug))
    there = {kind: reference.slugs(connection, kind) for kind in KINDS} | {"exercise": list(connection.execute(live).scalars())}
    for kind, slugs in there.items():
        added = [slug for slug in slugs if (kind, slug) not in base]
        if added:
            yield f"{len(added)} records of the kind '{kind}' were added: {', '.join(added[:_NAMED])}{' …' if len(added) > _NAMED else ''}."


def _warned(connection: sa.Connection) -> dict[seeding.Key, str]:
    """Give the records to which a later version of the seed data added warnings: which, and when it last did."""
    change = tables.Change
    statement = sa.select(col(change.kind), col(change.slug), col(change.revision), col(change.before), col(change.after))
    by_the_seed = col(change.channel) == Channel.SEED, col(change.action) == ChangeAction.UPDATED
    found = {}
    for kind, slug, number, before, after in connection.execute(statement.where(*by_the_seed).order_by(col(change.revision))):
        added = _warnings_added(from_json(before or "{}"), from_json(after or "{}"))
        if added:
            found[kind, slug] = f"{' and '.join(added)}, at revision {number}"
    return found


def _warnings_added(before: Mapping[str, Iterable[_Warning]], after: Mapping[str, Iterable[_Warning]]) -> list[str]:
    return [name for name in upgrading.WARNINGS if _said(after.get(name, ())) - _said(before.get(name, ()))]


def _said(warnings: Iterable[_Warning]) -> set[str]:
    """Give what each says, in whichever shape it was written."""
    return {warning if isinstance(warning, str) else str(warning.get("text") or warning.get("type")) for warning in warnings}


def _gone(connection: sa.Connection) -> Iterator[str]:
    """Yield each avoid that was taken away, by whatever change, and hasn't come back."""
    for (kind, slug), until in _last_avoided(connection).items():
        now = _avoided(_document(connection, kind, slug))
        for type_, number in until.items():
            if now is not None and type_ not in now:
                yield f"The {kind} '{slug}' was to be avoided for the type '{type_}' until revision {number}, and no longer is."


def _last_avoided(connection: sa.Connection) -> dict[seeding.Key, dict[str, int]]:
    """Give for each record the types that it was ever to be avoided for, and the last revision that began so."""
    change = tables.Change
    statement = select(change.kind, change.slug, change.revision, change.before).order_by(col(change.revision))
    found: dict[seeding.Key, dict[str, int]] = {}
    for kind, slug, number, before in connection.execute(
        statement.where(col(change.kind) != bequests.KIND, col(change.before).like('%"contraindications":[{%'))
    ):
        found.setdefault((kind, slug), {}).update(dict.fromkeys(sorted(_avoided(before) or ()), number))
    return found


def _avoided(document: str | None) -> set[str] | None:
    """Give the types that a record is to be avoided for; None where there is no record."""
    return None if document is None else {contraindication["type"] for contraindication in from_json(document).get("contraindications", ())}


def _document(connection: sa.Connection, kind: str, slug: str) -> str | None:
    return read.get(connection, slug) if kind == write.KIND else reference.document(connection, kind, slug)
