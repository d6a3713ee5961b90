"""The pages for people say what the API says, all of it, and offer nothing else."""

import gzip
import re
from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha256
from urllib.parse import urlencode

import httpx
import pytest

from api.app import create_app
from api.settings import Settings
from tests.facts import AVOIDED, EXERCISES, FILTERS, RECOMMENDED, is_avoided, is_recommended
from tests.in_process import asking
from tests.markup import Element, read
from tests.walking import Json, attributions, texts

pytestmark = pytest.mark.any_engine

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
TYPES = [["stiff"], ["unstable"], ["stiff", "unstable"], ["unstable", "stiff"], ["unstable", "unstable"]]
ADDRESSES = [
    "/",
    "/browse",
    *(f"/browse?{urlencode([('type', one) for one in types])}" for types in TYPES),
    "/browse?q=no-such-thing",
    "/browse?q=figrue&type=unstable",
    "/browse?region=pelvis&equipment=mat",
    "/browse/screening",
    *(f"/browse/{slug}" for slug in EXERCISES),
]


def see(ask: httpx.Client, address: str, status: int = 200) -> Element:
    """Look at a page as a browser does."""
    answer = ask.get(address, headers=BROWSER)
    assert answer.status_code == status, f"{address}: {answer.text}"
    assert answer.headers["content-type"] == "text/html; charset=utf-8", address
    return read(answer.text)


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_page_is_whole(ask: httpx.Client, address: str) -> None:
    page = see(ask, address)
    assert page.one("html").attributes["lang"] == "en"
    assert page.one("title").text.endswith("Exercise library")
    assert len(page.every("h1")) == 1
    assert page.every("body")[0].every("a")[0].attributes["href"] == "#main"
    assert "not a diagnosis" in page.one("footer").text
    ids = [one.attributes["id"] for one in page.every() if "id" in one.attributes]
    assert len(ids) == len(set(ids))
    named = [
        one.attributes[name] for one in page.every() for name in ("aria-labelledby", "aria-describedby", "for") if name in one.attributes
    ]
    assert set(named) | {link[1:] for link in page.links if link.startswith("#")} <= set(ids)
    assert all("alt" in one.attributes and "width" in one.attributes for one in page.every("img"))


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_page_is_closed_to_everything_from_elsewhere(ask: httpx.Client, address: str) -> None:
    answer = ask.get(address, headers=BROWSER)
    page = read(answer.text)
    policy = dict(part.split(" ", 1) for part in answer.headers["content-security-policy"].split("; "))
    assert policy == {
        "default-src": "'none'",
        "style-src": "'self'",
        "img-src": "'self'",
        "script-src": policy["script-src"],
        "connect-src": "'self'",
        "form-action": "'self'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
    }
    for script in page.every("script"):
        content = "".join(one for one in script.inside if isinstance(one, str))
        assert f"'sha256-{b64encode(sha256(content.encode()).digest()).decode()}'" in policy["script-src"].split(" ")
        assert len(content.splitlines()) <= 60
    wanted = [one.attributes[name] for one in page.every() for name in ("href", "src", "action") if name in one.attributes]
    assert [one for one in wanted if not re.match(r"/(?!/)|#", one)] == []
    assert [one.name for one in page.every() if {"style", "srcset"} & one.attributes.keys()] == []
    assert [name for one in page.every() for name in one.attributes if name.startswith("on")] == []
    assert page.every("style") + page.every("iframe") == []


def test_a_browser_gets_a_page_and_a_program_gets_data(ask: httpx.Client) -> None:
    for accept in ("", "*/*", "application/json", "text/html;q=0.5, application/json", "text/html, application/json"):
        assert ask.get("/", headers={"Accept": accept}).json()["name"] == "Exercise library", accept
    for accept in (BROWSER["Accept"], "text/html", "text/html, application/json;q=0.9"):
        assert read(ask.get("/", headers={"Accept": accept}).text).one("h1").text == "Which exercises suit your joint?", accept
    assert ask.get("/?format=json", headers=BROWSER).json()["name"] == "Exercise library"
    assert ask.get("/?format=html", headers=BROWSER).status_code == 422


