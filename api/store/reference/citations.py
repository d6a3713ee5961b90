"""Which record names which source: what keeps a source in use from being retired."""

from collections.abc import Mapping

import sqlalchemy as sa
from sqlmodel import col, select

from api.library.record import Record, mentions
from api.store import tables


def cited(record: Record) -> set[str]:
    """Give the sources that a record names."""
    return {mention.slug for mention in mentions(record) if mention.kind == "source"}


def write(connection: sa.Connection, kind: str, records: Mapping[str, Record | None]) -> None:
    """Write down which sources each record names: none, where it has gone."""
    table = tables.Citation
    if records:
        connection.execute(sa.delete(table).where(col(table.kind) == kind, col(table.slug).in_(records)))
    named = {slug: sorted(cited(record)) for slug, record in records.items() if record is not None}
    rows = [{"kind": kind, "slug": slug, "source": source} for slug, sources in named.items() for source in sources]
    if rows:
        connection.execute(sa.insert(table), rows)


def citing(connection: sa.Connection, source: str, at_most: int = 5) -> list[str]:
    """Give some of the records that name a source."""
    table = tables.Citation
    rows = connection.execute(select(table.kind, table.slug).where(col(table.source) == source).limit(at_most))
    return [f"{kind} '{slug}'" for kind, slug in rows]
