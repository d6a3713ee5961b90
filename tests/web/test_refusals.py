"""What is not understood is refused, everywhere, and in one form: a misspelt filter never hands out the whole catalogue."""

import re
from collections.abc import Iterator
from http import HTTPMethod
from urllib.parse import quote, unquote

import httpx
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from api.library.legible import can_be_seen, unseen
from api.store.catalogue import ordered
from tests.facts import EXERCISES
from tests.operations import FREE, SLUGS, Operation
from tests.web.conftest import Trusted

pytestmark = pytest.mark.any_engine

PROBLEM = {"type", "title", "status", "detail", "instance", "code", "errors"}
VALUES = {
    "type": "stiff",
    "tag": "mobilize",
    "q": "cat",
    "region": "pelvis",
    "equipment": "mat",
    "condition": "si-joint-dysfunction",
    "unjudged": "stiff",
    "limit": "3",
    "format": "json",
}


def problem(answer: httpx.Response, status: int, code: str | None = None) -> dict[str, object]:
    """Check that an answer is a problem as RFC 9457 has it, and tells nothing that is nobody's business."""
    told = f"{answer.request.method} {answer.request.url} {answer.status_code} {answer.text}"
    assert answer.status_code == status, told
    assert answer.headers["content-type"] == "application/problem+json", told
    assert answer.headers["cache-control"] == "no-store", told
    body: dict[str, object] = answer.json()
    assert set(body) == PROBLEM, told
    assert body["status"] == status, told
    assert body["type"] == f"urn:exercise-library:problem:{body['code']}", told
    assert re.fullmatch(r"[!-~]+", str(body["instance"])), told
    assert unquote(str(body["instance"])) == answer.request.url.path[: 100 if status == 414 else None], told
    assert code in (None, body["code"]), told
    assert not [word for word in ("Traceback", "SELECT", "sqlalchemy", "sqlite", "psycopg", ".py") if word in answer.text], told
    return body


def error(body: dict[str, object]) -> dict[str, object]:
    errors = body["errors"]
    assert isinstance(errors, list)
    assert len(errors) == 1, body
    first = errors[0]
    assert isinstance(first, dict)
    assert set(first) == {"field", "message", "allowed", "did_you_mean"}
    return first


def ask_with(trusted: Trusted, one: Operation, query: dict[str, str] | str) -> httpx.Response:
    return trusted.client.request(one.method, one.address, params=query, headers=trusted.headers(one))


def strict(every_operation: list[Operation]) -> list[Operation]:
    return [one for one in every_operation if one.path not in FREE]


def test_an_unknown_parameter_is_refused_by_every_operation(trusted: Trusted, every_operation: list[Operation]) -> None:
    for one in strict(every_operation):
        told = error(problem(ask_with(trusted, one, one.query | {"surprise": "1"}), 422, "unknown-parameter"))
        assert told["field"] == "surprise", one
        assert told["allowed"] == list(one.parameters), one


def test_types_that_do_not_exist_need_no_statement_of_their_own(ask: httpx.Client) -> None:
    assert ask.get("/exercises?type=stiff").status_code == 200
    before = ordered._page.cache_info().misses  # noqa: SLF001  (who asks for fifty types would have a long one built)
    for number in (1, 2, 50):
        asked = [f"made-up-{n}" for n in range(number)]
        problem(ask.get("/exercises", params={"type": asked}), 422, "unknown-value")
    assert ordered._page.cache_info().misses == before  # noqa: SLF001


def test_a_misspelt_parameter_is_refused_with_the_right_one(trusted: Trusted, every_operation: list[Operation]) -> None:
    for one in strict(every_operation):
        for name in one.parameters:
            for wrong in {name.upper(), name.title(), name[:-1] + name[-1] * 2, f"{name}[]"} - set(one.parameters):
                told = error(problem(ask_with(trusted, one, one.query | {wrong: "stiff"}), 422, "unknown-parameter"))
                assert told["field"] == wrong
                assert told["did_you_mean"] == name or len(name) == 1, f"{one} {wrong}"


