"""`keys`: who may write."""

import re
from datetime import UTC, datetime, timedelta

import click

from api.cli import main
from api.cli.opened import author, database_option, now, opened, say, standard_output
from api.library.record import SLUG
from api.library.vocabulary import Channel, Scope
from api.store import keys as store
from api.store.journal import Journal

_DAYS = re.compile("-?[0-9]+d")
_SCOPES = {scope.value: scope for scope in Scope}


@main.group()
def keys() -> None:
    """Keys to the writing half of the API."""


@keys.command()
@click.argument("name")
@click.option("--scope", type=click.Choice(list(_SCOPES)), default=Scope.EDIT.value, show_default=True, help="What for.")
@click.option("--expires", metavar="WHEN", help="A date such as 2027-01-31, or a number of days such as 90d; without it, never.")
@database_option
def create(name: str, scope: str, expires: str | None, database_url: str) -> None:
    """Make a key named NAME and print it, this once."""
    if not SLUG.fullmatch(name):
        raise click.BadParameter("a name is lower-case letters, digits and hyphens, such as 'front-desk'", param_hint="NAME")
    until = None if expires is None else _moment(expires)
    out = standard_output()
    with opened(database_url) as database, database.writing() as session:
        secret = store.create(Journal(session, author(Channel.SHELL, None), now()), name, _SCOPES[scope], until)
        # A key that nobody got to see is none: where it can't be printed, nothing is stored.
        out.write(f"{secret}\n".encode())
        out.flush()


def _moment(expires: str) -> datetime:
    try:
        if _DAYS.fullmatch(expires):
            until = now() + timedelta(days=int(expires[:-1]))
        else:
            read = datetime.fromisoformat(expires)
            until = read.astimezone(UTC) if read.tzinfo else read.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise click.BadParameter(f"'{expires}' is neither a date such as 2027-01-31 nor days such as 90d", param_hint="--expires") from None
    if until <= now():
        raise click.BadParameter(f"'{expires}' is in the past", param_hint="--expires")
    return until


@keys.command(name="list")
@database_option
def list_(database_url: str) -> None:
    """List every key there is or was: never the key itself."""
    with opened(database_url) as database, database.reading() as connection:
        click.echo("name\tscope\tcreated\texpires\tlast used\trevoked")
        for key in store.every(connection):
            moments = (key.created_at, key.expires_at, key.last_used_at, key.revoked_at)
            click.echo("\t".join([key.name, key.scope, *(moment.isoformat(timespec="seconds") if moment else "-" for moment in moments)]))


@keys.command()
@click.argument("name")
@database_option
def revoke(name: str, database_url: str) -> None:
    """Close the key named NAME, from the next request on."""
    with opened(database_url) as database, database.writing() as session:
        store.revoke(Journal(session, author(Channel.SHELL, None), now()), name)
    say(f"The key '{name}' no longer opens anything.")
