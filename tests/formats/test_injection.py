"""Text of a record stays text, whatever it is: it starts no formula, no markup, no element and no code."""

import re
import unicodedata

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from api.errors import Unprintable
from api.library.program import Printout
from api.library.vocabulary import Edition
from tests.formats.given import Given, Page, named, read, rows, squeezed, written

_PIECES = [
    "=",
    "+",
    "-",
    "@",
    "\t",
    "\n",
    "'",
    '"',
    " ",
    "*",
    "_",
    "`",
    "#",
    "[",
    "](",
    ")",
    "<",
    ">",
    "<b>",
    "&lt;",
    "|",
    "~~",
    "\\",
    "1.",
    "1)",
]
_PIECES += [
    "http://a.example",
    "www.a.example",
    "a@b.example",
    "mailto:a@b.example",
    "$x$",
    "{{x}}",
    "#x",
    "//",
    "/*",
    "---",
    "===",
    "\u3000",
]
_PIECES += [
    "\uff1d",
    "\uff0b",
    "\uff0d",
    "\uff20",
    "\u2212",
    "\u200b",
    "\ufeff",
    "\u2028",
    "![",
    "<!--",
    "word",
    "==",
    "^",
    ":",
    "</style>",
    "xmpp:a@b.example",
]


def _seen(text: str) -> bool:
    return any(unicodedata.category(one)[0] not in "CZ" for one in text)


_CHARACTERS = st.characters(codec="utf-8", exclude_categories=["Cs"]).filter(re.compile(r"[^\x00-\x08\x0b-\x1f\x7f]").fullmatch)
texts = st.lists(st.sampled_from(_PIECES) | _CHARACTERS, min_size=1, max_size=12).map("".join).map(str.strip).filter(_seen)
trying = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
markdown = MarkdownIt("gfm-like", {"html": True})
# Bare domains aren't links in GFM; this one setting is this renderer's own.
markdown.linkify.set({"fuzzy_link": False})  # type: ignore[union-attr]


@trying
@example("=1+1")
@example("\u3000\u201c\uff1d1")
@example("\ufeff@SUM(A1)")
@given(text=texts)
def test_no_cell_is_a_formula(tried: Given, text: str) -> None:
    for row in rows(written("csv", named(tried.programs["pregnant"], text))):
        for cell in row.values():
            seen = "".join(one for one in unicodedata.normalize("NFKC", cell) if unicodedata.category(one)[0] not in "ZC").lstrip('"`')
            assert not seen.startswith(("=", "+", "-", "@", "\u2212")), cell
            assert not cell.startswith(("\t", "\r")), cell


@trying
@example("# a")
@example("a\n\n<script>alert(1)</script>")
@example("](http://a.example) [x](javascript:alert(1))")
@example("- 1. a")
@example("*a* __b__ `c` ~~d~~ | e |\n|---|")
@example("a #")
@given(text=texts)
def test_text_is_no_markup_in_markdown(tried: Given, text: str) -> None:
    assert _structure(written("markdown", named(tried.programs["pregnant"], text))) == _structure(
        written("markdown", named(tried.programs["pregnant"], "word"))
    )


def _structure(body: bytes) -> list[tuple[str, str]]:
    """Give the blocks and the marks within them, without the words."""
    return [(one.type, one.tag) for one in _walk(markdown.parse(body.decode())) if one.type not in ("text", "softbreak", "inline")]


def _walk(tokens: list[Token]) -> list[Token]:
    return [one for token in tokens for one in [token, *_walk(token.children or [])]]


@trying
@example("<script>alert(1)</script>")
@example("\" onclick='x'")
@example("</style>{{ sheet }}")
@given(text=texts)
def test_text_is_no_element_in_html(tried: Given, text: str) -> None:
    elements = Page(written("html", named(tried.programs["pregnant"], text))).elements
    assert elements == Page(written("html", named(tried.programs["pregnant"], "word"))).elements


@settings(trying, max_examples=10)
@example("#panic()")
@example("\U0010ffff")
@example("\\u{732b}")
@given(text=texts)
def test_any_text_is_typeset_or_its_letters_are_named(tried: Given, text: str) -> None:
    try:
        assert written("pdf", named(tried.programs["pregnant"], text)).startswith(b"%PDF-")
    except Unprintable as refusal:
        found = re.findall(r"\(U\+([0-9A-F]{4,6})\)|\bU\+([0-9A-F]{4,6})", refusal.detail)
        assert {chr(int(shown or bare, 16)) for shown, bare in found} <= set(text)
        assert found


@pytest.mark.parametrize("name", ["markdown", "html", "pdf"])
def test_what_looks_like_code_is_printed(tried: Given, name: str) -> None:
    text = '#sys.version $x$ <b>{{ sheet }}</b> [a](b) *c* "d" #("e" * 3) &amp; @ref //x'
    assert squeezed(text) in read(name, named(tried.programs["unstable"], text))


def test_the_page_loads_nothing_and_runs_nothing(tried: Given) -> None:
    page = Page(written("html", tried.programs["pregnant"]))
    assert {tag for tag, _ in page.elements} & {"script", "img", "link", "iframe", "object", "form"} == set()
    addresses = [value or "" for _, attributes in page.elements for name, value in attributes if name in ("href", "src", "action")]
    assert addresses
    assert all(address.startswith("#") for address in addresses)
    # The drawings, which are ours, refer to their own parts.
    assert b"url(" not in written("html", tried.programs["pregnant"]).replace(b"url(#", b"")


@pytest.mark.parametrize("text", ["\u05e9\u05dc\u05d5\u05dd", "猫", "Cat"])
def test_text_of_records_runs_in_its_own_direction(tried: Given, text: str) -> None:
    elements = Page(written("html", Printout(named(tried.programs["unstable"], text), Edition.CLINICIAN))).elements
    assert ("html", (("lang", "en"),)) in elements
    assert {tag for tag, attributes in elements if ("dir", "auto") in attributes} >= {"h3", "li", "q", "strong"}
    assert "bdi" in {tag for tag, _ in elements}
