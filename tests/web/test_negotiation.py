"""What a caller accepts is read as RFC 9110 has it: one element that isn't understood never spoils the others."""

import time

import httpx
import pytest

from api.web.etags import has_it
from api.web.negotiation import best, gzip_wanted

pytestmark = pytest.mark.any_engine

OFFERED = ("application/json", "text/csv", "text/markdown", "text/html", "application/fhir+json;fhirVersion=5.0")
JSON, CSV, MARKDOWN, HTML, FHIR = OFFERED
ACCEPTED = {
    "": JSON,
    " , ": JSON,
    "*/*": JSON,
    "*": JSON,
    "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2": HTML,
    "Application/JSON": JSON,
    "TEXT/CSV;Q=0.5, Text/Markdown;q=0.6": MARKDOWN,
    'text/csv;x="a,b";q=0.4, application/json;q=0.3': CSV,
    'application/json;x="a, text/csv, b"': JSON,
    'text/csv;x="\\", text/html"': CSV,
    'text/csv;x="unfinished, text/html': CSV,
    "json, text/csv": CSV,
    "text/csv, nonsense": CSV,
    "a/b/c, text/csv, ;q=1": CSV,
    "*/csv, text/markdown": MARKDOWN,
    "application/json;charset=utf-8": JSON,
    "text/*": CSV,
    "text/*;q=0.1, application/*;q=0.2": JSON,
    "text/*, text/csv;q=0.1": MARKDOWN,
    "*/*, text/csv;q=0": JSON,
    "*/*, application/json;q=0": CSV,
    "application/json;q=0": None,
    "application/json;q=0.0, text/html;q=0.000": None,
    "text/csv, text/csv;q=0.1": CSV,
    "text/csv;q=0.1, application/json;q=0.2": JSON,
    "text/csv;q=high": CSV,
    "text/csv;q=2, application/json;q=0.9": CSV,
    "text/csv;q=nan": CSV,
    "image/png": None,
    "nonsense": None,
    "application/fhir+json": FHIR,
    "application/fhir+json; fhirVersion=5.0": FHIR,
    'application/fhir+json; FHIRVersion="5.0"; charset=utf-8': FHIR,
    "application/fhir+json; fhirVersion=4.0": None,
    "application/fhir+json; fhirVersion=4.0, text/csv;q=0.1": CSV,
}
PACKED = {
    "": False,
    "gzip": True,
    "GZip": True,
    "x-gzip": True,
    "deflate, gzip;q=1.0, *;q=0.5": True,
    "br, gzip": True,
    "br": False,
    "identity": False,
    "*": True,
    "*;q=0": False,
    "gzip;q=0": False,
    "gzip;q=0.0": False,
    "gzip;q=0, *": False,
    "*;q=0, gzip": True,
    "identity, gzip;q=0.5": False,
    "identity;q=0.5, gzip": True,
    "gzip, identity": True,
    "/ , gzip": True,
    "gzip;q=": False,
    "gzip;q=high": False,
    "gzip;q=high, *": True,
    "gzipped": False,
}


@pytest.mark.parametrize(("accept", "expected"), ACCEPTED.items())
def test_the_best_of_what_is_accepted_is_given(accept: str, expected: str | None) -> None:
    assert best(accept, OFFERED) == expected


@pytest.mark.parametrize(("accept_encoding", "expected"), PACKED.items())
def test_what_is_asked_for_in_gzip_is_given_in_gzip(accept_encoding: str, *, expected: bool) -> None:
    assert gzip_wanted(accept_encoding) is expected


@pytest.mark.parametrize(
    "header", ['"' * 32_000, '"\\' * 16_000, ";q=" * 10_000, 'a/b;c="\\",' * 3_000, "a" * 32_000, "a/b;" + " " * 32_000]
)
def test_no_header_takes_long_to_read(header: str) -> None:
    began = time.process_time()
    best(header, OFFERED)
    gzip_wanted(header)
    has_it(header, '"x"')
    assert time.process_time() - began < 1


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ('"x"', True),
        ('W/"x"', True),
        ('"a" ,W/"x"', True),
        ("*", True),
        ('"a", *', True),
        ("", False),
        ('"a, *, b"', False),
        ('"a,"x""', False),
        ("x", False),
        ('"X"', False),
        ('w/"x"', False),
    ],
)
def test_a_caller_has_what_it_says_it_has(given: str, *, expected: bool) -> None:
    assert has_it(given, '"x"') is expected


def test_a_list_may_come_in_several_lines(ask: httpx.Client) -> None:
    def told(*lines: tuple[str, str]) -> httpx.Response:
        return ask.get("/types", headers=httpx.Headers([*ask.headers.raw, *((name.encode(), value.encode()) for name, value in lines)]))

    assert told(("Accept", "image/png"), ("Accept", "text/csv")).headers["content-type"].startswith("text/csv")
    assert told(("Accept-Encoding", "br"), ("Accept-Encoding", "gzip")).headers["content-encoding"] == "gzip"
    tag = told().headers["etag"]
    assert told(("If-None-Match", '"x"'), ("If-None-Match", tag)).status_code == 304
    assert told(("If-Match", '"x"'), ("If-Match", tag)).status_code == 200


PATHS = ["/types", "/types/stiff", "/exercises?type=stiff", "/programs?type=stiff&format=html", "/library", "/openapi.json"]


@pytest.mark.parametrize("path", PATHS)
def test_who_reads_may_want_one_state_only(ask: httpx.Client, path: str) -> None:
    tag = ask.get(path).headers["etag"]
    packed = ask.get(path, headers={"Accept-Encoding": "gzip"}).headers["etag"]
    assert packed != tag
    for given in (tag, packed, "*", f'"x", {tag}'):
        for coding in ("identity", "gzip"):
            assert ask.get(path, headers={"If-Match": given, "Accept-Encoding": coding}).status_code == 200, given
    for given, status in (('"x"', 412), (f"W/{tag}", 412), ("", 400), (tag.strip('"'), 400)):
        answer = ask.get(path, headers={"If-Match": given})
        assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json"), given
        assert ask.head(path, headers={"If-Match": given}).status_code == status


def test_who_wants_a_picture_may_want_that_one_only(ask: httpx.Client) -> None:
    for file in ask.get("/exercises/cat-cow").json()["images"][0]["files"]:
        tag = ask.get(file["url"]).headers["etag"]
        for given, status in ((tag, 200), ("*", 200), ('"x"', 412), (f"W/{tag}", 412), ("x", 400)):
            assert ask.get(file["url"], headers={"If-Match": given}).status_code == status, given
