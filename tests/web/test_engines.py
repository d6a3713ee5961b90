"""What one engine answers, the other answers to the letter: so tests of what is written, parsed or refused need ask one engine only."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime

import httpx

from api import formats
from api.app import create_app
from api.settings import Settings
from api.store.engine import Database
from api.store.opening import prepare
from tests.engines import Databases
from tests.facts import EXERCISES, FILTERS
from tests.in_process import asking
from tests.operations import operations
from tests.walking import addresses

SEEDED = datetime(2026, 1, 1, tzinfo=UTC)
TYPES = ["", "type=stiff", "type=unstable", "type=stiff&type=unstable", "unjudged=stiff"]
WORDS = ["cat", "catcow", "pelvc", "pelvic t", "figure 4", "butock", "nothing like it"]
WRONG = [
    "/exercises?type=loose",
    "/exercises?typ=stiff",
    "/exercises?tag=",
    "/exercises?limit=0",
    "/exercises?cursor=x",
    "/exercises/none",
    "/types/none",
    "/programs",
    "/programs?type=stiff&group=none&group=pregnant",
    "/changes?since=99",
    "/nowhere",
    "/exercises/a%00b",
    "/exercises/a%00b/history",
    "/sources/a%00b",
    "/programs?type=stiff&only=a%00b",
    "/browse/a%00b",
    "/browse/a%00b/history",
]
PAGES = ["/browse", "/browse?type=stiff", "/browse?type=unstable&group=pregnant", "/browse?q=hip", "/browse/cat-cow", "/browse/screening"]
SCREENED: list[dict[str, object]] = [
    {},
    {"symptoms": False},
    {"indicators": ["very-flexible"]},
    {"indicators": ["very-sedentary"], "groups": ["pregnant"]},
    {"unsure": ["very-flexible"], "groups": ["osteoporosis"]},
    {"red_flags": ["fever"]},
    {"asked": []},
    {"groups": ["nobody"]},
]


def asked(ask: httpx.Client) -> Iterator[str]:
    """Give what to ask: every record, list and page, each filter with each type, and what is refused."""
    yield from addresses(ask)
    yield from WRONG
    yield from PAGES
    for types in TYPES:
        yield from (f"/exercises?{types}&{name}={value}" for name, values in FILTERS.items() for value in values)
        yield from (f"/exercises?{types}&q={word}" for word in WORDS)
        yield from (f"/exercises?{types}&limit={limit}" for limit in (1, 3))
    for path in [
        "/exercises?type=stiff&type=unstable",
        "/programs?type=unstable&group=pregnant",
        "/contraindications?type=unstable",
        "/types",
    ]:
        # A PDF is made of what the page for paper shows, and takes a second.
        yield from (f"{path}{'&' if '?' in path else '?'}format={name}" for name in formats.FORMATS if name != "pdf")
    yield from (f"/exercises/{slug}?format={name}" for slug in EXERCISES for name in ("markdown", "fhir"))


def answers(url: str) -> dict[str, tuple[int, str]]:
    """Give every answer of a library that was seeded at one moment, but for what names that library."""
    database = Database(url)
    prepare(database, SEEDED)
    database.close()
    with asking(create_app(Settings(database_url=url))) as client:
        library = client.get("/library").json()
        flags = [one["slug"] for one in client.get("/red-flags").json()["items"]]
        found = {address: client.get(address) for address in asked(client)}
        for given in SCREENED:
            body = {"asked": flags, "red_flags": [], "symptoms": True, "indicators": []} | given
            found[f"POST {given}"] = client.post("/screenings", json=body)
        found |= {str(one): client.request(one.method, one.address) for one in operations(client.get("/openapi.json").json())}
    alike = {library["library_id"]: "ID", library["sha256"]: "SUM"}
    told = re.compile("|".join(alike))
    return {
        name: (one.status_code, told.sub(lambda part: alike[part[0]], one.text)) for name, one in found.items() if "/metrics" not in name
    }


def test_what_one_engine_answers_the_other_answers(sqlite: Databases, postgresql: Databases) -> None:
    one, other = answers(sqlite.empty()), answers(postgresql.empty())
    assert len(one) > 300
    assert {status for status, _ in one.values()} >= {200, 401, 404, 422}
    assert one == other
