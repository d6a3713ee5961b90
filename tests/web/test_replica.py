"""Several services, one PostgreSQL with a streaming replica: real processes, which are killed, left behind and promoted."""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import httpx
import psycopg
import pytest

from api.store.engine import Database
from api.store.opening import prepare
from tests.clusters import Cluster
from tests.curating import key_to
from tests.processes import PATIENCE, Running, client_of, command, running

CREATE = {"If-None-Match": "*"}
Header = dict[str, str]


def either(*clusters: Cluster) -> str:
    """Write the URL of whichever of them is the primary."""
    hosts = ",".join(str(one.folder) for one in clusters)
    return f"postgresql://postgres@/postgres?host={hosts}&target_session_attrs=read-write"


def tell(cluster: Cluster, *statements: str) -> None:
    with psycopg.connect(cluster.url, autocommit=True) as connection:
        for one in statements:
            connection.execute(one.encode())


def position(cluster: Cluster, function: str) -> int:
    """Give how far the log of changes goes, in bytes; -1 where it hasn't begun."""
    with psycopg.connect(cluster.url) as connection:
        found = connection.execute(f"SELECT pg_wal_lsn_diff({function}(), '0/0')".encode()).fetchone()
    return int(found[0]) if found and found[0] is not None else -1


def catch_up(standby: Cluster, primary: Cluster) -> None:
    """Wait until a standby has replayed all that its primary has written."""
    written = position(primary, "pg_current_wal_lsn")
    until = time.monotonic() + PATIENCE
    while position(standby, "pg_last_wal_replay_lsn") < written:
        assert time.monotonic() < until
        time.sleep(0.02)


@pytest.fixture(scope="module")
def seeded() -> Iterator[tuple[Cluster, Header]]:
    """Start a server with a seeded library, and make a key to it."""
    with Cluster() as cluster:
        database = Database(cluster.url)
        prepare(database, datetime.now(UTC))
        secret = key_to(database)
        database.close()
        yield cluster, {"Authorization": f"Bearer {secret}"}


@pytest.fixture
def primary(seeded: tuple[Cluster, Header]) -> Iterator[Cluster]:
    """Start a primary of the test's own, with a seeded library."""
    with Cluster(follows=seeded[0]) as copy:
        copy.promote()
        yield copy


@pytest.fixture
def header(seeded: tuple[Cluster, Header]) -> Header:
    return seeded[1]


@pytest.fixture
def standby(primary: Cluster) -> Iterator[Cluster]:
    """Start a standby that has all that the primary has."""
    with Cluster(follows=primary) as follower:
        catch_up(follower, primary)
        yield follower


def recommend(service: Running, header: Header, slug: str, name: str | None = None) -> int:
    """Create an exercise that is recommended for a stiff joint, at a place of its own; give the status."""
    place = sum(slug.encode()) * 1000 + int(slug.rpartition("-")[2])
    recommendation = {"type": "stiff", "position": place, "choice": 1, "source": {"slug": "source-text", "quote": "Isometric squats"}}
    body = {"slug": slug, "name": name or slug.title(), "recommendations": [recommendation]}
    return service.client.put(f"/exercises/{slug}", json=body, headers=header | CREATE).status_code


def listed(answer: httpx.Response) -> set[str]:
    assert answer.status_code == 200, answer.text
    return {one["slug"] for one in answer.json()["items"]}


def created(service: Running) -> set[str]:
    """Ask what was ever created and is there."""
    found, path = set[str](), "/changes?since=0"
    while path:
        page = service.client.get(path).json()
        found |= {one["slug"] for one in page["items"] if one["record"]}
        path = page["next"]
    return found


STIFF = "/exercises?type=stiff&limit=100"


class Load:
    """Write and read without pause until it ends; an answer that is older than what was acknowledged before is stale."""

    def __init__(self, service: Running, header: Header, name: str) -> None:
        self.acknowledged: list[str] = []
        self.statuses: Counter[int] = Counter()
        self.stale: list[str] = []
        self._service, self._header, self._name = service, header, name
        self._ended = threading.Event()
        self._threads = [threading.Thread(target=one) for one in (self._write, self._read)]
        for one in self._threads:
            one.start()

    def wait(self, writes: int) -> None:
        """Wait until so many more writes were acknowledged."""
        enough = len(self.acknowledged) + writes
        until = time.monotonic() + PATIENCE
        while len(self.acknowledged) < enough:
            assert time.monotonic() < until, self.statuses
            time.sleep(0.01)

    def end(self) -> list[str]:
        self._ended.set()
        for one in self._threads:
            one.join(PATIENCE)
        assert self.statuses[200] > 0
        assert self.stale == []
        return self.acknowledged

    def _write(self) -> None:
        number = 0
        while not self._ended.is_set():
            number += 1
            slug = f"{self._name}-{number}"
            try:
                status = recommend(self._service, self._header, slug)
            except httpx.TransportError:
                return
            self.statuses[status] += 1
            if status == 201:
                self.acknowledged.append(slug)
            time.sleep(0.03)

    def _read(self) -> None:
        with client_of(self._service.client.base_url) as client:
            while not self._ended.is_set():
                newest = self.acknowledged[-1] if self.acknowledged else "cat-cow"
                try:
                    answer = client.get(f"/exercises?type=stiff&q={newest}")
                    hot = client.get("/types/stiff")
                except httpx.TransportError:
                    return
                self.statuses.update((answer.status_code, hot.status_code))
                if answer.status_code == 200 and newest not in listed(answer):
                    self.stale.append(newest)
                time.sleep(0.03)


