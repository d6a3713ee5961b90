"""The records around the exercises: conditions, types, indicators, red flags, groups, sources, patterns, terms."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import cache, lru_cache
from typing import NamedTuple

import sqlalchemy as sa
from sqlmodel import col, select

from api.library import complaints
from api.library.condition import Condition, DysfunctionType, TypeDraft
from api.library.exercise_draft import ExerciseDraft
from api.library.pattern import MovementPattern
from api.library.record import Record, references
from api.library.screening_items import Group, Indicator, IndicatorDraft, RedFlag
from api.library.source import Source
from api.library.term import Term
from api.library.vocabulary import ChangeAction, Tag, TermKind
from api.store import asking, documents, tables
from api.store.documents import Document
from api.store.journal import Entry, Journal

Known = Mapping[str, Mapping[str, Record]]
"""Records by kind and slug; regions, equipment and muscles are kinds of their own."""

KnownSlugs = Mapping[str, Collection[str]]
"""The slugs by kind: all that is needed to say whether a name exists."""


class Kind(NamedTuple):
    """How records of one kind are written and kept."""

    draft: type[Record]
    record: type[Record]
    table: type[tables.Referenced]
    columns: Callable[[Record], dict[str, object]]
    """What is kept beside the record's JSON: what the database checks or filters by."""


def key_of(record: Record) -> str:
    """Give the slug under which a record is stored, which for a word begins with its list."""
    return f"{record.kind}/{record.slug}" if isinstance(record, Term) else str(vars(record)["slug"])


def _named(**columns: str) -> Callable[[Record], dict[str, object]]:
    """Keep these columns, each from the field of the record that it names."""
    return lambda record: {column: getattr(record, field) for column, field in columns.items()}


# In the order in which they can be written: what a record names comes before it.
KINDS: dict[str, Kind] = {
    "source": Kind(Source, Source, tables.Source, _named()),
    "group": Kind(Group, Group, tables.CautionGroup, _named()),
    "term": Kind(Term, Term, tables.Term, _named(kind="kind")),
    "condition": Kind(Condition, Condition, tables.Condition, _named(is_default="default")),
    "type": Kind(TypeDraft, DysfunctionType, tables.DysfunctionType, _named(condition="condition", tag="tag")),
    "indicator": Kind(IndicatorDraft, Indicator, tables.Indicator, _named(type="type")),
    "red-flag": Kind(RedFlag, RedFlag, tables.RedFlag, _named(condition="condition", caution_group="group")),
    "movement-pattern": Kind(MovementPattern, MovementPattern, tables.MovementPattern, _named()),
}


def all_of(connection: sa.Connection, kind: str) -> list[str]:
    """Give the JSON of every record of a kind, in the order of the seed."""
    return asking.values(connection, _in_order(kind))


def read(connection: sa.Connection, kind: str) -> dict[str, Record]:
    """Give every record of a kind by its slug."""
    records = (documents.read(KINDS[kind].record, one) for one in all_of(connection, kind))
    return {key_of(record): record for record in records}


def drafts(connection: sa.Connection, kind: str) -> dict[str, Record]:
    """Give every record of a kind by its slug, as a curator would write it."""
    records = (documents.read(KINDS[kind].draft, one) for one in all_of(connection, kind))
    return {key_of(record): record for record in records}


def tags(connection: sa.Connection) -> dict[str, Tag]:
    """Give the tag that each type works by."""
    return {slug: TAGS[tag] for slug, tag in asking.rows(connection, _TAGS)}


TAGS = {str(one): one for one in Tag}
_TAGS = sa.select(*(tables.of(tables.DysfunctionType).c[name] for name in ("slug", "tag")))


def patterns(connection: sa.Connection) -> dict[str, MovementPattern]:
    """Give every movement pattern by its slug."""
    return _patterns(tuple(all_of(connection, "movement-pattern")))


@lru_cache(2)  # they hardly ever change, and each write asks for them
def _patterns(texts: tuple[str, ...]) -> dict[str, MovementPattern]:
    return {one.slug: one for one in (documents.read(MovementPattern, text) for text in texts)}


