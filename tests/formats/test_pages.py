"""How many sheets of paper a handout takes."""

import io
import json
from dataclasses import asdict
from importlib.resources import files
from pathlib import Path

import pytest
import typst
from pypdf import PdfReader

import api.formats
from api.formats.layout import lay_out
from api.library import wording
from api.library.program import Printout
from tests.engines import SQLiteFiles
from tests.screened import Asked

TYPES: list[tuple[str, ...]] = [("stiff",), ("unstable",), ("stiff", "unstable")]
MANY = [
    ["after-16-weeks", "hypermobile", "hip-replacement"],
    ["recently-pregnant", "hypermobile", "recent-surgery"],
    ["pregnant", "recently-pregnant", "hypermobile"],
    ["fall-risk", "knee-pain", "osteoporosis"],
]
TEMPLATE = Path(api.formats.__file__).parent / "templates" / "program.typ"
FONTS = [str(files("font_source_sans_pro") / "files")]


@pytest.fixture(scope="module")
def asked(sqlite: SQLiteFiles) -> Asked:
    return Asked.of(sqlite.seeded())


@pytest.fixture(scope="module")
def fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, font_paths=FONTS)


def counted(printout: Printout, fonts: typst.Fonts) -> int:
    """Typeset in this process: a process for each of so many would take minutes."""
    sheet = json.dumps(asdict(lay_out(printout)) | {"unasked_heading": wording.UNASKED})
    given = {"sheet": sheet, "fonts": json.dumps(["Source Sans Pro", "Libertinus Serif", "DejaVu Sans Mono"])}
    body = typst.compile(TEMPLATE.read_bytes(), format="pdf", font_paths=fonts, sys_inputs=given)
    return len(PdfReader(io.BytesIO(body)).pages)


@pytest.mark.parametrize("types", TYPES, ids="+".join)
def test_a_handout_has_two_pages_and_three_at_most_with_groups(asked: Asked, fonts: typst.Fonts, types: tuple[str, ...]) -> None:
    assert counted(Printout(asked.program(types, [])), fonts) == 2
    groups: list[list[str] | None] = [None, *([one] for one in asked.questions.groups), *MANY]
    pages = {str(given): counted(Printout(asked.program(types, given)), fonts) for given in groups}
    assert {given: length for given, length in pages.items() if not 1 < length <= 3} == {}
