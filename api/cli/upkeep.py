"""`migrate` and `check`: bring a library up to date, and see that nothing in it is wrong."""

import sys

import click

from api.cli import main
from api.cli.opened import opened, say
from api.cli.options import database_option
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
