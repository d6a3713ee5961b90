"""A PDF that can be handed over, and read aloud."""

import io
from collections.abc import Iterator

import pytest
from pypdf import PageObject, PdfReader
from pypdf.generic import ArrayObject, DictionaryObject, PdfObject, StreamObject

from api.errors import MissingExtra, Unprintable
from api.formats import pdf
from api.library.program import Printout
from api.library.vocabulary import Edition
from tests.formats.given import Given, named, written


@pytest.fixture
def forgotten() -> Iterator[None]:
    """Forget what was imported, before and after."""
    pdf._refuse_without_typst.cache_clear()  # noqa: SLF001
    yield
    pdf._refuse_without_typst.cache_clear()  # noqa: SLF001


@pytest.mark.usefixtures("forgotten")
def test_without_typst_the_error_says_what_to_install(tried: Given, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(_: str) -> None:
        raise ImportError

    monkeypatch.setattr(pdf, "files", missing)
    with pytest.raises(MissingExtra, match="uv run --extra pdf exercise-library serve"):
        written("pdf", tried.programs["stiff"])


@pytest.mark.parametrize("case", ["unstable", "stiff", "both"])
def test_a_handout_has_two_pages_and_ends_with_what_it_rests_on(tried: Given, case: str) -> None:
    pages = PdfReader(io.BytesIO(written("pdf", tried.programs[case]))).pages
    assert len(pages) == 2
    assert {(round(float(page.mediabox.width)), round(float(page.mediabox.height))) for page in pages} == {(595, 842)}
    last = " ".join(pages[-1].extract_text().split())
    assert "rests on “SI Joint Dysfunction”" in last
    assert "Sources" not in last
    assert "What others print" not in last


def test_clinicians_get_doses_and_all_sources(tried: Given) -> None:
    pages = PdfReader(io.BytesIO(written("pdf", Printout(tried.programs["unstable"], Edition.CLINICIAN)))).pages
    text = " ".join(" ".join(page.extract_text() for page in pages).split())
    assert "What others print; not a prescription" in text
    assert "Healthwise" in text
    assert "destablize [sic]" in text
    assert "Sources" in pages[-1].extract_text()


def test_every_page_names_the_joint_and_the_revision(tried: Given) -> None:
    pages = PdfReader(io.BytesIO(written("pdf", tried.programs["pregnant"]))).pages
    for n, page in enumerate(pages, start=1):
        assert "that is likely too loose. Revision 1. Not reviewed by a clinician." in page.extract_text()
        assert f"Page {n} of {len(pages)}" in page.extract_text()


def test_it_is_accessible_and_brings_its_fonts(tried: Given) -> None:
    reader = PdfReader(io.BytesIO(written("pdf", tried.programs["unstable"])))
    assert _under(reader.root_object, "/MarkInfo", "/Marked")
    assert str(_under(reader.root_object, "/Lang")) == "en"
    about = _under(reader.root_object, "/Metadata")
    assert isinstance(about, StreamObject)
    assert b"pdfuaid:part" in about.get_data()
    assert reader.metadata
    assert reader.metadata.title == "Exercises for a sacroiliac joint that is likely too loose"
    assert reader.metadata.creation_date is None
    fonts = _under(reader.pages[0], "/Resources", "/Font")
    assert isinstance(fonts, DictionaryObject)
    assert {str(_under(fonts, name, "/BaseFont")).split("+")[1].split("-")[0] for name in fonts} == {"SourceSansPro"}
    assert all(b"".join(_file(_under(fonts, name, "/DescendantFonts"))) for name in fonts)


def _under(where: PdfObject, *names: str) -> PdfObject:
    """Follow names down into the document."""
    for name in names:
        assert isinstance(where, DictionaryObject)
        found = where[name].get_object()
        assert found is not None
        where = found
    return where


def _file(descendants: PdfObject) -> Iterator[bytes]:
    """Give the bytes of the fonts that are in the file."""
    assert isinstance(descendants, ArrayObject)
    for one in descendants:
        descriptor = _under(one.get_object(), "/FontDescriptor")
        assert isinstance(descriptor, DictionaryObject)
        for name in descriptor.keys() & {"/FontFile2", "/FontFile3"}:
            file = _under(descriptor, name)
            assert isinstance(file, StreamObject)
            yield file.get_data()


PRINTED = [
    "Bækkenløft, Kalça",
    "Ελλάδα",
    "Привет",
    "\u05e9\u05dc\u05d5\u05dd",
    "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
    "Tiếng Việt",
    "½ ™ → ≥ ☐ a\ufeffb\u200bc\u00add",
]


@pytest.mark.parametrize("name", PRINTED)
def test_letters_of_our_fonts_are_printed(tried: Given, name: str) -> None:
    assert written("pdf", named(tried.programs["unstable"], name)).startswith(b"%PDF-")


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("猫と牛", "と (U+3068), 牛 (U+725B), 猫 (U+732B)"),
        ("Cat 猫\u0301", "猫 (U+732B)"),
        ("👩\u200d⚕️", "👩 (U+1F469)"),
        ("ไทย", "ท (U+0E17), ย (U+0E22), ไ (U+0E44)"),
        ("क्ष", "क (U+0915), ष (U+0937), \u094d (U+094D)"),
        ("a\u0378", "U+0378"),
    ],
)
def test_letters_that_no_font_of_ours_has_are_named_and_never_printed_as_boxes(tried: Given, name: str, letters: str) -> None:
    with pytest.raises(Unprintable) as refusal:
        written("pdf", named(tried.programs["unstable"], name))
    assert refusal.value.detail == f"The fonts of the PDF don't have {letters}. Ask for 'format=html': a browser shows and prints them."
    assert [one.did_you_mean for one in refusal.value.complaints] == ["html"]


def test_a_page_of_strange_letters_is_refused_in_a_line(tried: Given) -> None:
    with pytest.raises(Unprintable, match="and 180 more"):
        written("pdf", named(tried.programs["unstable"], "".join(map(chr, range(0x4E00, 0x4E00 + 200)))))


def test_no_font_of_the_machine_is_used(tried: Given) -> None:
    body = written("pdf", tried.programs["stiff"])
    fonts = {name for page in PdfReader(io.BytesIO(body)).pages for name in _fonts_of(page)}
    assert fonts
    assert all("SourceSansPro" in name or "LibertinusSerif" in name or "DejaVuSansMono" in name for name in fonts), fonts


def _fonts_of(page: PageObject) -> Iterator[str]:
    for font in page["/Resources"]["/Font"].values():  # type: ignore[index]
        yield str(font.get_object()["/BaseFont"])
