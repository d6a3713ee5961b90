"""Bring a database to the schema of this program."""

from functools import cache

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from api.errors import SchemaMismatch
from api.shipped import folder


def _config(connection: sa.Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(folder("migrations")).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def migrate(connection: sa.Connection) -> None:
    """Upgrade to the newest schema inside the caller's transaction; refuse a database newer than the program."""
    config = _config(connection)
    if current(connection) != newest():
        refuse_newer(connection)
        command.upgrade(config, "head")


def current(connection: sa.Connection) -> str | None:
    """Give the revision that the database is at; None where it is empty."""
    return MigrationContext.configure(connection).get_current_revision()


@cache
def newest() -> str | None:
    """Give the revision that this program wants."""
    return ScriptDirectory(str(folder("migrations"))).get_current_head()


def refuse_behind(connection: sa.Connection) -> None:
    """Refuse a database that isn't at this program's schema."""
    at = current(connection)
    if at != newest():
        raise SchemaMismatch(f"The database has the schema '{at}', this version needs '{newest()}'; run 'exercise-library migrate'.")


def refuse_newer(connection: sa.Connection) -> None:
    """Refuse a database that a newer program has migrated: this one doesn't know what it means."""
    at = current(connection)
    known = {script.revision for script in ScriptDirectory(str(folder("migrations"))).walk_revisions()}
    if at is not None and at not in known:
        message = f"the database has the schema '{at}', which this version doesn't know; use the version that migrated it, or a newer one"
        raise SchemaMismatch(message)
