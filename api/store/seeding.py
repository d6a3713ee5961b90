"""The seed data of this version, and what becomes of it in a library that was edited since an earlier version shipped its own."""

from collections.abc import Container, Sequence
from hashlib import sha256
from itertools import count

import sqlalchemy as sa
from sqlmodel import select

from api.errors import Complaint
from api.library import derivation, upgrading
from api.library.exercise import ExerciseDraft
from api.library.record import Record
from api.library.record import references as references_of
from api.library.reference import MovementPattern
from api.library.vocabulary import Channel
from api.shipped import folder, version
from api.store import exercises, images, loading, migrations, references, tables
from api.store.content import Folder, Written, refuse
from api.store.journal import Author, Journal

AUTHOR = Author(by="exercise-library", channel=Channel.SEED, reason="The seed data of this version.")
Key = tuple[str, str]
_library: sa.Table = tables.Library.__table__  # type: ignore[attr-defined]


def is_seeded(connection: sa.Connection) -> bool:
    """Say whether the seed data of this version were the last that were loaded."""
    digest: str | None = connection.execute(sa.select(_library.c.seed_digest)).scalar_one()
    return digest == _digest()


def _digest() -> str:
    """Name the seed data of this version, without reading the records in them: that takes as long as half a start."""
    digest = sha256(f"{version()} {migrations.newest()}".encode())
    shipped = folder("seed_data")
    for path in sorted([*shipped.rglob("*.yaml"), *shipped.rglob("*.json")]):
        content = path.read_bytes()
        digest.update(f"\n{path.relative_to(shipped).as_posix()} {len(content)}\n".encode() + content)
    return digest.hexdigest()


def seed(journal: Journal) -> None:
    """Load the seed data of this version.

    An untouched record follows it; an edited one keeps its edit, but what is new to avoid or to mind is added to it.
    """
    content = read_shipped()
    shipped_before = last_shipped(journal.connection)
    now = stored(journal.connection, [one.key for one in content])
    wanted = [one for one in (_upgraded(one, shipped_before, now) for one in content) if one]
    wanted += _sources_needed(wanted, content, now)
    loading.load(journal, _beside_edits(journal.connection, wanted, {id(one.record) for one in content}), avoid_wins=True)
    journal.connection.execute(sa.update(tables.Library).values(seed_digest=_digest()))
    _remember(journal.connection, content)
    _show_new_pictures(journal)


def _show_new_pictures(journal: Journal) -> None:
    """Give an edited exercise, which stays as it is otherwise, the pictures of this version: the old ones are no longer there."""
    there = exercises.load(journal.connection, list(images.every())).values()
    stale = [one.exercise for one in there if not one.is_retired and one.exercise.images != images.of(one.exercise.slug)]
    exercises.write(journal, [derivation.authored(one) for one in stale], references.known(journal.connection))


def read_shipped() -> list[Written]:
    """Read the seed data of this version."""
    content = list(Folder(folder("seed_data")))
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
    return None if record is None or record == current else _with(one, record)


def _with_warnings(current: Record, before: str | None, new: Record) -> Record | None:
    if isinstance(current, ExerciseDraft) and isinstance(new, ExerciseDraft):
        return upgrading.exercise(current, ExerciseDraft.model_validate_json(before) if before else None, new)
    if isinstance(current, MovementPattern) and isinstance(new, MovementPattern):
        return upgrading.pattern(current, MovementPattern.model_validate_json(before) if before else None, new)
    return None


def _sources_needed(wanted: Sequence[Written], content: Sequence[Written], now: dict[Key, Record | None]) -> list[Written]:
    """Give the sources that were retired, but that this version names anew."""
    named = {("source", one.slug) for written in wanted for one in references_of(written.record) if one.kind == "source"}
    there = {one.key for one in wanted} | now.keys()
    return [one for one in content if one.key in named - there]


def _beside_edits(connection: sa.Connection, wanted: Sequence[Written], shipped_records: Container[int]) -> list[Written]:
    """Where an edit has a place that the seed ships, the seed's exercise stands beside it, as the next choice."""
    drafts = [one.record for one in wanted if isinstance(one.record, ExerciseDraft)]
    following = {one.slug for one in drafts if id(one) in shipped_records}
    claimed = exercises.claims(drafts)
    held = exercises.holders(connection, {(type_, position) for type_, position, _ in claimed})
    taken = {claim for claim, slug in held.items() if slug not in {one.slug for one in drafts}}
    taken |= exercises.claims(one for one in drafts if one.slug not in following).keys()
    return [_with(one, _beside(one.record, taken)) if one.key[1] in following else one for one in wanted]


def _beside(record: Record, taken: set[exercises.Claim]) -> Record:
    if not isinstance(record, ExerciseDraft):
        return record
    settled = []
    for one in record.recommendations:
        choice = next(choice for choice in count(one.choice) if (one.type, one.position, choice) not in taken)
        settled.append(one.model_copy(update={"choice": choice}))
        taken.add((one.type, one.position, choice))
    return record.model_copy(update={"recommendations": settled})


def _with(one: Written, record: Record) -> Written:
    return Written(one.kind, record, one.file, one.lines, one.at)


def _remember(connection: sa.Connection, content: Sequence[Written]) -> None:
    connection.execute(sa.delete(tables.Seed))
    rows = [{"kind": kind, "slug": slug, "draft": one.record.model_dump_json()} for one in content for kind, slug in [one.key]]
    connection.execute(sa.insert(tables.Seed), rows)