def called(connection: sa.Connection, kind: str) -> dict[str, str]:
    """Give what the records of a kind, or the terms of one, are called besides their slugs, with the slug of each."""
    of_terms = kind in set(TermKind)
    records = read(connection, "term" if of_terms else kind)
    if of_terms:
        records = {slug.partition("/")[2]: one for slug, one in records.items() if slug.startswith(f"{kind}/")}
    return complaints.other_names(records)


def one(connection: sa.Connection, kind: str, slug: str) -> str | None:
    """Give the JSON of one record; None where there is none."""
    document: str | None = asking.value(connection, _one(kind), {"wanted": slug})
    return document


def slugs(connection: sa.Connection, kind: str) -> list[str]:
    """Give the slugs of a kind, in the order of the seed."""
    return asking.values(connection, _slugs(kind))


# These statements are asked all the time, so they are built once.


@cache
def _slugs(kind: str) -> sa.Select[str]:
    table = _table(kind)
    statement = sa.select(table.c.slug).order_by(table.c.position, table.c.slug)
    return statement.where(table.c.retired_at.is_(None)) if "retired_at" in table.c else statement


@cache
def _texts(kind: str) -> sa.Select[str, str]:
    table = _table(kind)
    return sa.select(table.c.slug, table.c.document).order_by(table.c.position, table.c.slug)


@cache
def _in_order(kind: str) -> sa.Select[str]:
    table = _table(kind)
    statement = sa.select(table.c.document).order_by(table.c.position, table.c.slug)
    return statement.where(table.c.retired_at.is_(None)) if "retired_at" in table.c else statement


@cache
def _one(kind: str) -> sa.Select[str]:
    return _in_order(kind).where(_table(kind).c.slug == sa.bindparam("wanted"))


def _table(kind: str) -> sa.Table:
    return tables.of(KINDS[kind].table)


def known(connection: sa.Connection) -> dict[str, dict[str, Record]]:
    """Give all that a record may name, except exercises."""
    found = {kind: read(connection, kind) for kind in KINDS}
    return with_terms_apart(found)


class Slugs(dict[str, Collection[str]]):
    """The slugs by kind, each kind read when it is first asked for: a record names few."""

    def __init__(self, connection: sa.Connection, **known: Collection[str]) -> None:
        """Read from a connection what isn't known."""
        super().__init__(known)
        self._connection = connection

    def __missing__(self, kind: str) -> Collection[str]:
        """Read the slugs of a kind."""
        if kind in KINDS:
            self[kind] = slugs(self._connection, kind)
        else:
            terms = (one.partition("/") for one in slugs(self._connection, "term"))
            self[kind] = [slug for of, _, slug in terms if of == kind and (of, slug) != (TermKind.EQUIPMENT, "none")]
        return self[kind]


def with_terms_apart(found: Mapping[str, Mapping[str, Record]]) -> dict[str, dict[str, Record]]:
    """Split the terms by their kind: `region/low-back` is the region `low-back`."""
    apart: dict[str, dict[str, Record]] = {kind: dict(records) for kind, records in found.items()}
    apart |= {str(kind): {} for kind in TermKind}
    for term in found.get("term", {}).values():
        if isinstance(term, Term) and (term.kind, term.slug) != (TermKind.EQUIPMENT, "none"):
            apart[term.kind][term.slug] = term
    return apart


def write(journal: Journal, records: Mapping[str, Sequence[Record]]) -> None:
    """Write records of every kind, and what follows for others: a type has its indicators, an indicator its condition."""
    finished = {**records, **_with_each_other(journal.connection, records)}
    for kind in KINDS:
        _write(journal, kind, finished.get(kind, ()))


def finished(connection: sa.Connection, kind: str) -> dict[str, Record]:
    """Give every record of a kind as it follows from what its curator wrote."""
    there = {kind: list(drafts(connection, kind).values())}
    return {key_of(one): one for one in {**there, **_with_each_other(connection, there)}[kind]}


