"""Parameters: what was meant is told in words, and what only shapes a page doesn't bind its cursor."""

import re

import httpx
import pytest

pytestmark = pytest.mark.any_engine


@pytest.mark.parametrize(("asked", "meant"), [("typ=stiff", "type"), ("type=stif", "stiff"), ("type=stiff&limti=3", "limit")])
def test_the_nearest_right_word_is_in_the_sentence_too(ask: httpx.Client, asked: str, meant: str) -> None:
    told = ask.get(f"/exercises?{asked}").json()
    assert told["detail"].endswith(f" Did you mean '{meant}'?")
    assert told["errors"][0]["did_you_mean"] == meant


def test_nothing_is_guessed_where_nothing_is_near(ask: httpx.Client) -> None:
    assert "Did you mean" not in ask.get("/exercises?zzzzzzzz=1").json()["detail"]


@pytest.mark.parametrize("before", ["limit=1", "limit=1&format=markdown", "limit=1&format=json"])
@pytest.mark.parametrize("after", ["", "&limit=2", "&format=json", "&format=json&limit=100"])
def test_a_cursor_may_be_followed_with_another_limit_and_in_another_format(ask: httpx.Client, before: str, after: str) -> None:
    body = ask.get(f"/exercises?type=unstable&{before}").text
    cursor = re.search(r"cursor=([\w-]+)", body)
    assert cursor
    page = ask.get(f"/exercises?type=unstable&cursor={cursor[1]}{after}")
    assert page.status_code == 200
    assert page.json()["items"][0]["slug"] == "pelvic-tilts"