@pytest.mark.parametrize(
    "wrong", ["typ=unstable", "TYPE=unstable", "types=unstable", "Type=unstable", "type%20=unstable", "type[]=unstable", "tpye=unstable"]
)
def test_a_misspelt_type_never_lists_everything(ask: httpx.Client, wrong: str) -> None:
    assert error(problem(ask.get(f"/exercises?{wrong}"), 422, "unknown-parameter"))["did_you_mean"] in ("type", None)


def test_every_empty_value_is_refused(trusted: Trusted, every_operation: list[Operation]) -> None:
    for one in strict(every_operation):
        for name in one.parameters:
            for empty in ("", " ", "\t"):
                told = error(problem(ask_with(trusted, one, one.query | {name: empty}), 422, "empty-value"))
                assert told["field"] == name


def test_what_can_be_given_once_cannot_be_given_twice(trusted: Trusted, every_operation: list[Operation]) -> None:
    for one in strict(every_operation):
        for name in one.parameters.keys() - one.repeatable:
            value = VALUES.get(name, one.query.get(name, "1"))
            query = "&".join(
                [*(f"{needed}={right}" for needed, right in one.query.items() if needed != name), f"{name}={value}", f"{name}={value}"]
            )
            told = error(problem(ask_with(trusted, one, query), 422, "repeated-parameter"))
            assert told["field"] == name


def test_an_exactly_repeated_type_counts_once(ask: httpx.Client) -> None:
    once, twice = ask.get("/exercises?type=unstable"), ask.get("/exercises?type=unstable&type=unstable")
    assert once.json() == twice.json()


@pytest.mark.parametrize(
    ("query", "field", "meant"),
    [
        ("type=unstabel", "type", "unstable"),
        ("type=stiff&type=unstabel", "type", "unstable"),
        ("type=Unstable", "type", "unstable"),
        ("type=unstabel&limit=1", "type", "unstable"),
        ("type=unstabel&q=cat", "type", "unstable"),
        ("type=unstabel&type=stiff&region=low-back&tag=mobilize", "type", "unstable"),
        ("type=stiff,unstable", "type", None),
        ("type=unstable%20", "type", "unstable"),
        ("region=low%20back", "region", "low-back"),
        ("equipment=mats", "equipment", "mat"),
        ("equipment=None", "equipment", "none"),
        ("condition=si-joint", "condition", None),
        ("condition=si-joint-disfunction", "condition", "si-joint-dysfunction"),
        ("unjudged=stif", "unjudged", "stiff"),
        ("tag=mobilise", "tag", "mobilize"),
        ("format=jsno", "format", "json"),
        ("format=pdf", "format", None),
    ],
)
def test_an_unknown_value_is_refused_with_what_there_is(ask: httpx.Client, query: str, field: str, meant: str | None) -> None:
    told = error(problem(ask.get(f"/exercises?{query}"), 422))
    assert told["field"] == field
    assert told["allowed"]
    assert told["did_you_mean"] == meant or meant is None


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=101", "limit=-1", "limit=many", "limit=1.5", "limit=1e2", "limit=99999999999999999999", "q=" + "a" * 201]
)
def test_a_value_of_the_wrong_form_is_refused(ask: httpx.Client, query: str) -> None:
    told = error(problem(ask.get(f"/exercises?{query}"), 422, "invalid-value"))
    assert told["field"] == query.partition("=")[0]


def test_the_longest_question_is_answered(ask: httpx.Client) -> None:
    assert ask.get("/exercises", params={"q": "a" * 200}).json()["items"] == []


def test_unjudged_and_type_cannot_be_asked_together(ask: httpx.Client) -> None:
    assert error(problem(ask.get("/exercises?type=stiff&unjudged=unstable"), 422, "invalid-value"))["field"] == "unjudged"


def test_suitability_needs_a_type(ask: httpx.Client) -> None:
    assert error(problem(ask.get("/exercises/cat-cow/suitability"), 422))["field"] == "type"


def paths(every_operation: list[Operation]) -> Iterator[tuple[str, str, set[str]]]:
    """Give each path with an address and its methods."""
    methods: dict[str, set[str]] = {}
    for one in every_operation:
        methods.setdefault(one.path, set()).add(one.method)
    address = {one.path: one.address for one in every_operation}
    for path, own in methods.items():
        yield path, address[path], own | {"OPTIONS"} | ({"HEAD"} if "GET" in own else set())


