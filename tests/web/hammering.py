"""Processes that write to a library and read from a service at the same time, and tell how often a reader saw the past.

The writer counts its commits in memory that all share. A reader looks at that number, asks, and finds in the answer the number
that was current when it was made: one that is smaller than the number looked at before asking is stale.

    python -m tests.web.hammering write URL MEMORY WRITES BASE      (writes to the database, and reads right after each commit)
    python -m tests.web.hammering read MEMORY BASE                  (reads until the writer has finished)
"""

import mmap
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.client import HTTPConnection
from itertools import cycle
from pathlib import Path
from urllib.parse import urlsplit

from api.library.exercise_draft import ExerciseDraft
from api.library.vocabulary import Channel
from api.store.engine import Database
from api.store.exercises import read as reading
from api.store.exercises import write as writing
from api.store.journal import Author, Journal

SLUG = "cat-cow"
PATHS = (f"/exercises/{SLUG}", "/exercises?type=stiff", "/exercises?q=cat")
WRITTEN = re.compile(rb"Written (\d+) times")
REQUESTS_A_CONNECTION = 50
COMMITTED, FINISHED = 0, 1


@contextmanager
def shared_memory(file: Path) -> Iterator[memoryview]:
    """Open two numbers that all processes see: how many commits there were, and whether it was the last."""
    with file.open("r+b") as opened, mmap.mmap(opened.fileno(), 16) as mapped, memoryview(mapped) as raw, raw.cast("Q") as numbers:
        yield numbers


class Reader:
    """One keep-alive connection, or one after the other; remembers what it has, and asks whether that is still so."""

    def __init__(self, base: str) -> None:
        """Prepare to connect."""
        self.reads = self.stale = self.unchanged = 0
        self._base = urlsplit(base)
        self._connection: HTTPConnection | None = None
        self._has: dict[str, tuple[str, int]] = {}

    def read(self, path: str, numbers: memoryview) -> None:
        """Read once; what was committed before must be there."""
        if self.reads % REQUESTS_A_CONNECTION == 0:
            self._connect()
        assert self._connection is not None
        committed = numbers[COMMITTED]
        etag, seen = self._has.get(path, ("", 0))
        self._connection.request("GET", path, headers={"If-None-Match": etag, "Accept-Encoding": "identity"})
        answer = self._connection.getresponse()
        body = answer.read()
        assert answer.status in (200, 304), (answer.status, body)
        if answer.status == 200:
            seen = max((int(one) for one in WRITTEN.findall(body)), default=0)
            self._has[path] = answer.headers["ETag"], seen
        self.reads += 1
        self.unchanged += answer.status == 304
        self.stale += seen < committed

    def _connect(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = HTTPConnection(str(self._base.hostname), self._base.port, timeout=30)


def write(url: str, memory: Path, writes: int, base: str) -> Reader:
    """Commit again and again; read right after each commit."""
    database = Database(url)
    readers = Reader(base), Reader(base)
    with database.reading() as connection:
        stored = reading.load(connection, [SLUG])[SLUG]
    draft = ExerciseDraft.model_validate_json(stored.document, extra="ignore")
    author = Author(by="a test", channel=Channel.IMPORT)
    with shared_memory(memory) as numbers:
        for number, reader, path in zip(range(1, writes + 1), cycle(readers), cycle(PATHS), strict=False):
            with database.writing() as session:
                changed = draft.model_copy(update={"summary": f"Written {number} times."})
                writing.write(Journal(session, author, datetime.now(UTC)), [changed])
            numbers[COMMITTED] = number
            reader.read(path, numbers)
        numbers[FINISHED] = 1
    database.close()
    for one in readers[1:]:
        readers[0].reads, readers[0].stale = readers[0].reads + one.reads, readers[0].stale + one.stale
    return readers[0]


def read(memory: Path, base: str) -> Reader:
    """Read one path after the other until the writer has finished."""
    reader = Reader(base)
    with shared_memory(memory) as numbers:
        for path in cycle(PATHS[:2]):
            reader.read(path, numbers)
            if numbers[FINISHED]:
                return reader
    return reader


if __name__ == "__main__":
    match sys.argv[1:]:
        case "write", url, memory, writes, base:
            reader = write(url, Path(memory), int(writes), base)
        case "read", memory, base:
            reader = read(Path(memory), base)
        case _:
            sys.exit(__doc__)
    print(reader.reads, reader.unchanged, reader.stale)  # noqa: T201  (this is its answer)
