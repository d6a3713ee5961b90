"""A withdrawn exercise must not live on in a phone: every answer can be checked again, cheaply, and changes with what it says."""

import gzip
from hashlib import sha256
from urllib.parse import urlencode

import httpx
import pytest

from api.store.engine import Database
from tests.operations import FREE, operations
from tests.writing import edited, load

FRESH = {"cache-control": "public, max-age=0, must-revalidate", "vary": "Accept, Accept-Encoding"}


def readable(ask: httpx.Client) -> list[str]:
    """Give an address for every path that can be read."""
    found = operations(ask.get("/openapi-formats.json").json())
    return [f"{one.address}?{urlencode(one.query)}".rstrip("?") for one in found if one.method == "GET"] + [
        "/exercises?type=unstable&limit=1"
    ]


def catalogue(ask: httpx.Client) -> list[str]:
    """Give the addresses of the answers that anybody may keep and check again."""
    return [one for one in readable(ask) if not one.startswith((*FREE, "/images/"))]


def test_every_answer_of_the_catalogue_is_checked_again_before_it_is_used(ask: httpx.Client) -> None:
    for address in catalogue(ask):
        headers = ask.get(address).headers
        assert {name: headers.get(name) for name in FRESH} == FRESH, address
        assert headers["etag"].startswith('"'), address
        assert headers["etag"].endswith('"'), address


def test_an_etag_names_the_content(ask: httpx.Client) -> None:
    by_tag: dict[str, bytes] = {}
    for address in catalogue(ask):
        answer = ask.get(address)
        assert by_tag.setdefault(answer.headers["etag"], answer.content) == answer.content, address
        assert ask.get(address).headers["etag"] == answer.headers["etag"], address


def test_who_has_it_already_gets_no_body(ask: httpx.Client) -> None:
    for address in catalogue(ask):
        tag = ask.get(address).headers["etag"]
        answer = ask.get(address, headers={"If-None-Match": tag})
        assert (answer.status_code, answer.content) == (304, b""), address
        assert answer.headers["etag"] == tag
        assert {name: answer.headers.get(name) for name in FRESH} == FRESH, address
        assert "content-type" not in answer.headers


@pytest.mark.parametrize("form", ["{}", "W/{}", '"other", {}', '{} , W/"other"', '"a","b",W/{},"c"', "*", " {} "])
def test_if_none_match_is_read_as_rfc_9110_has_it(ask: httpx.Client, form: str) -> None:
    tag = ask.get("/exercises/cat-cow").headers["etag"]
    assert ask.get("/exercises/cat-cow", headers={"If-None-Match": form.replace("{}", tag)}).status_code == 304
    assert ask.head("/exercises/cat-cow", headers={"If-None-Match": form.replace("{}", tag)}).status_code == 304


@pytest.mark.parametrize("given", ['"other"', 'W/"other"', "", "other", '"'])
def test_who_has_something_else_gets_the_answer(ask: httpx.Client, given: str) -> None:
    answer = ask.get("/exercises/cat-cow", headers={"If-None-Match": given})
    assert (answer.status_code, answer.json()["slug"]) == (200, "cat-cow")


def test_a_tag_without_its_quotes_is_not_the_tag(ask: httpx.Client) -> None:
    tag = ask.get("/exercises/cat-cow").headers["etag"].strip('"')
    assert ask.get("/exercises/cat-cow", headers={"If-None-Match": tag}).status_code == 200


def test_head_is_get_without_the_body(ask: httpx.Client) -> None:
    for address in [*(one for one in readable(ask) if one != "/metrics"), "/exercises?typ=x", "/nowhere"]:
        whole, head = ask.get(address), ask.head(address)
        assert head.status_code == whole.status_code, address
        assert head.content == b"", address
        same = [dict(answer.headers) | {"x-request-id": ""} for answer in (head, whole)]
        assert same[0] == same[1], address


