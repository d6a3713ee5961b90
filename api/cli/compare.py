"""`compare`: what of another catalogue some types should avoid."""

import sys
from pathlib import Path

import click
import sqlalchemy as sa

from api.cli import main
from api.cli.opened import database_option, opened, regular, say, standard_output
from api.errors import UnknownValue
from api.formats import comparisons as writers
from api.library import complaints
from api.library.comparing import comparison
from api.library.wording import COMPARED
from api.store import comparisons, free_exercise_db, reference
from api.store.content import FREE_EXERCISE_DB
from api.store.journal import revision


@main.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False), callback=regular)
@click.option("--format", "format_", type=click.Choice([FREE_EXERCISE_DB]), default=FREE_EXERCISE_DB, show_default=True, help="Of FILE.")
@click.option("--type", "types", multiple=True, required=True, metavar="TYPE", help="Such as unstable; repeatable: all together.")
@click.option("--output", type=click.Choice(["csv", "markdown"]), default="csv", show_default=True, help="What to write.")
@database_option
def compare(file: Path, format_: str, types: tuple[str, ...], output: str, database_url: str) -> None:
    """Hold another catalogue's FILE against the library, and write what of it these types should avoid. Nothing is stored."""
    out = standard_output()
    theirs = free_exercise_db.compared(file)
    with opened(database_url) as database, database.reading() as connection:
        asked = _known_types(connection, types)
        known, at = comparisons.known(connection, theirs, asked), revision(connection)
    with click.progressbar(theirs, label="Comparing", file=sys.stderr) as bar:
        answer = comparison(bar, asked, known, at)
    out.write({"csv": writers.csv, "markdown": writers.markdown}[output](answer))
    out.flush()
    resembling = sum(bool(item.possible_match) for item in answer.items)
    say(f"{len(answer.items)} exercises compared; {resembling} resemble what should be avoided. {COMPARED}")


def _known_types(connection: sa.Connection, types: tuple[str, ...]) -> tuple[str, ...]:
    known = reference.records(connection, "type")
    wrong = tuple(complaints.unknown("--type", "type", type_, known) for type_ in types if type_ not in known)
    if wrong:
        raise UnknownValue("That is not understood.", complaints=wrong)
    return tuple(dict.fromkeys(types))
