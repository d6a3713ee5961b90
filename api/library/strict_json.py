"""JSON that can be read in one way only: RFC 8259 leaves open what a key given twice means, and Python reads `NaN`."""

from json import JSONDecodeError, loads
from typing import NoReturn

_SHOWN = 100


class NotJson(ValueError):
    """A text that is not JSON, or that two programs would read differently; the message completes 'This is not JSON: …'."""


def refuse_ambiguous(text: str) -> None:
    """Refuse a key given twice in one object, at any depth and however it is escaped, and numbers that JSON doesn't have.

    Raises NotJson. Any other mistake is left to the parser that gives the values: it says where it stands.
    """
    try:
        loads(text, object_pairs_hook=_each_key_once, parse_constant=_refuse_constant, parse_int=_unread, parse_float=_unread)
    except RecursionError:
        raise NotJson("it is nested too deeply") from None
    except JSONDecodeError:
        return


def _each_key_once(pairs: list[tuple[str, object]]) -> None:
    if len(pairs) == len(dict(pairs)):
        return
    seen: set[str] = set()
    for key, _ in pairs:
        if key in seen:
            shown = key[:_SHOWN].encode(errors="replace").decode()  # half a surrogate pair can't be sent back
            raise NotJson(f"the key '{shown}' is given twice in the same object")
        seen.add(key)


def _refuse_constant(name: str) -> NoReturn:
    raise NotJson(f"{name} is not a number in JSON")


def _unread(_: str) -> None:
    """Leave numbers alone: only keys count here, and Python refuses to read numbers of thousands of digits."""
