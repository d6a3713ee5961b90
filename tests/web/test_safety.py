"""Nothing unsafe is offered, whatever is asked over HTTP."""

from itertools import product
from urllib.parse import urlencode

import httpx
import pytest

from tests.facts import AVOIDED, EXERCISES, FILTERS, is_avoided, is_recommended
from tests.walking import every_page

# Every subset of the types, in every order, and with types that are given twice or more.
TYPES = [
    ["stiff"],
    ["unstable"],
    ["stiff", "unstable"],
    ["unstable", "stiff"],
    ["stiff", "stiff"],
    ["unstable", "unstable"],
    ["stiff", "unstable", "stiff"],
    ["unstable", "unstable", "stiff", "stiff"],
]
ONE_FILTER: list[dict[str, str]] = [{}, *({name: value} for name, values in FILTERS.items() for value in values)]
WORDS = [None, "figure 4", "figrue", "pelvic", "stretch", "buttock", "list", "tilt", "squat", "s", "no-such-thing"]


def refuse_the_unsafe(ask: httpx.Client, types: list[str], asked: dict[str, str]) -> list[str]:
    """Check every page of an answer; give what was offered."""
    address = "/exercises?" + urlencode([*(("type", one) for one in types), *asked.items()])
    offered = []
    for page in every_page(ask, address):
        items, undecided, avoid = page["items"], page["undecided"], page["avoid"]
        assert isinstance(items, list)
        assert isinstance(undecided, list)
        assert isinstance(avoid, list)
        assert page["types"] == list(dict.fromkeys(types)), address
        for verdict, found in [("recommended", items), ("unknown", undecided)]:
            for one in found:
                assert isinstance(one, dict)
                assert isinstance(one["suitability"], dict)
                assert one["suitability"]["verdict"] == verdict, address
                assert is_recommended(str(one["slug"]), *types) == (verdict == "recommended"), f"{address}: {one['slug']}"
                assert not is_avoided(str(one["slug"]), *types), f"{address}: {one['slug']}"
                alternatives = one["suitability"]["alternatives"]
                assert isinstance(alternatives, list)
                assert all(is_recommended(str(other), *types) for other in alternatives), f"{address}: {one['slug']}"
        offered += [str(one["slug"]) for one in items if isinstance(one, dict)]
        refused = {(one["type"], one["slug"]) for one in avoid if isinstance(one, dict) and one["reason"] and one["source"]}
        assert refused == {(type_, slug) for type_ in types for slug in AVOIDED[type_]}, address
        assert page["avoid_total"] == len(avoid) == len(refused), address
        assert page["undecided_total"] == len(undecided), address
        assert page["total"] is not None, address
    assert len(offered) == len(set(offered)) == page["total"], address
    return offered


@pytest.mark.parametrize("types", TYPES, ids="+".join)
def test_only_what_every_type_asked_recommends_is_offered(ask: httpx.Client, types: list[str]) -> None:
    for n, asked in enumerate(ONE_FILTER[TYPES.index(types) % 3 :: 3]):
        whole = refuse_the_unsafe(ask, types, asked)
        assert refuse_the_unsafe(ask, types, {**asked, "limit": str(n % 7 + 1)}) == whole, asked
    for n, q in enumerate(filter(None, WORDS[TYPES.index(types) % 2 :: 2])):
        refuse_the_unsafe(ask, types, {"q": q, "limit": str(n % 4 + 1)})


@pytest.mark.parametrize("types", TYPES, ids="+".join)
def test_the_suitability_of_an_exercise_agrees_with_the_lists(ask: httpx.Client, types: list[str]) -> None:
    asked = urlencode([("type", one) for one in types])
    listing = ask.get(f"/exercises?{asked}").json()
    listed = {one["slug"]: one["suitability"] for one in listing["items"] + listing["undecided"]}
    avoided = {one["slug"] for one in listing["avoid"] if one["kind"] == "exercise"}
    for slug in EXERCISES:
        answer = ask.get(f"/exercises/{slug}/suitability?{asked}").json()
        assert answer["types"] == list(dict.fromkeys(types))
        assert (answer["verdict"] == "avoid") == (slug in avoided), slug
        assert (slug in listed) != (slug in avoided) or answer["verdict"] == "unknown", slug
        if slug in listed:
            assert (answer["verdict"], answer["intensity"]) == (listed[slug]["verdict"], listed[slug]["intensity"])
        assert {one["type"] for one in answer["because"]} == set(types)
        for one in answer["because"]:
            assert one["reason"]
            assert one["verdict"] == ("avoid" if is_avoided(slug, one["type"]) else _said(slug, one["type"]))
            assert (one["source"] is None) == (one["verdict"] == "unknown"), slug


def _said(slug: str, type_: str) -> str:
    return "recommended" if is_recommended(slug, type_) else "unknown"


def test_without_a_type_nothing_is_called_suitable(ask: httpx.Client) -> None:
    for asked, q in product(ONE_FILTER, WORDS[::4]):
        for page in every_page(ask, "/exercises?" + urlencode({**asked, "limit": "3"} | ({"q": q} if q else {}))):
            assert isinstance(page["items"], list)
            assert all(isinstance(one, dict) and one["suitability"] is None for one in page["items"])
            absent = ["types", "avoid", "avoid_total", "undecided", "undecided_total"]
            assert [page[name] for name in absent] == [None] * 5


def test_figure_4_is_to_be_avoided_as_soon_as_one_of_the_types_is_unstable(ask: httpx.Client) -> None:
    answer = ask.get("/exercises/figure-4-stretch/suitability?type=stiff&type=unstable").json()
    assert answer["verdict"] == "avoid"
    assert [one["verdict"] for one in answer["because"]] == ["recommended", "avoid"]


def test_contraindications_page_through_all_there_is_to_avoid(ask: httpx.Client) -> None:
    for types in TYPES:
        asked = urlencode([("type", one) for one in types])
        pages = every_page(ask, f"/contraindications?{asked}&limit=1")
        found = [one for page in pages if isinstance(page["items"], list) for one in page["items"] if isinstance(one, dict)]
        assert [one["slug"] for one in found] == (AVOIDED["unstable"] if "unstable" in types else [])
        assert all(one["reason"] and one["source"] and one["via"] is None for one in found)
    assert ask.get("/contraindications").json()["items"] == ask.get("/exercises?type=unstable").json()["avoid"]


def test_no_exercise_is_offered_without_a_type_as_recommended_for_a_type_that_avoids_it(ask: httpx.Client) -> None:
    for one in ask.get("/exercises").json()["items"]:
        recommended = {of["type"] for of in one["recommendations"]}
        avoided = {of["type"] for of in one["contraindications"]}
        assert not recommended & avoided
        assert recommended == {type_ for type_ in AVOIDED if is_recommended(one["slug"], type_)}
        assert avoided == {type_ for type_ in AVOIDED if is_avoided(one["slug"], type_)}
        for of in one["recommendations"]:
            assert all(is_recommended(other, of["type"]) for other in of["alternatives"])
