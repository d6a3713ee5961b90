"""Any record as Markdown, from its fields alone: a new kind of record needs nothing here."""

import re
from collections.abc import Iterator
from datetime import datetime

from pydantic import BaseModel

from api.formats import phrases
from api.formats.markdown_text import bold, bullet, heading, joined, plain, quoted
from api.library.record import Attribution, Range

_HEADLINES = ("name", "question", "text", "citation", "label", "printed_for", "reason", "display", "slug", "type")
_SHORT = 60


def title(model: type[BaseModel]) -> str:
    """Name a list of records: `RedFlag` is a list of red flags."""
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", model.__name__).lower()
    plural = f"{words[:-1]}ies" if words.endswith("y") else f"{words}s"
    return plural[:1].upper() + plural[1:]


def record(one: BaseModel, level: int) -> Iterator[str]:
    """Write a record under a heading, a field a line."""
    head = _headline(one)
    yield from heading(level, plain(str(getattr(one, head))) if head else plain(title(type(one))))
    yield from _fields(one, head, 0)
    yield ""


def _headline(one: BaseModel) -> str | None:
    """Find the field that says best what a record is."""
    return next((name for name in _HEADLINES if getattr(one, name, None)), None)


def _fields(one: BaseModel, but: str | None, depth: int) -> Iterator[str]:
    for name in type(one).model_fields:
        value = getattr(one, name)
        if name != but and value not in (None, []):
            yield from _field(phrases.title(name.replace("_", "-")), value, depth)


def _field(label: str, value: object, depth: int) -> Iterator[str]:
    simple = _simple(value)
    if simple is not None:
        yield from bullet(joined([bold(f"{label}:"), simple]), depth)
        return
    yield from bullet(bold(f"{label}:"), depth)
    for part in value if isinstance(value, list) else [value]:
        yield from _item(part, depth + 1)


def _item(value: object, depth: int) -> Iterator[str]:
    if not isinstance(value, BaseModel) or isinstance(value, Attribution | Range):
        yield from bullet(_simple(value) or "", depth)
        return
    head = _headline(value)
    yield from bullet(bold(str(getattr(value, head))) if head else "·", depth)
    yield from _fields(value, head, depth + 1)


def _simple(value: object) -> str | None:
    """Write what fits on the line of its label; None for what doesn't."""
    match value:
        case Attribution():
            return joined([plain(value.slug), quoted(value.quote) if value.quote else None])
        case Range():
            return phrases.span(value)
        case BaseModel():
            return None
        case list():
            return "; ".join(map(plain, value)) if all(map(_is_short, value)) else None
        case datetime():
            return f"{value:%Y-%m-%d %H:%M} UTC"
        case _:
            return plain(("no", "yes")[value] if isinstance(value, bool) else str(value))


def _is_short(part: object) -> bool:
    return isinstance(part, str) and len(part) <= _SHORT and ";" not in part
