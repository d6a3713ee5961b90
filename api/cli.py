"""The command line: the same store calls as the web. Answers go to standard output, everything else to standard error."""

import gc
import getpass
import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
import sqlalchemy as sa

from api.errors import ExerciseLibraryError, UnknownValue
from api.library import complaints
from api.library.record import SLUG
from api.library.vocabulary import Channel, Scope
from api.settings import ENVIRONMENT, Settings
from api.shipped import DISTRIBUTION
from api.store import keys, library, loading, migrations, reference
from api.store.content import FREE_EXERCISE_DB, Content, Files
from api.store.engine import Database
from api.store.exercises import read
from api.store.journal import Author, Journal, revision
from api.store.opening import prepare

if TYPE_CHECKING:
    from api.library.exercise import Exercise

DEFAULTS = Settings()
_A_DAY = 24 * 60 * 60
"""Seconds that a statement may take: nobody waits for a backup as for an answer."""
SECONDS_FOR_A_LOCK = 600
"""How long a command waits for another writer, such as a long import."""
Command = TypeVar("Command", bound=Callable[..., object])
INTERRUPTED = 128 + signal.SIGINT
"""The status of what Ctrl-C ended, as shells have it."""
_SCOPES = {one.value: one for one in Scope}


class Commands(click.Group):
    """Says what went wrong in a sentence, not in a stack trace."""

    def invoke(self, context: click.Context) -> object:
        """Run a command."""
        try:
            return super().invoke(context)
        except ExerciseLibraryError as error:
            raise click.ClickException(str(error)) from error
        except BrokenPipeError:
            raise  # whoever read our output has had enough; click knows
        except OSError as error:
            named = f"{error.filename}: " if error.filename else ""
            raise click.ClickException(f"{named}{error.strerror or error}.") from error
        except KeyboardInterrupt:
            sys.exit(INTERRUPTED)


def variable(setting: str) -> str:
    """Name the environment variable of a setting."""
    return ENVIRONMENT + setting.upper()


database_option = click.option(
    "--database",
    "database_url",
    default=lambda: Settings.from_environment().database_url,
    show_default=DEFAULTS.database_url,
    metavar="URL",
    help="sqlite:///FILE, or a postgresql:// URL as libpq takes it.",
)
reason_option = click.option("--reason", metavar="TEXT", help="Why; history keeps it.")


def say(text: str) -> None:
    """Tell the person at the terminal."""
    click.echo(text, err=True)


@contextmanager
def opened(url: str, *, ready: bool = True, creates: bool = False) -> Iterator[Database]:
    """Open a database, migrated and seeded unless it is to be taken as it is; few commands make a library where there is none."""
    database = Database(url, statement_seconds=_A_DAY, lock_seconds=SECONDS_FOR_A_LOCK)
    try:
        if ready and not creates:
            _refuse_without_library(database)
        if ready:
            prepare(database, now())
        yield database
    finally:
        database.close()


def _refuse_without_library(database: Database) -> None:
    with database.reading() as connection:
        migrations.refuse_empty(connection)


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


@click.group(cls=Commands)
@click.version_option(package_name=DISTRIBUTION)
def main() -> None:
    """An open exercise library for rehabilitation: what is safe and useful for this kind of joint problem?"""


def setting(name: str, kind: Any, help_: str) -> Callable[[Command], Command]:  # noqa: ANN401  (click takes many kinds)
    """Make the option of a setting, with its variable and its default."""
    flag = f"--{name.replace('_', '-')}"
    return click.option(flag, name, envvar=variable(name), default=getattr(DEFAULTS, name), show_default=True, type=kind, help=help_)


