"""ETags: names of answers, and what callers say of those they have (RFC 9110, 8.8.3 and 13.1)."""

import re
from collections.abc import Iterable

from starlette.requests import Request
from xxhash import xxh3_128

from api.web.problems import MalformedHeader, PreconditionFailed

CODINGS = ("", "gzip")
"""What an answer can be sent in: as it is, or packed."""
_ELEMENT = re.compile(r'(?:[^,"]|"[^"]*(?:"|\Z))+')
_TAG = re.compile(r'(?:W/)?"[!#-~\x80-\xff]*"')
_ANY = "*"
_WEAK = "W/"


def etag(media_type: str, body: bytes, coding: str = "") -> str:
    """Name the content: the same bytes in the same format and coding have the same name, and no others."""
    # Nobody gains by forging one, and a cryptographic hash takes as long over a page as the database.
    digest = xxh3_128(media_type.encode() + b"\n")
    digest.update(body)
    return coded(f'"{digest.hexdigest()}"', coding)


def coded(tag: str, coding: str) -> str:
    """Name the same content in a coding."""
    return f'{tag[:-1]}-{coding}"' if coding else tag


def has_it(if_none_match: str, tag: str) -> bool:
    """Say whether a caller has an answer already; compared weakly."""
    if not if_none_match:
        return False
    given = {element.removeprefix(_WEAK) for element in _elements(if_none_match)}
    return tag in given or _ANY in given


def if_match(request: Request) -> list[str] | None:
    """Give the ETags of `If-Match`, or `*` alone; None without the header. Raises MalformedHeader where it is no list of ETags."""
    lines = request.headers.getlist("if-match")
    if not lines:
        return None
    given = _elements(",".join(lines))
    if given != [_ANY] and (not given or not all(map(_TAG.fullmatch, given))):
        raise MalformedHeader("'If-Match' is '*' or a list of ETags, each in its double quotes, as 'ETag' had it.")
    return given


def refuse_others(given: list[str], tags: Iterable[str]) -> None:
    """Raise PreconditionFailed where none of the ETags given is among these; compared strongly."""
    if given == [_ANY] or not set(given).isdisjoint(tags):
        return
    if all(tag.startswith(_WEAK) for tag in given):
        raise PreconditionFailed("A weak ETag ('W/…') never matches here: send the one that was answered, as it was.")
    raise PreconditionFailed("It is not as you saw it: read it again, and decide again.")


def _elements(header: str) -> list[str]:
    return [stripped for element in _ELEMENT.findall(header) if (stripped := element.strip(" \t"))]
