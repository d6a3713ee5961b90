"""Bring a database to the schema of this program."""

from functools import cache

import sqlalchemy as sa

from api.errors import SchemaMismatch
from api.shipped import folder

_version = sa.table("alembic_version", sa.column("version_num", sa.String))


def migrate(connection: sa.Connection, to: str | None = None) -> None:
    """Upgrade to the newest schema, or to an older one, inside the caller's transaction; refuse a database newer than the program."""
    if current(connection) != (to or newest()):
        refuse_newer(connection)
        _upgrade(connection, to or newest())


def _upgrade(connection: sa.Connection, to: str) -> None:
    # Alembic takes as long to import as the rest of the store, and a start that finds everything done needs nothing of it.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(folder("migrations")).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, to)


def current(connection: sa.Connection) -> str | None:
    """Give the revision that the database is at; None where it is empty."""
    if not sa.inspect(connection).has_table(_version.name):
        return None
    return connection.execute(sa.select(_version.c.version_num)).scalar_one_or_none()


def newest() -> str:
    """Give the revision that this program wants."""
    return known()[-1]


@cache
def known() -> list[str]:
    """Give every revision of this program, oldest first: their files begin with their numbers."""
    return sorted(path.name.partition("_")[0] for path in (folder("migrations") / "versions").glob("[0-9]*.py"))


def refuse_behind(connection: sa.Connection) -> None:
    """Refuse a database that isn't at this program's schema."""
    refuse_newer(connection)
    refuse_empty(connection)
    at = current(connection)
    if at != newest():
        raise SchemaMismatch(f"The database has the schema '{at}', this version needs '{newest()}'; run 'exercise-library migrate'.")


def refuse_empty(connection: sa.Connection) -> None:
    """Refuse a database in which no library was made."""
    if current(connection) is None:
        raise SchemaMismatch("The database has no library yet; run 'exercise-library migrate'.")


def refuse_newer(connection: sa.Connection) -> None:
    """Refuse a database that a newer program has migrated: this one doesn't know what it means."""
    at = current(connection)
    if at is not None and at not in known():
        message = f"The database has the schema '{at}', which this version doesn't know; use the version that migrated it, or a newer one"
        raise SchemaMismatch(message)
