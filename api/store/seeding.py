"""The seed data of this version, and what becomes of them in a library that was edited since an earlier version shipped its own."""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

import sqlalchemy as sa
from pydantic import ValidationError
from sqlmodel import select

from api.errors import Complaint
from api.library import derivation, places, upgrading
from api.library.condition import Condition
from api.library.exercise_draft import ExerciseDraft
from api.library.record import Record, mentions
from api.library.vocabulary import Channel
from api.shipped import folder
from api.store import documents, loading, reference, tables
from api.store.content import MODELS, READ_AS, FiledRecord, Folder, refuse
from api.store.exercises import read, write
from api.store.journal import Author, Journal
from api.store.reference import edits
from api.store.reference.kinds import KINDS

AUTHOR = Author(by="exercise-library", channel=Channel.SEED, reason="The seed data of this version.")
Key = tuple[str, str]


class Standing(NamedTuple):
    """Records as they stand, each as a curator would write it."""

    live: dict[Key, Record]
    retired: dict[Key, ExerciseDraft]


def seed(journal: Journal) -> None:
    """Load the seed data: what was left as shipped follows them, an edit stays, and new warnings are added to it."""
    content = read_shipped()
    base = last_shipped(journal.connection)
    now = stored(journal.connection, [one.key for one in content])
    for one in content:
        if one.key in now.retired:
            _warn(journal, now.retired[one.key], base.get(one.key), one.record)
    wanted = [_upgraded(one, base.get(one.key), now.live.get(one.key)) for one in content if one.key in now.live or one.key not in base]
    wanted = [one for one in wanted if one.key not in now.retired]
    wanted += _sources_needed(wanted, content)
    wanted = _with_one_default(journal.connection, wanted)
    settled = _beside_edits(journal.connection, wanted, {one.key: one.record for one in content})
    loading.load(journal, [one for one in settled if one.record != now.live.get(one.key)], avoid_wins=True)
    for kind in KINDS:
        edits.put_in_order(journal, kind, [one.key[1] for one in content if one.key[0] == kind])
    _remember(journal.connection, content, {one.key: one.record for one in settled})


def read_shipped() -> list[FiledRecord]:
    """Read the seed data of this version."""
    content = list(Folder(folder("seed_data")))
    refuse([one for one in content if isinstance(one, Complaint)])
    return [one for one in content if isinstance(one, FiledRecord)]


def last_shipped(connection: sa.Connection) -> dict[Key, Record]:
    """Give what the seed last shipped of each record, as this version would write it."""
    found: dict[Key, Record] = {}
    for kind, slug, draft in connection.execute(select(tables.Seed.kind, tables.Seed.slug, tables.Seed.draft)):
        try:
            found[kind, slug] = documents.read(READ_AS.get(kind, MODELS[kind]), draft)
        except (KeyError, ValidationError):  # this version can't tell what was edited, so it takes all for edited
            continue
    return found


def stored(connection: sa.Connection, keys: Collection[Key]) -> Standing:
    """Give those of the records that there are."""
    around = {(kind, slug): record for kind in KINDS for slug, record in reference.drafts(connection, kind).items() if (kind, slug) in keys}
    there = read.load(connection, [slug for kind, slug in keys if kind == write.KIND])
    drafts = {(write.KIND, slug): derivation.authored(one.exercise) for slug, one in there.items()}
    retired = {key: draft for key, draft in drafts.items() if there[key[1]].is_retired}
    return Standing(around | {key: draft for key, draft in drafts.items() if key not in retired}, retired)


def _upgraded(one: FiledRecord, base: Record | None, current: Record | None) -> FiledRecord:
    return one if current is None else one._replace(record=upgrading.upgraded(base, current, one.record))


def _warn(journal: Journal, retired: ExerciseDraft, base: Record | None, theirs: Record) -> None:
    """Add new avoids to a retired exercise, which stays retired: whoever is a variant of it inherits them."""
    if isinstance(theirs, ExerciseDraft):
        warned = upgrading.warned(retired, base if isinstance(base, ExerciseDraft) else None, theirs)
        if warned != retired:
            write.warn(journal, warned)


def _sources_needed(wanted: Sequence[FiledRecord], content: Sequence[FiledRecord]) -> list[FiledRecord]:
    """Give the sources that were retired, but that this version names anew."""
    named = {("source", one.slug) for written in wanted for one in mentions(written.record) if one.kind == "source"}
    return [one for one in content if one.key in named - {one.key for one in wanted}]


def _with_one_default(connection: sa.Connection, wanted: Sequence[FiledRecord]) -> list[FiledRecord]:
    """Leave the default to the condition that a curator made it."""
    shipped = {one.key[1] for one in wanted if isinstance(one.record, Condition)}
    there = reference.drafts(connection, "condition").items()
    if not any(one.default for slug, one in there if isinstance(one, Condition) and slug not in shipped):
        return list(wanted)
    return [
        one._replace(record=one.record.model_copy(update={"default": False})) if isinstance(one.record, Condition) else one
        for one in wanted
    ]


def _beside_edits(connection: sa.Connection, wanted: Sequence[FiledRecord], shipped: Mapping[Key, Record]) -> list[FiledRecord]:
    """Where an edit has a place that the seed ships, the seed's exercise stands beside it, as the next choice."""
    drafts = {one.key: one.record for one in wanted if isinstance(one.record, ExerciseDraft)}
    claimed = places.claims(drafts.values())
    held = read.holders(connection, {(type_, position) for type_, position, _ in claimed})
    moved = {key: places.claims([one]).keys() - _claims_of(shipped[key]) for key, one in drafts.items()}
    taken = {claim for claim, slug in held.items() if (write.KIND, slug) not in drafts}.union(*moved.values())
    settled = []
    for one in wanted:
        record = one.record
        if isinstance(record, ExerciseDraft):
            record = places.beside(record, taken, keeps=moved[one.key])
            taken |= places.claims([record]).keys()
        settled.append(one._replace(record=record))
    return settled


def _claims_of(shipped: Record) -> set[places.Claim]:
    return set(places.claims([shipped])) if isinstance(shipped, ExerciseDraft) else set()


def _remember(connection: sa.Connection, content: Sequence[FiledRecord], settled: Mapping[Key, Record]) -> None:
    """Note what was shipped, each exercise at the place where it was put: that is no curator's edit."""
    connection.execute(sa.delete(tables.Seed))
    rows = [
        {"kind": one.key[0], "slug": one.key[1], "draft": _as_put(one.record, settled.get(one.key)).model_dump_json()} for one in content
    ]
    connection.execute(sa.insert(tables.Seed), rows)


def _as_put(shipped: Record, settled: Record | None) -> Record:
    if not isinstance(shipped, ExerciseDraft) or not isinstance(settled, ExerciseDraft):
        return shipped
    put = {(one.type, one.position): one.choice for one in settled.recommendations}
    followed = [one.model_copy(update={"choice": put.get(places.place(one), one.choice)}) for one in shipped.recommendations]
    return shipped.model_copy(update={"recommendations": followed})