def test_a_write_is_seen_at_once_through_every_service_and_losing_one_or_the_replica_loses_nothing(
    primary: Cluster, standby: Cluster, header: Header, tmp_path: Path
) -> None:
    with ExitStack() as others:
        one, other = (others.enter_context(running(either(standby, primary), tmp_path)) for _ in range(2))
        for number in range(6):
            writer, reader = (one, other) if number % 2 else (other, one)
            before = [reader.client.get(STIFF) for _ in range(2)][-1]  # the second one is a kept answer
            assert recommend(writer, header, f"seen-{number}") == 201
            for service in (reader, writer):
                after = service.client.get(STIFF, headers={"If-None-Match": before.headers["etag"]})
                assert listed(after) == listed(before) | {f"seen-{number}"}
            assert after.headers["etag"] == reader.client.get(STIFF).headers["etag"] != before.headers["etag"]

        loads = [Load(one, header, "one"), Load(other, header, "other")]
        loads[0].wait(5)
        one.kill()
        kept = loads[0].end()
        loads[1].wait(5)
        standby.stop("immediate")
        loads[1].wait(5)
        kept += loads[1].end()
        assert set(loads[1].statuses) == {200, 201}
        assert set(kept) - created(other) == set()
        assert command("check", "--database", primary.url).status == 0


def test_the_service_follows_a_promoted_standby_by_itself_and_keeps_every_acknowledged_write(
    primary: Cluster, standby: Cluster, header: Header, tmp_path: Path
) -> None:
    with ExitStack() as others:
        services = [others.enter_context(running(either(primary, standby), tmp_path)) for _ in range(2)]
        # From here on nothing is acknowledged that the standby hasn't: the primary may crash at any moment.
        tell(primary, "ALTER SYSTEM SET synchronous_standby_names = '*'", "SELECT pg_reload_conf()")
        loads = [Load(service, header, f"service{n}") for n, service in enumerate(services)]
        for load in loads:
            load.wait(5)
        primary.stop("immediate")
        for service in services:
            service.wait("/health/ready", 503)
        standby.promote()
        for service, load in zip(services, loads, strict=True):
            service.wait("/health/ready", 200)
            load.wait(5)
        kept = [slug for load in loads for slug in load.end()]
        for service, load in zip(services, loads, strict=True):
            assert set(load.statuses) == {200, 201, 503}
            assert set(kept) - created(service) == set()
            assert "Traceback" not in service.log
        assert command("check", "--database", standby.url).status == 0


def test_what_a_standby_never_got_is_gone_after_its_promotion_and_no_answer_remembers_it(
    primary: Cluster, standby: Cluster, header: Header, tmp_path: Path
) -> None:
    with ExitStack() as others:
        service = others.enter_context(running(either(primary, standby), tmp_path))
        standby.stop()
        assert recommend(service, header, "lost-1") == 201
        lost = [service.client.get(STIFF) for _ in range(2)][-1]
        primary.stop("immediate")
        standby.start()
        standby.promote()
        service.wait("/health/ready", 200)
        # Another change gets the number of the one that was lost.
        assert recommend(service, header, "other-1") == 201
        assert service.client.get("/health/ready").json()["revision"] == 3
        for _ in range(20):
            now = service.client.get(STIFF, headers={"If-None-Match": lost.headers["etag"]})
            assert listed(now) == listed(lost) - {"lost-1"} | {"other-1"}
            time.sleep(0.1)  # the connection that watches comes back a moment later than the others


def test_a_service_of_a_standby_reads_what_was_replayed_and_says_that_it_cannot_write(
    primary: Cluster, standby: Cluster, header: Header, tmp_path: Path
) -> None:
    with ExitStack() as others:
        writer = others.enter_context(running(primary.url, tmp_path))
        reader = others.enter_context(running(standby.url, tmp_path, "--no-migrate"))
        for number in range(10):
            assert recommend(writer, header, f"seen-{number}") == 201
            catch_up(standby, primary)
            assert reader.client.get(STIFF).content == writer.client.get(STIFF).content
        assert reader.client.get("/health/ready").json() == writer.client.get("/health/ready").json()
        refused = reader.client.put("/exercises/mine", json={"slug": "mine", "name": "Mine"}, headers=header | CREATE)
        assert (refused.status_code, refused.headers.get("retry-after")) == (503, "1"), reader.log
        assert refused.json()["detail"] == "The database can't be written: it is read-only."
        with running(standby.url, tmp_path) as ready:  # there is nothing to migrate
            assert ready.client.get(STIFF).content == writer.client.get(STIFF).content
        standby.promote()
        assert recommend(reader, header, "promoted-1") == 201
        assert "promoted-1" in listed(reader.client.get(STIFF))
