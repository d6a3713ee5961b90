"""Every data test runs on both engines, against databases built by the migrations; a missing PostgreSQL is a failure, not a skip.

Where the engine makes no difference (mark `any_engine`), one is asked; `web/test_engines.py` compares the answers of both.
`ask` and `shared` are one seeded library that nobody writes to; `client` and `database` are one of the test's own.
"""

import atexit
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from hypothesis import settings

from api.app import create_app
from api.settings import Settings
from api.store.engine import Database
from tests.engines import Databases, PostgreSQLServer, SQLiteFiles
from tests.in_process import asking

# The PostgreSQL wheel warns at import where there is no such folder of the user's alone, and warnings are errors here.
os.environ["XDG_RUNTIME_DIR"] = tempfile.mkdtemp(prefix="run-")
atexit.register(shutil.rmtree, os.environ["XDG_RUNTIME_DIR"], ignore_errors=True)
# All processes of a run compile our code once, and not into the tree.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
if "PYTEST_XDIST_WORKER" not in os.environ:
    os.environ["PYTHONPYCACHEPREFIX"] = tempfile.mkdtemp(prefix="compiled-")
    atexit.register(shutil.rmtree, os.environ["PYTHONPYCACHEPREFIX"], ignore_errors=True)
# What is tested is what a test sets, not what the shell around it does.
for name in [name for name in os.environ if name.startswith("EXERCISE_LIBRARY_")]:
    del os.environ[name]

settings.register_profile("ours", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("ours")


def _only_at_home(event: str, arguments: tuple[object, ...]) -> None:
    """Refuse every connection that would leave this machine."""
    if event == "socket.connect":
        address = arguments[1]
        host = address[0] if isinstance(address, tuple) else "localhost"
        assert host in ("127.0.0.1", "::1", "localhost"), f"a test wanted to talk to {host}"


sys.addaudithook(_only_at_home)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add our options."""
    parser.addoption("--exhaustive", action="store_true", help="ask every combination of the safety tests, not some")
    parser.addoption("--every-engine", action="store_true", help="run every test of data on both engines")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run each test of data on the engines that it is about."""
    if "databases" in metafunc.fixturenames:
        one_will_do = metafunc.definition.get_closest_marker("any_engine") and not metafunc.config.getoption("--every-engine")
        metafunc.parametrize("databases", ["sqlite"] if one_will_do else ["sqlite", "postgresql"], indirect=True, scope="session")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest, so that in the end no worker is left alone with it."""
    items.sort(key=lambda one: "test_fuzz" not in one.nodeid)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQLServer]:
    server = PostgreSQLServer()
    yield server
    server.close()


@pytest.fixture(scope="session")
def sqlite(tmp_path_factory: pytest.TempPathFactory) -> SQLiteFiles:
    return SQLiteFiles(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def databases(request: pytest.FixtureRequest) -> Databases:
    """The engine, see `pytest_generate_tests`."""
    made: Databases = request.getfixturevalue(request.param)
    return made


@pytest.fixture(scope="session")
def shared(databases: Databases) -> Iterator[Database]:
    """A seeded library that nobody writes to."""
    database = Database(databases.seeded())
    yield database
    database.close()


@pytest.fixture(scope="session")
def ask(databases: Databases) -> Iterator[httpx.Client]:
    """A client of a seeded library that nobody writes to."""
    with asking(create_app(Settings(database_url=databases.seeded()))) as client:
        yield client


@pytest.fixture
def empty_url(databases: Databases) -> Iterator[str]:
    """An empty database of the test's own."""
    url = databases.empty()
    yield url
    databases.drop(url)


@pytest.fixture
def url(databases: Databases) -> Iterator[str]:
    """A seeded library of the test's own."""
    url = databases.seeded()
    yield url
    databases.drop(url)


@pytest.fixture
def on_postgresql(postgresql: PostgreSQLServer) -> Iterator[str]:
    """A seeded library of the test's own, for what PostgreSQL alone does."""
    url = postgresql.seeded()
    yield url
    postgresql.drop(url)


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    """The library at `url`."""
    database = Database(url)
    yield database
    database.close()


@pytest.fixture
def client(url: str) -> Iterator[httpx.Client]:
    """A client of the library at `url`, through connections of its own."""
    with asking(create_app(Settings(database_url=url))) as client:
        yield client


@pytest.fixture(scope="session")
def source_text() -> str:
    """The text that the seed quotes. It isn't shipped, so it stands beside the repository."""
    folder = Path(__file__).parents[2] / "shared" / "source"
    texts = sorted(folder.glob("*.txt"))
    if not texts and not os.environ.get("CI"):
        pytest.skip(f"the source text is not part of this repository; {folder} doesn't have it, so quotes can't be compared with it")
    assert texts, f"{folder} must have the source text where CI is set"
    return "\n".join(text.read_text(encoding="utf-8") for text in texts)
