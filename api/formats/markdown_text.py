"""Markdown's small parts. What comes from a record is escaped, so that it can't become markup, a link or HTML; then lines are wrapped."""

import re
import textwrap
import unicodedata
from collections.abc import Iterable, Iterator

WIDTH = 80
NUMBERED = "{}. "
"""The mark of a numbered list."""

_SPECIAL = re.compile(r"[\\`*_\[\]<>~|$]|&(?=[#\w]+;)|(?<=[wW]{3})\.|(?<=[A-Za-z]):(?=//|\S+@)|@|(?<=mailto):|(?<=xmpp):", re.IGNORECASE)
_BLOCK = re.compile(r"(?:[-+=#:]|\d+(?=[.)]))")
_FRAME = re.compile(r"#+\s*$")
_ADDRESS = re.compile(r"(?:https?:/)?/[^\s<>\"`\\]+")


def plain(text: str) -> str:
    """Escape what Markdown would read as markup; line breaks and control characters become spaces."""
    spaced = "".join(" " if unicodedata.category(character) in ("Cc", "Zl", "Zp") else character for character in text)
    return _SPECIAL.sub(r"\\\g<0>", " ".join(spaced.split()))


def bold(text: str) -> str:
    """Set text in bold."""
    escaped = plain(text)
    return f"**{escaped}**" if escaped else ""


def quoted(words: str) -> str:
    """Put a source's words in quotation marks."""
    return f"“{plain(words)}”"


def address(url: str) -> str:
    """Write an address of this service so that it can be followed or copied as it is; anything else is text."""
    if not _ADDRESS.fullmatch(url):
        return plain(url)
    return f"`{url}`" if url.startswith("/") else f"<{url}>"


def joined(parts: Iterable[str | None]) -> str:
    """Join what there is with spaces."""
    return " ".join(part for part in parts if part)


def heading(level: int, text: str) -> list[str]:
    """Write a heading on one line, however long; an empty line follows. Number signs at its end would be read as part of the markup."""
    return [f"{'#' * level} {_FRAME.sub(lambda found: chr(92) + found[0], text)}", ""]


def paragraph(text: str) -> list[str]:
    """Write a paragraph; an empty line follows."""
    return [*_wrapped(text), ""] if text else []


def labelled(label: str, text: str | None) -> list[str]:
    """Write a paragraph that begins with a label; none where nothing follows it."""
    return paragraph(f"{bold(label)} {plain(text)}") if text else []


def bullet(text: str, depth: int = 0, mark: str = "- ") -> Iterator[str]:
    """Write an item of a list; further lines are indented."""
    margin = " " * (2 * depth)
    first, *rest = _wrapped(text, len(margin) + len(mark)) or [""]
    yield f"{margin}{mark}{first}".rstrip()
    yield from (f"{margin}{' ' * len(mark)}{line}" for line in rest)


def bullets(texts: Iterable[str], mark: str = "- ") -> list[str]:
    """Write a list; an empty line follows. A mark may have room for the number of its item."""
    lines = [line for n, text in enumerate(texts, start=1) for line in bullet(text, mark=mark.format(n))]
    return [*lines, ""] if lines else []


def written(lines: Iterable[str]) -> bytes:
    """Finish the document: never two empty lines, one line break at the end."""
    text = "\n".join(lines)
    return (re.sub(r"\n{3,}", "\n\n", text).strip("\n") + "\n").encode()


def _wrapped(text: str, indent: int = 0) -> list[str]:
    lines = textwrap.wrap(text, WIDTH - indent, break_long_words=False, break_on_hyphens=False)
    return [_harmless(line) for line in lines]


def _harmless(line: str) -> str:
    """Keep a line from beginning a list, a heading, a rule or a table by accident."""
    found = _BLOCK.match(line)
    if not found:
        return line
    at = found.end() if found[0].isdigit() else 0
    return f"{line[:at]}\\{line[at:]}"
