"""A PDF that can be handed over, and read aloud."""

import io
from collections.abc import Iterator

import pytest
from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject, PdfObject, StreamObject

from api.errors import MissingExtra
from api.formats import pdf
from tests.formats.given import Given, named, written


@pytest.fixture
def forgotten() -> Iterator[None]:
    """Forget what was imported, before and after."""
    pdf._typst.cache_clear()  # noqa: SLF001
    yield
    pdf._typst.cache_clear()  # noqa: SLF001


@pytest.mark.usefixtures("forgotten")
def test_without_typst_the_error_says_what_to_install(tried: Given, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(_: str) -> None:
        raise ImportError

    monkeypatch.setattr(pdf, "import_module", missing)
    with pytest.raises(MissingExtra, match=r"pip install 'exercise-library\[pdf\]'"):
        written("pdf", tried.programs["stiff"])


@pytest.mark.parametrize(("case", "length"), [("unstable", 5), ("stiff", 4), ("both", 4)])
def test_a_program_is_short_and_ends_with_its_sources(tried: Given, case: str, length: int) -> None:
    pages = PdfReader(io.BytesIO(written("pdf", tried.programs[case]))).pages
    assert len(pages) == length
    assert {(round(float(page.mediabox.width)), round(float(page.mediabox.height))) for page in pages} == {(595, 842)}
    assert "Sources" in pages[-1].extract_text()
    assert "What others print" not in pages[-1].extract_text()


def test_every_page_names_the_source_and_the_revision(tried: Given) -> None:
    pages = PdfReader(io.BytesIO(written("pdf", tried.programs["pregnant"]))).pages
    for n, page in enumerate(pages, start=1):
        assert "Exercises after: SI Joint Dysfunction. Exercise library, revision 1. Not reviewed by a clinician." in page.extract_text()
        assert f"Page {n} of {len(pages)}" in page.extract_text()


def test_it_is_accessible_and_brings_its_fonts(tried: Given) -> None:
    reader = PdfReader(io.BytesIO(written("pdf", tried.programs["unstable"])))
    assert _under(reader.root_object, "/MarkInfo", "/Marked")
    assert str(_under(reader.root_object, "/Lang")) == "en"
    about = _under(reader.root_object, "/Metadata")
    assert isinstance(about, StreamObject)
    assert b"pdfuaid:part" in about.get_data()
    assert reader.metadata
    assert reader.metadata.title == "Your exercise program"
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


def test_a_name_that_our_fonts_cannot_show_still_gets_a_page(tried: Given) -> None:
    assert written("pdf", named(tried.programs["stiff"], "\u732b")).startswith(b"%PDF-")
