"""HTML. A program as one self-contained page: no script, nothing loaded from elsewhere, and made to be printed."""

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from markupsafe import Markup

from api.formats.layout import lay_out
from api.formats.sheet import UNVERIFIED
from api.library import wording
from api.library.program import Printout

if TYPE_CHECKING:
    from jinja2 import Template


def program(answer: Printout, _: str | None) -> bytes:
    """Write a program."""
    return _page().render(sheet=lay_out(answer), dagger=UNVERIFIED, wording=wording).encode()


@cache
def _page() -> "Template":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # noqa: PLC0415  (a start needn't wait for it)

    folder = Path(__file__).parent / "templates"
    environment = Environment(
        loader=FileSystemLoader(folder), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["css"] = _css
    return environment.get_template("program.html")


def _css(text: str) -> Markup:
    """Write text as a string of a style sheet: whatever could end the string or the sheet is written as its number."""
    escaped = re.sub(r"[^A-Za-z0-9 .,;:]", lambda found: f"\\{ord(found[0]):06x}", text)
    return Markup(f'"{escaped}"')  # noqa: S704  (nothing is left in it that has a meaning)
