"""`migrate`, `check`, `backup` and `restore`: bring a library up to date, see that nothing in it is wrong, keep all of it in a file."""

import sys
from pathlib import Path

import click

from api.cli import main
from api.cli.opened import database_option, opened, say
from api.store import backup as backups
from api.store import checking, differences


@main.command()
@database_option
def migrate(database_url: str) -> None:
    """Bring a database to this version's schema and seed data, and stop."""
    with opened(database_url, creates=True):
        say("The database is up to date.")


@main.command()
@database_option
def check(database_url: str) -> None:
    """Check every invariant of a library, and list how it differs from the seed data."""
    with opened(database_url, ready=False) as database, database.reading() as connection:
        found = list(checking.wrong(connection))
        for line in found:
            click.echo(f"WRONG  {line}")
        for line in () if found else differences.listed(connection):
            click.echo(f"EDITED {line}")
    say("Something is wrong." if found else "Everything is as it should be.")
    sys.exit(1 if found else 0)


@main.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--force", is_flag=True, help="Replace FILE where it is there already.")
@database_option
def backup(file: Path, *, force: bool, database_url: str) -> None:
    """Write everything, history and keys included, to FILE; the service may go on meanwhile."""
    if file.exists() and not file.is_file():
        raise click.ClickException(f"{file} is not a regular file, so no backup can take its place.")
    if file.exists() and not force:
        raise click.ClickException(f"{file} is there already; --force replaces it.")
    with opened(database_url, ready=False) as database:
        rows = backups.backup(database, file)
    say(f"{rows} rows written to {file}.")


@main.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@database_option
def restore(file: Path, database_url: str) -> None:
    """Fill an empty database, of either engine, from a backup; it becomes a library with an identity of its own."""
    with opened(database_url, ready=False) as database:
        rows = backups.restore(database, file)
    say(f"{rows} rows restored.")