WANTED = {
    "gzip": True,
    "gzip, deflate, br": True,
    "deflate, GZIP;q=0.5": True,
    "*": True,
    "gzip;q=1.0, identity; q=0.5, *;q=0": True,
    "br;q=1.0, gzip;q=0.001": True,
    "identity": False,
    "": False,
    "gzip;q=0": False,
    "gzip;q=0.000": False,
    "gzip; q=0, *": False,
    "*;q=0": False,
    "br": False,
    "xgzip": False,
    "gzip;q=.": False,
    "identity;q=1, gzip;q=0": False,
}


@pytest.mark.parametrize("wanted", WANTED)
def test_it_is_packed_where_that_is_asked_for_and_nowhere_else(ask: httpx.Client, wanted: str) -> None:
    answer = ask.get("/exercises", headers={"Accept-Encoding": wanted})
    assert answer.status_code == 200
    assert answer.headers.get("content-encoding") == ("gzip" if WANTED[wanted] else None)


def test_packed_and_plain_are_the_same_bytes_under_two_names(ask: httpx.Client) -> None:
    for address in catalogue(ask):
        plain = ask.get(address)
        with ask.stream("GET", address, headers={"Accept-Encoding": "gzip"}) as packed:
            raw = b"".join(packed.iter_raw())
        assert packed.headers["content-encoding"] == "gzip", address
        assert "content-encoding" not in plain.headers
        assert gzip.decompress(raw) == plain.content, address
        assert packed.headers["etag"] != plain.headers["etag"], address
        assert packed.headers["etag"].startswith('"')
        assert packed.headers["vary"] == plain.headers["vary"]
        if "content-length" in packed.headers:
            assert int(packed.headers["content-length"]) == len(raw)
        again = {"Accept-Encoding": "gzip", "If-None-Match": packed.headers["etag"]}
        assert ask.get(address, headers=again).status_code == 304, address
        assert ask.get(address, headers={"If-None-Match": packed.headers["etag"]}).status_code == 200, address


def test_a_picture_is_named_by_its_content_and_kept_for_good(ask: httpx.Client) -> None:
    for picture in [file for image in ask.get("/exercises/cat-cow").json()["images"] for file in image["files"]]:
        answer = ask.get(picture["url"])
        assert answer.headers["content-type"] == picture["media_type"]
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert sha256(answer.content).hexdigest() == picture["sha256"]
        assert picture["sha256"] in picture["url"]
        assert ask.get(picture["url"], headers={"If-None-Match": answer.headers["etag"]}).status_code == 304


def test_nobody_keeps_an_error_or_the_state_of_the_service(ask: httpx.Client) -> None:
    for address in ("/nowhere", "/exercises?typ=x", "/exercises/x", "/health/live", "/health/ready"):
        answer = ask.get(address)
        assert answer.headers["cache-control"] == "no-store", address
        assert "etag" not in answer.headers


def test_a_write_shows_in_the_very_next_read(client: httpx.Client, database: Database) -> None:
    addresses_ = ["/exercises/cat-cow", "/exercises", "/exercises?type=stiff", "/exercises?q=cat"]
    before = {address: client.get(address) for address in addresses_}
    other = client.get("/exercises/pelvic-list")
    assert client.get("/health/ready").json() == {"status": "ok", "revision": 1}
    for revision, name in enumerate(["Cat and cow", "Cow and cat", "Cat/cow"], start=2):
        load(database, edited("exercises/cat-cow.yaml", "exercise", name=name))
        assert client.get("/health/ready").json()["revision"] == revision
        for address in addresses_:
            answer = client.get(address, headers={"If-None-Match": before[address].headers["etag"]})
            assert answer.status_code == 200, address
            assert f'"name":"{name}"' in answer.text, address
            before[address] = answer
    assert client.get("/exercises/pelvic-list", headers={"If-None-Match": other.headers["etag"]}).status_code == 304


def test_a_write_that_is_taken_back_or_changes_nothing_shows_nowhere(client: httpx.Client, database: Database) -> None:
    before = client.get("/exercises")
    load(database, edited("exercises/cat-cow.yaml", "exercise"))
    assert client.get("/health/ready").json()["revision"] == 1
    assert client.get("/exercises", headers={"If-None-Match": before.headers["etag"]}).status_code == 304
