"""How fast a large file is imported, and in how much memory, against the bare insertion of the same rows.

    uv run python -m tests.bench.import_rate [--engine sqlite|postgresql] [--number 100000]

The import reads and judges every record, derives what follows from it, and keeps its history. The bare insertion puts the finished
rows into tables of the same schema: with `executemany` on SQLite, with `COPY` on PostgreSQL. Both run in processes of their own.
"""

# ruff: noqa: T201  (this program's answer is what it prints)
import argparse
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter

import psycopg
from psycopg import sql
from sqlmodel import SQLModel

from api.store import library, loading
from api.store.content import Files
from api.store.engine import Database
from api.store.journal import Journal
from api.store.migrations import migrate
from api.store.opening import prepare
from tests.bench import many
from tests.engines import Databases, PostgreSQLServer, SQLiteFiles

PART = 10_000
ROWS = 1_000


def write_file(file: Path, number: int) -> None:
    """Write an export of the seed with so many exercises more."""
    database = Database(f"sqlite:///{file}.db")
    prepare(database, datetime.now(UTC))
    with database.reading() as connection:
        lines = b"".join(library.document(connection)).decode().splitlines(keepends=True)
    database.close()
    here = lines.index('"exercises":[\n') + 1
    with file.open("w", encoding="utf-8") as written:
        written.writelines(lines[:here])
        written.writelines(f"{many.draft(one).model_dump_json()},\n" for one in range(1, number + 1))
        written.writelines(lines[here:])


def import_file(url: str, file: Path) -> None:
    """Import the file into a library that has the seed; print the rate of each part."""
    database = Database(url)
    prepare(database, datetime.now(UTC))
    began = last = perf_counter()
    done = shown = 0

    def progress(more: int) -> None:
        nonlocal done, shown, last
        done += more
        if done - shown >= PART:
            now = perf_counter()
            print(f"  {done:>9,} exercises: {(done - shown) / (now - last):7.0f} a second", flush=True)
            shown, last = done, now

    with database.writing() as session:
        loading.load(Journal(session, many.AUTHOR, datetime.now(UTC)), Files([file]), progress)
    database.close()
    print(json.dumps({"exercises": done, "seconds": perf_counter() - began}))


def insert_rows(url: str, full: str) -> None:
    """Insert every row of a full library into the tables of an empty one, with nothing between the rows and the driver."""
    database = Database(url)
    database.create()
    with database.writing() as session:
        migrate(session.connection())
        session.connection().exec_driver_sql("DELETE FROM library")
    database.close()
    tables = [table.name for table in SQLModel.metadata.sorted_tables]
    copy = _with_copy if url.startswith("postgresql") else _with_executemany
    print(json.dumps({"seconds": copy(url, full, tables)}))


def _with_executemany(url: str, full: str, tables: list[str]) -> float:
    took = 0.0
    source, target = (sqlite3.connect(one.removeprefix("sqlite:///"), isolation_level=None) for one in (full, url))
    target.execute("PRAGMA foreign_keys = ON")
    target.execute("BEGIN IMMEDIATE")
    for table in tables:
        cursor = source.execute(f"SELECT * FROM {table}")  # noqa: S608  (our own tables)
        places = ", ".join("?" * len(cursor.description))
        while rows := cursor.fetchmany(ROWS):
            began = perf_counter()
            target.executemany(f"INSERT INTO {table} VALUES ({places})", rows)  # noqa: S608
            took += perf_counter() - began
    rows = source.execute("SELECT rowid, name, alias, term FROM exercise_search").fetchall()
    began = perf_counter()
    target.executemany("INSERT INTO exercise_search (rowid, name, alias, term) VALUES (?, ?, ?, ?)", rows)
    target.execute("COMMIT")
    return took + perf_counter() - began


def _with_copy(url: str, full: str, tables: list[str]) -> float:
    took = 0.0
    with psycopg.connect(full) as source, psycopg.connect(url) as target:
        for table in map(sql.Identifier, tables):
            read = sql.SQL("COPY {} TO STDOUT (FORMAT binary)").format(table)
            write = sql.SQL("COPY {} FROM STDIN (FORMAT binary)").format(table)
            with source.cursor().copy(read) as reading:
                pieces = list(reading)
            began = perf_counter()
            with target.cursor().copy(write) as writing:
                for piece in pieces:
                    writing.write(piece)
            took += perf_counter() - began
        began = perf_counter()
        target.commit()
    return took + perf_counter() - began


def in_a_process(*arguments: str) -> tuple[dict[str, float], float]:
    """Run a part of this program; give what it says last, and its peak memory in MB."""
    with subprocess.Popen([sys.executable, "-m", "tests.bench.import_rate", *arguments], stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
        assert process.stdout is not None
        line = ""
        for line in process.stdout:
            if line.startswith(" "):
                print(line, end="", flush=True)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"It ended with {process.returncode}.")
    said: dict[str, float] = json.loads(line)
    return said, used.ru_maxrss / 1024


def compare(engine: str, databases: Databases, file: Path) -> None:
    print(f"{engine}:")
    full = databases.empty()
    imported, most = in_a_process("import", full, str(file))
    bare, _ = in_a_process("insert", databases.empty(), full)
    rate = imported["exercises"] / imported["seconds"]
    print(f"  the import: {rate:.0f} exercises a second, {most:.0f} MB at the most")
    print(f"  the bare insertion of the same rows: {imported['exercises'] / bare['seconds']:.0f} exercises a second")
    print(f"  so the import takes {imported['seconds'] / bare['seconds']:.1f} times as long")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engine", choices=["sqlite", "postgresql"])
    parser.add_argument("--number", type=int, default=100_000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ.setdefault("XDG_RUNTIME_DIR", folder)  # the PostgreSQL wheel warns without
        file = Path(folder) / "library.json"
        write_file(file, given.number)
        if given.engine != "postgresql":
            compare("SQLite", SQLiteFiles(Path(folder)), file)
        if given.engine != "sqlite":
            server = PostgreSQLServer()
            try:
                compare("PostgreSQL", server, file)
            finally:
                server.close()


if __name__ == "__main__":
    match sys.argv[1:]:
        case "import", url, file:
            import_file(url, Path(file))
        case "insert", url, full:
            insert_rows(url, full)
        case _:
            main()
