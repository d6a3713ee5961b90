"""Any record as Markdown, from its fields alone, and what changed of one: a new kind of record needs no code here."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime

from pydantic import BaseModel, JsonValue

from api.formats import phrases
from api.formats.markdown_text import address, bold, bullet, heading, joined, paragraph, plain, quoted
from api.library.history import History, HistoryEntry
from api.library.record import Attribution, Range

_HEADLINES = ("name", "question", "text", "citation", "label", "printed_for", "reason", "display", "slug", "type")
_SHORT = 60
_NOTHING = "nothing"
_BY_FIELDS = {frozenset(model.model_fields): model for model in (Attribution, Range)}


def title(model: type[BaseModel]) -> str:
    """Name a list of records: `RedFlag` is a list of red flags."""
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", model.__name__).lower()
    plural = f"{words[:-1]}ies" if words.endswith("y") else words if words.endswith("s") else f"{words}s"
    return plural[:1].upper() + plural[1:]


def record(part: BaseModel, level: int) -> Iterator[str]:
    """Write a record under a heading, one field per line."""
    head = _headline(part)
    yield from heading(level, plain(str(getattr(part, head))) if head else plain(title(type(part))))
    yield from _fields(part, head, 0)
    yield ""


def _members(part: object) -> dict[str, object]:
    """Give the fields of a record, or of an object that is known as JSON alone."""
    if isinstance(part, BaseModel):
        return {name: getattr(part, name) for name in type(part).model_fields}
    return dict(part) if isinstance(part, Mapping) else {}


def _headline(part: object) -> str | None:
    """Find the field that best says what a record is."""
    members = _members(part)
    return next((name for name in _HEADLINES if members.get(name)), None)


def _fields(part: object, but: str | None, depth: int) -> Iterator[str]:
    for name, value in _members(part).items():
        if name != but and value not in (None, [], {}):
            yield from _field(phrases.title(name.replace("_", "-")), value, depth)


def _field(label: str, value: object, depth: int) -> Iterator[str]:
    """Write a value beside its label, or below it where it has parts."""
    in_a_line = _simple(value)
    if in_a_line is not None:
        yield from bullet(joined([bold(f"{label}:"), in_a_line]), depth)
        return
    yield from bullet(bold(f"{label}:"), depth)
    for part in value if isinstance(value, list) else [value]:
        yield from _item(part, depth + 1)


def _item(value: object, depth: int) -> Iterator[str]:
    in_a_line = _simple(value)
    if in_a_line is not None:
        yield from bullet(in_a_line, depth)
        return
    head = _headline(value)
    yield from bullet(bold(str(_members(value)[head])) if head else "·", depth)
    yield from _fields(value, head, depth + 1)


def sourced(source: Attribution) -> str:
    """Write who says so, after the words."""
    return joined([quoted(source.quote) if source.quote else None, f"({plain(source.slug)})"])


def _simple(value: object) -> str | None:
    """Write what fits on the line of its label; None for what doesn't."""
    match _recognised(value):
        case Attribution(slug=slug, quote=quote):
            return joined([plain(slug), quoted(quote) if quote else None])
        case Range() as range_:
            return phrases.span(range_)
        case BaseModel() | Mapping():
            return None
        case list() as parts:
            return "; ".join(map(plain, parts)) if all(map(_is_short, parts)) else None
        case datetime() as at:
            return f"{at:%Y-%m-%d %H:%M} UTC"
        case _:
            return plain(("no", "yes")[value] if isinstance(value, bool) else str(value))


def _recognised(value: object) -> object:
    """Read JSON as the small record that it is, where it is one."""
    model = _BY_FIELDS.get(frozenset(value)) if isinstance(value, Mapping) else None
    return model.model_validate(value) if model else value


def _is_short(part: object) -> bool:
    return isinstance(part, str) and len(part) <= _SHORT and ";" not in part


def history(answer: History, next_: str | None) -> Iterator[str]:
    """Write the changes, newest first."""
    name = _of(answer.items[0].after or answer.items[0].before, "name") if answer.items else None
    yield from heading(1, f"History of {plain(str(name))}" if answer.items else "History")
    for item in answer.items:
        yield from _entry(item)
    yield from paragraph(f"Next page: {address(next_)}" if next_ else "")


def _entry(entry: HistoryEntry) -> Iterator[str]:
    yield from heading(2, f"Revision {entry.revision}: {plain(entry.action)}")
    told = {"When": entry.at, "By": entry.by, "Through": str(entry.channel), "Reason": entry.reason, "Fields": entry.fields}
    for label, value in told.items():
        if value:
            yield from _field(label, value, 0)
    if entry.before is not None and entry.after is not None:
        for name in entry.fields:
            yield from _change(phrases.title(name.replace("_", "-")), _of(entry.before, name), _of(entry.after, name))
    yield ""


def _of(document: JsonValue, name: str) -> JsonValue:
    return document.get(name) if isinstance(document, Mapping) else None


def _change(label: str, before: JsonValue, after: JsonValue) -> Iterator[str]:
    """Write a change on one line where both sides fit there, else one below the other."""
    old, new = _in_a_line(before), _in_a_line(after)
    if old is not None and new is not None:
        yield from bullet(joined([bold(f"{label}:"), old, "→", new]))
        return
    yield from bullet(bold(f"{label}:"))
    yield from _field("Before", before or _NOTHING, 1)
    yield from _field("After", after or _NOTHING, 1)


def _in_a_line(value: JsonValue) -> str | None:
    return _NOTHING if value in (None, [], {}, "") else _simple(value)
