"""The library that a command works on and the option that names it, who is at the terminal, and what they are told."""

import getpass
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, TextIO, TypeVar

import click

from api.library.vocabulary import Channel
from api.settings import Settings
from api.store import migrations
from api.store.engine import Database
from api.store.journal import Author
from api.store.opening import prepare

_A_DAY = 24 * 60 * 60
"""Seconds that a statement may take: nobody waits for a backup as for an answer."""
SECONDS_FOR_A_LOCK = 600
"""How long a command waits for another writer, such as a long import."""

Given = TypeVar("Given", Path, tuple[Path, ...])

database_option = click.option(
    "--database",
    "database_url",
    default=lambda: Settings.from_environment().database_url,
    show_default=Settings().database_url,
    metavar="URL",
    help="sqlite:///FILE, or a postgresql:// URL as libpq takes it.",
)


def regular(_: click.Context, __: click.Parameter, given: Given) -> Given:
    """Refuse files that can be read once only, such as pipes: what they are is read before they are."""
    for file in (given,) if isinstance(given, Path) else given:
        if not file.is_file():
            raise click.BadParameter(f"'{file}' is not a regular file, and is read more than once: write it to one first.")
    return given


def standard_output() -> BinaryIO:
    """Give standard output. Raises ClickException where it is closed: what was asked for would be lost."""
    out: TextIO | None = sys.stdout
    if out is None:
        raise click.ClickException("Standard output is closed, so there is nowhere to write to.")
    return out.buffer


@contextmanager
def opened(url: str, *, ready: bool = True, creates: bool = False) -> Iterator[Database]:
    """Open a database, migrated and seeded unless it is taken as it is; few commands make a library where there is none."""
    database = Database(url, statement_seconds=_A_DAY, lock_seconds=SECONDS_FOR_A_LOCK)
    try:
        if ready and not creates:
            with database.reading() as connection:
                migrations.refuse_empty(connection)
        if ready:
            prepare(database, now())
        yield database
    finally:
        database.close()


def now() -> datetime:
    """Read the clock."""
    return datetime.now(UTC)


def author(channel: Channel, reason: str | None) -> Author:
    """Say who is at the terminal."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):  # a container may run as a number without a name
        name = "somebody"
    return Author(by=name, channel=channel, reason=reason)


def say(text: str) -> None:
    """Tell the person at the terminal."""
    click.echo(text, err=True)
