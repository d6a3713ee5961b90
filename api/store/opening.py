"""Making a database ready to serve: migrated, seeded and in this version's form, exactly once, however many processes start together."""

from collections.abc import Iterable
from datetime import datetime
from functools import cache
from hashlib import sha256
from pathlib import Path

import sqlalchemy as sa

from api import library as api_library
from api import store as api_store
from api.shipped import folder, version
from api.store import index, migrations, seeding, tables
from api.store.engine import Database
from api.store.exercises import write
from api.store.journal import Journal
from api.store.reference import edits

_LOCK = 0x5E4C15E
_library = tables.of(tables.Library)


def prepare(database: Database, at: datetime) -> None:
    """Migrate and seed in one transaction; the processes that wait for it find it done."""
    database.create()
    with database.writing() as session:
        if database.is_postgresql:
            # There may be no table to lock yet; SQLite's writer is alone from the start.
            session.connection().execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
        migrations.migrate(session.connection())
        if not is_prepared(session.connection()):
            bring_up_to_date(Journal(session, seeding.AUTHOR, at))


def is_prepared(connection: sa.Connection) -> bool:
    """Say whether this version was the last that brought the library up to date."""
    return last_prepared(connection) == _digest()


def last_prepared(connection: sa.Connection) -> str | None:
    """Name the version that last brought the library up to date; None where none did."""
    digest: str | None = connection.execute(sa.select(_library.c.seed_digest)).scalar_one()
    return digest


def bring_up_to_date(journal: Journal) -> None:
    """Load the seed data of this version, and write what another version wrote as this one does."""
    is_new = last_prepared(journal.connection) is None
    seeding.seed(journal)
    if not is_new:
        edits.renew(journal)
        write.renew(journal)
        index.remake(journal.connection)
    journal.connection.execute(sa.update(_library).values(seed_digest=_digest()))


def _digest() -> str:
    """Name this version by all that decides what it keeps: its data, and the code of its records and of the store.

    Files are taken as they are, so that no change can be forgotten; reading the records in them would take half a start.
    """
    shipped = folder("seed_data")
    content = _written_out(shipped, [*shipped.rglob("*.yaml"), *shipped.rglob("*.json")])
    return sha256(f"{version()} {migrations.newest()} {_code()}".encode() + content).hexdigest()


@cache
def _code() -> str:
    places = [Path(package.__path__[0]) for package in (api_library, api_store)]
    return sha256(b"".join(_written_out(place, place.rglob("*.py")) for place in places)).hexdigest()


def _written_out(place: Path, files: Iterable[Path]) -> bytes:
    named = ((path.relative_to(place).as_posix(), path.read_bytes()) for path in sorted(files))
    return b"".join(f"\n{name} {len(content)}\n".encode() + content for name, content in named)
