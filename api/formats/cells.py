r"""Cells of a table: nested values become text that a person can read and a program can take apart; nothing in them is ever run.

A list is one item a line; a record is `field: value | field: value`, and a field within a field is `source.slug`. In a text that
stands in such a line, `\`, `|` and line breaks are written as `\\`, `\|` and `\n`. What is null or empty is left out.
"""

import unicodedata
from collections.abc import Iterator
from datetime import datetime

from pydantic import BaseModel

_RUN = frozenset("=+-@\u2212")
_ESCAPES = str.maketrans({"\\": r"\\", "|": r"\|", "\n": r"\n", "\r": r"\r"})


def cell(value: object) -> str:
    """Write one value as the text of one cell."""
    match value:
        case BaseModel():
            return harmless(_line(value))
        case list() | tuple():
            return harmless("\n".join(_line(part) for part in value))
        case _:
            return harmless(_plain(value))


def harmless(text: str) -> str:
    """Put an apostrophe before what a spreadsheet would run: it then shows the text instead."""
    return f"'{text}" if _runs(text) else text


def _runs(text: str) -> bool:
    """Look past what spreadsheets skip, and at wide forms as at narrow ones."""
    if text.startswith(("\t", "\r")):
        return True
    first = next((one for one in text if not _skipped(one)), "")
    return unicodedata.normalize("NFKC", first)[:1] in _RUN if first else False


def _skipped(one: str) -> bool:
    """Spaces, control and invisible characters, and quotation marks of every kind."""
    return one in "\"'`" or unicodedata.category(one)[0] in "ZC" or unicodedata.category(one) in ("Pi", "Pf")


def _line(value: object) -> str:
    parts = dict(flat(value)) if isinstance(value, BaseModel) else {"": value}
    return " | ".join(f"{name}: {_escaped(part)}" if name else _escaped(part) for name, part in parts.items())


def _escaped(value: object) -> str:
    return _plain(value).translate(_ESCAPES)


def flat(value: object, name: str = "") -> Iterator[tuple[str, object]]:
    """Give every value within a value with the way that leads to it; items of a list are counted from 1."""
    match value:
        case None | [] | ():
            return
        case BaseModel():
            parts = [(field, getattr(value, field)) for field in type(value).model_fields]
        case list() | tuple():
            parts = [(str(n), part) for n, part in enumerate(value, start=1)]
        case _:
            yield name, value
            return
    for field, part in parts:
        yield from flat(part, f"{name}.{field}" if name else field)


def _plain(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case datetime():
            return value.isoformat()
        case _:
            return str(value)