def test_a_page_ignores_what_campaigns_add_and_data_does_not(ask: httpx.Client) -> None:
    for address in ("/", "/browse", "/browse/cat-cow", "/browse/screening"):
        assert see(ask, f"{address}?utm_source=x&utm_source=y&fbclid=").one("h1").text == see(ask, address).one("h1").text
    assert ask.get("/?utm_source=x").status_code == 422
    assert see(ask, "/browse?q=&region=&type=&equipment=").text == see(ask, "/browse").text


def test_the_home_page_leads_to_every_way(ask: httpx.Client) -> None:
    page = see(ask, "/")
    assert {"/browse?type=stiff", "/browse?type=unstable", "/browse/screening", "/browse"} <= set(page.links)
    for way in page.every("a", class_="way"):
        see(ask, way.attributes["href"])
    assert page.text.index("First: is any of this true of you?") < page.text.index("Likely too stiff")
    flags = ask.get("/red-flags").json()["items"]
    assert [one["question"] for one in flags if one["question"] not in page.text] == []
    assert [one for flag in flags for one in flag["criteria"] if one not in page.text] == []


def offered(page: Element) -> list[str]:
    """Give the exercises that a list offers, in its order."""
    section = page.section("exercises")
    return [one.links[0].removeprefix("/browse/") for one in section.every("h3")] if section else []


def questions() -> Iterator[dict[str, str]]:
    yield {}
    for name in ("region", "equipment"):
        yield from ({name: value} for value in FILTERS[name])
    yield from ({"q": q} for q in ("figure 4", "figrue", "pelvic", "stretch", "buttock", "list", "s", "no-such-thing"))


@pytest.mark.parametrize("types", TYPES, ids="+".join)
def test_no_list_offers_what_a_type_avoids(ask: httpx.Client, types: list[str]) -> None:
    for asked in questions():
        query = urlencode([*(("type", one) for one in types), *asked.items()])
        page, data = see(ask, f"/browse?{query}"), ask.get(f"/exercises?{query}").json()
        assert offered(page) == [one["slug"] for one in data["items"]], query
        assert all(is_recommended(slug, *types) for slug in offered(page)), query
        undecided = page.section("undecided")
        linked = (
            [one.links[0].removeprefix("/browse/") for one in undecided.one("ul", class_="things").every("li") if one.links]
            if undecided
            else []
        )
        assert linked == [one["slug"] for one in data["undecided"]], query
        assert not any(is_avoided(slug, *types) for slug in linked), query
        avoid = page.section("avoid")
        assert avoid is not None, query
        assert [one for one in data["avoid"] if one["name"] not in avoid.text or one["reason"] not in avoid.text] == [], query
        assert len(avoid.every("li")) == len({slug for one in types for slug in AVOIDED[one]}), query
        outside = [link for place in page.every("article") for link in place.links]
        assert not any(is_avoided(link.removeprefix("/browse/"), *types) for link in outside), query
        assert page.text.index("What to avoid") < page.text.index("Recommended") if offered(page) else True


def test_gentle_belongs_to_the_pair(ask: httpx.Client) -> None:
    for query, gentle in [("type=unstable", ["GENTLE"]), ("type=stiff&type=unstable", ["GENTLE"]), ("type=stiff", []), ("", [])]:
        assert [one.text for one in see(ask, f"/browse?{query}").every("strong", class_="shout")] == gentle, query
    massage = see(ask, "/browse/self-massage")
    for verdict in massage.every("div", class_="verdict"):
        assert ("GENTLE" in verdict.text) == ("loose" in verdict.one("h3").text)


def test_a_choice_stands_together_in_the_source_s_order(ask: httpx.Client) -> None:
    for type_, choices in [("stiff", ["cat-cow", "pelvic-tilts"]), ("unstable", ["pelvic-tilts", "cat-cow"])]:
        places = [
            [h3.links[0].rpartition("/")[2] for h3 in one.every("h3")]
            for one in see(ask, f"/browse?type={type_}").every("li", class_="place")
        ]
        assert [slug for place in places for slug in place] == RECOMMENDED[type_]
        assert [place for place in places if len(place) > 1] == [choices]
    assert "One of these 2:" in see(ask, "/browse?type=stiff").text
    alone = see(ask, "/browse?type=unstable&region=pelvis")
    assert offered(alone) == ["pelvic-tilts"]
    assert "or instead: cat cow" in alone.text


