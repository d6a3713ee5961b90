"""Asking what nobody thought of: schemathesis, with all its checks and phases, against the service as it runs.

`fuzz.toml` has every exception to its checks, each with its reason; `fuzz_hooks.py` has the checks of our own. The default run always
asks the same; `uv run pytest -m slow tests/web/test_fuzz.py` asks for minutes, and something else each time.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.processes import ROOT, command, key, running

FUZZER = str(Path(sys.executable).parent / "schemathesis")
TOLD = Path(__file__).with_name("fuzz.toml").read_text(encoding="utf-8")
IN_A_HURRY = """
# A whole exercise can be wrong in a thousand ways; the long run tries them all, the default one some.
[[operations]]
include-operation-id = "putExercise"
phases.coverage.enabled = false
"""
PATIENCE = 1800


def fuzz(url: str, folder: Path, told: str, *options: str) -> None:
    """Serve a library, ask it everything, and see that it is whole afterwards."""
    (folder / "fuzz.toml").write_text(told, encoding="utf-8")
    keys = {f"FUZZ_{scope}_KEY": key(url, scope.lower(), scope.lower())["Authorization"] for scope in ("EDIT", "REVIEW")}
    hooks = {"SCHEMATHESIS_HOOKS": "tests.web.fuzz_hooks", "PYTHONPATH": str(ROOT)}
    # Limits of how often have tests of their own, and would end this one early.
    with running(url, folder, EXERCISE_LIBRARY_RATE_LIMITS="off") as service:
        asked = subprocess.run(  # noqa: S603  (our own program, and arguments of our own)
            [
                FUZZER,
                "--config-file",
                "fuzz.toml",
                "run",
                str(service.client.base_url.join("/openapi.json")),
                "--no-color",
                "--warnings",
                "off",
                *options,
            ],
            env=os.environ | keys | hooks,
            cwd=folder,
            text=True,
            capture_output=True,
            timeout=PATIENCE,
            check=False,
        )
        logged = service.log
    assert asked.returncode == 0, asked.stdout + asked.stderr
    assert "Traceback" not in logged
    assert not [one for one in keys.values() if one.removeprefix("Bearer ") in logged]
    assert command("check", "--database", url).status == 0


def test_whatever_is_asked_every_answer_is_one_that_the_document_has(url: str, tmp_path: Path) -> None:
    # Where a question's form is wrong, the database isn't asked: one engine is enough for wrong forms.
    phases = "examples,stateful" if url.startswith("postgresql") else "examples,coverage,fuzzing,stateful"
    fuzz(url, tmp_path, TOLD + IN_A_HURRY, "--phases", phases, "--generation-deterministic")


@pytest.mark.slow
def test_whatever_is_asked_for_minutes(url: str, tmp_path: Path) -> None:
    fuzz(url, tmp_path, TOLD, "--max-examples", "60", "--continue-on-failure", "--generation-database", "none")
