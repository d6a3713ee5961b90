"""PDF. A program typeset for paper by typst, which comes with the extra `pdf`; without it, asking says what to install."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from functools import cache
from importlib import import_module
from importlib.resources import files
from pathlib import Path
from types import ModuleType

from api.errors import MissingExtra
from api.formats.layout import lay_out
from api.library import wording
from api.library.program import Printout

_TEMPLATE = Path(__file__).parent / "templates" / "program.typ"


def program(answer: Printout, _: str | None) -> bytes:
    """Write a program. The same program always gives the same bytes: there is no date in them, and no font of this machine.

    Only where a text has characters that our fonts don't, the machine's fonts help out, and the page is no longer promised to
    be accessible (PDF/UA): a name that can't be read aloud is better than no page.
    """
    typst = _typst()
    given = {"sheet": json.dumps(asdict(lay_out(answer)) | {"unasked_heading": wording.UNASKED})}
    try:
        return _set(typst, given, "ua-1", machine=False)
    except typst.TypstError:
        return _set(typst, given, None, machine=True)


def _set(typst: ModuleType, given: Mapping[str, str], standard: str | None, *, machine: bool) -> bytes:
    fonts = _fonts(typst, machine=machine)
    written: bytes = typst.compile(_TEMPLATE.read_bytes(), format="pdf", font_paths=fonts, sys_inputs=given, pdf_standards=standard)
    return written


@cache
def _typst() -> ModuleType:
    """Import typst when it is first needed: everything else works without it."""
    try:
        files("font_source_sans_pro")
        return import_module("typst")
    except ImportError:
        raise MissingExtra("A PDF needs the extra 'pdf' of this program: pip install 'exercise-library[pdf]'") from None


@cache
def _fonts(typst: ModuleType, *, machine: bool) -> object:
    """Load the fonts once; they are safe to share."""
    return typst.Fonts(include_system_fonts=machine, font_paths=[str(files("font_source_sans_pro") / "files")])
