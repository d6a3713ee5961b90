"""Which heads of requests are HTTP: what two servers could read differently is refused first (RFC 9112)."""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from api.errors import ExerciseLibraryError
from api.web.problems import MalformedRequest, NotSupported

IMPLEMENTED = frozenset(("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"))
"""Methods that some path has."""
METHODS = IMPLEMENTED | {"PATCH", "QUERY", "TRACE", "COPY", "LOCK", "MKCOL", "MOVE", "PROPFIND", "PROPPATCH", "UNLOCK"}
"""Methods that are known (RFC 9110 and 5789, QUERY, WebDAV): a path that doesn't have one answers 405. Any other is 501."""
UNKNOWN_METHOD = f"There is no such method here; those that some path has are {', '.join(sorted(IMPLEMENTED))}."
EVERYTHING = b"*"
"""The target of `OPTIONS *`: the service as a whole. With another method it is the path of nothing."""
LONGEST_LINE = 8_192
"""So many bytes may be looked at for the end of a line whose method isn't known."""

_VERSIONS = ("1.1", "1.0")
_CHUNKED = b"chunked"
# A comma would be a legal character of a name, but is what two Host lines look like once a proxy has joined them.
_PORT = rb"(?:0*(?:[0-9]{0,4}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5]))"
_HOST = re.compile(
    rb"(?:\[[0-9A-Fa-f:.]+\]|\[[vV][0-9A-Fa-f]+\.[\w.~!$&'()*+;=:-]+\]|(?:[\w.~!$&'()*+;=-]|%[0-9A-Fa-f]{2})*)(?::PORT)?".replace(
        b"PORT", _PORT
    )
)
_ABSOLUTE = re.compile(rb"https?://([^/?#]+)((?:[/?][^#]*)?)", re.IGNORECASE)
_LINE = re.compile(rb"(?<![!#-'*+.^_`|~0-9A-Za-z-])([!#-'*+.^_`|~0-9A-Za-z-]+) [^ \r\n]+ HTTP/1\.[01]\r\n")
_UNFINISHED = re.compile(rb"[\t\r\n -~]*[^\n]")

Headers = Iterable[tuple[bytes, bytes]]


class Target(NamedTuple):
    """What a request line asks for: a path with its query, and the host where it names one."""

    path: bytes
    host: bytes | None


def fault(version: str, headers: Headers) -> ExerciseLibraryError | None:
    """Say what is wrong with a head; None where nothing is."""
    hosts, codings = [], []
    for name, value in headers:
        if name == b"host":
            hosts.append(value)
        elif name == b"transfer-encoding":
            codings.append(value)
    if version not in _VERSIONS:
        return MalformedRequest("This service speaks HTTP/1.1 and HTTP/1.0.")
    if len(hosts) > 1 or not all(map(_is_host, hosts)) or (not hosts and version == "1.1"):
        return MalformedRequest("A request has one 'Host' header, with a host and perhaps a port.")
    return _fault_of_codings(version, b",".join(codings)) if codings else None


@lru_cache(maxsize=1_000)
def _is_host(value: bytes) -> bool:
    return _HOST.fullmatch(value) is not None


def _fault_of_codings(version: str, codings: bytes) -> ExerciseLibraryError | None:
    *others, last = (coding.strip(b" \t").lower() for coding in codings.split(b","))
    if version == "1.0" or last != _CHUNKED or b"" in others:  # the parser refuses chunked twice
        return MalformedRequest("'Transfer-Encoding' ends with 'chunked', once, and is no part of HTTP/1.0.")
    return NotSupported("The only transfer coding understood here is 'chunked'.") if others else None


def target(given: bytes) -> Target | None:
    """Read the target of a request line that isn't a path alone; None where it is none."""
    if given == EVERYTHING:
        return Target(given, None)
    found = _ABSOLUTE.fullmatch(given)
    if found is None or not _is_host(found[1]):
        return None
    return Target(found[2] if found[2].startswith(b"/") else b"/" + found[2], found[1])


def of_unknown_method(received: bytes) -> ExerciseLibraryError | None:
    """Say what is wrong with a piece whose method the parser doesn't know; None while its line hasn't ended."""
    if len(received) < LONGEST_LINE and _UNFINISHED.fullmatch(received):
        return None
    if any(line[1].decode() not in METHODS for line in _LINE.finditer(received)):
        return NotSupported(UNKNOWN_METHOD)
    return MalformedRequest("This is not a request of HTTP/1.1.")