def renew(journal: Journal) -> None:
    """Write every record as this version of the program does, and what is derived from it."""
    every = {kind: list(drafts(journal.connection, kind).values()) for kind in KINDS}
    write(journal, every)
    for kind, records in every.items():
        cite(journal.connection, kind, {key_of(one): one for one in records})
    for one in every["movement-pattern"]:
        _write_contraindications(journal.connection, one)


def _with_each_other(connection: sa.Connection, records: Mapping[str, Sequence[Record]]) -> dict[str, list[Record]]:
    """Add to types the indicators that point to them, and to indicators the conditions of their types."""
    if not records.get("type") and not records.get("indicator"):
        return {}
    types = drafts(connection, "type") | {key_of(one): one for one in records.get("type", ())}
    stored = drafts(connection, "indicator")
    given = {key_of(one): one for one in records.get("indicator", ())}
    indicators = [_with_condition(one, types) for one in (stored | given).values() if isinstance(one, IndicatorDraft)]
    touched = {key_of(one) for one in records.get("type", ())} | {one.type for one in indicators if one.slug in given}
    touched |= {one.type for slug, one in stored.items() if slug in given and isinstance(one, IndicatorDraft)}
    return {
        "type": [_with_indicators(one, indicators) for slug, one in types.items() if slug in touched and isinstance(one, TypeDraft)],
        "indicator": [one for one in indicators if one.slug in given],
    }


def _with_condition(draft: IndicatorDraft, types: Mapping[str, Record]) -> Indicator:
    fields = {name: getattr(draft, name) for name in IndicatorDraft.model_fields}
    return Indicator.model_construct(**fields, condition=getattr(types[draft.type], "condition", ""))


def _with_indicators(draft: TypeDraft, indicators: Iterable[Indicator]) -> DysfunctionType:
    fields = {name: getattr(draft, name) for name in TypeDraft.model_fields}
    return DysfunctionType.model_construct(**fields, indicators=[one for one in indicators if one.type == draft.slug])


def _write(journal: Journal, kind: str, records: Sequence[Record]) -> None:
    if not records:
        return
    table = _table(kind)
    stored: dict[str, str] = dict(asking.rows(journal.connection, _texts(kind)))
    retired = _retired_sources(journal.connection) if kind == "source" else set()
    changed = {}
    for position, record in enumerate(records, start=len(stored) + 1):
        slug, text = key_of(record), record.model_dump_json()
        if stored.get(slug) != text or slug in retired:
            columns = KINDS[kind].columns(record) | ({} if slug in stored else {"position": position})
            columns |= {"retired_at": None} if kind == "source" else {}
            changed[slug] = (
                record,
                Document(slug, text, _action(slug, stored, retired), None if slug in retired else stored.get(slug), columns),
            )
    if not changed:
        return
    # A default that moves leaves the one condition before the other has it.
    found = sorted((document for _, document in changed.values()), key=lambda one: bool(one.columns.get("is_default")))
    documents.write(journal, kind, table, found, changed.keys() - stored.keys())
    cite(journal.connection, kind, {slug: record for slug, (record, _) in changed.items()})
    for record, _ in changed.values():
        _write_contraindications(journal.connection, record)


def put_in_order(journal: Journal, kind: str, first: Sequence[str]) -> None:
    """Put some records of a kind first, in this order, and the others after them as they were."""
    table = _table(kind)
    before: dict[str, str] = dict(asking.rows(journal.connection, _texts(kind)))
    after = [*(slug for slug in first if slug in before), *(slug for slug in before if slug not in set(first))]
    if after == list(before):
        return
    places = [{"its_slug": slug, "position": position} for position, slug in enumerate(after, start=1)]
    journal.connection.execute(sa.update(table).where(table.c.slug == sa.bindparam("its_slug")), places)
    moved = [slug for slug, there in zip(after, before, strict=True) if slug != there and (kind, slug) not in journal.changed]
    seen = [slug for slug in moved if _is_live(journal.connection, kind, slug)]
    journal.log([Entry(kind, slug, ChangeAction.UPDATED, before[slug], before[slug]) for slug in seen])


