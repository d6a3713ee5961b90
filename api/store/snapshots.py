"""The library's document as of one state, written once for all of its readers, however slow.

An anonymous file holds it compressed to about a tenth. So a reader needs no database connection, and memory only for the
piece that is being sent.
"""

import logging
import os
import weakref
import zlib
from collections.abc import Callable, Iterator
from tempfile import TemporaryFile
from threading import Lock

import sqlalchemy as sa

from api.errors import Unavailable
from api.store import history, library
from api.store.engine import Database
from api.store.journal import revision

logger = logging.getLogger("exercise-library")
PIECE = 64 * 1024
"""How much of a document is in memory for a reader."""
ROOM = 256 * 2**20
"""How many bytes the files of one worker may take together; the newest two are kept even where they take more."""
_NEWEST = 2


class Snapshot:
    """The document as of one state; its file goes when nobody reads it any longer."""

    def __init__(self, state: str, pieces: Iterator[bytes]) -> None:
        """Write a document down."""
        self.state = state
        self.size = self.packed_size = 0
        file = TemporaryFile(buffering=0)  # noqa: SIM115  (it lives as long as this)
        self._file = file.fileno()
        weakref.finalize(self, file.close)
        pack = zlib.compressobj(wbits=31)
        for piece in pieces:
            self.size += len(piece)
            self._write(pack.compress(piece))
        self._write(pack.flush())

    def _write(self, packed: bytes) -> None:
        while packed:
            written = os.write(self._file, packed)
            self.packed_size += written
            packed = packed[written:]

    def packed(self) -> Iterator[bytes]:
        """Read the document, compressed by gzip."""
        at = 0
        while at < self.packed_size:
            piece = os.pread(self._file, PIECE, at)
            if not piece:
                raise Unavailable("A newer library needed the room that this one took; read it again.")
            at += len(piece)
            yield piece

    def pieces(self) -> Iterator[bytes]:
        """Read the document."""
        unpack = zlib.decompressobj(wbits=31)
        for packed in self.packed():
            rest = packed
            while rest:
                if piece := unpack.decompress(rest, PIECE):
                    yield piece
                rest = unpack.unconsumed_tail
        if piece := unpack.flush():
            yield piece

    def drop(self) -> None:
        """Free the file; readers are cut off."""
        os.ftruncate(self._file, 0)


class Snapshots:
    """The documents of one worker: the newest, and those that slow readers still read."""

    def __init__(self, database: Database, document: Callable[[sa.Connection], Iterator[bytes]] = library.document) -> None:
        """Store what `document` makes of a database."""
        self._database = database
        self._document = document
        self._newest: Snapshot | None = None
        self._there: list[weakref.ref[Snapshot]] = []
        self._lock = Lock()

    def state(self) -> str:
        """Name the state of the library as of now."""
        with self._database.reading() as connection:
            return _state(connection)

    def current(self) -> Snapshot:
        """Give the document as of now, written down anew where anything was committed since."""
        with self._lock, self._database.reading() as connection:
            state = _state(connection)
            if self._newest is None or self._newest.state != state:
                self._newest = None  # its room may be needed
                self._newest = _written(state, self._document(connection))
                self._make_room(self._newest)
            return self._newest

    def _make_room(self, newest: Snapshot) -> None:
        """Cut off the readers of the oldest documents where all together take too much room."""
        there = [snapshot for snapshot in (reference() for reference in self._there) if snapshot is not None] + [newest]
        while len(there) > _NEWEST and sum(snapshot.packed_size for snapshot in there) > ROOM:
            there.pop(0).drop()
        self._there = [weakref.ref(snapshot) for snapshot in there]


def _state(connection: sa.Connection) -> str:
    return f"{history.library_id(connection)}-{revision(connection)}-{library.EDITION}"


def _written(state: str, pieces: Iterator[bytes]) -> Snapshot:
    try:
        return Snapshot(state, pieces)
    except OSError as error:
        logger.warning("library", extra={"said": f"The folder for temporary files: {error.strerror}"})
        raise Unavailable("There is no room to write the library down. Try again in a moment.") from error
