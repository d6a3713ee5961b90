"""The whole library as one document, a record a line, read and written in bounded memory."""

from collections.abc import Callable, Iterator
from hashlib import sha256
from json import dumps

import sqlalchemy as sa
from sqlmodel import col, select

from api.library.export import RETIRED, SECTIONS, STANDING_TEXTS
from api.store import history, migrations, reference
from api.store.exercises import bequests
from api.store.journal import revision
from api.store.reference.kinds import KINDS
from api.store.tables import Exercise

_CHUNK = 500
EDITION = sha256(dumps(STANDING_TEXTS).encode()).hexdigest()[:8]
"""Names what a version of this program adds to the records."""


def document(connection: sa.Connection, told: Callable[[str], str] = str) -> Iterator[bytes]:
    """Write the library as JSON, piece by piece, each as `told` has it; the last field is the SHA-256 of all bytes before it."""
    digest = sha256()
    for piece in _pieces(connection):
        written = told(piece).encode()
        digest.update(written)
        yield written
    yield f',"sha256":"{digest.hexdigest()}"}}\n'.encode()


def _pieces(connection: sa.Connection) -> Iterator[str]:
    named = {"library_id": history.library_id(connection), "revision": revision(connection), "schema": migrations.current(connection)}
    yield dumps({**named, **STANDING_TEXTS}, separators=(",", ":")).removesuffix("}") + ",\n"
    for n, (section, kind) in enumerate(SECTIONS.items()):
        if n:
            yield ",\n"
        yield from _section(section, _chunks(connection, kind))


def records(connection: sa.Connection) -> Iterator[tuple[str, str]]:
    """Give every record, section by section: its kind, and its JSON."""
    for kind in SECTIONS.values():
        yield from ((kind, document) for chunk in _chunks(connection, kind) for document in chunk)


def _chunks(connection: sa.Connection, kind: str) -> Iterator[list[str]]:
    """Read the records of a section, some at a time."""
    if kind == RETIRED:
        yield list(bequests.standing(connection).values())
    elif kind in KINDS:
        yield reference.documents_of(connection, kind)
    else:
        yield from _exercises(connection)


def _section(name: str, chunks: Iterator[list[str]]) -> Iterator[str]:
    yield f'"{name}":['
    between = "\n"
    for chunk in chunks:
        if chunk:
            yield between + ",\n".join(chunk)
            between = ",\n"
    yield "\n]"


def _exercises(connection: sa.Connection) -> Iterator[list[str]]:
    """Read the exercises by slug, some at a time."""
    last = ""
    statement = (
        select(Exercise.slug, Exercise.document).where(col(Exercise.retired_at).is_(None)).order_by(col(Exercise.slug)).limit(_CHUNK)
    )
    while rows := connection.execute(statement.where(col(Exercise.slug) > last)).all():
        yield [row.document for row in rows]
        last = rows[-1].slug
