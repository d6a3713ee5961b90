"""Staying in sync: history, changes and the library as a whole tell the same story, whatever was done in whatever order."""

import gzip
import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from itertools import pairwise

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.app import create_app
from api.errors import Refused
from api.library.export import ENVELOPE, SECTIONS
from api.library.vocabulary import Scope
from api.settings import Settings
from api.store import checking, content
from api.store.engine import Database
from api.web.shapes import WholeLibrary
from tests.curating import Curator, Record, avoid, key_to, recommend
from tests.engines import Databases
from tests.in_process import asking
from tests.shell import run
from tests.sync import Phone
from tests.writing import edited, load, retire

BOOK = {"citation": "A book.", "kind": "expert-opinion", "certainty": "verified"}


@dataclass
class Clinic:
    """A library, everything that can be done to it, and what was."""

    database: Database
    curator: Curator
    reviewer: Curator

    @property
    def client(self) -> httpx.Client:
        return self.curator.client

    def do(self, what: str, n: int, m: int) -> None:
        """Do one of the things that curators do, to one of a few exercises; it may be refused, but nothing may break."""
        slug, other = f"e-{n}", f"e-{m}"
        answer: httpx.Response | None
        match what:
            case "create":
                answer = self.curator.create(slug, variant_of=other if m < n else None, patterns=["wide-legs"] if m == n else [])
            case "recommend":
                answer = self._edit(slug, {"recommendations": recommend(stiff=(90, m + 1)), "contraindications": []})
            case "avoid":
                answer = self._edit(slug, {"recommendations": [], "contraindications": avoid("stiff")})
            case "rename":
                answer = self._edit(slug, {"name": f"Name {m}", "aliases": [f"Alias {n} {m}"], "review": None})
            case "retire":
                answer = self.curator.ask("DELETE", f"/exercises/{slug}", headers={"If-Match": "*"})
            case "sign":
                answer = self.reviewer.ask("PUT", f"/exercises/{slug}/review", {}, {"If-Match": "*"})
            case "write a source":
                body = BOOK | {"slug": f"book-{n}", "note": f"Note {m}."}
                answer = self.curator.ask("PUT", f"/sources/book-{n}", body, {"If-None-Match": "*"} if m % 2 else {"If-Match": "*"})
            case "retire a source":
                answer = self.curator.ask("DELETE", f"/sources/book-{n}", headers={"If-Match": "*"})
            case "import":
                answer = None
                self._import(n, m)
            case _:
                answer = None
                load(self.database, edited("si-joint-dysfunction.yaml", "patterns", contraindications=avoid("unstable")[: m % 2]))
        assert answer is None or answer.status_code < 500, answer.text

    def _edit(self, slug: str, change: Record) -> httpx.Response:
        there = self.client.get(f"/exercises/{slug}")
        return self.curator.edit(slug, **change) if there.status_code == 200 else there

    def _import(self, n: int, m: int) -> None:
        """Write several at once; places and variants may clash."""
        rows = [
            {"slug": f"e-{one}", "name": f"Import {m}", "recommendations": recommend(stiff=(90, (one + m) % 6 + 1))} for one in range(n)
        ]
        with suppress(Refused):
            load(self.database, json.dumps({"exercises": rows}))


@pytest.fixture(scope="module")
def clinic(databases: Databases) -> Iterator[Clinic]:
    url = databases.seeded()
    database = Database(url)
    edit, review = key_to(database), key_to(database, "a-reviewer", Scope.REVIEW)
    with asking(create_app(Settings(database_url=url, rate_limits=False))) as client:
        yield Clinic(database, Curator(client, edit), Curator(client, review))
    database.close()


DOINGS = ["create", "create", "recommend", "avoid", "rename", "retire", "sign", "write a source", "retire a source", "import", "pattern"]
STEPS = st.tuples(st.sampled_from(DOINGS), st.integers(0, 5), st.integers(0, 5))


@given(st.lists(STEPS, max_size=12), st.lists(STEPS, max_size=12), st.sampled_from([1, 3, 100]))
@settings(max_examples=15)
def test_a_phone_that_replays_the_changes_ends_with_the_library(
    clinic: Clinic, earlier: list[tuple[str, int, int]], later: list[tuple[str, int, int]], limit: int
) -> None:
    phone = Phone(clinic.client)
    phone.begin()
    for part in (earlier, later):
        for step in part:
            clinic.do(*step)
        phone.follow(limit)
    fresh = Phone(clinic.client)
    fresh.begin()
    assert phone.records == fresh.records
    assert (phone.revision, phone.library_id) == (fresh.revision, fresh.library_id)
    assert phone.seen == list(dict.fromkeys(phone.seen))
    with clinic.database.reading() as connection:
        assert list(checking.wrong(connection)) == []


