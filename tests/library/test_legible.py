"""What nobody can see is no text; what scripts and emoji need stays."""

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.library.legible import no_address, no_doi, unseen

SEEN = [
    "Cat/cow",
    "a\nb",
    "a\tb",
    "Ça, “cow” — 猫 🐈",
    "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",  # Persian, where letters join or don't
    "क्\u200dष",
    "👩\u200d⚕️ 👍🏽",
    "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    "Übungen: e\u0301",
    "נִיעָה \u200fx\u200e",
    "ภาษา\u200bไทย",
    "Kranken\u00adgymnastik",
    "辻\U000e0100",
    "TheraBand™ ½ ☐ ①",
    "⠁",
    "\U0001fac6",  # an emoji that this Python may not know
    "٣",
]
UNSEEN = {
    "nothing to see": ["\u200b", "\u00ad", "\u200b\u200c\u200d", "\ufeff", "\u2060", "\u200e\u200f", "\ufe0f", "\u034f", "\u3164"],
    "blanks": ["\u2800\u2800", "\u115f\u1160", "\uffa0", "\u00a0", "\u3000 \u2003", "\u2028", "\u0301", "\u180e"],
    "another order": ["a\u202eb", "\u202aa", "a\u202b", "\u2066a\u2069", "\u2067", "\u2068x", "a\u202c", "a\u202db"],
    "no character": ["a\ufdd0", "\uffff", "a\U0001fffe", "a\U0010ffff", "a\u0378", "a\ufff0", "a\U000e0080"],
    "private": ["\ue000", "a\uf8ff", "a\U000f0000", "a\U0010fffd"],
    "controls": ["a\x00", "a\x07", "a\x1b[1m", "a\x7f", "a\x80", "a\x9b", "a\x85b", "a\rb"],
    "half": ["a\ud800", "\udfff"],
    "obsolete": ["a\u206a", "a\u206f", "a\ufff9b\ufffac\ufffb"],
    "tags": ["a\U000e0001", "a\U000e0041\U000e0042", "🏴\U000e0067", "\U000e007f"],
}


@pytest.mark.parametrize("text", SEEN)
def test_what_people_write_is_accepted(text: str) -> None:
    assert unseen(text) is None


@pytest.mark.parametrize("text", [text for texts in UNSEEN.values() for text in texts])
def test_what_nobody_can_see_is_refused_in_printable_words(text: str) -> None:
    said = unseen(text)
    assert said
    assert said.isprintable()


def test_every_letter_is_accepted() -> None:
    # The fillers of Hangul are letters in name only.
    shapeless = {"\u115f", "\u1160", "\u3164", "\uffa0"}
    letters = [one for one in map(chr, range(sys.maxunicode)) if unicodedata.category(one)[0] == "L" and one not in shapeless]
    assert len(letters) > 100_000
    assert [one for one in letters if unseen(one)] == []


@given(st.text())
def test_any_text_is_judged(text: str) -> None:
    said = unseen(text)
    assert said is None or said.isprintable()
    assert said or text.strip()


@pytest.mark.parametrize(
    "address",
    [
        "https://example.org",
        "http://example.org/",
        "HTTPS://EXAMPLE.ORG/a?b=c#d",
        "https://www.ncbi.nlm.nih.gov/books/NBK1234/",
        "https://doi.org/10.1002/(SICI)1097-0258(19980815/30)17:15",
        "https://xn--bcher-kva.example:8443/x",
        "https://bücher.example/ß",
        "http://[2001:db8::1]:80/",
        "http://192.0.2.1/x",
        "https://example.org/@user",
        "https://example.org.",
    ],
)
def test_an_address_on_the_web_is_accepted(address: str) -> None:
    assert no_address(address) is None


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "JavaScript://example.org/%0aalert(1)",
        "data:text/html,x",
        "vbscript:x",
        "file:///etc/passwd",
        "ftp://example.org/x",
        "mailto:a@example.org",
        "//example.org",
        "/books",
        "example.org",
        "www.example.org",
        "https:example.org",
        "https:/example.org",
        "https:///path",
        "https://",
        "https://?q",
        "https://:443/",
        "https://.example.org",
        "https://exam ple.org",
        "https://example.org/a b",
        "https://example.org\\@elsewhere.example",
        "https://example.org@elsewhere.example/",
        "https://user:password@example.org/",
        "https://example.org:port/",
        'https://example.org/"onclick',
        "https://example.org/<script>",
        "java\nscript:x",
        " https://example.org\n\nx",
        "see https://example.org",
    ],
)
def test_anything_else_is_no_address(address: str) -> None:
    assert no_address(address)


@pytest.mark.parametrize("doi", ["10.1000/182", "10.1007/s00586-008-0602-4", "10.1000.10/123", "10.1002/(SICI)1<1::AID>3.0.CO;2-X"])
def test_a_doi_is_accepted(doi: str) -> None:
    assert no_doi(doi) is None


@pytest.mark.parametrize(
    "doi", ["https://doi.org/10.1000/182", "doi:10.1000/182", "10.1000", "10.1000/", "11.1000/1", "10.x/1", "10.1000/a b"]
)
def test_anything_else_is_no_doi(doi: str) -> None:
    assert no_doi(doi)
