"""The service as it is run: with a role that may little, a password in a file, behind a proxy, with or without numbers and limits."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

import httpx
import psycopg
import pytest

from api.store import migrations
from tests.clusters import Cluster
from tests.engines import Databases
from tests.processes import Running, command, key, running

SHOWN = [
    "/exercises",
    "/exercises?type=unstable",
    "/exercises/cat-cow",
    "/programs?type=unstable",
    "/changes?since=0&limit=100",
    "/library",
]
"""Where records have pictures."""
PASSWORD = "Horse%40Battery%2FStaple"  # noqa: S105  (as it stands in a URL; of a server of this test's own)
README = Path(__file__).parents[2] / "migrations" / "README.md"


@pytest.fixture
def library(sqlite: Databases) -> str:
    """The URL of a seeded library of the test's own."""
    return sqlite.seeded()


@contextmanager
def from_elsewhere(service: Running, address: str) -> Iterator[httpx.Client]:
    """Ask from another address of this machine, which is no proxy that the service trusts."""
    with httpx.Client(base_url=service.client.base_url, transport=httpx.HTTPTransport(local_address=address), timeout=30) as client:
        yield client


def roles() -> str:
    """Read from migrations/README.md what the role of the service is granted."""
    return README.read_text(encoding="utf-8").partition("```sql\n")[2].partition("```")[0]


def test_a_role_without_ddl_waits_until_another_has_migrated(tmp_path: Path) -> None:
    with Cluster() as cluster:
        with psycopg.connect(cluster.url, autocommit=True) as owner:
            owner.execute(roles().encode())
            owner.execute(b"ALTER ROLE exercise_library PASSWORD 'Horse@Battery/Staple'")
        url = cluster.url.replace("postgres@", f"exercise_library:{PASSWORD}@")
        file = tmp_path / "url"
        file.write_text(f"{url}\n", encoding="utf-8")
        from_file = {"EXERCISE_LIBRARY_DATABASE_URL_FILE": str(file)}
        said = command("migrate", fails=True, **from_file).said
        assert said == "Error: The database's role may not do this; grant it what the README lists.\n"
        with running("", tmp_path, "--no-migrate", until="/health/live", **from_file) as service:
            refused = service.client.get("/health/ready")
            assert (refused.status_code, refused.headers["retry-after"], refused.json()["code"]) == (503, "1", "schema-mismatch")
            assert refused.json()["detail"] == "The database has no library yet; run 'exercise-library migrate'."
            assert service.status("/exercises") == 503

            command("migrate", "--database", cluster.url)
            service.wait("/health/ready", 200, 5)
            header = key(cluster.url) | {"If-None-Match": "*"}
            assert service.client.put("/exercises/mine", json={"slug": "mine", "name": "Mine"}, headers=header).status_code == 201
            assert service.client.get("/exercises").json()["total"] == 7

            with psycopg.connect(cluster.url, autocommit=True) as owner:
                owner.execute(b"UPDATE alembic_version SET version_num = '0000'")
            refused = service.client.get("/health/ready")
            assert (refused.status_code, refused.json()["code"]) == (503, "schema-mismatch")
            with psycopg.connect(cluster.url, autocommit=True) as owner:
                owner.execute(b"UPDATE alembic_version SET version_num = %s", [migrations.newest()])
            assert service.status("/health/ready") == 200

            processes = Path("/proc") / str(service.process.pid)
            assert PASSWORD.encode() not in (processes / "cmdline").read_bytes()
            cluster.stop("immediate")
            service.wait("/health/ready", 503)
            for word in (PASSWORD, "Horse@Battery/Staple"):
                assert word not in service.log


def hits(client: httpx.Client) -> int:
    """Read how many answers were given from memory."""
    told = dict(line.rsplit(" ", 1) for line in client.get("/metrics").text.splitlines() if not line.startswith("#"))
    assert told["exercise_library_database_connections_limit"] == "19"
    return int(told["exercise_library_cache_hits_total"])


