"""Backup and restore: every row of every table, history and keys included, from either engine to either.

A backup is one gzip-compressed file of JSON lines: a header, then each table's name and rows. It is read from one state of the
database, so it can be made while others write.
"""

import gzip
import zlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from json import dumps, loads
from pathlib import Path
from uuid import uuid4

import sqlalchemy as sa
from sqlmodel import SQLModel, select

from api.errors import InvalidContent, NotEmpty
from api.store import migrations, opening, search, seeding, tables
from api.store.engine import Database
from api.store.exercises import read
from api.store.journal import Journal
from api.store.tables import Exercise, Instant, Library

FORMAT = "exercise-library-backup"
_CHUNK = 1000
_NOT_WHOLE = gzip.BadGzipFile, zlib.error, EOFError, ValueError, LookupError, TypeError, sa.exc.IntegrityError, sa.exc.DataError
"""What reading a backup raises that was cut off, or is something else."""
Row = dict[str, object]


def backup(database: Database, file: Path) -> int:
    """Write everything to a file, whole or not at all; give the number of rows."""
    unfinished = file.with_name(file.name + ".unfinished")
    try:
        with database.reading() as connection, gzip.open(unfinished, "wt", encoding="utf-8") as lines:
            header = {"format": FORMAT, "schema": migrations.current(connection)}
            lines.write(dumps(header) + "\n")
            rows = sum(_write_table(connection, table, lines.write) for table in SQLModel.metadata.sorted_tables)
        unfinished.replace(file)
    except OSError as error:
        # Errors of a full disk or of a limit on file sizes don't name the file.
        raise OSError(error.errno, error.strerror, str(file)) from error
    finally:
        unfinished.unlink(missing_ok=True)
    return rows


def _write_table(connection: sa.Connection, table: sa.Table, write: Callable[[str], object]) -> int:
    write(dumps({"table": table.name, "columns": table.columns.keys()}) + "\n")
    count = 0
    for row in connection.execute(table.select().order_by(*table.primary_key.columns).execution_options(yield_per=_CHUNK)):
        write(dumps([_plain(value) for value in row], ensure_ascii=False) + "\n")
        count += 1
    return count


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value


def restore(database: Database, file: Path) -> int:
    """Fill an empty database from a backup, in one transaction; it becomes a library of its own, with a new `library_id`."""
    database.create()
    with database.writing() as session:
        connection = session.connection()
        _refuse_full(connection)
        try:
            with gzip.open(file, "rt", encoding="utf-8") as lines:
                rows = _read(connection, iter(lines), str(file))
        except _NOT_WHOLE:
            raise InvalidContent(f"{file} is not a whole backup; nothing was restored.") from None
        migrations.migrate(connection)
        connection.execute(sa.update(Library).values(library_id=str(uuid4())))
        for some in read.every(connection):  # the full-text index, which differs between engines, is in no backup
            search.fill(connection, {stored.id: stored.exercise for stored in some.values()})
        if not opening.is_prepared(connection):  # another version's backup
            opening.bring_up_to_date(Journal(session, seeding.AUTHOR, datetime.now(UTC)))
    return rows


def _refuse_full(connection: sa.Connection) -> None:
    there = set(sa.inspect(connection).get_table_names())
    if Library.__tablename__ in there and connection.execute(select(Library.revision)).scalar():
        raise NotEmpty("This database has a library already; restore into an empty one, so that nothing is lost.")


def _begin(connection: sa.Connection, lines: Iterator[str], file: str) -> None:
    """Make the schema that a backup was written with."""
    header = loads(next(lines, "{}"))
    if not isinstance(header, dict) or header.get("format") != FORMAT:
        raise InvalidContent(f"{file} is not a backup of an exercise library.")
    if header["schema"] not in migrations.known():
        message = (
            f"{file} has the schema '{header['schema']}', which this version doesn't know; use the version that wrote it, or a newer one."
        )
        raise InvalidContent(message)
    migrations.migrate(connection, header["schema"])
    connection.execute(sa.delete(Library))


def _read(connection: sa.Connection, lines: Iterator[str], file: str) -> int:
    _begin(connection, lines, file)
    tables = {table.name: table for table in SQLModel.metadata.sorted_tables}
    count = 0
    table: sa.TableClause | None = None
    columns: list[str] = []
    rows: list[Row] = []
    parents: dict[int, int] = {}
    for line in lines:
        content = loads(line)
        if isinstance(content, dict) or len(rows) == _CHUNK:
            _insert(connection, table, rows)
            rows = []
        if isinstance(content, dict):
            columns = content["columns"]
            table = sa.table(content["table"], *(sa.column(name, tables[content["table"]].columns[name].type) for name in columns))
            continue
        rows.append(row := dict(zip(columns, content, strict=True)))
        parents |= {row["id"]: row["variant_of_id"]} if row.get("variant_of_id") else {}
        count += 1
    _insert(connection, table, rows)
    _relate(connection, parents)
    return count


def _insert(connection: sa.Connection, table: sa.TableClause | None, rows: list[Row]) -> None:
    if table is None or not rows:
        return
    moments = [column.name for column in table.columns if isinstance(column.type, Instant)]
    for row in rows:
        row |= {name: datetime.fromisoformat(str(row[name])) for name in moments if row[name] is not None}
    if table.name != Exercise.__tablename__:
        connection.execute(table.insert(), rows)
        return
    # An exercise may be a variant of one that comes later, so these references are written once all rows are there.
    connection.execute(table.insert(), [row | {"variant_of_id": None} for row in rows])


def _relate(connection: sa.Connection, parents: dict[int, int]) -> None:
    table = tables.of(Exercise)
    statement = table.update().where(table.c.id == sa.bindparam("child")).values(variant_of_id=sa.bindparam("parent"))
    if parents:
        connection.execute(statement, [{"child": child, "parent": parent} for child, parent in parents.items()])
