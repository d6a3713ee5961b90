"""The program as processes that tests may hurt: commands, services on ports of their own, and a PostgreSQL that can be stopped."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
PATIENCE = 60


@dataclass(frozen=True)
class Finished:
    """What a command left: its status, its output and what it said."""

    status: int
    output: str
    said: str


def command(*arguments: str, fails: bool = False, **environment: str) -> Finished:
    """Run a command of the program to its end, which is a good one unless it is to fail."""
    ended = subprocess.run(  # noqa: S603  (our own program, and arguments that tests write)
        [sys.executable, "-m", "api", *arguments],
        cwd=ROOT,
        env=os.environ | environment,
        text=True,
        capture_output=True,
        timeout=PATIENCE,
        check=False,
    )
    assert (ended.returncode != 0) is fails, f"{ended.returncode}: {ended.stdout}{ended.stderr}"
    return Finished(ended.returncode, ended.stdout, ended.stderr)