def test_a_method_that_a_path_does_not_have_is_refused_with_those_that_it_has(ask: httpx.Client, every_operation: list[Operation]) -> None:
    for _, address, allowed in paths(every_operation):
        for method in {*HTTPMethod, "PROPFIND"} - allowed - {"CONNECT"}:
            answer = ask.request(method, address)
            assert set(answer.headers.get("allow", "").split(", ")) == allowed, f"{method} {address}"
            if method == "HEAD":
                assert (answer.status_code, answer.content) == (405, b"")
            else:
                problem(answer, 405, "method-not-allowed")


def test_options_lists_every_method_and_is_open_to_every_origin(ask: httpx.Client, every_operation: list[Operation]) -> None:
    for _, address, allowed in paths(every_operation):
        asked = {
            "Origin": "https://elsewhere.test",
            "Access-Control-Request-Method": "GET",
            "Access-Control-Request-Headers": "if-none-match",
        }
        answer = ask.options(address, headers=asked)
        assert answer.status_code == 204, address
        assert answer.content == b""
        assert set(answer.headers["allow"].split(", ")) == allowed, address
        assert answer.headers["access-control-allow-origin"] == "*"
        open_to_all = set(answer.headers["access-control-allow-methods"].split(", "))
        assert open_to_all == allowed - {"PUT", "DELETE"}, address
        allowed_headers = {one.lower() for one in answer.headers["access-control-allow-headers"].split(", ")}
        assert {"*", "authorization", "content-type", "if-match", "if-none-match", "x-change-reason", "x-request-id"} <= allowed_headers


def test_there_are_no_other_paths_and_no_trailing_slashes(ask: httpx.Client, every_operation: list[Operation]) -> None:
    for _, address, _ in paths(every_operation):
        others = (
            [f"{address}x/y/z", f"/v1{address}", f"/{address}"]
            if address == "/"
            else [f"{address}/", f"/{address}", f"{address}/a/b/c", address.title()]
        )
        for other in others:
            for method in ("GET", "HEAD", "POST", "DELETE", "OPTIONS"):
                answer = ask.send(ask.build_request(method, f"http://library.test{other}"))
                if method == "HEAD":
                    assert (answer.status_code, answer.content) == (404, b""), other
                else:
                    problem(answer, 404, "no-such-path")


@pytest.mark.parametrize(
    "path",
    [
        "/exercises/cat-cows",
        "/exercises/CAT-COW",
        "/exercises/cat_cow",
        "/types/loose",
        "/conditions/x",
        "/sources/x",
        "/exercises/x/suitability?type=stiff",
    ],
)
def test_a_record_that_is_not_there_is_not_found(ask: httpx.Client, path: str) -> None:
    problem(ask.get(path), 404, "not-found")


def test_an_address_has_at_most_8_kilobytes(ask: httpx.Client) -> None:
    for path in ("/exercises", "/", "/health/live", "/nowhere"):
        room = 8192 - len(f"{path}?q=")
        assert ask.get(f"{path}?q={'a' * room}").status_code != 414
        problem(ask.get(f"{path}?q={'a' * (room + 2)}"), 414, "uri-too-long")
    problem(ask.get("/exercises/" + "a" * 9000), 414, "uri-too-long")
    problem(ask.get("/exercises/" + "a" * 8000), 404, "not-found")


@pytest.mark.parametrize(
    "accept", ["text/html", "image/png", "application/xml", "application/json;q=0", "nonsense", "application/problem+json"]
)
def test_an_accept_that_cannot_be_served_is_refused(ask: httpx.Client, accept: str) -> None:
    for path in ("/exercises/cat-cow", "/types", "/exercises"):
        problem(ask.get(path, headers={"Accept": accept}), 406, "not-acceptable")


@pytest.mark.parametrize(
    "accept", ["*/*", "application/*", "application/json", "text/html, application/json;q=0.1", "application/json; charset=utf-8", ""]
)
def test_an_accept_that_can_be_served_is(ask: httpx.Client, accept: str) -> None:
    answer = ask.get("/exercises/cat-cow", headers={"Accept": accept})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")