def test_a_history_is_a_chain_of_what_was_answered(clinic: Clinic) -> None:
    for n, what in enumerate(["create", "rename", "recommend", "retire", "create", "avoid", "sign", "rename", "import"]):
        clinic.do(what, 5 if what == "import" else 4, n)
    for slug in [f"e-{n}" for n in range(6)] + ["cat-cow"]:
        answer = clinic.client.get(f"/exercises/{slug}/history?limit=100")
        if answer.status_code == 404:
            continue
        items = answer.json()["items"]
        assert items[-1]["action"] == "created"
        assert items[-1]["before"] is None
        for newer, older in pairwise(items):
            assert newer["revision"] > older["revision"]
            assert newer["before"] == older["after"]
            assert (newer["action"] == "revived") is (newer["before"] is None)
            assert (newer["action"] == "retired") is (newer["after"] is None)
            if newer["before"] and newer["after"]:
                moving = {"revision", "created_at", "updated_at"}
                differing = [name for name in newer["after"] if newer["before"][name] != newer["after"][name] and name not in moving]
                assert newer["fields"] == differing
                assert differing
        now = clinic.client.get(f"/exercises/{slug}")
        assert items[0]["after"] == (None if now.status_code == 404 else {n: p for n, p in now.json().items() if n != "suitability"})


def test_a_history_has_pages(clinic: Clinic) -> None:
    clinic.do("create", 5, 5)
    for m in range(7):
        clinic.do("rename", 5, m)
    whole = clinic.client.get("/exercises/e-5/history?limit=100").json()
    address, found = "/exercises/e-5/history?limit=3", []
    while address:
        page = clinic.client.get(address).json()
        found += page["items"]
        assert page["total"] == whole["total"]
        address = page["next"]
    assert found == whole["items"]
    assert clinic.client.get("/exercises/no-such/history").status_code == 404
    cursor = clinic.client.get("/exercises/e-5/history?limit=3").json()["next"].partition("cursor=")[2]
    assert clinic.client.get(f"/exercises/cat-cow/history?cursor={cursor}").status_code == 422


def test_who_and_why_are_told_to_those_with_a_key(clinic: Clinic) -> None:
    clinic.curator.create("told", reason="Because.")
    load(clinic.database, "exercise: {slug: told, name: Imported}")
    for asked, names in (
        (clinic.client.get("/exercises/told/history"), [(None, None), (None, None)]),
        (clinic.curator.ask("GET", "/exercises/told/history"), [("a curator", "A test wants it."), ("a-curator", "Because.")]),
        (clinic.reviewer.ask("GET", "/exercises/told/history"), [("a curator", "A test wants it."), ("a-curator", "Because.")]),
    ):
        items = asked.json()["items"]
        assert [(one["by"], one["reason"]) for one in items] == names
        assert [one["channel"] for one in items] == ["import", "http"]
    assert "no-store" in clinic.curator.ask("GET", "/exercises/told/history").headers["cache-control"]
    assert clinic.client.get("/exercises/told/history", headers={"Authorization": "Bearer nonsense"}).status_code == 401
    assert "Because." not in clinic.client.get("/changes?since=0&limit=100").text
    assert "a-curator" not in clinic.client.get("/library").text


def test_changes_are_told_in_order_with_their_records(clinic: Clinic) -> None:
    before = clinic.client.get("/library").json()
    clinic.curator.create("fresh")
    clinic.curator.edit("fresh", summary="Changed.")
    load(clinic.database, "sources: [{slug: fresh-book, citation: A., kind: expert-opinion, certainty: verified}]")
    clinic.curator.retire("fresh")
    page = clinic.client.get(f"/changes?since={before['revision']}").json()
    assert page["library_id"] == before["library_id"]
    assert page["next"] is None
    assert [(one["revision"] - before["revision"], one["kind"], one["slug"], one["action"]) for one in page["items"]] == [
        (1, "exercise", "fresh", "created"),
        (2, "exercise", "fresh", "updated"),
        (3, "source", "fresh-book", "created"),
        (4, "exercise", "fresh", "retired"),
    ]
    assert page["revision"] == before["revision"] + 4
    assert [one["record"] and (one["record"].get("summary"), one["record"]["slug"]) for one in page["items"]] == [
        (None, "fresh"),
        ("Changed.", "fresh"),
        (None, "fresh-book"),
        None,
    ]
    assert clinic.client.get(f"/changes?since={page['revision']}").json()["items"] == []


