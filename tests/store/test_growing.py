"""A field and a filter that a next version adds: a library that existed before has both."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.processes import ROOT
from tests.store import old_libraries

FIELD = '    effort: Text | None = "usual"\n    """How much it takes."""\n'
CHANGES: dict[str, dict[str, str]] = {
    "library/exercise_draft.py": {"    aliases: Annotated[": FIELD + "    aliases: Annotated["},
    "library/query.py": {
        "    condition: str | None = None\n": '    kind: str | None = None\n    """Of this kind."""\n    condition: str | None = None\n'
    },
    "store/headings.py": {
        "    yield EVERYTHING\n": '    yield EVERYTHING\n    yield f"kind/{exercise.kind}"\n',
        '    "tag": partial': '    "kind": lambda _, kind: [f"kind/{kind}"],\n    "tag": partial',
    },
    "web/exercises.py": {
        "    condition: Annotated[": "    kind: Annotated[str | None, Query()] = None,\n    condition: Annotated[",
        "            condition=_known(": "            kind=kind,\n            condition=_known(",
    },
}
ASK = """
import json, sys
from api.app import create_app
from api.settings import Settings
from tests.in_process import asking
with asking(create_app(Settings(database_url=sys.argv[1]))) as client:
    print(json.dumps([client.get(address).json() for address in sys.argv[2:]]))
"""


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the program that has a field and a filter more."""
    copy = tmp_path_factory.mktemp("grown")
    for folder in ("api", "migrations", "seed_data"):
        shutil.copytree(ROOT / folder, copy / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for name, changes in CHANGES.items():
        file = copy / "api" / name
        text = file.read_text(encoding="utf-8")
        for old, new in changes.items():
            assert text.count(old) == 1, (name, old)
            text = text.replace(old, new)
        file.write_text(text, encoding="utf-8")
    return copy


def run(grown: Path, *arguments: str) -> str:
    done = subprocess.run(  # noqa: S603  (our own program)
        [sys.executable, *arguments],
        cwd=grown,
        env={"PYTHONPATH": f"{grown}:{ROOT}", "PYTHONPYCACHEPREFIX": os.environ["PYTHONPYCACHEPREFIX"]},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("which", ["untouched", "edited"])
def test_an_old_library_has_a_new_field_and_a_new_filter(grown: Path, tmp_path: Path, which: str) -> None:
    url = f"sqlite:///{tmp_path}/library.db"
    old_libraries.fill(url, which)
    listed, one, of_kind, none = json.loads(
        run(grown, "-c", ASK, url, "/exercises", "/exercises/cat-cow", "/exercises?kind=mobility", "/exercises?kind=cardio")
    )
    assert {item["effort"] for item in listed["items"]} == {"usual"}
    assert one["effort"] == "usual"
    mobile = [item["slug"] for item in listed["items"] if item["kind"] == "mobility"]
    assert [item["slug"] for item in of_kind["items"]] == mobile
    assert mobile
    assert of_kind["total"] == len(mobile)
    assert (none["items"], none["total"]) == ([], 0)
    assert "WRONG" not in run(grown, "-m", "api", "check", "--database", url)
    assert _changed(url) >= {item["slug"] for item in listed["items"]}


def _changed(url: str) -> set[str]:
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection, connection:
        rows: list[Any] = connection.execute("SELECT slug FROM change WHERE revision = (SELECT revision FROM library)").fetchall()
    return {slug for (slug,) in rows}
