"""Pages: a cursor goes on after the last item seen, whatever was written meanwhile, and belongs to its own question."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from itertools import pairwise
from json import dumps, loads

import httpx
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from api.store.engine import Database
from tests.facts import EXERCISES
from tests.walking import Json, every_page
from tests.writing import edited, load, retire

pytestmark = pytest.mark.any_engine

ASKED = [
    "",
    "type=stiff",
    "type=unstable",
    "type=stiff&type=unstable",
    "q=pelvic",
    "type=stiff&q=s",
    "region=low-back",
    "equipment=none&type=stiff",
]
SOURCE = "source: {slug: source-text, quote: Isometric squats}"


def cursor_of(page: dict[str, Json]) -> str:
    return str(page["next"]).rpartition("cursor=")[2]


def first(ask: httpx.Client, query: str) -> str:
    """Give the cursor after the first item."""
    page = ask.get(f"/exercises?{query}&limit=1".replace("?&", "?")).json()
    assert page["next"].startswith("/exercises?")
    return cursor_of(page)


def slugs(pages: list[dict[str, Json]]) -> list[str]:
    return [str(one["slug"]) for page in pages if isinstance(page["items"], list) for one in page["items"] if isinstance(one, dict)]


@pytest.mark.parametrize("query", ASKED)
def test_pages_of_every_size_are_the_same_list(ask: httpx.Client, query: str) -> None:
    whole = ask.get(f"/exercises?{query}&limit=100".replace("?&", "?")).json()
    assert whole["next"] is None
    for limit in range(1, 8):
        pages = every_page(ask, f"/exercises?{query}&limit={limit}".replace("?&", "?"))
        assert slugs(pages) == [one["slug"] for one in whole["items"]]
        assert {str(page["total"]) for page in pages} == {str(whole["total"])}
        assert [page["avoid"] for page in pages] == [whole["avoid"]] * len(pages)


@pytest.mark.parametrize("query", ASKED)
def test_the_size_of_a_page_may_change_on_the_way(ask: httpx.Client, query: str) -> None:
    cursor = first(ask, query)
    whole = slugs(every_page(ask, f"/exercises?{query}".replace("?&", "?")))
    for limit in (1, 2, 100):
        assert slugs(every_page(ask, f"/exercises?{query}&limit={limit}&cursor={cursor}".replace("?&", "?"))) == whole[1:]
    assert slugs(every_page(ask, f"/exercises?{query}&cursor={cursor}&format=json".replace("?&", "?"))) == whole[1:]


def test_a_cursor_belongs_to_its_own_question(ask: httpx.Client) -> None:
    cursors = {query: first(ask, query) for query in ASKED}
    for own, cursor in cursors.items():
        for other in [one for one in ASKED if one != own]:
            answer = ask.get(f"/exercises?{other}&cursor={cursor}".replace("?&", "?"))
            assert (answer.status_code, answer.json()["code"]) == (422, "invalid-cursor"), f"{own} {other}"
            assert answer.json()["errors"][0]["field"] == "cursor"
        assert ask.get(f"/contraindications?cursor={cursor}").json()["code"] == "invalid-cursor"


def test_the_order_of_the_parameters_is_no_question_of_its_own(ask: httpx.Client) -> None:
    cursor = first(ask, "equipment=none&type=stiff")
    assert ask.get(f"/exercises?type=stiff&cursor={cursor}&equipment=none").status_code == 200


def tampered(cursor: str) -> list[str]:
    fingerprint, *key = loads(urlsafe_b64decode(cursor + "=="))
    others: list[object] = [
        [fingerprint],
        [fingerprint, *key, "more"],
        [fingerprint, *([1] * len(key))],
        [fingerprint, *(["x"] * len(key))],
        [fingerprint, *([None] * len(key))],
        [fingerprint, *([[]] * len(key))],
        [fingerprint, *([1.5] * len(key))],
        [fingerprint, *([True] * len(key))],
        [fingerprint, *([2**31] * len(key))],
        [fingerprint, *([-1] * len(key))],
        [fingerprint, "\x00", *key[1:]],
        [fingerprint, "é", *key[1:]],
        ["0" * 12, *key],
        [],
        {},
        None,
        "x",
        7,
    ]
    made = [urlsafe_b64encode(dumps(one).encode()).decode().rstrip("=") for one in others]
    return [
        *made,
        cursor[:-3],
        cursor[3:],
        f"x{cursor}",
        "x",
        "!!!",
        "%00",
        "%ff",
        "é",
        "=",
        "a" * 5000,
        urlsafe_b64encode(b"[" * 3000).decode(),
    ]


@pytest.mark.parametrize("query", ["", "type=stiff", "type=stiff&type=unstable", "q=pelvic"])
def test_a_cursor_that_is_not_ours_is_refused(ask: httpx.Client, query: str) -> None:
    cursor = first(ask, query)
    for wrong in tampered(cursor):
        answer = ask.get(f"/exercises?{query}&cursor={wrong}".replace("?&", "?"))
        # A key of the right form is a place in the list, whoever wrote it: it shows nothing that the list doesn't.
        allowed = (422, 200) if _is_of_the_same_form(wrong, cursor) else (422,)
        assert answer.status_code in allowed, wrong
        if answer.status_code == 422:
            is_text = wrong not in ("%00", "%ff")
            assert answer.json()["code"] in (("invalid-cursor", "empty-value") if is_text else ("invalid-value",)), wrong


def _is_of_the_same_form(wrong: str, cursor: str) -> bool:
    try:
        one, other = (loads(urlsafe_b64decode(text.encode() + b"==")) for text in (wrong, cursor))
        return [type(part) for part in one] == [type(part) for part in other] and one[0] == other[0]
    except (ValueError, TypeError, RecursionError):
        return False


@pytest.mark.parametrize("types", ["", "type=unstable"])
def test_contraindications_refuse_a_cursor_that_is_not_theirs(ask: httpx.Client, types: str) -> None:
    page = ask.get(f"/contraindications?{types}&limit=1".replace("?&", "?")).json()
    for wrong in tampered(cursor_of(page)):
        answer = ask.get(f"/contraindications?{types}&cursor={wrong}".replace("?&", "?"))
        assert answer.status_code in ((200, 422) if _is_of_the_same_form(wrong, cursor_of(page)) else (422,)), wrong


@given(cursor=st.text(min_size=1, max_size=60) | st.binary(max_size=60).map(lambda raw: urlsafe_b64encode(raw).decode() or "x"))
@example("W10")
@settings(max_examples=30)
def test_no_cursor_breaks_anything(ask: httpx.Client, cursor: str) -> None:
    for path in ("/exercises", "/contraindications"):
        assert ask.get(path, params={"cursor": cursor.encode(errors="replace").decode()}).status_code == 422


def test_pages_are_stable_while_exercises_are_written_and_retired_in_between(client: httpx.Client, database: Database) -> None:
    seen: list[str] = []
    address = "/exercises?limit=1"
    names = iter(["aardvark", "zebra", "cat-cow-2", "bat", "pelvic-zone", "ant", "yak", "bee"])
    while address:
        page = client.get(address).json()
        seen += slugs([page])
        if (new := next(names, None)) is not None:
            load(database, f"exercise: {{slug: {new}, name: {new}}}")
        if seen[-1] == "figure-4-stretch":
            retire(database, "cat-cow")
        address = page["next"]
    assert [one for one in seen if one in EXERCISES] == EXERCISES
    assert sorted(seen) == seen
    assert len(seen) == len(set(seen))


def test_pages_of_a_type_are_stable_while_its_list_is_written_in_between(client: httpx.Client, database: Database) -> None:
    before = slugs(every_page(client, "/exercises?type=unstable"))
    seen: list[str] = []
    address = "/exercises?type=unstable&limit=1"
    position = 10
    while address:
        page = client.get(address).json()
        seen += slugs([page])
        if position < 13:
            place = f"{{type: unstable, position: {1 if position == 10 else position}, choice: {position}, {SOURCE}}}"
            load(database, f"exercise: {{slug: new-{position}, name: New, recommendations: [{place}]}}")
            position += 1
        if seen[-1] == "cat-cow":
            retire(database, "self-massage")
        address = page["next"]
    assert [one for one in seen if one in before] == before
    assert seen[-2:] == ["new-11", "new-12"]
    assert len(seen) == len(set(seen))


def test_ranked_pages_are_stable_while_matches_are_written_in_between(client: httpx.Client, database: Database) -> None:
    before = slugs(every_page(client, "/exercises?q=pelvic"))
    page = client.get("/exercises?q=pelvic&limit=1").json()
    load(database, "exercise: {slug: aaa, name: Pelvic}")
    load(database, edited("exercises/cat-cow.yaml", "exercise", summary="Edited."))
    rest = slugs(every_page(client, page["next"]))
    assert [one for one in rest if one in before] == before[1:]
    assert len(rest) == len(set(rest))


def test_a_large_catalogue_is_paged_through_whole_and_in_order(client: httpx.Client, database: Database) -> None:
    made = [f"made-{n:04}" for n in range(1100)]
    lines = "".join(f"  - {{slug: {slug}, name: Shared name {slug[-1]}, variant_of: figure-4-stretch}}\n" for slug in made)
    load(database, f"exercises:\n{lines}")
    assert slugs(every_page(client, "/exercises?limit=100")) == sorted([*made, *EXERCISES])
    found = slugs(every_page(client, "/exercises?q=shared&limit=100"))
    assert sorted(found) == made
    avoided = every_page(client, "/contraindications?type=unstable&limit=100")
    assert slugs(avoided) == ["wide-legs", *sorted([*made, "figure-4-stretch"])]
    shown = client.get("/exercises?type=unstable").json()
    assert (len(shown["avoid"]), shown["avoid_total"]) == (100, 1102)
    assert all(one < other for one, other in pairwise(slugs(avoided)[1:]))
