"""Parameters: what isn't understood is refused, with the nearest right word."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from hashlib import sha256
from json import dumps, loads
from typing import Annotated
from unicodedata import category
from urllib.parse import urlencode

from fastapi import Query, Request
from pydantic import BeforeValidator
from pydantic_core import PydanticKnownError

from api.errors import Complaint, EmptyValue, InvalidCursor, InvalidValue, RepeatedParameter, UnknownParameter, UnknownValue
from api.library import complaints
from api.library.legible import can_be_seen
from api.library.query import LONGEST_PAGE, PAGE
from api.library.spelling import nearest
from api.library.vocabulary import View
from api.web.paths import asked, match

Key = tuple[str | int, ...]
_NOT_FILTERS = {"limit", "cursor", "format"}
_AS_IF_NOT_ASKED = ("view", View.FULL)
_LARGEST = 2**31
_WHOLE_NUMBER = re.compile("-?(?:0|[1-9][0-9]*)")
_REPLACED = "\ufffd"
_SEPARATORS = re.compile(r"[\s,;|+]+")
_REPEATABLE = ("type", "group", "only")

TypesQuery = Annotated[
    list[str],
    Query(alias="type", description="A type of dysfunction, such as `unstable`; repeated: what suits **every** type given.", max_length=50),
]


def _in_digits(given: object) -> object:
    """Take a whole number as people write it: Python reads `1_0`, `+5` and ` 05` as well."""
    if isinstance(given, str) and not _WHOLE_NUMBER.fullmatch(given):
        raise PydanticKnownError("int_parsing")
    return given


IN_DIGITS = BeforeValidator(_in_digits)
Limit = Annotated[int, Query(ge=1, le=LONGEST_PAGE, description=f"How many items at the most, 1 to {LONGEST_PAGE}."), IN_DIGITS]
Cursor = Annotated[str | None, Query(description="Where the next page begins: from `next` of the page before, with the same filters.")]
FormatName = Annotated[str | None, Query(alias="format", description="The format of the answer; it wins over `Accept`.")]
DEFAULT_LIMIT = PAGE


async def refuse_the_unknown(request: Request) -> None:
    """Refuse what the path that is asked doesn't take."""
    path = match(request.app.state.paths, asked(request.scope))
    refuse_others(request.query_params.multi_items(), path.methods.get(request.method, {}) if path else {})


def refuse_others(given: Sequence[tuple[str, str]], known: Mapping[str, bool]) -> None:
    """Refuse a parameter that isn't known, is known once and given twice, or has no value; `known` says which may be repeated."""
    names = [name for name, _ in given]
    for name in names:
        if name not in known:
            hint = nearest(name, known)
            complaint = Complaint(name, f"There is no parameter '{name}' here.", tuple(known), hint)
            raise UnknownParameter(_sentence(complaint), complaints=(complaint,))
    for name, value in given:
        _refuse_unreadable(name, value)
        if not can_be_seen(value):
            raise EmptyValue(f"'{name}' has no value.", complaints=(Complaint(name, "It has no value."),))
        if names.count(name) > 1 and not known[name]:
            raise RepeatedParameter(f"'{name}' can be given once.", complaints=(Complaint(name, "It can be given once."),))


def _refuse_unreadable(name: str, value: str) -> None:
    """Refuse what nobody can have meant to ask: bytes that are no text, which arrive as U+FFFD, and control characters."""
    if value.isprintable() and _REPLACED not in value:
        return
    wrong = next((one for one in value if one == _REPLACED or (category(one) == "Cc" and not one.isspace())), None)
    if wrong is not None:
        why = "isn't UTF-8" if wrong == _REPLACED else f"has U+{ord(wrong):04X} in it, a control character"
        raise InvalidValue.at(name, f"'{name}' {why}.")


def _sentence(complaint: Complaint) -> str:
    hint = f" Did you mean '{complaint.did_you_mean}'?" if complaint.did_you_mean else ""
    return complaint.message + hint


Called = Callable[[], Mapping[str, str]]


def understood(field: str, kind: str, given: str, allowed: Collection[str], called: Called | None = None) -> str:
    """Give a value that exists, or refuse it with the one that was probably meant.

    `called` finds what else values are called, where `allowed` doesn't have their records.
    """
    if given not in allowed:
        complaint = _several(field, given, allowed) or complaints.unknown(field, kind, given, allowed, called and called())
        raise UnknownValue(_sentence(complaint), complaints=(complaint,))
    return given


def _several(field: str, given: str, allowed: Collection[str]) -> Complaint | None:
    """Tell whoever wrote several values as one how they are given; None where it isn't that."""
    values = [value for value in _SEPARATORS.split(given) if value]
    if len(values) < 2 or not set(values) <= set(allowed):  # noqa: PLR2004  (several are two or more)
        return None
    repeated = f": repeat the parameter, as in {'&'.join(f'{field}={value}' for value in values)}" if field in _REPEATABLE else ""
    return Complaint(field, f"'{field}' takes one value at a time{repeated}.", complaints.shown(allowed))


def once_each(values: Iterable[str]) -> tuple[str, ...]:
    """Count exactly repeated values once."""
    return tuple(dict.fromkeys(values))


def _filters(request: Request) -> list[tuple[str, str]]:
    asked = {(name, value) for name, value in request.query_params.multi_items() if name not in _NOT_FILTERS}
    return sorted(asked - {_AS_IF_NOT_ASKED})


def _fingerprint(request: Request) -> str:
    return sha256(dumps([request.scope["path"], _filters(request)]).encode()).hexdigest()[:12]


def after(request: Request, cursor: str | None) -> Key | None:
    """Read a cursor: the key of the last item seen, if it is ours and belongs to these filters."""
    if cursor is None:
        return None
    try:
        fingerprint, *key = loads(urlsafe_b64decode(cursor.encode() + b"=="))
    except (NotBase64, ValueError, TypeError, RecursionError):
        raise InvalidCursor("This is not a cursor of ours.", complaints=(Complaint("cursor", "It is not ours."),)) from None
    if fingerprint != _fingerprint(request) or not all(map(_is_key, key)):
        raise InvalidCursor(
            "This cursor belongs to other filters; begin again without it.", complaints=(Complaint("cursor", "It has other filters."),)
        )
    return tuple(key)


def _is_key(part: object) -> bool:
    if isinstance(part, str):
        return part.isascii() and part.isprintable()
    return type(part) is int and 0 <= part < _LARGEST


def next_page(request: Request, last: Key | None) -> str | None:
    """Write the address of the page that goes on after an item; None where it was the last."""
    if last is None:
        return None
    cursor = urlsafe_b64encode(dumps([_fingerprint(request), *last], separators=(",", ":")).encode()).decode().rstrip("=")
    kept: Sequence[tuple[str, str]] = [(name, value) for name, value in request.query_params.multi_items() if name != "cursor"]
    return f"{request.scope['path']}?{urlencode([*kept, ('cursor', cursor)])}"
