"""Reference data as it is stored: conditions, types, indicators, red flags, groups, sources, movement patterns and terms."""

from collections.abc import Collection, Mapping
from functools import cache, lru_cache
from typing import TypeVar

import sqlalchemy as sa
from pydantic_core import from_json

from api.library import complaints
from api.library.pattern import MovementPattern
from api.library.record import Record
from api.library.term import NOTHING_NEEDED, Term
from api.library.vocabulary import Tag, TermKind
from api.store import asking, documents, tables
from api.store.reference.kinds import KINDS, by_key, key_of, table_of

_Model = TypeVar("_Model", bound=Record)


def documents_of(connection: sa.Connection, kind: str) -> list[str]:
    """Give the JSON of every record of a kind, in the order of the seed."""
    return asking.values(connection, _documents(kind))


def document(connection: sa.Connection, kind: str, slug: str) -> str | None:
    """Give the JSON of one record; None where there is none."""
    found: str | None = asking.value(connection, _document(kind), {"wanted": slug})
    return found


def documents_of_condition(connection: sa.Connection, kind: str, condition: str) -> list[str]:
    """Give the JSON of a condition's indicators or red flags, in the order of the seed."""
    return [text for text in documents_of(connection, kind) if from_json(text)["condition"] == condition]


def slugs(connection: sa.Connection, kind: str) -> list[str]:
    """Give the slugs of a kind, in the order of the seed."""
    return asking.values(connection, prepared_slugs(kind))


def records(connection: sa.Connection, kind: str) -> dict[str, Record]:
    """Give every record of a kind by its slug."""
    return by_key(documents.read(KINDS[kind].record, text) for text in documents_of(connection, kind))


def records_as(connection: sa.Connection, kind: str, model: type[_Model]) -> dict[str, _Model]:
    """Give every record of a kind as what it is, for the type checker."""
    return {slug: record for slug, record in records(connection, kind).items() if isinstance(record, model)}


def drafts(connection: sa.Connection, kind: str) -> dict[str, Record]:
    """Give every record of a kind by its slug, as a curator would write it."""
    return by_key(documents.read(KINDS[kind].draft, text) for text in documents_of(connection, kind))


def tags(connection: sa.Connection) -> dict[str, Tag]:
    """Give the tag that each type works by."""
    return {slug: TAGS[tag] for slug, tag in asking.rows(connection, _TAGS)}


TAGS = {str(tag): tag for tag in Tag}
_TAGS = sa.select(*(tables.of(tables.DysfunctionType).c[name] for name in ("slug", "tag")))


def patterns(connection: sa.Connection) -> dict[str, MovementPattern]:
    """Give every movement pattern by its slug."""
    return _patterns(tuple(documents_of(connection, "movement-pattern")))


@lru_cache(2)  # they hardly ever change, and each write asks for them
def _patterns(texts: tuple[str, ...]) -> dict[str, MovementPattern]:
    return {pattern.slug: pattern for pattern in (documents.read(MovementPattern, text) for text in texts)}


def other_names(connection: sa.Connection, kind: str) -> dict[str, str]:
    """Give what the records of a kind, or the terms of one, are called besides their slugs, with the slug of each."""
    of_terms = kind in set(TermKind)
    found = records(connection, "term" if of_terms else kind)
    if of_terms:
        found = {slug.partition("/")[2]: term for slug, term in found.items() if slug.startswith(f"{kind}/")}
    return complaints.other_names(found)


def known(connection: sa.Connection) -> dict[str, dict[str, Record]]:
    """Give all that a record may name, except exercises."""
    return with_terms_apart({kind: records(connection, kind) for kind in KINDS})


class KnownSlugs(dict[str, Collection[str]]):
    """The slugs that a record may name, by kind. Each kind is read when it is first asked for: a record names few."""

    def __init__(self, connection: sa.Connection, **known: Collection[str]) -> None:
        """Read from a connection what isn't known."""
        super().__init__(known)
        self._connection = connection

    def __missing__(self, kind: str) -> Collection[str]:
        """Read the slugs of a kind."""
        if kind in KINDS:
            self[kind] = slugs(self._connection, kind)
        else:
            terms = (key.partition("/") for key in slugs(self._connection, "term") if key != NOTHING_NEEDED)
            self[kind] = [slug for of, _, slug in terms if of == kind]
        return self[kind]


def with_terms_apart(found: Mapping[str, Mapping[str, Record]]) -> dict[str, dict[str, Record]]:
    """Split the terms by their kind: `region/low-back` is the region `low-back`."""
    apart: dict[str, dict[str, Record]] = {kind: dict(of_kind) for kind, of_kind in found.items()}
    apart |= {str(kind): {} for kind in TermKind}
    for term in found.get("term", {}).values():
        if isinstance(term, Term) and key_of(term) != NOTHING_NEEDED:
            apart[term.kind][term.slug] = term
    return apart


# These statements are asked all the time, so they are built once.


@cache
def prepared_slugs(kind: str) -> sa.Select[str]:
    """Give the statement of the slugs of a kind."""
    return _live(sa.select(table_of(kind).c.slug), kind)


@cache
def _documents(kind: str) -> sa.Select[str]:
    return _live(sa.select(table_of(kind).c.document), kind)


@cache
def _document(kind: str) -> sa.Select[str]:
    return _documents(kind).where(table_of(kind).c.slug == sa.bindparam("wanted"))


def _live(statement: sa.Select[str], kind: str) -> sa.Select[str]:
    """Leave out what is retired, and put the rest in order."""
    table = table_of(kind)
    statement = statement.order_by(table.c.position, table.c.slug)
    return statement.where(table.c.retired_at.is_(None)) if "retired_at" in table.c else statement
