"""HTML. A program as one self-contained page: no script, nothing loaded from elsewhere, and made to be printed."""

import re
from functools import cache
from typing import TYPE_CHECKING

from api.formats.layout import lay_out
from api.formats.sheet import UNVERIFIED
from api.formats.templating import environment
from api.library import wording
from api.library.program import Printout

if TYPE_CHECKING:
    from jinja2 import Template


def program(answer: Printout, _: str | None) -> bytes:
    """Write a program."""
    return _page().render(sheet=lay_out(answer), dagger=UNVERIFIED, wording=wording).encode()


@cache
def _page() -> "Template":
    return environment({"css": _css}, {}, {}).get_template("program.html")


def _css(text: str) -> str:
    """Write text as a string of a style sheet: whatever could end the string or the sheet is written as its number."""
    escaped = re.sub(r"[^A-Za-z0-9 .,;:]", lambda found: f"\\{ord(found[0]):06x}", text)
    return f'"{escaped}"'