def test_nothing_named_is_not_called_safe(ask: httpx.Client) -> None:
    avoid = see(ask, "/browse?type=stiff").section("avoid")
    assert avoid is not None
    assert "Nothing is named as something to avoid. That is not the same as safe." in avoid.text
    rule = see(ask, "/browse?type=unstable").section("avoid")
    assert rule is not None
    assert "There may be others." in rule.text


def test_the_whole_catalogue_says_for_whom(ask: httpx.Client) -> None:
    page = see(ask, "/browse")
    assert "No type chosen" in page.text
    assert page.section("avoid") is None
    for card in page.every("article"):
        slug = card.every("h3")[0].links[0].removeprefix("/browse/")
        said = card.one("ul", class_="verdicts").text
        for type_, name in [("stiff", "likely too stiff"), ("unstable", "likely too loose")]:
            word = "Avoid" if is_avoided(slug, type_) else "Recommended" if is_recommended(slug, type_) else "Not judged"
            assert f"{word} if {name}" in said, slug


HIDDEN = (
    "slug",
    "type",
    "group",
    "purpose",
    "action",
    "variant",
    "for_variant",
    "heeds",
    "helpful",
    "intensity",
    "alternatives",
    "equipment",
    "kind",
    "url",
    "sha256",
    "role",
)
"""What a page has in other words, or as an address."""
BESIDES = {
    *("slug", "kind", "tags", "patterns", "regions", "muscles", "equipment", "helpful", "search_terms", "images"),
    *("suitability", "provenance", "created_at", "updated_at"),
}
"""What it has in words of its own, or what nobody reads."""


@pytest.mark.parametrize("slug", EXERCISES)
def test_the_page_of_an_exercise_has_everything(ask: httpx.Client, slug: str) -> None:
    page, data = see(ask, f"/browse/{slug}"), ask.get(f"/exercises/{slug}").json()
    seen = page.text
    told = [text for name, part in data.items() if name not in BESIDES for text in texts(part, HIDDEN)]
    assert len(told) > 30
    assert [" ".join(one.split()) for one in told if " ".join(one.split()) not in seen] == []
    labels = {f"{kind}/{one['slug']}": one["label"] for kind, words in vocabulary(ask) for one in words}
    for field, kind in [("regions",) * 2, ("muscles",) * 2, ("equipment",) * 2, ("helpful", "equipment")]:
        assert [one for one in data[field] if str(labels[f"{kind}/{one}"]).lower() not in seen.lower()] == []
    sources = {one["slug"]: one for one in ask.get("/sources").json()["items"]}
    cited = page.section("sources")
    assert cited is not None
    named = {str(one["slug"]) for one in attributions(data)}
    assert [one for one in named if sources[one]["citation"] not in cited.text] == []
    unverified = [sources[one]["citation"] for one in named if sources[one]["certainty"] == "unverified"]
    assert all("† unverified" in item.text for item in cited.every("li") if any(one in item.text for one in unverified))
    assert "Not reviewed by a clinician." in seen
    assert f"/browse/{slug}/history" in page.links
    pictures = {one.attributes["src"]: one.attributes["alt"] for one in page.one("main").every("img")}
    drawn = {one["role"] for one in data["images"]}
    files = [(file["url"], one) for one in data["images"] for file in one["files"]]
    assert {one["role"] for url, one in files if url in pictures} == drawn
    assert all(pictures[url] == one["alt"] for url, one in files if url in pictures)


def vocabulary(ask: httpx.Client) -> list[tuple[str, list[dict[str, Json]]]]:
    found: dict[str, list[dict[str, Json]]] = ask.get("/vocabulary").json()
    return list(found.items())


def test_who_should_avoid_an_exercise_is_as_plain_as_who_should_do_it(ask: httpx.Client) -> None:
    page = see(ask, "/browse/figure-4-stretch")
    assert [one.one("h3").text for one in page.every("div", class_="verdict")] == [
        "Recommended if likely too stiff",
        "Avoid it if likely too loose",
    ]
    assert "/programs?type=stiff&only=figure-4-stretch&format=pdf" in page.links
    assert not [link for link in page.links if link.startswith("/programs?type=unstable")]
    assert "Not judged if likely too stiff" in see(ask, "/browse/pelvic-list").text


@pytest.mark.parametrize("types", TYPES, ids="+".join)
def test_a_list_leads_to_its_program(ask: httpx.Client, types: list[str]) -> None:
    sheets = [link for link in see(ask, f"/browse?{urlencode([('type', one) for one in types])}").links if link.startswith("/programs")]
    assert [ask.get(one).headers["content-type"].partition(";")[0] for one in sheets] == ["text/html", "application/pdf"]


