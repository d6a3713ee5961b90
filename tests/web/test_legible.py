"""What nobody can see, and addresses that run, don't come in; what came in before stays readable, and a check names it."""

import httpx
import pytest
import sqlalchemy as sa

from api.app import create_app
from api.errors import InvalidContent
from api.settings import Settings
from api.store import checking
from api.store.content import FiledRecord, read_text
from api.store.engine import Database
from tests.curating import Curator, avoid, key_to
from tests.in_process import asking
from tests.library.test_legible import SEEN, UNSEEN
from tests.web.conftest import Trusted
from tests.writing import load

pytestmark = pytest.mark.any_engine

BOOK = {"slug": "our-book", "citation": "Us. Our book. 2026.", "kind": "leaflet", "certainty": "unverified"}
# What JSON can't write is malformed already.
INVISIBLE = [text for kind, texts in UNSEEN.items() if kind != "half" for text in texts]


@pytest.fixture
def curator(database: Database, client: httpx.Client) -> Curator:
    return Curator(client, key_to(database))


def put(trusted: Trusted, slug: str, **fields: object) -> httpx.Response:
    body = {"slug": slug, "name": "Name", **fields}
    return trusted.client.put(f"/exercises/{slug}", json=body, headers=trusted.edit | {"If-None-Match": "*"})


def refused(answer: httpx.Response, field: str) -> str:
    assert answer.status_code == 422, answer.text
    assert answer.json()["code"] == "invalid-content"
    [told] = answer.json()["errors"]
    assert told["field"] == field
    assert told["message"].startswith("It ")
    assert told["message"].isprintable()
    return str(told["message"])


def test_a_name_that_nobody_can_see_is_refused(trusted: Trusted) -> None:
    for text in INVISIBLE:
        refused(put(trusted, "lunge", name=text), "name")


def test_so_is_any_other_text_however_deep(trusted: Trusted) -> None:
    unseen = "a\u202eb"
    source = {"slug": "source-text", "quote": unseen}
    refused(put(trusted, "lunge", aliases=["Lunge", unseen]), "aliases[1]")
    refused(put(trusted, "lunge", evidence=[{"text": "x", "source": source}]), "evidence[0].source.quote")
    refused(
        put(trusted, "lunge", contraindications=[*avoid("stiff"), avoid("unstable")[0] | {"reason": unseen}]), "contraindications[1].reason"
    )


def test_a_nul_is_refused_in_words(trusted: Trusted) -> None:
    assert (
        refused(put(trusted, "lunge", name="a\x00b"), "name")
        == "It has the control character U+0000 in it, which no text needs; take it out."
    )


def test_what_people_write_comes_in_and_back(curator: Curator) -> None:
    answer = curator.create("lunge", aliases=SEEN)
    assert answer.status_code == 201, answer.text
    assert answer.json()["aliases"] == SEEN


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("url", "javascript:alert(1)"),
        ("url", "https:///x"),
        ("url", "ftp://example.org"),
        ("doi", "https://doi.org/10.1000/1"),
        ("doi", "x"),
    ],
)
def test_a_source_has_an_address_on_the_web_or_none(trusted: Trusted, field: str, value: str) -> None:
    headers = trusted.edit | {"If-None-Match": "*"}
    refused(trusted.client.put("/sources/our-book", json=BOOK | {field: value}, headers=headers), field)
    [complaint] = read_text(
        f"sources:\n  - slug: x\n    citation: X.\n    kind: leaflet\n    certainty: unverified\n    {field}: {value}\n", "x.yaml"
    )
    assert not isinstance(complaint, FiledRecord)
    assert complaint.field == f"x.yaml:6: {field}"


def test_a_source_with_an_address_comes_in(curator: Curator) -> None:
    book = BOOK | {"url": "https://example.org/book", "doi": "10.1000/182"}
    answer = curator.ask("PUT", "/sources/our-book", book, {"If-None-Match": "*"})
    assert (answer.status_code, answer.json()["url"]) == (201, book["url"])


def test_what_came_in_before_stays_readable_and_is_named_by_a_check(curator: Curator, database: Database, url: str) -> None:
    curator.create("lunge", summary="Before.")
    curator.ask("PUT", "/sources/our-book", BOOK | {"url": "https://example.org/"}, {"If-None-Match": "*"})
    with database.writing() as session:
        for table, before, after in (("exercise", "Before.", "Be\u202efore."), ("source", "https://example.org/", "javascript:x")):
            statement = sa.text(f"UPDATE {table} SET document = replace(document, :before, :after)")  # noqa: S608
            session.connection().execute(statement, {"before": before, "after": after})
    with asking(create_app(Settings(database_url=url))) as client:
        assert client.get("/exercises/lunge").json()["summary"] == "Be\u202efore."
        assert client.get("/sources/our-book").json()["url"] == "javascript:x"
        assert client.get("/library").status_code == 200
        refused(Curator(client, curator.secret).edit("lunge", start="On the floor."), "summary")
    with database.reading() as connection:
        found = [
            line for line in checking.wrong(connection) if "'lunge': summary: It has U+202E" in line or "'our-book': url: It has" in line
        ]
    assert len(found) == 2


@pytest.mark.parametrize(
    ("fields", "field", "meant"),
    [
        ({"contraindications": avoid("loose")}, "contraindications[0].type", "unstable"),
        ({"variant_of": "Cat/cow"}, "variant_of", "cat-cow"),
        ({"equipment": ["Foam Roller"]}, "equipment[0]", "foam-roller"),
        ({"equipment": ["tennis-ball"]}, "equipment[0]", "massage-ball"),
        ({"patterns": ["straddle"]}, "patterns[0]", "wide-legs"),
    ],
)
def test_a_slug_in_a_body_may_be_guessed_by_any_of_its_names(
    trusted: Trusted, fields: dict[str, object], field: str, meant: str | None
) -> None:
    answer = put(trusted, "lunge", **fields)
    assert answer.status_code == 422
    [told] = answer.json()["errors"]
    assert (told["field"], told["did_you_mean"]) == (field, meant)


def test_equipment_none_is_told_to_be_an_empty_list(trusted: Trusted, database: Database) -> None:
    told = "Leave 'none' out: an empty list says that nothing is needed."
    answer = put(trusted, "lunge", equipment=["none"])
    assert answer.json()["errors"] == [{"field": "equipment[0]", "message": told, "allowed": [], "did_you_mean": None}]
    with pytest.raises(InvalidContent) as refusal:
        load(database, "exercise:\n  slug: lunge\n  name: Lunge\n  equipment:\n    - none\n")
    assert [str(one) for one in refusal.value.complaints] == [f"made-up.yaml:5: equipment[0]: {told}"]
