"""JSON with only one reading: RFC 8259 leaves open what a repeated key means, and Python accepts `NaN`."""

from json import JSONDecodeError, loads
from typing import NoReturn

_SHOWN = 100


class NotJson(ValueError):
    """A text that is not JSON, or that two programs would read differently; the message completes 'This is not JSON: …'."""


def refuse_ambiguous(text: str) -> None:
    """Refuse a key given twice in one object, at any depth and however it is escaped, and numbers that JSON doesn't have.

    Raises NotJson. Any other mistake is left to the parser that gives the values: it says where it stands.
    """
    objects: list[list[tuple[str, object]]] = []
    try:
        # Numbers stay text: only keys count here, and Python refuses to read numbers of thousands of digits.
        loads(text, object_pairs_hook=objects.append, parse_constant=_refuse_constant, parse_int=str, parse_float=str)
    except RecursionError:
        raise NotJson("it is nested too deeply") from None
    except JSONDecodeError:
        pass  # what was whole before the mistake is looked at all the same
    for pairs in objects:
        if len(pairs) != len(dict(pairs)):
            _refuse_repeated(pairs)


def _refuse_repeated(pairs: list[tuple[str, object]]) -> None:
    seen: set[str] = set()
    for key, _ in pairs:
        if key in seen:
            shown = key[:_SHOWN].encode(errors="replace").decode()  # half a surrogate pair can't be sent back
            raise NotJson(f"the key '{shown}' is given twice in the same object")
        seen.add(key)


def _refuse_constant(name: str) -> NoReturn:
    raise NotJson(f"{name} is not a number in JSON")