def test_a_format_wins_over_accept(ask: httpx.Client) -> None:
    answer = ask.get("/exercises/cat-cow?format=json", headers={"Accept": "text/html"})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")


def test_probes_may_add_parameters_of_their_own(ask: httpx.Client) -> None:
    for path in FREE[:2]:
        assert ask.get(f"{path}?probe=1&probe=2&empty=").status_code == 200
    assert ask.get("/docs?utm_source=x").status_code == 200


ODD = [
    "%00",
    "%ff",
    "%ff%fe",
    "%F0%9F%A6%B5",
    "%F0%9D%94%9E",
    "%C3%A9",
    "%CC%81",
    "%E2%80%AE",
    "%0d%0aX:%20y",
    "%2e%2e%2f",
    "%25",
    "..",
    "%F4%8F%BF%BF",
    "%EF%BF%BF",
]


@pytest.mark.parametrize("odd", ODD)
def test_odd_characters_are_answered_or_refused_but_nothing_breaks(ask: httpx.Client, every_operation: list[Operation], odd: str) -> None:
    for address in (f"/exercises?q={odd}", f"/exercises?q=cat{odd}&type=stiff", f"/exercises?q={odd}cat", f"/exercises?q=pelvic%20{odd}"):
        assert ask.get(address).status_code in (200, 422), address
    for name in ("type", "region", "equipment", "condition", "unjudged", "tag", "limit", "cursor", "format", odd):
        problem(ask.get(f"/exercises?{name}=x{odd}"), 422)
    for one in every_operation:
        if "{slug}" in one.path and one.method == "GET":
            address = one.path.replace("{slug}", f"a{odd}b")
            problem(ask.get(address, params=one.query), 404)


def test_the_strangest_letters_are_no_more_than_letters(ask: httpx.Client) -> None:
    for letter in (
        "\ud7fb",
        "\uffdc",
        "\U0003134a",
        "ﬀ",
        "ß",
        "İ",
        "ǆ",
        "²",
        "①",
        "٣",
        "ᾳ",
        "\u0345",
        "\U0001e900",
        "_",
        "\u200d",
        "\U0010ffff",
    ):
        assert ask.get("/exercises", params={"q": letter}).status_code == (200 if can_be_seen(letter) else 422), letter
        assert ask.get("/exercises", params={"q": f"pelvic {letter}", "type": "stiff"}).status_code == 200, letter


NO_TEXT = [
    "%00",
    "cat%00",
    "cat%00cow",
    "%01",
    "%7f",
    "%1b[0m",
    "%c2%80",
    "%ff",
    "cat%ff",
    "%c3",
    "%c0%80",
    "%ed%a0%80",
    "%f5%80%80%80",
    "%ef%bf%bd",
]
UNSEEN = [
    "%e2%80%8b",
    "%ef%bb%bf",
    "%c2%ad",
    "%e2%80%8f",
    "%e2%80%8d%e2%80%8d",
    "%cc%81",
    "%f3%a0%80%81",
    "%ef%bf%bf",
    "%0a",
    "%e2%80%a8",
    "%e3%85%a4",
]


@pytest.mark.parametrize("value", NO_TEXT)
def test_a_value_that_is_no_text_is_refused_wherever_it_stands(ask: httpx.Client, value: str) -> None:
    for address in (f"/exercises?q={value}", f"/exercises?type=stiff&q={value}", f"/changes?since=0&library_id={value}"):
        assert error(problem(ask.get(address), 422, "invalid-value"))["field"] in ("q", "library_id")
    for name in ("type", "region", "cursor", "limit", "view", "format"):
        problem(ask.get(f"/exercises?{name}={value}"), 422, "invalid-value")
    problem(ask.get(f"/programs?type=stiff&only={value}"), 422, "invalid-value")
    problem(ask.post(f"/comparisons?type={value}", json={"exercises": [{"id": "1", "name": "Cat"}]}), 422, "invalid-value")


@pytest.mark.parametrize("value", UNSEEN)
def test_a_value_that_nobody_can_see_is_an_empty_one(ask: httpx.Client, value: str) -> None:
    for address in (f"/exercises?q={value}", f"/exercises?type={value}", f"/exercises?q=%20{value}"):
        problem(ask.get(address), 422, "empty-value")