@pytest.mark.parametrize("address", ADDRESSES)
def test_pages_are_as_fresh_as_the_api_and_small(ask: httpx.Client, address: str) -> None:
    plain = ask.get(address, headers=BROWSER)
    assert plain.headers["cache-control"] == "public, max-age=0, must-revalidate"
    assert plain.headers["vary"] == "Accept, Accept-Encoding"
    packed = ask.get(address, headers=BROWSER | {"Accept-Encoding": "gzip"})
    assert (packed.headers["content-encoding"], packed.content) == ("gzip", plain.content)
    assert packed.headers["etag"] != plain.headers["etag"]
    for answer in (plain, packed):
        again = ask.get(
            address,
            headers=BROWSER
            | {"If-None-Match": answer.headers["etag"], "Accept-Encoding": answer.headers.get("content-encoding", "identity")},
        )
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", answer.headers["etag"])
        assert again.headers["content-security-policy"]
    head = ask.head(address, headers=BROWSER)
    assert (head.content, head.headers["etag"]) == (b"", plain.headers["etag"])
    assert len(plain.content) <= 32_000
    assert len(gzip.compress(plain.content)) <= 8_000


def test_what_a_page_is_made_of_never_changes_at_its_address(ask: httpx.Client) -> None:
    page = see(ask, "/")
    for link in page.every("link"):
        answer = ask.get(link.attributes["href"])
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert sha256(answer.content).hexdigest().startswith(re.sub(r".*/|\..*", "", link.attributes["href"]))
        assert answer.headers["content-type"].partition(";")[0] in ("text/css", "image/svg+xml")
        assert not re.search(rb"url\(|@import|https?://(?!www\.w3\.org/2000/svg)", answer.content)


@pytest.mark.parametrize(
    ("address", "status", "said"),
    [
        ("/browse/no-such-exercise", 404, "There is no exercise of this name."),
        ("/browse/CAT-COW", 404, "There is no exercise of this name."),
        ("/browse/a/b", 404, "There is no page at this address."),
        ("/browse/", 404, "There is no page at this address."),
        ("/browse?type=unstabel", 422, "Did you mean 'unstable'?"),
        ("/browse?type=stiff&type=x", 422, "That was not understood"),
        ("/browse?region=pelvs", 422, "Did you mean 'pelvis'?"),
        ("/browse?cursor=x", 422, "That was not understood"),
        (f"/browse?q={'a' * 201}", 422, "at most 200 characters"),
        ("/browse/screening?condition=x", 422, "That was not understood"),
    ],
)
def test_a_mistake_is_answered_with_a_friendly_page(ask: httpx.Client, address: str, status: int, said: str) -> None:
    page = see(ask, address, status)
    assert said in page.text
    assert "/browse" in page.links
    answer = ask.get(address)
    assert (answer.headers["cache-control"], "etag" in answer.headers) == ("no-store", False)
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_other_methods_are_refused_with_those_that_there_are(ask: httpx.Client) -> None:
    for address, allowed in [
        ("/browse", "GET, HEAD, OPTIONS"),
        ("/browse/cat-cow", "GET, HEAD, OPTIONS"),
        ("/browse/screening", "GET, HEAD, POST, OPTIONS"),
    ]:
        assert ask.options(address).headers["allow"] == allowed
        refused = ask.delete(address)
        assert (refused.status_code, refused.headers["allow"]) == (405, allowed)


def test_without_a_screening_nothing_leads_to_it(url: str) -> None:
    with asking(create_app(Settings(database_url=url, screening=False))) as client:
        for address in ("/", "/browse", "/browse/cat-cow"):
            assert [link for link in see(client, address).links if "screening" in link] == []
        see(client, "/browse/screening", 404)
        assert client.post("/browse/screening").status_code == 405


def test_a_catalogue_that_does_not_answer_is_a_page_too(empty_url: str) -> None:
    with asking(create_app(Settings(database_url=empty_url, migrate=False))) as client:
        for address in ("/", "/browse"):
            assert "no library yet" in see(client, address, 503).text
            assert client.get(address, headers=BROWSER).headers["retry-after"]
        assert client.get("/").status_code == 200
