"""Every byte of every format. `UPDATE=1 uv run pytest tests/formats` writes the snapshots again; then read what changed."""

import os
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

import pytest
import sqlalchemy as sa

from api.formats import FORMATS
from api.library.serialised import SerialisedRecords
from api.store import reference
from api.store.reference.kinds import KINDS
from tests.formats.given import Given, written

_SNAPSHOTS = Path(__file__).parent / "snapshots"
_ENDINGS = {"json": "json", "csv": "csv", "markdown": "md", "html": "html", "pdf": "pdf.sha256", "fhir": "fhir.json"}


def compare(name: str, body: bytes) -> None:
    """Compare with the stored bytes, or store them."""
    path = _SNAPSHOTS / name
    if os.environ.get("UPDATE"):
        path.write_bytes(body)
    assert path.read_bytes() == body, f"{name} changed; if that was meant: UPDATE=1 uv run pytest tests/formats"


@pytest.mark.parametrize("case", ["unstable", "stiff", "both", "pregnant"])
@pytest.mark.parametrize("name", FORMATS)
def test_programs(tried: Given, name: str, case: str) -> None:
    body = written(name, tried.programs[case])
    if name == "pdf":  # another version of typst may set it otherwise, so the version is part of what is compared
        body = f"{sha256(body).hexdigest()}  typst {version('typst')}\n".encode()
    compare(f"program-{case}.{_ENDINGS[name]}", body)


@pytest.mark.parametrize("name", ["csv", "markdown"])
def test_lists_of_exercises(tried: Given, name: str) -> None:
    compare(f"exercises-unstable.{_ENDINGS[name]}", written(name, tried.listings["unstable"]))


@pytest.mark.parametrize("kind", ["condition", "type", "indicator", "red-flag", "group", "source", "movement-pattern"])
@pytest.mark.parametrize("name", ["csv", "markdown"])
def test_lists_of_records(library: sa.Connection, name: str, kind: str) -> None:
    documents = reference.documents_of(library, kind)
    compare(f"{kind}s.{_ENDINGS[name]}", written(name, SerialisedRecords(KINDS[kind].record, documents, len(documents))))
