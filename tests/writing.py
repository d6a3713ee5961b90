"""Writing into a library as an import does: from the text of a file."""

from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa
import yaml

from api.library.vocabulary import Channel
from api.store import loading
from api.store.content import read_text
from api.store.engine import Database
from api.store.exercises import read, write
from api.store.journal import Author, Journal, revision

SEED = Path(__file__).parents[1] / "seed_data"
AUTHOR = Author(by="a curator", channel=Channel.IMPORT, reason="A test wants it.")


def load(database: Database, text: str, file: str = "made-up.yaml") -> None:
    """Load a file's records, all or none of them."""
    with database.writing() as session:
        loading.load(Journal(session, AUTHOR, datetime.now(UTC)), list(read_text(text, file)))


class _Plain(yaml.SafeDumper):
    """Writes out what stands in several places: aliases aren't read."""

    def ignore_aliases(self, _: object) -> bool:
        return True


def as_yaml(content: object) -> str:
    """Write content as a person would."""
    return yaml.dump(content, Dumper=_Plain, allow_unicode=True)


def retire(database: Database, slug: str) -> None:
    """Take an exercise out of the catalogue."""
    with database.writing() as session:
        journal = Journal(session, AUTHOR, datetime.now(UTC))
        write.retire(journal, read.load(journal.connection, [slug])[slug])


def edited(file: str, section: str, **changes: object) -> str:
    """Give the text of a file of the seed with one section's only record, or its first, changed."""
    content = yaml.safe_load((SEED / file).read_text(encoding="utf-8"))
    found = content[section]
    record = found[0] if isinstance(found, list) else found
    return as_yaml({section: [record | changes] if isinstance(found, list) else record | changes})


def document(database: Database, slug: str) -> str:
    """Give an exercise as it is stored."""
    with database.reading() as connection:
        found = read.get(connection, slug)
    assert found is not None, slug
    return found


def state(database: Database) -> dict[str, object]:
    """Give the library's revision, how many rows each table has, and every exercise: what a refused change leaves alone."""
    with database.reading() as connection:
        tables = [one for one in sa.inspect(connection).get_table_names() if not one.startswith("exercise_search_")]
        counts = {table: connection.execute(sa.select(sa.func.count()).select_from(sa.table(table))).scalar_one() for table in tables}
        documents = connection.execute(sa.text("SELECT slug, document, retired_at FROM exercise ORDER BY slug")).all()
        return {"revision": revision(connection), "documents": [tuple(row) for row in documents], **counts}
