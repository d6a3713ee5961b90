"""The history of an exercise as Markdown: what each change was, field by field."""

from collections.abc import Iterator, Mapping

from pydantic import JsonValue

from api.formats import phrases
from api.formats.markdown_records import field, simple
from api.formats.markdown_text import address, bold, bullet, heading, joined, paragraph, plain, written
from api.library.history import History, HistoryEntry

_NOTHING = "nothing"


def history(answer: History, next_: str | None) -> bytes:
    """Write the changes, newest first."""
    names = [str(_of(change.after or change.before, "name")) for change in answer.items]
    head = heading(1, f"History of {plain(names[0])}" if names else "History")
    changes = [line for item in answer.items for line in _entry(item)]
    return written([*head, *changes, *paragraph(f"Next page: {address(next_)}" if next_ else "")])


def _entry(entry: HistoryEntry) -> Iterator[str]:
    yield from heading(2, f"Revision {entry.revision}: {plain(entry.action)}")
    told = {"When": entry.at, "By": entry.by, "Through": str(entry.channel), "Reason": entry.reason, "Fields": entry.fields}
    for label, value in told.items():
        if value:
            yield from field(label, value, 0)
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
    yield from field("Before", before or _NOTHING, 1)
    yield from field("After", after or _NOTHING, 1)


def _in_a_line(value: JsonValue) -> str | None:
    return _NOTHING if value in (None, [], {}, "") else simple(value)
