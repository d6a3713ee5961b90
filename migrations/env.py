"""What alembic runs: on the connection it is handed, else on the database that the environment names."""

import os

import sqlalchemy as sa
from alembic import context
from sqlmodel import SQLModel

import api.store.tables  # noqa: F401  (fills the metadata)
from api.store.engine import Database

# Full-text search is each engine's own, so its tables are in the migrations and not in the metadata.
ENGINE_OWN = "exercise_search"


def is_ours(_: sa.schema.SchemaItem, name: str | None, kind: str, *__: object) -> bool:
    """Leave out the full-text tables when comparing the database with the metadata."""
    return not (kind == "table" and name is not None and name.startswith(ENGINE_OWN))


def run(connection: sa.Connection) -> None:
    """Migrate in the transaction that is open."""
    context.configure(
        connection=connection,
        target_metadata=SQLModel.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        include_object=is_ours,
        compare_type=True,
    )
    context.run_migrations()


connection = context.config.attributes.get("connection")
if connection is not None:
    run(connection)
else:
    database = Database(os.environ.get("EXERCISE_LIBRARY_DATABASE_URL", "sqlite:///exercise-library.db"))
    database.create()
    with database.writing() as session:
        run(session.connection())
