# ruff: noqa: T201  (this is its answer)
"""How straight a write goes: the functions that one PUT enters, in how many files, and how long it takes.

    uv run python -m tests.bench.put_rate [--engine postgresql | DATABASE_URL] [NUMBER] [-v]

Run in another checkout, it measures that one: medians of both from one run on one machine can be compared.
"""

import os
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime
from inspect import CO_COROUTINE, CO_GENERATOR
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from types import FrameType

import httpx

import api
from api.app import create_app
from api.library.vocabulary import Channel, Scope
from api.settings import Settings
from api.store import keys
from api.store.engine import Database
from api.store.journal import Author, Journal
from api.store.opening import prepare
from tests.engines import PostgreSQLServer
from tests.in_process import asking

OURS = str(Path(api.__file__).parent)
SLUG = "/exercises/cat-cow"
AT_ITS_BEGINNING = 16
"""How far into its code a generator or a coroutine is, at most, when it is first entered."""


def key_to(url: str) -> str:
    database = Database(url)
    database.create()
    prepare(database, datetime.now(UTC))
    with database.writing() as session:
        author = Author(by="a bench", channel=Channel.SHELL)
        secret = keys.create(Journal(session, author, datetime.now(UTC)), f"bench-{perf_counter():.9f}".replace(".", "-"), Scope.EDIT, None)
    database.close()
    return secret


@contextmanager
def entered(seen: Counter[str]) -> Iterator[None]:
    """Count the functions of ours that are entered, by their files."""

    def note(frame: FrameType, event: str, _: object) -> None:
        code = frame.f_code
        goes_on = code.co_flags & (CO_GENERATOR | CO_COROUTINE) and frame.f_lasti > AT_ITS_BEGINNING
        if event == "call" and not goes_on and code.co_filename.startswith(OURS) and not code.co_name.startswith("<"):
            seen[code.co_filename] += 1

    threading.setprofile(note)
    sys.setprofile(note)
    try:
        yield
    finally:
        sys.setprofile(None)
        threading.setprofile(None)


def put(client: httpx.Client, secret: str, summary: str) -> float:
    """Edit one exercise; give the milliseconds of the PUT alone."""
    answer = client.get(SLUG)
    headers = {"Authorization": f"Bearer {secret}", "If-Match": answer.headers["etag"]}
    body = answer.json() | {"summary": summary}
    began = perf_counter()
    written = client.put(SLUG, json=body, headers=headers)
    took = (perf_counter() - began) * 1000
    assert written.status_code == httpx.codes.OK, written.text
    return took


def main(url: str, number: int) -> None:
    secret = key_to(url)
    seen: Counter[str] = Counter()
    with entered(seen), asking(create_app(Settings(database_url=url))) as client:
        for n in range(3):
            put(client, secret, f"To begin with, {n}.")
        answer = client.get(SLUG)
        headers = {"Authorization": f"Bearer {secret}", "If-Match": answer.headers["etag"]}
        body = answer.json() | {"summary": "Counted."}
        seen.clear()
        client.put(SLUG, json=body, headers=headers)
        counted = Counter(seen)
    with asking(create_app(Settings(database_url=url))) as client:
        took = [put(client, secret, f"For the {n}th time.") for n in range(number)]
    print(f"{sum(counted.values())} functions entered, in {len(counted)} files; {median(took):.1f} ms in the middle of {number}.")
    if "-v" in sys.argv:
        for name, times in counted.most_common():
            print(f"  {times:4} {name.removeprefix(OURS)}")


if __name__ == "__main__":
    given = [one for one in sys.argv[1:] if not one.startswith("-") and one not in ("sqlite", "postgresql")]
    number = int(given.pop()) if given and given[-1].isdecimal() else 50
    with TemporaryDirectory() as folder, ExitStack() as stack:
        if "postgresql" in sys.argv:
            os.environ.setdefault("XDG_RUNTIME_DIR", folder)  # the PostgreSQL wheel warns where there is none
            given = [stack.enter_context(closing(PostgreSQLServer())).seeded()]
        main(given[0] if given else f"sqlite:///{folder}/library.db", number)
