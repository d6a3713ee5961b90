"""The command line: the same store calls as the web."""

import os
from dataclasses import replace
from datetime import UTC, datetime

import click
import uvicorn

from api.errors import ExerciseLibraryError
from api.settings import ENVIRONMENT, Settings
from api.store.engine import Database
from api.store.opening import prepare

DEFAULTS = Settings()


class Commands(click.Group):
    """Says what went wrong in a sentence, not in a stack trace."""

    def invoke(self, context: click.Context) -> object:
        """Run a command."""
        try:
            return super().invoke(context)
        except ExerciseLibraryError as error:
            raise click.ClickException(str(error)) from error


def variable(setting: str) -> str:
    """Name the environment variable of a setting."""
    return ENVIRONMENT + setting.upper()


database_option = click.option(
    "--database",
    "database_url",
    envvar=variable("database_url"),
    default=DEFAULTS.database_url,
    show_default=True,
    metavar="URL",
    help="sqlite:///FILE, or a postgresql:// URL as libpq takes it.",
)


@click.group(cls=Commands)
@click.version_option(package_name="exercise-library")
def main() -> None:
    """An open exercise library for rehabilitation: what is safe and useful for this kind of joint problem?"""


@main.command()
@click.option("--host", envvar=variable("host"), default=DEFAULTS.host, show_default=True, help="The address to listen at.")
@click.option(
    "--port",
    envvar=variable("port"),
    default=DEFAULTS.port,
    show_default=True,
    type=click.IntRange(0, 65535),
    help="The port to listen at.",
)
@click.option(
    "--workers",
    envvar=variable("workers"),
    default=DEFAULTS.workers,
    show_default=True,
    type=click.IntRange(1, 64),
    help="Worker processes.",
)
@database_option
def serve(host: str, port: int, workers: int, database_url: str) -> None:
    """Migrate, seed and serve."""
    settings = replace(Settings.from_environment(), host=host, port=port, workers=workers, database_url=database_url)
    database = Database(settings.database_url)
    prepare(database, datetime.now(UTC))
    database.close()
    address = f"http://{host}:{port}"
    click.echo(f"The exercise library is at {address}; its documentation at {address}/docs.", err=True)
    click.echo(f"Try: curl '{address}/exercises?type=unstable'", err=True)
    os.environ |= settings.to_environment()
    uvicorn.run("api.app:from_environment", factory=True, host=host, port=port, workers=workers, access_log=False, log_level="warning")


@main.command()
@database_option
def migrate(database_url: str) -> None:
    """Bring a database to this version's schema and seed data, and stop."""
    database = Database(database_url)
    prepare(database, datetime.now(UTC))
    database.close()
    click.echo("The database is up to date.", err=True)