@pytest.mark.parametrize("words", ["cat%e2%80%8bcow", "%ef%bb%bfcat", "c%c2%adat", "cat%e2%80%8f", "cat%0acow", "cat%09cow"])
def test_what_comes_along_with_copied_text_is_passed_over(ask: httpx.Client, words: str) -> None:
    assert [one["slug"] for one in ask.get(f"/exercises?q={words}").json()["items"]] == ["cat-cow"]


@given(q=st.text(min_size=1, max_size=200))
@example(q="a" * 200)
@example(q="' OR 1=1 --")
@example(q='"cat" NEAR(cow) :* & | ! ( ) \\')
@settings(max_examples=30)
def test_no_question_breaks_anything(ask: httpx.Client, q: str) -> None:
    for type_ in ("", "&type=unstable"):
        answer = ask.get(f"/exercises?q={quote(q, errors='replace')}{type_}")
        can_be_read = unseen(q) is None and "\ufffd" not in q
        assert answer.status_code in ([200] if can_be_read else [200, 422]), q


@given(slug=st.text(min_size=1, max_size=120).filter(lambda slug: "/" not in slug and slug not in (".", "..", *SLUGS.values(), *EXERCISES)))
@settings(max_examples=30)
def test_no_slug_breaks_anything(ask: httpx.Client, slug: str) -> None:
    for folder in ("exercises", "types", "sources", "conditions"):
        problem(ask.get(f"/{folder}/{quote(slug, safe='', errors='replace')}"), 404)


@pytest.mark.parametrize(
    "address",
    [
        "/exercises/nothing?",
        "/exercises/nothing/suitability?type=stiff&",
        "/exercises/nothing/history?",
        "/types/nothing?",
        "/conditions/nothing?",
        "/sources/nothing?",
        "/changes?since=2000000000&",
        "/changes?since=0&library_id=another&",
    ],
)
def test_what_is_not_understood_is_told_before_what_is_not_there(ask: httpx.Client, address: str) -> None:
    missing = 410 if "changes" in address else 404
    for format_ in ("pdf", "nonsense"):
        assert error(problem(ask.get(f"{address}format={format_}"), 422, "unknown-value"))["field"] == "format"
    problem(ask.get(f"{address}format=markdown"), missing)
    problem(ask.get(address.rstrip("?&"), headers={"Accept": "text/csv, image/png"}), missing)
    if "changes" in address or "history" in address:
        problem(ask.get(f"{address}cursor=nonsense"), 422, "invalid-cursor")


def test_everything_says_what_it_is_and_no_more(ask: httpx.Client) -> None:
    for address in ("/exercises", "/nowhere", "/exercises?typ=x", "/health/live"):
        headers = ask.get(address).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["access-control-allow-origin"] == "*"
        exposed = {one.strip().lower() for one in headers["access-control-expose-headers"].split(",")}
        assert exposed == {"etag", "link", "location", "retry-after", "x-request-id", "content-disposition"}
        assert "set-cookie" not in headers


