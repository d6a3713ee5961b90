"""HTML. A program as one self-contained page: no script, nothing loaded from elsewhere, and made to be printed."""

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from api.formats.layout import lay_out
from api.formats.sheet import UNVERIFIED
from api.library import wording
from api.library.program import Printout

if TYPE_CHECKING:
    from jinja2 import Environment, Template

FOLDER = Path(__file__).parent / "templates"


def program(answer: Printout, _: str | None) -> bytes:
    """Write a program."""
    return _page().render(sheet=lay_out(answer)).encode()


@cache
def _page() -> "Template":
    return environment(css=_css, dagger=UNVERIFIED, wording=wording).get_template("program.html")


def environment(**names: object) -> "Environment":
    """Make what renders templates: it escapes every value, and an undefined name is an error. Functions are filters, too."""
    import jinja2  # noqa: PLC0415  (a start needn't wait for it)

    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(FOLDER), autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    made.globals |= names
    made.filters |= {name: function for name, function in names.items() if callable(function)}
    return made


def _css(text: str) -> str:
    """Write text as a string of a style sheet: whatever could end the string or the sheet is written as its number."""
    escaped = re.sub(r"[^A-Za-z0-9 .,;:]", lambda found: f"\\{ord(found[0]):06x}", text)
    return f'"{escaped}"'
