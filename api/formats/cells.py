r"""Cells of a table: nested values become text that a person can read and a program can take apart; nothing in them is ever run.

A list has one item per line; a record is `field: value | field: value`, and a field within a field is `source.slug`. In a text that
stands in such a line, `\`, `|` and line breaks are written as `\\`, `\|` and `\n`. What is null or empty is left out.

A spreadsheet may split cells in other places than we do: at `;` or tabs, or at commas and line breaks within quotation marks. So
an apostrophe is put before what would begin a formula there: at the beginning of a cell, and after any of these within it, before `=`, `+`,
`-`, `@` or other forms of these (spaces, invisible characters and quotation marks may stand between), and before a tab or carriage return.
To read the text back, remove one apostrophe in each of these places.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from datetime import datetime

from pydantic import BaseModel

# With what Unicode counts as their other forms: wide, small, raised, lowered, doubled.
_RUN = frozenset("=+-@\u2212\u207a\u207b\u207c\u208a\u208b\u208c\u2a75\u2a76\ufb29\ufe62\ufe63\ufe66\ufe6b\uff0b\uff0d\uff1d\uff20")
_DANGEROUS = re.compile(f"[{re.escape(''.join(_RUN))}\t\r]")
# What separates cells or rows in some program.
_SEPARATED = re.compile("([,;\t\n\v\f\r\x1c-\x1e\x85\u2028\u2029])")
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
    """Put an apostrophe before anything a spreadsheet would run, wherever it may see a cell begin, so that it shows the text."""
    if not _DANGEROUS.search(text):
        return text
    parts = _SEPARATED.split(text)  # text and separators in turn
    return "".join(f"'{part}" if n % 2 == 0 and _begins_a_run(parts, n) else part for n, part in enumerate(parts))


def _begins_a_run(parts: Sequence[str], at: int) -> bool:
    """Look past what spreadsheets skip; after nothing else comes a separator, which may be a tab or carriage return itself."""
    first = next((part for part in parts[at] if not _skipped(part)), None)
    return first in _RUN if first else parts[at + 1 : at + 2] in (["\t"], ["\r"])


def _skipped(character: str) -> bool:
    """Spaces, control and invisible characters, and quotation marks of every kind."""
    return character in "\"'`" or unicodedata.category(character)[0] in "ZC" or unicodedata.category(character) in ("Pi", "Pf")


def _line(value: object) -> str:
    parts = dict(flat(value)) if isinstance(value, BaseModel) else {"": value}
    return " | ".join(f"{name}: {_escaped(part)}" if name else _escaped(part) for name, part in parts.items())


def _escaped(value: object) -> str:
    return _plain(value).translate(_ESCAPES)


def flat(value: object, name: str = "") -> Iterator[tuple[str, object]]:
    """Give every nested value with the path to it; list items are counted from 1."""
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
