"""The kinds of reference data, and how records of each are kept."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import sqlalchemy as sa

from api.library.condition import Condition, DysfunctionType, TypeDraft
from api.library.pattern import MovementPattern
from api.library.record import Record
from api.library.screening_items import Group, Indicator, IndicatorDraft, RedFlag
from api.library.source import Source
from api.library.term import Term, term_key
from api.store import tables

Known = Mapping[str, Mapping[str, Record]]
"""Records by kind and slug; regions, equipment and muscles are kinds of their own."""


class Kind(NamedTuple):
    """How records of one kind are written and kept."""

    draft: type[Record]
    record: type[Record]
    table: type[tables.ReferenceRecord]
    columns: Mapping[str, str]
    """What is kept beside the record's JSON, each from a field of it: what the database checks or filters by."""


def key_of(record: Record) -> str:
    """Give the slug under which a record is stored, which for a word begins with its list."""
    return term_key(record.kind, record.slug) if isinstance(record, Term) else str(vars(record)["slug"])


def by_key(records: Iterable[Record]) -> dict[str, Record]:
    """Give records by the slug under which each is stored."""
    return {key_of(record): record for record in records}


def table_of(kind: str) -> sa.Table:
    """Give the table in which records of a kind are kept."""
    return tables.of(KINDS[kind].table)


# In the order in which they can be written: what a record names comes before it.
KINDS: dict[str, Kind] = {
    "source": Kind(Source, Source, tables.Source, {}),
    "group": Kind(Group, Group, tables.CautionGroup, {}),
    "term": Kind(Term, Term, tables.Term, {"kind": "kind"}),
    "condition": Kind(Condition, Condition, tables.Condition, {"is_default": "default"}),
    "type": Kind(TypeDraft, DysfunctionType, tables.DysfunctionType, {"condition": "condition", "tag": "tag"}),
    "indicator": Kind(IndicatorDraft, Indicator, tables.Indicator, {"type": "type"}),
    "red-flag": Kind(RedFlag, RedFlag, tables.RedFlag, {"condition": "condition", "caution_group": "group"}),
    "movement-pattern": Kind(MovementPattern, MovementPattern, tables.MovementPattern, {}),
}
