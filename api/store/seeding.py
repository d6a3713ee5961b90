"""The seed data of this version, and what becomes of it in a library that was edited since an earlier version shipped its own."""

from collections.abc import Sequence
from hashlib import sha256

import sqlalchemy as sa
from sqlmodel import select

from api.errors import Complaint
from api.library import derivation, upgrading
from api.library.exercise import ExerciseDraft
from api.library.record import Record
from api.library.reference import MovementPattern
from api.library.vocabulary import Channel
from api.store import exercises, loading, references, tables
from api.store.content import Folder, Written, refuse
from api.store.journal import Author, Journal
from api.store.migrations import shipped

AUTHOR = Author(by="exercise-library", channel=Channel.SEED, reason="The seed data of this version.")
Key = tuple[str, str]


def seed(journal: Journal) -> None:
    """Load the seed data of this version.

    An untouched record follows it; an edited one keeps its edit, but what is new to avoid or to mind is added to it.
    """
    content = read_shipped()
    digest = sha256("".join(one.kind + one.record.model_dump_json() for one in content).encode()).hexdigest()
    if journal.connection.execute(select(tables.Library.seed_digest)).scalar_one() == digest:
        return
    shipped_before = last_shipped(journal.connection)
    now = stored(journal.connection, [one.key for one in content])
    loading.load(journal, [one for one in (_upgraded(one, shipped_before, now) for one in content) if one])
    journal.connection.execute(sa.update(tables.Library).values(seed_digest=digest))
    _remember(journal.connection, content)


def read_shipped() -> list[Written]:
    """Read the seed data of this version."""
    content = list(Folder(shipped("seed_data")))
    refuse([one for one in content if isinstance(one, Complaint)])
    return [one for one in content if isinstance(one, Written)]


def last_shipped(connection: sa.Connection) -> dict[Key, str]:
    """Give what the seed last shipped of each record."""
    statement = select(tables.Seed.kind, tables.Seed.slug, tables.Seed.draft)
    return {(kind, slug): draft for kind, slug, draft in connection.execute(statement)}


def stored(connection: sa.Connection, keys: Sequence[Key]) -> dict[Key, Record | None]:
    """Give each of these records as a curator would write it; None where it was retired."""
    known = references.known(connection)
    found: dict[Key, Record | None] = {
        (kind, slug): _as_written(kind, record)
        for kind in references.KINDS
        for slug, record in known.get(kind, {}).items()
        if (kind, slug) in set(keys)
    }
    there = exercises.load(connection, [slug for kind, slug in keys if kind == "exercise"])
    return found | {("exercise", slug): None if one.is_retired else derivation.authored(one.exercise) for slug, one in there.items()}


def _as_written(kind: str, record: Record) -> Record:
    draft = references.KINDS[kind].draft
    return draft.model_validate({name: getattr(record, name) for name in draft.model_fields})


def _upgraded(one: Written, shipped_before: dict[Key, str], now: dict[Key, Record | None]) -> Written | None:
    """Give what to write for a record of the seed; None where it is to stay as it is."""
    before = shipped_before.get(one.key)
    if before is None and one.key not in now:
        return one
    current = now.get(one.key)
    if current is None:
        return None
    if current.model_dump_json() == before:
        return one
    record = _with_warnings(current, before, one.record)
    return None if record is None or record == current else Written(one.kind, record, one.file, one.lines, one.at)


def _with_warnings(current: Record, before: str | None, new: Record) -> Record | None:
    if isinstance(current, ExerciseDraft) and isinstance(new, ExerciseDraft):
        return upgrading.exercise(current, ExerciseDraft.model_validate_json(before) if before else None, new)
    if isinstance(current, MovementPattern) and isinstance(new, MovementPattern):
        return upgrading.pattern(current, MovementPattern.model_validate_json(before) if before else None, new)
    return None


def _remember(connection: sa.Connection, content: Sequence[Written]) -> None:
    connection.execute(sa.delete(tables.Seed))
    rows = [{"kind": kind, "slug": slug, "draft": one.record.model_dump_json()} for one in content for kind, slug in [one.key]]
    connection.execute(sa.insert(tables.Seed), rows)
