"""Reference data as it is written, and what follows for other records."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache

import sqlalchemy as sa
from sqlmodel import col, select

from api.library.condition import DysfunctionType, TypeDraft
from api.library.exercise_draft import ExerciseDraft
from api.library.pattern import MovementPattern
from api.library.record import Record
from api.library.screening_items import Indicator, IndicatorDraft
from api.library.vocabulary import ChangeAction
from api.store import asking, documents, reference, tables
from api.store.documents import Document
from api.store.journal import Entry, Journal
from api.store.reference import citations
from api.store.reference.kinds import KINDS, Known, by_key, key_of, table_of


def write(journal: Journal, records: Mapping[str, Sequence[Record]]) -> None:
    """Write records of every kind, and what follows for others: a type has its indicators, an indicator its condition."""
    complete = {**records, **_with_each_other(journal.connection, records)}
    for kind in KINDS:
        _write(journal, kind, complete.get(kind, ()))


def finished(connection: sa.Connection, kind: str) -> dict[str, Record]:
    """Give every record of a kind as it follows from what its curator wrote."""
    there = {kind: list(reference.drafts(connection, kind).values())}
    return by_key({**there, **_with_each_other(connection, there)}[kind])


def renew(journal: Journal) -> None:
    """Write every record as this version of the program does, and what is derived from it."""
    every = {kind: list(reference.drafts(journal.connection, kind).values()) for kind in KINDS}
    write(journal, every)
    for kind, records in every.items():
        citations.write(journal.connection, kind, by_key(records))
    for pattern in every["movement-pattern"]:
        _write_contraindications(journal.connection, pattern)


def _with_each_other(connection: sa.Connection, records: Mapping[str, Sequence[Record]]) -> dict[str, list[Record]]:
    """Add to types the indicators that point to them, and to indicators the conditions of their types."""
    if not records.get("type") and not records.get("indicator"):
        return {}
    changed = by_key(records.get("type", ()))
    types = reference.drafts(connection, "type") | changed
    stored = reference.drafts(connection, "indicator")
    given = by_key(records.get("indicator", ()))
    indicators = [_with_condition(draft, types) for draft in (stored | given).values() if isinstance(draft, IndicatorDraft)]
    touched = changed.keys() | {indicator.type for indicator in indicators if indicator.slug in given}
    touched |= {draft.type for slug, draft in stored.items() if slug in given and isinstance(draft, IndicatorDraft)}
    return {
        "type": [_with_indicators(draft, indicators) for slug, draft in types.items() if slug in touched and isinstance(draft, TypeDraft)],
        "indicator": [indicator for indicator in indicators if indicator.slug in given],
    }


def _with_condition(draft: IndicatorDraft, types: Mapping[str, Record]) -> Indicator:
    return Indicator.model_construct(**dict(draft) | {"condition": getattr(types[draft.type], "condition", "")})


def _with_indicators(draft: TypeDraft, indicators: Iterable[Indicator]) -> DysfunctionType:
    mine = [indicator for indicator in indicators if indicator.type == draft.slug]
    return DysfunctionType.model_construct(**dict(draft) | {"indicators": mine})


def _write(journal: Journal, kind: str, records: Sequence[Record]) -> None:
    if not records:
        return
    stored, retired = _stored(journal.connection, kind)
    changed: dict[str, tuple[Record, Document]] = {}
    for position, record in enumerate(records, start=len(stored) + 1):
        slug, text = key_of(record), record.model_dump_json()
        if stored.get(slug) != text or slug in retired:
            columns = {column: getattr(record, field) for column, field in KINDS[kind].columns.items()}
            columns |= {} if slug in stored else {"position": position}
            columns |= {"retired_at": None} if kind == "source" else {}
            before = None if slug in retired else stored.get(slug)
            changed[slug] = record, Document(slug, text, before, columns)
    if not changed:
        return
    # A default that moves leaves the one condition before the other has it.
    found = sorted((document for _, document in changed.values()), key=lambda document: bool(document.columns.get("is_default")))
    documents.write(journal, kind, table_of(kind), found, changed.keys() - stored.keys())
    citations.write(journal.connection, kind, {slug: record for slug, (record, _) in changed.items()})
    for record, _ in changed.values():
        _write_contraindications(journal.connection, record)


def put_in_order(journal: Journal, kind: str, first: Sequence[str]) -> None:
    """Put some records of a kind first, in this order, and the others after them as they were."""
    table = table_of(kind)
    before, retired = _stored(journal.connection, kind)
    after = [*(slug for slug in first if slug in before), *(slug for slug in before if slug not in set(first))]
    if after == list(before):
        return
    places = [{"its_slug": slug, "position": position} for position, slug in enumerate(after, start=1)]
    journal.connection.execute(sa.update(table).where(table.c.slug == sa.bindparam("its_slug")), places)
    moved = [slug for slug, there in zip(after, before, strict=True) if slug != there and (kind, slug) not in journal.changed]
    journal.log([Entry(kind, slug, ChangeAction.UPDATED, before[slug], before[slug]) for slug in moved if slug not in retired])


def _stored(connection: sa.Connection, kind: str) -> tuple[dict[str, str], set[str]]:
    """Give the JSON of every record of a kind by its slug, in their order, the retired included; and which are retired."""
    found = asking.rows(connection, _every(kind))
    return {slug: text for slug, text, _ in found}, {slug for slug, _, is_retired in found if is_retired}


@cache
def _every(kind: str) -> sa.Select[str, str, bool]:
    table = table_of(kind)
    is_retired = table.c.retired_at.is_not(None) if "retired_at" in table.c else sa.false()
    return sa.select(table.c.slug, table.c.document, is_retired).order_by(table.c.position, table.c.slug)


def _write_contraindications(connection: sa.Connection, pattern: Record) -> None:
    if not isinstance(pattern, MovementPattern):
        return
    table = tables.PatternContraindication
    connection.execute(sa.delete(table).where(col(table.pattern) == pattern.slug))
    rows = [
        {"pattern": pattern.slug, "type": avoid.type, "reason": avoid.reason, "source": avoid.source.slug, "quote": avoid.source.quote}
        for avoid in pattern.contraindications
    ]
    if rows:
        connection.execute(sa.insert(table), rows)


def retire_source(journal: Journal, slug: str, document: str) -> None:
    """Take a source out of the catalogue; nothing names it."""
    table = tables.Source
    values = {"retired_at": journal.at, "revision": journal.revision}
    journal.connection.execute(sa.update(table).where(col(table.slug) == slug).values(values))
    journal.log([Entry("source", slug, ChangeAction.RETIRED, document, None)])


def affected_exercises(connection: sa.Connection, before: Known, after: Known) -> list[ExerciseDraft]:
    """Give the exercises whose answer depends on a type's tag or a pattern's contraindications that changed."""
    types = [slug for slug, type_ in after["type"].items() if slug in before["type"] and _tag(type_) != _tag(before["type"][slug])]
    was = before["movement-pattern"]
    patterns = [slug for slug, pattern in after["movement-pattern"].items() if was.get(slug, pattern) != pattern]
    if not types and not patterns:
        return []
    recommended = select(tables.Recommendation.exercise_id).where(col(tables.Recommendation.type).in_(types))
    moving = select(tables.ExercisePattern.exercise_id).where(col(tables.ExercisePattern.pattern).in_(patterns))
    statement = select(tables.Exercise.document).where(col(tables.Exercise.id).in_(sa.union(recommended, moving)))
    return [documents.read(ExerciseDraft, text) for text in connection.execute(statement).scalars()]


def _tag(record: Record) -> object:
    return getattr(record, "tag", None)
