"""Libraries that earlier versions made, as files of SQL; `fixtures/make_0_1_0.py` says how they were made."""

import gzip
import sqlite3
from contextlib import closing
from pathlib import Path

import psycopg

FIXTURES = Path(__file__).parent / "fixtures"


def fill(url: str, which: str) -> None:
    """Fill an empty database with a library that version 0.1.0 made: `untouched`, or `edited` through every door it had."""
    engine = url.partition(":")[0]
    script = gzip.decompress((FIXTURES / f"0.1.0-{which}-{engine}.sql.gz").read_bytes()).decode()
    if engine == "sqlite":
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
            connection.executescript(script)
    else:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(script.encode())