@pytest.mark.parametrize("query", ["since={beyond}", "since=2147483647", "since=0&library_id=another", "since={now}&library_id=another"])
def test_who_has_seen_another_library_begins_again(clinic: Clinic, query: str) -> None:
    now = clinic.client.get("/library").json()["revision"]
    answer = clinic.client.get(f"/changes?{query.format(now=now, beyond=now + 1)}")
    assert (answer.status_code, answer.json()["code"]) == (410, "resync")


@pytest.mark.parametrize(
    "query", ["", "since=", "since=-1", "since=x", "since=1.5", "since=0&since=1", "since=0&sinc=1", "since=0&library_id="]
)
def test_a_revision_is_a_number(clinic: Clinic, query: str) -> None:
    assert clinic.client.get(f"/changes?{query}").status_code == 422


def test_keys_are_nobodys_business(clinic: Clinic) -> None:
    before = clinic.client.get("/library").json()["revision"]
    key_to(clinic.database, "another-key")
    page = clinic.client.get(f"/changes?since={before}").json()
    assert (page["items"], page["revision"]) == ([], before + 1)


def test_the_library_is_what_the_shell_exports(client: httpx.Client, url: str) -> None:
    whole = client.get("/library")
    assert run("export", database=url).stdout_bytes == whole.content
    assert whole.headers["content-type"] == "application/json"
    said, _, rest = whole.content.rpartition(b',"sha256":"')
    assert json.loads(whole.content)["sha256"] == sha256(said).hexdigest() == rest[:64].decode()
    packed = client.get("/library", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.content == whole.content
    assert packed.headers["etag"] != whole.headers["etag"]
    with client.stream("GET", "/library", headers={"Accept-Encoding": "gzip"}) as raw:
        assert gzip.decompress(b"".join(raw.iter_raw())) == whole.content


def test_an_unchanged_library_is_not_sent_again(clinic: Clinic) -> None:
    _, tag = clinic.curator.read("/library")
    assert clinic.client.get("/library", headers={"If-None-Match": tag}).status_code == 304
    assert clinic.client.head("/library").headers["etag"] == tag
    revision = tag.strip('"').rpartition("-")[2]
    assert clinic.curator.create(f"after-{revision}").status_code == 201
    assert clinic.client.get("/library", headers={"If-None-Match": tag}).status_code == 200


def test_every_record_of_the_library_is_the_one_that_is_answered(client: httpx.Client) -> None:
    library = client.get("/library").json()
    for one in library["exercises"]:
        assert client.get(f"/exercises/{one['slug']}").json() == one | {"suitability": None}
    for section, path in {"sources": "/sources", "types": "/types", "conditions": "/conditions"}.items():
        for one in library[section]:
            assert client.get(f"{path}/{one['slug']}").json() == one
    for section, path in {"groups": "/groups", "indicators": "/indicators", "red_flags": "/red-flags"}.items():
        assert client.get(path).json()["items"] == library[section]


def test_what_variants_inherit_from_a_retired_exercise_is_told(client: httpx.Client, database: Database) -> None:
    load(database, VARIANTS)
    phone = Phone(client)
    phone.begin()
    retire(database, "split")
    phone.follow()
    assert ("exercise", "split") not in phone.records
    left = phone.records["retired-exercise", "split"]
    assert left == client.get("/library").json()["retired"][0]
    assert [one["type"] for one in left["contraindications"]] == ["unstable"]
    retire(database, "half-split")
    phone.follow()
    assert ("retired-exercise", "split") not in phone.records
    assert phone.records == Phone(client).begin()


VARIANTS = """\
exercises:
  - slug: split
    name: Split
    contraindications:
      - {type: unstable, reason: Too wide., source: {slug: source-text}}
  - slug: half-split
    name: Half split
    variant_of: split
"""


def test_the_library_has_the_sections_that_an_import_reads_and_the_document_describes(ask: httpx.Client) -> None:
    described = [field.alias or name for name, field in WholeLibrary.model_fields.items()]
    *before, last = ENVELOPE
    assert list(ask.get("/library").json()) == [*before, *SECTIONS, last]
    assert sorted(described) == sorted([*ENVELOPE, *SECTIONS])
    assert {*SECTIONS} <= {*content.SECTIONS}
