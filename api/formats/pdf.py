"""PDF. A program typeset for paper by typst, which comes with the extra `pdf`; without it, asking says what to install."""

import json
from dataclasses import asdict
from functools import cache
from importlib.resources import files
from pathlib import Path

from api.errors import MissingExtra
from api.formats.layout import lay_out
from api.formats.typesetting import TypesettingError, typeset
from api.library.program import Program

_TEMPLATE = Path(__file__).parent / "templates" / "program.typ"


def program(answer: Program, _: str | None) -> bytes:
    """Write a program. The same program always gives the same bytes: there is no date in them, and no font of this machine.

    Only where a text has characters that our fonts don't, the machine's fonts help out, and the page is no longer promised to
    be accessible (PDF/UA): a name that can't be read aloud is better than no page.
    """
    _refuse_without_typst()
    given = {"sheet": json.dumps(asdict(lay_out(answer)))}
    fonts = [str(files("font_source_sans_pro") / "files")]
    template = _TEMPLATE.read_bytes()
    try:
        return typeset(template, fonts, given, "ua-1")
    except TypesettingError:
        return typeset(template, fonts, given, machine=True)


@cache
def _refuse_without_typst() -> None:
    """Look for typst when it is first needed: everything else works without it."""
    try:
        files("font_source_sans_pro")
        files("typst")
    except ImportError:
        raise MissingExtra("A PDF needs this program's extra 'pdf': uv run --extra pdf exercise-library serve") from None
