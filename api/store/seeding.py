"""The seed data of this version, and how it is merged into a library that was edited since an earlier version."""

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
from api.store.content import MODELS, READ_AS, FiledRecord, refuse
from api.store.content import read as read_file
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
    """Load the seed data: untouched records follow it, edits stay, and new warnings are added to them."""
    content = read_shipped()
    base = last_shipped(journal.connection)
    now = stored(journal.connection, [filed.key for filed in content])
    for found in content:
        if found.key in now.retired:
            _warn(journal, now.retired[found.key], base.get(found.key), found.record)
    wanted = [
        _upgraded(filed, base.get(filed.key), now.live.get(filed.key))
        for filed in content
        if filed.key in now.live or filed.key not in base
    ]
    wanted = [filed for filed in wanted if filed.key not in now.retired]
    wanted += _sources_needed(wanted, content)
    wanted = _with_one_default(journal.connection, wanted)
    settled = _beside_edits(journal.connection, wanted, {filed.key: filed.record for filed in content})
    loading.load(journal, [filed for filed in settled if filed.record != now.live.get(filed.key)], avoid_wins=True)
    for kind in KINDS:
        edits.put_in_order(journal, kind, [filed.key[1] for filed in content if filed.key[0] == kind])
    _remember(journal.connection, content, {filed.key: filed.record for filed in settled})


def read_shipped() -> list[FiledRecord]:
    """Read the seed data of this version."""
    shipped = folder("seed_data")
    files = sorted({*shipped.rglob("*.yaml")} - {*shipped.glob("pictures/*")})  # the data of pictures has its own readers
    content = [filed for file in files for filed in read_file(file, str(file.relative_to(shipped.parent)))]
    refuse([filed for filed in content if isinstance(filed, Complaint)])
    return [filed for filed in content if isinstance(filed, FiledRecord)]


def last_shipped(connection: sa.Connection) -> dict[Key, Record]:
    """Give what the seed last shipped of each record, as this version would write it."""
    found: dict[Key, Record] = {}
    for kind, slug, draft in connection.execute(select(tables.Seed.kind, tables.Seed.slug, tables.Seed.draft)):
        try:
            found[kind, slug] = documents.read(READ_AS.get(kind, MODELS[kind]), draft)
        except (KeyError, ValidationError):  # this version can't tell what was edited, so it takes everything as edited
            continue
    return found


def stored(connection: sa.Connection, keys: Collection[Key]) -> Standing:
    """Give those of the records that exist."""
    around = {(kind, slug): record for kind in KINDS for slug, record in reference.drafts(connection, kind).items() if (kind, slug) in keys}
    there = read.load(connection, [slug for kind, slug in keys if kind == write.KIND])
    drafts = {(write.KIND, slug): derivation.authored(found.exercise) for slug, found in there.items()}
    retired = {key: draft for key, draft in drafts.items() if there[key[1]].is_retired}
    return Standing(around | {key: draft for key, draft in drafts.items() if key not in retired}, retired)


def _upgraded(filed: FiledRecord, base: Record | None, current: Record | None) -> FiledRecord:
    return filed if current is None else filed._replace(record=upgrading.upgraded(base, current, filed.record))


def _warn(journal: Journal, retired: ExerciseDraft, base: Record | None, theirs: Record) -> None:
    """Add new avoids to a retired exercise, which stays retired: its variants inherit them."""
    if isinstance(theirs, ExerciseDraft):
        warned = upgrading.warned(retired, base if isinstance(base, ExerciseDraft) else None, theirs)
        if warned != retired:
            write.warn(journal, warned)


def _sources_needed(wanted: Sequence[FiledRecord], content: Sequence[FiledRecord]) -> list[FiledRecord]:
    """Give the sources that were retired, but that this version names anew."""
    named = {("source", mention.slug) for filed in wanted for mention in mentions(filed.record) if mention.kind == "source"}
    there = {filed.key for filed in wanted}
    return [filed for filed in content if filed.key in named - there]


def _with_one_default(connection: sa.Connection, wanted: Sequence[FiledRecord]) -> list[FiledRecord]:
    """Leave the default to the condition that a curator made it."""
    shipped = {filed.key[1] for filed in wanted if isinstance(filed.record, Condition)}
    there = reference.drafts(connection, "condition").items()
    if not any(condition.default for slug, condition in there if isinstance(condition, Condition) and slug not in shipped):
        return list(wanted)
    return [
        filed._replace(record=filed.record.model_copy(update={"default": False})) if isinstance(filed.record, Condition) else filed
        for filed in wanted
    ]


def _beside_edits(connection: sa.Connection, wanted: Sequence[FiledRecord], shipped: Mapping[Key, Record]) -> list[FiledRecord]:
    """Where an edit has a place that the seed ships, the seed's exercise stands beside it, as the next choice."""
    drafts = {filed.key: filed.record for filed in wanted if isinstance(filed.record, ExerciseDraft)}
    claimed = places.claims(drafts.values())
    held = read.holders(connection, {(type_, position) for type_, position, _ in claimed})
    moved = {key: places.claims([draft]).keys() - _claims_of(shipped[key]) for key, draft in drafts.items()}
    taken = {claim for claim, slug in held.items() if (write.KIND, slug) not in drafts}.union(*moved.values())
    settled = []
    for filed in wanted:
        record = filed.record
        if isinstance(record, ExerciseDraft):
            record = places.beside(record, taken, keeps=moved[filed.key])
            taken |= places.claims([record]).keys()
        settled.append(filed._replace(record=record))
    return settled


def _claims_of(shipped: Record) -> set[places.Claim]:
    return set(places.claims([shipped])) if isinstance(shipped, ExerciseDraft) else set()


def _remember(connection: sa.Connection, content: Sequence[FiledRecord], settled: Mapping[Key, Record]) -> None:
    """Note what was shipped, each exercise at the place it was given: moving it was no curator's edit."""
    connection.execute(sa.delete(tables.Seed))
    rows = [
        {"kind": filed.key[0], "slug": filed.key[1], "draft": _as_put(filed.record, settled.get(filed.key)).model_dump_json()}
        for filed in content
    ]
    connection.execute(sa.insert(tables.Seed), rows)


def _as_put(shipped: Record, settled: Record | None) -> Record:
    if not isinstance(shipped, ExerciseDraft) or not isinstance(settled, ExerciseDraft):
        return shipped
    put = {(recommendation.type, recommendation.position): recommendation.choice for recommendation in settled.recommendations}
    followed = [
        recommendation.model_copy(update={"choice": put.get(places.place(recommendation), recommendation.choice)})
        for recommendation in shipped.recommendations
    ]
    return shipped.model_copy(update={"recommendations": followed})