@main.command()
@setting("host", str, "The address to listen at.")
@setting("port", click.IntRange(0, 65535), "The port to listen at.")
@setting("workers", click.IntRange(1, 64), "Worker processes.")
@setting("log_requests", click.Choice(["errors", "all", "off"]), "Which requests to log.")
@setting("log_format", click.Choice(["auto", "json", "text"]), "JSON for machines, text for people; `auto`: text in a terminal.")
@setting("root_path", str, "The path under which a proxy serves this service.")
@setting("security_contact", str, "Whom to tell of a weakness, for '/.well-known/security.txt'.")
@setting("forwarded_allow_ips", str, "Proxies whose word on a caller's address counts.")
@click.option("--no-migrate", is_flag=True, help="Neither migrate nor seed: for a database role that may not.")
@database_option
def serve(database_url: str, *, no_migrate: bool, **given: Any) -> None:  # noqa: ANN401  (the options say what each is)
    """Migrate, seed and serve."""
    import uvicorn  # noqa: PLC0415  (the other commands start faster without it)

    from api.web.serving.watch import logging_of  # noqa: PLC0415  (see above)

    settings = replace(Settings.from_environment(), database_url=database_url, **given)
    root_path = f"/{settings.root_path.strip('/')}".rstrip("/")
    settings = replace(settings, migrate=settings.migrate and not no_migrate, root_path=root_path)
    _refuse_unusable(settings.host, settings.port)
    _refuse_another_server()
    with opened(settings.database_url, ready=settings.migrate, creates=True):
        pass
    address = f"http://{settings.host}:{settings.port}{settings.root_path}"
    say(f"The exercise library is at {address}; its documentation at {address}/docs.")
    say(f"Try: curl '{address}/exercises?type=unstable'")
    os.environ |= replace(settings, migrate=False).to_environment()  # that is done, or not wanted
    if settings.workers == 1:
        gc.disable()  # until the application is there, see `from_environment`
    with _signals(settings.workers) as was_interrupted:
        uvicorn.run(
            "api.app:from_environment",
            factory=True,
            host=settings.host,
            port=settings.port,
            workers=settings.workers,
            root_path=settings.root_path,
            proxy_headers=False,
            http="api.web.serving.protocol:PatientProtocol",
            log_config=logging_of(_log_format(settings.log_format)),
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=30,
        )
        if was_interrupted():
            sys.exit(INTERRUPTED)


def _log_format(wanted: str) -> str:
    """Give the form of logs: where nothing else is wanted, text for a person at a terminal, JSON for whatever else reads them."""
    return wanted if wanted != "auto" else "text" if sys.stderr.isatty() else "json"


@contextmanager
def _signals(workers: int) -> Iterator[Callable[[], bool]]:
    """Hear of Ctrl-C, and have a single worker end well when its terminal goes.

    A supervisor has handlers of its own (SIGHUP has it start its workers anew, one after another), so there the interpreter itself
    writes each signal down.
    """
    heard, told = socket.socketpair()
    with heard, told:
        for end in (heard, told):
            end.setblocking(False)  # noqa: FBT003  (it takes nothing by name)

        def note(number: int, _: object) -> None:
            told.send(bytes([number]))
            raise KeyboardInterrupt

        before = signal.signal(signal.SIGINT, note)
        if workers > 1:
            signal.set_wakeup_fd(told.fileno(), warn_on_full_buffer=False)
        elif signal.getsignal(signal.SIGHUP) is signal.SIG_DFL:
            signal.signal(signal.SIGHUP, lambda *_: signal.raise_signal(signal.SIGTERM))
        try:
            yield lambda: signal.SIGINT in _received(heard)
        finally:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGINT, before)


def _received(heard: socket.socket) -> bytes:
    try:
        return heard.recv(4096)
    except BlockingIOError:
        return b""


def _refuse_unusable(host: str, port: int) -> None:
    """Say at once, and before anything is migrated, that the address isn't ours to listen at."""
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        socket.create_server(address[:2], family=family).close()
    except OSError as error:
        meaning = str(error.strerror).partition(" (")[0]
        raise click.ClickException(f"Nothing can listen at port {port} of {host}: {meaning}.") from error


def _refuse_another_server() -> None:
    """Say at once that the server that is installed isn't one that this program knows how to use."""
    try:
        import_module("api.web.serving.protocol")
    except ImportError as error:
        raise click.ClickException(str(error)) from error