def _is_live(connection: sa.Connection, kind: str, slug: str) -> bool:
    return one(connection, kind, slug) is not None


def _action(slug: str, stored: Collection[str], retired: Collection[str]) -> ChangeAction:
    if slug in retired:
        return ChangeAction.REVIVED
    return ChangeAction.UPDATED if slug in stored else ChangeAction.CREATED


def _retired_sources(connection: sa.Connection) -> set[str]:
    return set(connection.execute(select(tables.Source.slug).where(col(tables.Source.retired_at).is_not(None))).scalars())


def _write_contraindications(connection: sa.Connection, pattern: Record) -> None:
    if not isinstance(pattern, MovementPattern):
        return
    table = tables.PatternContraindication
    connection.execute(sa.delete(table).where(col(table.pattern) == pattern.slug))
    rows = [
        {"pattern": pattern.slug, "type": one.type, "reason": one.reason, "source": one.source.slug, "quote": one.source.quote}
        for one in pattern.contraindications
    ]
    if rows:
        connection.execute(sa.insert(table), rows)


def cite(connection: sa.Connection, kind: str, records: Mapping[str, Record]) -> None:
    """Write down which sources each record names."""
    table = tables.Citation
    uncite(connection, kind, list(records))
    rows = [{"kind": kind, "slug": slug, "source": source} for slug, record in records.items() for source in sorted(cited(record))]
    if rows:
        connection.execute(sa.insert(table), rows)


def cited(record: Record) -> set[str]:
    """Give the sources that a record names."""
    return {one.slug for one in references(record) if one.kind == "source"}


def uncite(connection: sa.Connection, kind: str, slugs: Sequence[str]) -> None:
    """Forget which sources records named."""
    table = tables.Citation
    if slugs:
        connection.execute(sa.delete(table).where(col(table.kind) == kind, col(table.slug).in_(slugs)))


def citing(connection: sa.Connection, source: str, at_most: int = 5) -> list[str]:
    """Give some of the records that name a source."""
    table = tables.Citation
    rows = connection.execute(select(table.kind, table.slug).where(col(table.source) == source).limit(at_most))
    return [f"{kind} '{slug}'" for kind, slug in rows]


def retire_source(journal: Journal, slug: str, document: str) -> None:
    """Take a source out of the catalogue; nothing names it."""
    table = tables.Source
    values = {"retired_at": journal.at, "revision": journal.revision}
    journal.connection.execute(sa.update(table).where(col(table.slug) == slug).values(values))
    journal.log([Entry("source", slug, ChangeAction.RETIRED, document, None)])


def affected_exercises(connection: sa.Connection, before: Known, after: Known) -> list[ExerciseDraft]:
    """Give the exercises whose answer depends on a type's tag or a pattern's contraindications that changed."""
    types = [slug for slug, one in after["type"].items() if slug in before["type"] and _tag(one) != _tag(before["type"][slug])]
    patterns = [slug for slug, one in after["movement-pattern"].items() if before["movement-pattern"].get(slug, one) != one]
    if not types and not patterns:
        return []
    recommended = select(tables.Recommendation.exercise_id).where(col(tables.Recommendation.type).in_(types))
    moving = select(tables.ExercisePattern.exercise_id).where(col(tables.ExercisePattern.pattern).in_(patterns))
    statement = select(tables.Exercise.document).where(col(tables.Exercise.id).in_(sa.union(recommended, moving)))
    return [documents.read(ExerciseDraft, one) for one in connection.execute(statement).scalars()]


def _tag(record: Record) -> object:
    return getattr(record, "tag", None)


def of_condition(connection: sa.Connection, kind: str, condition: str) -> list[str]:
    """Give the JSON of a condition's indicators or red flags, in the order of the seed."""
    statement = _in_order(kind)
    if kind == "indicator":
        types = select(tables.DysfunctionType.slug).where(col(tables.DysfunctionType.condition) == condition)
        statement = statement.where(col(tables.Indicator.type).in_(types))
    else:
        statement = statement.where(col(tables.RedFlag.condition) == condition)
    return list(connection.execute(statement).scalars())
