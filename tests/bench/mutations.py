"""Does a test notice? Single changes to what decides, each of which some test has to fail for.

`uv run python -m tests.bench.mutations [WORD …]`; with words, only the changes that have one of them in their place, text or tests. Each is
made in a copy of the checkout, and the tests that should notice it run there. It ends with 0 if every change was noticed, and with 1
if one survived, or is no longer a change: its old text has to stand exactly once below its place.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue

from tests.bench.changes import CHANGES, Change

ROOT = Path(__file__).parents[2]
LEFT_OUT = shutil.ignore_patterns(".*", "__pycache__", "node_modules")
PRINTED = ["-q", "--no-header", "--tb", "no", "-rf"]
# A process for so few tests, on one engine, that starts soon.
ASKED = [
    "-x",
    "-k",
    "not postgresql",
    "-o",
    "addopts=--import-mode=importlib -m 'not slow'",
    "-p",
    "no:schemathesis",
    "-p",
    "no:cacheprovider",
]
NOTICED = re.compile(r"^FAILED (\S+?::.*?)(?: - .*)?$", re.MULTILINE)


class Checkout:
    """A copy of the checkout that changes are tried in, one after the other."""

    def __init__(self, folder: Path) -> None:
        shutil.copytree(ROOT, folder, ignore=LEFT_OUT)
        shutil.copytree(ROOT / ".ci", folder / ".ci")
        self._folder = folder
        self._changes = 0

    def tested(self, tests: Sequence[str], workers: int = 0) -> tuple[int, str]:
        """Run tests until one fails; give pytest's status and what it printed."""
        # The package is installed as a link to the original: the copy comes first.
        environment = os.environ | {"PYTHONPATH": str(self._folder), "CI": ""}
        ended = subprocess.run(  # noqa: S603  (our own tests)
            [sys.executable, "-m", "pytest", *PRINTED, *ASKED, "-n", str(workers), *tests],
            cwd=self._folder,
            env=environment,
            text=True,
            capture_output=True,
            check=False,
        )
        return ended.returncode, ended.stdout + ended.stderr

    @contextmanager
    def changed(self, change: Change) -> Iterator[None]:
        """Have a change in the copy until the block ends."""
        [file] = change.places(self._folder)
        text, times = file.read_text(encoding="utf-8"), file.stat()
        file.write_text(text.replace(change.old, change.new), encoding="utf-8")
        # Bytecode is told apart by the second of its source, which two changes may share.
        self._changes += 1
        os.utime(file, (times.st_atime, times.st_mtime + self._changes))
        try:
            yield
        finally:
            file.write_text(text, encoding="utf-8")
            os.utime(file, (times.st_atime, times.st_mtime))


def tried(change: Change, checkouts: "SimpleQueue[Checkout]") -> tuple[bool, str]:
    """Say whether a change is noticed, in a line."""
    places = list(change.places(ROOT))
    if len(places) != 1:
        return False, f"NO CHANGE  {change}: its old text stands {len(places)} times below {change.below}"
    checkout = checkouts.get()
    try:
        with checkout.changed(change):
            status, printed = checkout.tested([change.tests])
    finally:
        checkouts.put(checkout)
    noticed = NOTICED.search(printed)
    if status == 1 and noticed:
        return True, f"noticed  {change}: {noticed[1]}"
    return False, f"SURVIVED {change}: {change.tests}" if status == 0 else f"BROKEN   {change}: {printed[-1000:]}"


def main(words: Sequence[str]) -> int:
    """Try the changes."""
    wanted = [one for one in CHANGES if not words or any(word in str((one.below, one.old, one.tests)) for word in words)]
    begun, number = time.monotonic(), os.cpu_count() or 1
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(number) as threads:
        checkouts: SimpleQueue[Checkout] = SimpleQueue()
        for n in range(number):
            checkouts.put(Checkout(Path(folder) / str(n)))
        # What fails by itself notices nothing.
        checkout = checkouts.get()
        status, printed = checkout.tested(sorted({one.tests for one in wanted}), workers=number)
        checkouts.put(checkout)
        if status:
            sys.stderr.write(f"the tests fail without any change:\n{printed}")
            return 1
        found = []
        for is_noticed, line in threads.map(lambda one: tried(one, checkouts), wanted):
            found.append(is_noticed)
            sys.stdout.write(f"{line}\n")
            sys.stdout.flush()
    sys.stdout.write(f"{sum(found)} of {len(wanted)} noticed, in {time.monotonic() - begun:.0f} s\n")
    return 0 if all(found) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