@main.command()
@database_option
def migrate(database_url: str) -> None:
    """Bring a database to this version's schema and seed data, and stop."""
    with opened(database_url, creates=True):
        say("The database is up to date.")


@main.command()
@database_option
def export(database_url: str) -> None:
    """Write the whole library to standard output, as `GET /library` answers it."""
    with opened(database_url) as database, database.reading() as connection:
        for piece in library.document(connection):
            sys.stdout.buffer.write(piece)


@main.command(name="import")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--format", "format_", type=click.Choice(["library", FREE_EXERCISE_DB]), default="library", show_default=True, help="Of FILES."
)
@click.option("--check", is_flag=True, help="Show what would change, and change nothing.")
@reason_option
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
        say(f"{count} records read; {len(journal.changed)} changed.")
        if skipped:
            say(f"{len(skipped)} exercises are here already and stay as they are.")
        for line in _proposals(journal):
            say(line)
        if check:
            for (kind, slug), action in journal.changed.items():
                click.echo(f"{action} {kind} {slug}")
            raise _Checked


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
    from api.store.free_exercise_db import FreeExerciseDb  # noqa: PLC0415  (each command imports what it alone needs: `serve` starts faster)

    words = reference.slugs(connection, "term")
    return FreeExerciseDb(files, lambda slugs: read.exist(connection, slugs), words, skipped)


def _proposals(journal: Journal) -> Iterator[str]:
    """Say which imported exercises resemble something that some type avoids."""
    changed = [slug for kind, slug in journal.changed if kind == "exercise"]
    found = 0
    for chunk in read.chunks(changed):
        for stored in read.load(journal.connection, chunk).values():
            if stored.exercise.possible_match:
                found += 1
                yield _proposal(stored.exercise)
    if found:
        yield f"{found} exercises resemble one that some type avoids: set 'variant_of' or 'patterns', or give a verdict."


def _proposal(exercise: "Exercise") -> str:
    proposed = {"exercise": "variant_of", "movement-pattern": "patterns"}
    matches = (f"{proposed[one.kind]}: {one.slug} (by {', '.join(one.words)})" for one in exercise.possible_match)
    return f"{exercise.slug}: {'; '.join(matches)}"


@main.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--format", "format_", type=click.Choice([FREE_EXERCISE_DB]), default=FREE_EXERCISE_DB, show_default=True, help="Of FILE.")
@click.option("--type", "types", multiple=True, required=True, metavar="TYPE", help="Such as unstable; repeatable: all together.")
@click.option("--output", type=click.Choice(["csv", "markdown"]), default="csv", show_default=True, help="What to write.")
@database_option
def compare(file: Path, format_: str, types: tuple[str, ...], output: str, database_url: str) -> None:
    """Hold another catalogue's FILE against the library, and write what of it these types should avoid. Nothing is stored."""
    from api.formats import comparisons as writers  # noqa: PLC0415  (see `_content`)
    from api.library import comparing  # noqa: PLC0415  (see `_content`)
    from api.library.wording import COMPARED  # noqa: PLC0415  (see `_content`)
    from api.store import comparisons, free_exercise_db  # noqa: PLC0415  (see `_content`)

    theirs = free_exercise_db.compared(file)
    with opened(database_url) as database, database.reading() as connection:
        asked = _known_types(connection, types)
        known, at = comparisons.known(connection, theirs, asked), revision(connection)
    with click.progressbar(theirs, label="Comparing", file=sys.stderr) as bar:
        items = list(comparing.compare(bar, asked, known))
    answer = comparing.Comparison(types=list(asked), items=items, revision=at, disclaimer=COMPARED)
    sys.stdout.buffer.write({"csv": writers.csv, "markdown": writers.markdown}[output](answer))
    say(f"{len(items)} exercises compared; {sum(bool(one.possible_match) for one in items)} resemble what should be avoided. {COMPARED}")


