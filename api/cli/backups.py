"""`backup` and `restore`: everything, history and keys included, in a file."""

from pathlib import Path

import click

from api.cli import main
from api.cli.opened import opened, say
from api.cli.options import database_option
from api.store import backup as backups


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
