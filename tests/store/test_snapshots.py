"""The library written down: one state, whoever reads it and however slowly, in a room that has an end."""

import gc
import gzip
import json
import tempfile
from collections.abc import Iterator
from hashlib import sha256

import pytest

from api.errors import Unavailable
from api.store import snapshots
from api.store.engine import Database
from api.store.snapshots import Snapshots
from tests.writing import load


def whole(pieces: Iterator[bytes]) -> bytes:
    return b"".join(pieces)


def change(database: Database, number: int) -> None:
    load(database, f"exercise: {{slug: made-up, name: Made up {number}}}")


def test_a_document_is_written_down_once_and_is_of_one_state_whoever_reads_it_meanwhile(database: Database) -> None:
    kept = Snapshots(database)
    first = kept.current()
    assert kept.current() is first
    slow = first.pieces()
    begun = next(slow)
    change(database, 1)
    second = kept.current()
    assert second is not first
    assert second.state == kept.state() != first.state
    document = begun + whole(slow)
    said, _, digest = document.rpartition(b',"sha256":"')
    assert sha256(said).hexdigest() == digest[:64].decode()
    revisions = [json.loads(one)["revision"] for one in (document, whole(second.pieces()))]
    assert revisions == [1, 2]
    assert len(document) == first.size
    packed = whole(first.packed())
    assert len(packed) == first.packed_size < first.size / 2
    assert gzip.decompress(packed) == document


def test_no_piece_is_larger_than_what_a_reader_may_have_in_memory(database: Database) -> None:
    load(database, json.dumps({"exercises": [{"slug": "long", "name": "Long", "steps": ["a" * 2000] * 50}]}))
    document = Snapshots(database).current()
    assert max(len(one) for one in document.pieces()) <= snapshots.PIECE
    assert max(len(one) for one in document.packed()) <= snapshots.PIECE


def test_where_there_is_no_room_the_oldest_goes_and_its_reader_is_told(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshots, "ROOM", 1)
    monkeypatch.setattr(snapshots, "PIECE", 1000)
    kept = Snapshots(database)
    readers = []
    for number in range(3):
        change(database, number)
        readers.append(kept.current().pieces())
        next(readers[-1])
    with pytest.raises(Unavailable, match="read it again"):
        whole(readers[0])
    assert whole(readers[1])
    assert whole(readers[2])


def test_what_nobody_reads_any_longer_takes_no_room(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshots, "ROOM", 1)
    kept = Snapshots(database)
    for number in range(4):
        change(database, number)
        reader = kept.current().pieces()
        assert whole(reader)
    gc.collect()
    assert len([one for one in kept._there if one() is not None]) <= 2  # noqa: SLF001  (nothing else shows it)


def test_a_full_disk_is_said_and_the_next_one_is_written(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = Snapshots(database)
    with monkeypatch.context() as patched:
        patched.setattr(tempfile, "tempdir", "/no/such/folder")
        with pytest.raises(Unavailable, match="no room to write the library down"):
            kept.current()
    assert whole(kept.current().pieces())
