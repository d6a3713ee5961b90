"""How fast the service is beside a server that does nothing, and beside others on the same data.

    uv run --group bench python -m tests.bench.run [--rounds N] [--seconds S]

Needs Linux with two cores, and wrk (`apt install wrk`). The server has one core and wrk the other. The absolute numbers of a machine
mean little, so all are ratios to the reference, a bare ASGI application on uvicorn that gives the same bytes, which runs again before
every few measurements; the rounds take turns, and medians are shown. PostgreSQL itself runs wherever there is room.
"""

# ruff: noqa: T201  (this program's answer is what it prints)
import argparse
import gzip
import json
import os
import shutil
import signal
import sys
import tempfile
from collections import defaultdict
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from tests.bench.servers import Program, Server, started
from tests.engines import PostgreSQLServer, SQLiteFiles

PATH = "/exercises?type=unstable"
SQL = "/library.json?_shape=array&sql=select+document+from+exercise+join+recommendation+on+exercise_id=id+where+type=:type&type=unstable"
EVERY = 3
"""After so many measurements the reference is measured again."""
STARTS = 7
COLUMNS = ("hot", "gzip", "304", "cold")
Measured = dict[tuple[str, str], list[float]]


def service(name: str, url: str) -> Program:
    return Program(name, ["api", "serve", "--port", "PORT", "--database", url], PATH)


def uvicorn(name: str, app: str, path: str, **environment: str) -> Program:
    words = ["uvicorn", app, "--port", "PORT", "--log-level", "warning", "--no-access-log", "--loop", "uvloop", "--http", "httptools"]
    return Program(name, words, path, environment)


@dataclass(frozen=True)
class Peers:
    """What is compared."""

    reference: Program
    ours: list[Program]
    others: list[Program]


def peers(folder: Path, stack: ExitStack) -> Peers:
    """Make the data and say how each program serves them."""
    files = SQLiteFiles(folder)
    url = files.seeded()
    ours = [service("this service, SQLite", url)]
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))  # the PostgreSQL wheel warns where there is none
    server = stack.enter_context(closing(PostgreSQLServer()))
    ours.append(service("this service, PostgreSQL", server.seeded()))
    with started(ours[0], folder / "log") as one:
        _, headers, plain = one.get()
    (folder / "plain").write_bytes(plain)
    (folder / "gzip").write_bytes(gzip.compress(plain, 6))
    (folder / "etag").write_text(headers["etag"], encoding="ascii")
    (folder / "items.json").write_text(json.dumps(json.loads(plain)["items"]), encoding="utf-8")
    library = shutil.copy(url.removeprefix("sqlite:///"), folder / "library.db")
    tutorial = {"TUTORIAL_DATABASE": str(folder / "tutorial.db"), "TUTORIAL_SEED": str(folder / "items.json")}
    return Peers(
        Program("bare ASGI on uvicorn", ["tests.bench.bare", "PORT", str(folder)], PATH),
        ours,
        [
            Program("datasette", ["datasette", "serve", str(library), "--port", "PORT"], SQL),
            uvicorn("FastAPI + SQLModel tutorial", "tests.bench.tutorial:app", PATH, **tutorial),
        ],
    )


def questions(server: Server, etag: str) -> dict[str, tuple[str, ...]]:
    """Give wrk's options for each column that the server can answer."""
    found: dict[str, tuple[str, ...]] = {"hot": ()}
    if etag:
        found["gzip"] = "-H", "Accept-Encoding: gzip"
        found["304"] = "-H", f"If-None-Match: {etag}"
    if server.program.path == PATH:
        found["cold"] = "-s", str(Path(__file__).with_name("cold.lua"))
    return found


class Rounds:
    """Measurements that take turns."""

    def __init__(self, reference: Server, seconds: int) -> None:
        """Measure everything against a reference."""
        self.ratios: Measured = defaultdict(list)
        self._reference = reference
        self._seconds = seconds
        self._done = 0
        self._limit: dict[str, float] = {}

    def run(self, servers: list[Server]) -> None:
        """Measure each once."""
        for server in servers:
            etag = server.get()[1].get("etag", "")
            for column, options in questions(server, etag).items():
                if self._done % EVERY == 0:
                    self._limit = {"hot": self._rate(self._reference), "gzip": self._rate(self._reference, "-H", "Accept-Encoding: gzip")}
                self._done += 1
                limit = self._limit["gzip" if column == "gzip" else "hot"]
                self.ratios[server.program.name, column].append(self._rate(server, *options) / limit)

    def _rate(self, server: Server, *options: str) -> float:
        return server.per_second(self._seconds, *options)


def starts(programs: list[Program], log: Path) -> dict[str, float]:
    """Start each now and then; give the medians of the seconds to the first answer."""
    seconds: dict[str, list[float]] = defaultdict(list)
    for _ in range(STARTS):
        for program in programs:
            with started(program, log) as server:
                seconds[program.name].append(server.seconds)
    return {name: median(all_) for name, all_ in seconds.items()}


def show(rounds: Rounds, servers: list[Server], seconds: dict[str, float], bare: float) -> None:
    print(f"\n| |{'|'.join(COLUMNS)}|cold start|memory, MB|\n|---|{'--:|' * (len(COLUMNS) + 2)}")
    for server in servers:
        name = server.program.name
        ratios = [rounds.ratios.get((name, column)) for column in COLUMNS]
        shown = [f"{median(all_):.3f}" if all_ else "" for all_ in ratios]
        print(f"|{name}|{'|'.join(shown)}|{seconds[name] / bare:.2f}|{server.megabytes:.0f}|")
    print(f"\nRequests: 1 is the reference. Cold start: 1 is FastAPI with one route, {bare:.2f} s here.")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=3)
    return parser.parse_args()


def main() -> None:
    given = arguments()
    for needed, how in (("wrk", "apt install wrk"), ("taskset", "apt install util-linux")):
        if shutil.which(needed) is None:
            sys.exit(f"This needs {needed}: {how}.")
    if (os.cpu_count() or 1) < 2:
        sys.exit("This needs two cores: one for the server, one for wrk.")
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # a start is one of an installed program, which compiles nothing
    signal.signal(signal.SIGTERM, _end)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        all_ = peers(folder, stack)
        one_route = uvicorn("FastAPI, one route", "tests.bench.one_route:app", "/")
        seconds = starts([one_route, *all_.ours, *all_.others], folder / "log")
        rounds = Rounds(stack.enter_context(started(all_.reference, folder / "log")), given.seconds)
        servers = [stack.enter_context(started(program, folder / "log")) for program in [*all_.ours, *all_.others]]
        for number in range(1, given.rounds + 1):
            rounds.run(servers)
            print(f"Round {number} of {given.rounds} is done.", file=sys.stderr)
        show(rounds, servers, seconds, seconds[one_route.name])


def _end(*_: object) -> None:
    sys.exit("Ended.")


if __name__ == "__main__":
    main()
