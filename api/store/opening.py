"""Making a database ready to serve: migrated and seeded, exactly once, however many processes start together."""

from datetime import datetime

import sqlalchemy as sa

from api.store import migrations, seeding
from api.store.engine import Database
from api.store.journal import Journal

_LOCK = 0x5E4C15E


def prepare(database: Database, at: datetime) -> None:
    """Migrate and seed in one transaction; whoever comes second finds it done."""
    database.create()
    with database.writing() as session:
        if database.is_postgresql:
            # There may be no table to lock yet; SQLite's writer is alone from the start.
            session.connection().execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
        migrations.migrate(session.connection())
        if not seeding.is_seeded(session.connection()):
            seeding.seed(Journal(session, seeding.AUTHOR, at))