def test_behind_a_proxy_every_address_that_it_gives_leads_back_to_it(library: str, tmp_path: Path) -> None:
    header = key(library) | {"If-None-Match": "*"}
    with running(library, tmp_path, "--root-path", "/clinic/library/", "--log-requests", "all") as service:
        ask = service.client
        root = "/clinic/library"

        def through_the_proxy(address: str) -> httpx.Response:
            """Ask as a proxy does that takes its own path away."""
            assert address.startswith(f"{root}/"), address
            return ask.get(address.removeprefix(root))

        page = ask.get("/exercises?limit=4")
        assert page.headers["link"] == f'<{page.json()["next"]}>; rel="next"'
        assert through_the_proxy(page.json()["next"]).json()["total"] == 6
        made = ask.put("/exercises/mine", json={"slug": "mine", "name": "Mine"}, headers=header)
        assert through_the_proxy(made.headers["location"]).json()["slug"] == "mine"
        assert ask.get("/exercises/none").json()["instance"] == f"{root}/exercises/none"
        assert ask.get("/nowhere").json()["instance"] == f"{root}/nowhere"
        assert ask.get("/exercises?typ=stiff").json()["code"] == "unknown-parameter"
        assert ask.request("DELETE", "/types").headers["allow"] == "GET, HEAD, OPTIONS"
        for link in ask.get("/").json()["links"]:
            if "{" not in link["href"] and "(POST)" not in link["title"]:
                assert through_the_proxy(link["href"]).status_code == 200, link
        assert ask.get("/openapi.json").json()["servers"] == [{"url": root}]
        for path in ("/", "/browse", "/browse/cat-cow", "/browse/screening"):
            answer = ask.get(path, headers={"Accept": "text/html"})
            assert answer.status_code == 200
            for attribute in ("href", "src", "action"):
                for address in answer.text.split(f' {attribute}="')[1:]:
                    if address.startswith("/"):
                        assert through_the_proxy(address.partition('"')[0].replace("&amp;", "&")).status_code == 200, address[:100]
        before = hits(ask)
        for q in ("cat", "cat", "cat", "cat", "list", "list"):
            assert ask.get(f"/exercises?q={q}").status_code == 200
        assert hits(ask) == before + 2
        assert '"route": "/exercises/{slug}", "status": 404' in service.log


def test_behind_a_proxy_pictures_and_documentation_lead_back_to_it_and_what_is_read_can_be_written_back(
    library: str, tmp_path: Path
) -> None:
    root = "/clinic"
    with running(library, tmp_path, "--root-path", root) as service:
        ask = service.client
        addresses = [found for path in SHOWN for found in re.findall(r'"url":"([^"]+\.(?:svg|png))"', ask.get(path).text)]
        assert len(addresses) > 4 * len(SHOWN)
        told = {"asked": [one["slug"] for one in ask.get("/red-flags").json()["items"]], "red_flags": [], "symptoms": True}
        screened = ask.post("/screenings", json={**told, "indicators": ["pregnant"]})
        shown = re.findall(r'"url":"([^"]+\.(?:svg|png))"', screened.text)
        assert shown
        addresses += shown
        addresses += re.findall(r' (?:href|src|data-url)="([^"]+)"', ask.get("/docs").text)
        for address in set(addresses):
            assert address.startswith(f"{root}/"), address
            assert ask.get(address.removeprefix(root)).status_code == 200, address
        whole, _, end = ask.get("/library").text.rpartition(',"sha256":"')
        assert sha256(whole.encode()).hexdigest() == end.partition('"')[0]
        record = ask.get("/exercises/cat-cow", headers={"Accept-Encoding": "identity"})
        unchanged = ask.put("/exercises/cat-cow", json=record.json(), headers=key(library) | {"If-Match": record.headers["etag"]})
        assert (unchanged.status_code, unchanged.content) == (200, record.content)
        assert unchanged.headers["etag"] == record.headers["etag"]


def wrong_keys(client: httpx.Client, times: int, **headers: str) -> list[int]:
    """Try keys that open nothing; give the statuses."""
    wrong = {"Authorization": "Bearer wrong", **headers}
    return [client.get("/exercises/cat-cow/history", headers=wrong).status_code for _ in range(times)]


def test_a_proxys_word_on_who_asks_is_taken_and_nobody_elses(library: str, tmp_path: Path) -> None:
    with running(library, tmp_path, "--forwarded-allow-ips", "127.0.0.2") as service:
        with from_elsewhere(service, "127.0.0.2") as proxy:
            # What a caller forged stands before what the proxy added, and doesn't count.
            for n in range(60):
                assert wrong_keys(proxy, 1, **{"X-Forwarded-For": f"10.0.0.{n}, 192.0.2.1"}) == [401]
            assert wrong_keys(proxy, 1, **{"X-Forwarded-For": "192.0.2.1"}) == [429]
            assert wrong_keys(proxy, 1, **{"X-Forwarded-For": "192.0.2.2"}) == [401]
        forged = [wrong_keys(service.client, 1, **{"X-Forwarded-For": f"10.0.0.{n}"})[0] for n in range(61)]
        assert forged == [401] * 60 + [429]
        assert not [line for line in service.log.splitlines() if "192.0.2" in line or "10.0.0" in line]


def test_without_numbers_and_limits_nothing_is_counted(library: str, tmp_path: Path) -> None:
    off = {"EXERCISE_LIBRARY_METRICS": "off", "EXERCISE_LIBRARY_RATE_LIMITS": "off"}
    with running(library, tmp_path, **off) as service:
        assert service.client.get("/metrics").json()["code"] == "no-such-path"
        assert "/metrics" not in service.client.get("/openapi.json").json()["paths"]
        assert set(wrong_keys(service.client, 100)) == {401}
