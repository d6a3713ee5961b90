"""`export` and `import`: records as text, out of a library and into it."""

import sys
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

import click
import sqlalchemy as sa

from api.cli import main
from api.cli.opened import author, database_option, now, opened, regular, say, standard_output
from api.library.exercise import Exercise
from api.library.history import LONGEST_REASON, is_reason
from api.library.vocabulary import Channel
from api.store import documents, library, loading, reference
from api.store.content import FREE_EXERCISE_DB, Content, Files
from api.store.engine import Database
from api.store.exercises import read
from api.store.free_exercise_db import FreeExerciseDb
from api.store.journal import Journal


@main.command()
@database_option
def export(database_url: str) -> None:
    """Write the whole library to standard output, as `GET /library` answers it."""
    out = standard_output()
    with opened(database_url) as database, database.reading() as connection:
        for piece in library.document(connection):
            out.write(piece)
        out.flush()


def _as_a_reason(_: click.Context, __: click.Parameter, given: str | None) -> str | None:
    reason = (given or "").strip()
    if not is_reason(reason):
        msg = f"It has to be one line of at most {LONGEST_REASON} characters."
        raise click.BadParameter(msg)
    return reason or None


@main.command(name="import")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False), callback=regular)
@click.option(
    "--format", "format_", type=click.Choice(["library", FREE_EXERCISE_DB]), default="library", show_default=True, help="Of FILES."
)
@click.option("--check", is_flag=True, help="Show what would change, and change nothing.")
@click.option("--reason", metavar="TEXT", callback=_as_a_reason, help="Why, on one line; history keeps it.")
@database_option
def import_(files: tuple[Path, ...], format_: str, *, check: bool, reason: str | None, database_url: str) -> None:
    """Load FILES (what `export` writes, or YAML as in the seed data): all or nothing. Records of the same slug are replaced."""
    with opened(database_url, creates=not check) as database:
        try:
            _import(database, files, format_, reason, check=check)
        except _Checked:
            say("Nothing was changed: this was a check.")


class _Checked(Exception):
    """Ends a check: the transaction is undone."""


def _import(database: Database, files: tuple[Path, ...], format_: str, reason: str | None, *, check: bool) -> None:
    skipped: set[str] = set()
    with database.writing() as session:
        journal = Journal(session, author(Channel.IMPORT, reason), now())
        with click.progressbar(length=_records(files), label="Importing", file=sys.stderr) as bar:
            count = loading.load(journal, _content(journal.connection, files, format_, skipped), bar.update)
        told = [f"{count} records read; {len(journal.changed)} changed.", *_told_of(skipped), *_proposals(journal)]
        if check:
            _say_all(told)
            for (kind, slug), action in journal.changed.items():
                click.echo(f"{action} {kind} {slug}")
            raise _Checked
    # Only what is committed has changed; and nobody's reading, or not, undoes it.
    _say_all(told)


def _told_of(skipped: Collection[str]) -> list[str]:
    return [f"{len(skipped)} exercises are here already and stay as they are."] if skipped else []


def _say_all(told: Iterable[str]) -> None:
    for line in told:
        say(line)


def _records(files: tuple[Path, ...]) -> int:
    """Estimate how many records there are, for the progress bar alone: an export has one a line."""
    count = 0
    for file in files:
        with file.open("rb") as lines:
            count += sum(1 for _ in lines)
    return count


def _content(connection: sa.Connection, files: tuple[Path, ...], format_: str, skipped: set[str]) -> Content:
    if format_ == "library":
        return Files(files)
    words = reference.slugs(connection, "term")
    return FreeExerciseDb(files, lambda slugs: read.ids(connection, slugs), words, skipped)


def _proposals(journal: Journal) -> Iterator[str]:
    """Say which imported exercises resemble something that some type avoids."""
    changed = [slug for kind, slug in journal.changed if kind == "exercise"]
    found = 0
    for chunk in documents.chunks(changed):
        for stored in read.load(journal.connection, chunk).values():
            if stored.exercise.possible_match:
                found += 1
                yield _proposal(stored.exercise)
    if found:
        yield f"{found} exercises resemble one that some type avoids: set 'variant_of' or 'patterns', or give a verdict."


def _proposal(exercise: Exercise) -> str:
    proposed = {"exercise": "variant_of", "movement-pattern": "patterns"}
    matches = (f"{proposed[match.kind]}: {match.slug} (by {', '.join(match.words)})" for match in exercise.possible_match)
    return f"{exercise.slug}: {'; '.join(matches)}"