def _known_types(connection: sa.Connection, types: tuple[str, ...]) -> tuple[str, ...]:
    known = reference.slugs(connection, "type")
    wrong = tuple(complaints.unknown("--type", "type", one, known) for one in types if one not in known)
    if wrong:
        raise UnknownValue("That is not understood.", complaints=wrong)
    return tuple(dict.fromkeys(types))


@main.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--force", is_flag=True, help="Replace FILE where it is there already.")
@database_option
def backup(file: Path, *, force: bool, database_url: str) -> None:
    """Write everything, history and keys included, to FILE; the service may go on meanwhile."""
    if file.exists() and not force:
        raise click.ClickException(f"{file} is there already; --force replaces it.")
    from api.store import backup as backups  # noqa: PLC0415  (see `_content`)

    with opened(database_url, ready=False) as database:
        rows = backups.backup(database, file)
    say(f"{rows} rows written to {file}.")


@main.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@database_option
def restore(file: Path, database_url: str) -> None:
    """Fill an empty database, of either engine, from a backup; it becomes a library with an identity of its own."""
    from api.store import backup as backups  # noqa: PLC0415  (see `_content`)

    with opened(database_url, ready=False) as database:
        rows = backups.restore(database, file)
    say(f"{rows} rows restored.")


@main.command()
@database_option
def check(database_url: str) -> None:
    """Check every invariant of a library, and list how it differs from the seed data."""
    from api.store import checking, differences  # noqa: PLC0415  (see `_content`)

    with opened(database_url, ready=False) as database, database.reading() as connection:
        found = list(checking.wrong(connection))
        for line in found:
            click.echo(f"WRONG  {line}")
        for line in () if found else differences.listed(connection):
            click.echo(f"EDITED {line}")
    say("Something is wrong." if found else "Everything is as it should be.")
    sys.exit(1 if found else 0)


@main.group(name="keys")
def keys_() -> None:
    """Keys to the writing half of the API."""


@keys_.command()
@click.argument("name")
@click.option("--scope", type=click.Choice(list(_SCOPES)), default=Scope.EDIT.value, show_default=True, help="What for.")
@click.option("--expires", metavar="WHEN", help="A date such as 2027-01-31, or a number of days such as 90d; without it, never.")
@database_option
def create(name: str, scope: str, expires: str | None, database_url: str) -> None:
    """Make a key named NAME and print it, this once."""
    if not SLUG.fullmatch(name):
        raise click.BadParameter("a name is lower-case letters, digits and hyphens, such as 'front-desk'", param_hint="NAME")
    until = None if expires is None else _moment(expires)
    with opened(database_url) as database:
        with database.writing() as session:
            secret = keys.create(Journal(session, author(Channel.SHELL, None), now()), name, _SCOPES[scope], until)
        click.echo(secret)


def _moment(expires: str) -> datetime:
    try:
        if expires.endswith("d"):
            until = now() + timedelta(days=int(expires[:-1]))
        else:
            read = datetime.fromisoformat(expires)
            until = read if read.tzinfo else read.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise click.BadParameter(f"'{expires}' is neither a date such as 2027-01-31 nor days such as 90d", param_hint="--expires") from None
    if until <= now():
        raise click.BadParameter(f"'{expires}' is in the past", param_hint="--expires")
    return until


@keys_.command(name="list")
@database_option
def list_(database_url: str) -> None:
    """List every key there is or was: never the key itself."""
    with opened(database_url) as database, database.reading() as connection:
        click.echo("name\tscope\tcreated\texpires\tlast used\trevoked")
        for one in keys.every(connection):
            moments = (one.created_at, one.expires_at, one.last_used_at, one.revoked_at)
            click.echo("\t".join([one.name, one.scope, *(moment.isoformat(timespec="seconds") if moment else "-" for moment in moments)]))


@keys_.command()
@click.argument("name")
@database_option
def revoke(name: str, database_url: str) -> None:
    """Close the key named NAME, from the next request on."""
    with opened(database_url) as database, database.writing() as session:
        keys.revoke(Journal(session, author(Channel.SHELL, None), now()), name)
    say(f"The key '{name}' no longer opens anything.")
