"""The whole library as one document, a record a line, read and written in bounded memory."""

from collections.abc import Iterator
from hashlib import sha256
from json import dumps

import sqlalchemy as sa
from sqlmodel import col, select

from api.library import wording
from api.library.questionnaire import SYMPTOMS
from api.store import history, migrations, reference
from api.store.exercises import bequests
from api.store.journal import revision
from api.store.tables import Exercise

_CHUNK = 500
# In the order in which they can be read back.
_SECTIONS = {
    "sources": "source",
    "groups": "group",
    "terms": "term",
    "conditions": "condition",
    "types": "type",
    "indicators": "indicator",
    "red_flags": "red-flag",
    "patterns": "movement-pattern",
}

# What a client that works without this service has to show.
_STANDING_TEXTS = {
    "intended_use": wording.INTENDED_USE,
    "disclaimer": wording.DISCLAIMER,
    "licence": "MIT",
    "symptoms_question": SYMPTOMS,
}
EDITION = sha256(dumps(_STANDING_TEXTS).encode()).hexdigest()[:8]
"""Names what a version of this program adds to the records."""


def document(connection: sa.Connection) -> Iterator[bytes]:
    """Write the library as JSON, piece by piece; the last field is the SHA-256 of all bytes before it."""
    digest = sha256()
    for piece in _pieces(connection):
        written = piece.encode()
        digest.update(written)
        yield written
    yield f',"sha256":"{digest.hexdigest()}"}}\n'.encode()


def _pieces(connection: sa.Connection) -> Iterator[str]:
    named = {"library_id": history.library_id(connection), "revision": revision(connection), "schema": migrations.current(connection)}
    yield dumps({**named, **_STANDING_TEXTS}, separators=(",", ":")).removesuffix("}") + ",\n"
    for section, kind in _SECTIONS.items():
        yield from _section(section, iter([reference.documents_of(connection, kind)]))
        yield ",\n"
    yield from _section("exercises", _exercises(connection))
    yield ",\n"
    yield from _section("retired", iter([list(bequests.standing(connection).values())]))


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
