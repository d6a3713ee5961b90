"""Many curators at once, as processes of their own against a service of several workers: nobody's change is lost."""

import multiprocessing
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from itertools import pairwise

import pytest

from api.store import checking
from api.store.engine import Database
from tests.curating import Curator, key_to, recommend
from tests.engines import Databases
from tests.processes import client_of, running
from tests.sync import Phone

CURATORS = 3
EDITS = 5
Task = Callable[[str, str, int], list[int]]
"""What one of them does: with an address, a key, and a number of its own."""
Together = Callable[[Task], list[list[int]]]


@pytest.fixture(scope="module")
def service(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """The address of a service of two workers, and a key to it."""
    url = databases.seeded()
    database = Database(url)
    secret = key_to(database)
    folder = tmp_path_factory.mktemp("together")
    with running(url, folder, "--workers", "2", EXERCISE_LIBRARY_RATE_LIMITS="off") as service:
        yield service.base, secret
    with database.reading() as connection:
        assert list(checking.wrong(connection)) == []
    database.close()


@pytest.fixture(scope="module")
def together(service: tuple[str, str]) -> Iterator[Together]:
    """Run a task in several processes at once; give what each says."""
    with ProcessPoolExecutor(CURATORS, multiprocessing.get_context("spawn")) as pool:
        yield lambda task: [told.result(120) for told in [pool.submit(task, *service, n) for n in range(CURATORS)]]


def curator(address: str, secret: str) -> Curator:
    return Curator(client_of(address), secret)


def add_aliases(address: str, secret: str, me: int) -> list[int]:
    """Add aliases to one exercise, each by reading, editing and writing back, again and again until it succeeds."""
    mine, statuses = curator(address, secret), []
    with mine.client:
        for n in range(EDITS):
            while True:
                record, tag = mine.read("/exercises/cat-cow")
                changed = record | {"aliases": [*record["aliases"], f"alias {me} {n}"]}
                answer = mine.ask("PUT", "/exercises/cat-cow", changed, {"If-Match": tag})
                statuses.append(answer.status_code)
                if answer.status_code == 200:
                    break
    return statuses


def test_of_many_curators_nobodys_change_is_lost(service: tuple[str, str], together: Together) -> None:
    statuses = [status for one in together(add_aliases) for status in one]
    assert set(statuses) <= {200, 412}
    assert statuses.count(200) == CURATORS * EDITS
    reader = curator(*service)
    with reader.client:
        aliases = reader.read("/exercises/cat-cow")[0]["aliases"]
        history = reader.client.get("/exercises/cat-cow/history?limit=100").json()["items"]
    assert {f"alias {me} {n}" for me in range(CURATORS) for n in range(EDITS)} <= set(aliases)
    assert len([one for one in history if one["action"] == "updated"]) == CURATORS * EDITS
    for newer, older in pairwise(history):
        assert newer["before"] == older["after"]


def take_the_place(address: str, secret: str, me: int) -> list[int]:
    """Create exercises of one's own, all of which want the same places as everybody else's."""
    mine = curator(address, secret)
    with mine.client:
        return [mine.create(f"mine-{me}-{n}", recommendations=recommend(stiff=(50 + n, 1))).status_code for n in range(EDITS)]


def test_of_many_who_want_a_place_exactly_one_gets_it(service: tuple[str, str], together: Together) -> None:
    results = together(take_the_place)
    for one in zip(*results, strict=True):
        assert sorted(one) == [201] + [409] * (CURATORS - 1)
    reader = curator(*service)
    with reader.client:
        listed = reader.client.get("/exercises?type=stiff&limit=100").json()["items"]
    assert len([one for one in listed if one["suitability"]["position"] >= 50]) == EDITS


def create_the_same(address: str, secret: str, me: int) -> list[int]:
    """Create the exercises that everybody creates."""
    mine = curator(address, secret)
    with mine.client:
        return [mine.create(f"same-{n}", summary=f"By {me}.").status_code for n in range(EDITS)]


def test_of_many_who_create_the_same_exactly_one_does(together: Together) -> None:
    for one in zip(*together(create_the_same), strict=True):
        assert sorted(one) == [201] + [412] * (CURATORS - 1)


def edit_or_follow(address: str, secret: str, me: int) -> list[int]:
    """Create and retire exercises, as fast as possible; the first process is a phone that keeps up, and gives what it saw."""
    mine = curator(address, secret)
    with mine.client:
        if me > 0:
            for n in range(EDITS):
                assert mine.create(f"passing-{me}-{n}", recommendations=recommend(unstable=(me * 100 + n, 1))).status_code == 201
                assert mine.retire(f"passing-{me}-{n}").status_code == 204
            assert mine.create(f"done-{me}").status_code == 201
            return []
        phone, until = Phone(mine.client), time.monotonic() + 60
        phone.begin()
        begun = phone.revision
        while not all(("exercise", f"done-{other}") in phone.records for other in range(1, CURATORS)):
            assert time.monotonic() < until
            phone.follow(limit=3)
        assert phone.records == Phone(mine.client).begin()
        return [begun, *phone.seen]


def test_a_phone_that_keeps_up_sees_every_revision_once(service: tuple[str, str], together: Together) -> None:
    begun, *seen = together(edit_or_follow)[0]
    reader = curator(*service)
    with reader.client:
        last = reader.read("/library")[0]["revision"]
    assert seen == list(range(begun + 1, last + 1))
