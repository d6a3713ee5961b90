"""Which of several media types a caller prefers, and in which coding (RFC 9110, 12); malformed elements of a list are skipped."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

LONGEST_REMEMBERED = 500
_NAME = r"[!#-'*+.^_`|~0-9A-Za-z-]+"
_QUOTED = r'"(?:\\.|[^"\\])*"'
_ELEMENT = re.compile(r'(?:[^,"]|"(?:\\.|[^"\\])*(?:"|\\?\Z))+', re.DOTALL)
_MEDIA_RANGE = re.compile(rf"({_NAME})/({_NAME})\s*(?=;|\Z)")
_CODING = re.compile(rf"({_NAME})\s*(?=;|\Z)")
_PARAMETER = re.compile(rf";\s*({_NAME})\s*=\s*({_QUOTED}|[^\s;]*)", re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_JAVAS_ANYTHING = re.compile(r"\*\s*(?=;|\Z)")
"""What `URLConnection` sends for `*/*`."""


class MediaType(NamedTuple):
    """A media type, or a range of them, with its parameters but for the weight."""

    type: str
    subtype: str
    parameters: dict[str, str]

    def fits(self, offered: "MediaType") -> int:
        """Say how closely this range describes a media type; 0 where it doesn't. A parameter that the type lacks is ignored."""
        others = [name for name, value in self.parameters.items() if offered.parameters.get(name, value) != value]
        if others or self.type not in ("*", offered.type) or self.subtype not in ("*", offered.subtype):
            return 0
        shared = len(self.parameters.keys() & offered.parameters.keys())
        return 1 + 100 * (self.type != "*") + 10 * (self.subtype != "*") + shared


def best(accept: str, offered: Sequence[str]) -> str | None:
    """Give the media type that a caller prefers; of equals the one most closely described, then the first; None where none will do."""
    return _remembered(accept, tuple(offered)) if len(accept) <= LONGEST_REMEMBERED else _best(accept, offered)


def _best(accept: str, offered: Sequence[str]) -> str | None:
    if not accept.strip(" \t,"):
        return offered[0]
    ranges = list(_ranges(accept))
    found: tuple[float, int, str] = 0, 0, ""
    for name in offered:
        type_ = media_type(name)
        fit, weight = max(((range_.fits(type_), weight) for range_, weight in ranges), default=(0, 0.0))
        if fit and weight and (weight, fit) > found[:2]:
            found = weight, fit, name
    return found[2] or None


_remembered = lru_cache(maxsize=1_000)(_best)


def gzip_wanted(accept_encoding: str) -> bool:
    """Say whether gzip is asked for, and nothing else is preferred."""
    weights: dict[str, float] = {}
    for element in _elements(accept_encoding):
        found, weight = _CODING.match(element), _weight(_parameters(element))
        if found is not None and weight is not None:
            weights.setdefault(found[1].lower().removeprefix("x-"), weight)
    gzip = weights.get("gzip", weights.get("*", 0.0))
    return gzip > 0 and gzip >= weights.get("identity", 0.0)


@lru_cache(maxsize=100)
def media_type(name: str) -> MediaType:
    """Read a media type of ours."""
    kind, _, subtype = name.partition(";")[0].strip().lower().partition("/")
    return MediaType(kind, subtype, _parameters(name))


def _ranges(accept: str) -> Iterator[tuple[MediaType, float]]:
    for element in _elements(accept):
        written = "*/*" + element[1:] if _JAVAS_ANYTHING.match(element) else element
        found = _MEDIA_RANGE.match(written)
        if found is not None and (found[1] != "*" or found[2] == "*"):
            parameters = _parameters(written)
            weight = _weight(parameters)
            parameters.pop("q", None)
            # A media type is wanted however badly its weight is written; a coding isn't, for nobody needs one.
            yield MediaType(found[1].lower(), found[2].lower(), parameters), 1.0 if weight is None else weight


def _elements(header: str) -> Iterator[str]:
    """Split a list at its commas, but not within quotes."""
    return (element.strip() for element in _ELEMENT.findall(header))


def _parameters(element: str) -> dict[str, str]:
    return {found[1].lower(): _unquoted(found[2]) for found in _PARAMETER.finditer(element)}


def _unquoted(value: str) -> str:
    return _ESCAPED.sub(r"\1", value[1:-1]) if value.startswith('"') and len(value) > 1 else value


def _weight(parameters: dict[str, str]) -> float | None:
    """Read a weight; None where it is malformed."""
    try:
        weight = float(parameters.get("q", "1"))
    except ValueError:
        return None
    return weight if 0 <= weight <= 1 else None