@pytest.mark.parametrize(
    ("path", "meant"),
    [
        ("/exercises?type=loose", "unstable"),
        ("/exercises?type=too%20loose", "unstable"),
        ("/exercises?type=Hypermobile", "unstable"),
        ("/exercises?type=hypomobility", "stiff"),
        ("/exercises?type=locked&type=unstable", "stiff"),
        ("/exercises?unjudged=lax", "unstable"),
        ("/exercises?equipment=tennis%20ball", "massage-ball"),
        ("/exercises?region=thoracic%20spine", "thoracic-spine"),
        ("/exercises?condition=sacroiliac%20joint%20dysfunction", "si-joint-dysfunction"),
        ("/exercises?format=md", "markdown"),
        ("/exercises?format=text/csv", "csv"),
        ("/exercises?format=html", None),
        ("/exercises?type=cat-cow", None),
        ("/exercises/cat-cow/suitability?type=loose", "unstable"),
        ("/contraindications?type=loose", "unstable"),
        ("/programs?type=loose", "unstable"),
        ("/programs?type=stiff&group=pregnancy", "pregnant"),
        ("/programs?type=stiff&only=hip%20hike", "pelvic-list"),
        ("/programs?type=stiff&only=Cat%20Cow", "cat-cow"),
        ("/programs?type=stiff&format=print", "pdf"),
        ("/screenings/form?condition=SI%20joint%20issues", "si-joint-dysfunction"),
    ],
)
def test_a_value_may_be_guessed_by_any_of_its_names(ask: httpx.Client, path: str, meant: str | None) -> None:
    assert error(problem(ask.get(path), 422, "unknown-value"))["did_you_mean"] == meant


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/exercises?type=stiff,unstable", "'type' takes one value at a time: repeat the parameter, as in type=stiff&type=unstable."),
        ("/exercises?type=stiff%20unstable", "'type' takes one value at a time: repeat the parameter, as in type=stiff&type=unstable."),
        ("/programs?type=unstable%7Cstiff", "'type' takes one value at a time: repeat the parameter, as in type=unstable&type=stiff."),
        (
            "/programs?type=stiff&group=pregnant,osteoporosis",
            "'group' takes one value at a time: repeat the parameter, as in group=pregnant&group=osteoporosis.",
        ),
        (
            "/programs?type=stiff&only=cat-cow;pelvic-list",
            "'only' takes one value at a time: repeat the parameter, as in only=cat-cow&only=pelvic-list.",
        ),
        ("/exercises?region=pelvis,hips", "'region' takes one value at a time."),
    ],
)
def test_several_values_in_one_are_told_to_be_repeated(ask: httpx.Client, path: str, message: str) -> None:
    told = error(problem(ask.get(path), 422, "unknown-value"))
    assert (told["message"], told["did_you_mean"]) == (message, None)


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/exercises/cat-cow/suitability", "'type' is required."),
        ("/programs", "'type' is required."),
        ("/changes", "'since' is required."),
        *(
            (f"{path}={number}", f"'{name}' has to be a whole number, such as 1.")
            for path, name in (("/exercises?limit", "limit"), ("/changes?since=0&limit", "limit"), ("/changes?since", "since"))
            for number in ("1_0", "%2B5", "05", "%205", "5%20", "5.0", "5e0", "0x5", "%EF%BC%95", "%D9%A5", "00")
        ),
        ("/exercises?limit=many", "'limit' has to be a whole number, such as 1."),
        ("/exercises?limit=0", "'limit' has to be 1 or more."),
        ("/exercises?limit=101", "'limit' can be 100 at most."),
        (f"/exercises?q={'a' * 201}", "'q' can have at most 200 characters."),
        ("/exercises?tag=x", "'tag' has to be 'mobilize' or 'stabilize'."),
        ("/exercises?" + "&".join(f"type=t{n}" for n in range(51)), "'type' can have at most 50 entries."),
    ],
)
def test_what_is_wrong_with_a_parameter_is_said_in_our_words(ask: httpx.Client, path: str, message: str) -> None:
    assert error(problem(ask.get(path), 422))["message"] == message


@pytest.mark.parametrize("path", ["/exercises/cat-cow/suitability", "/programs", "/changes"])
def test_what_is_needed_and_left_out_has_the_code_of_what_is_empty(ask: httpx.Client, path: str) -> None:
    problem(ask.get(path), 422, "empty-value")


@pytest.mark.parametrize("path", ["/llms.txt", "/robots.txt", "/favicon.ico", "/.well-known/security.txt", "/openapi.json"])
@pytest.mark.parametrize("wrong", ["typ=unstable", "type=unstable", "format=json", "v=2"])
def test_fixed_addresses_take_no_parameters(ask: httpx.Client, path: str, wrong: str) -> None:
    problem(ask.get(f"{path}?{wrong}"), 422, "unknown-parameter")


def test_a_format_that_nobody_offers_is_refused_with_those_that_there_are(ask: httpx.Client) -> None:
    told = problem(ask.get("/exercises/cat-cow", headers={"Accept": "text/plain"}), 406, "not-acceptable")
    assert told["detail"] == (
        "This answer can be had as application/json ('format=json'), text/markdown ('format=markdown'), "
        "application/fhir+json; fhirVersion=5.0 ('format=fhir'). 'format' wins over 'Accept'. FHIR is answered as R5 (5.0.0) alone."
    )
