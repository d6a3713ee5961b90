"""Answers of the catalogue: the format asked for, a strong ETag, and always checked again before use."""

import gzip
import re
from collections.abc import Mapping
from http import HTTPStatus

import mimeparse
from starlette.requests import Request
from starlette.responses import Response
from xxhash import xxh3_128

from api import formats
from api.formats import Answer, Format
from api.library.records import One
from api.web.params import understood
from api.web.problems import NotAcceptable

FRESHNESS = {"Cache-Control": "public, max-age=0, must-revalidate", "Vary": "Accept, Accept-Encoding"}
_GZIP = re.compile(r"(?:^|,)\s*(gzip|\*)\s*(?:;\s*q=([0-9.]+)\s*)?(?=,|$)", re.IGNORECASE)


def answer(request: Request, content: Answer, next_: str | None = None) -> Response:
    """Write an answer in the format asked for, or say that the caller has it already."""
    chosen = choose(request, type(content))
    body = chosen.writers[type(content)](content, next_)
    return fresh(request, chosen, body, {"Link": f'<{next_}>; rel="next"'} if next_ else {})


def fresh(request: Request, chosen: Format, body: bytes, more: Mapping[str, str]) -> Response:
    """Answer with a body, or say that the caller has it already; `more` headers go with either."""
    packed = coding(request.headers.get("accept-encoding", ""))
    headers = {**FRESHNESS, "ETag": etag(chosen, body, packed), **more}
    if has_it(request.headers.get("if-none-match", ""), headers["ETag"]):
        return Response(status_code=304, headers=headers)
    if packed:
        headers["Content-Encoding"] = packed
        body = gzip.compress(body, mtime=0)
    return Response(body, headers=headers, media_type=chosen.media_type)


def choose(request: Request, kind: type) -> Format:
    """Choose the format in which this kind of answer is written."""
    return choose_of(request, formats.offered(kind))


def choose_of(request: Request, offered: Mapping[str, Format]) -> Format:
    """Choose one of the formats offered: `format` wins over `Accept`."""
    name = request.query_params.get("format")
    if name is not None:
        return offered[understood("format", "format", name, list(offered), lambda: formats.ALSO_CALLED)]
    best = preferred(request.headers.get("accept", ""), offered)
    if best is None:
        raise NotAcceptable.but_these({name: one.media_type for name, one in offered.items()})
    return best


def preferred(accept: str, offered: Mapping[str, Format]) -> Format | None:
    """Read an Accept header: which of the formats it likes best; None where it takes none of them."""
    if accept in ("", "*/*"):
        return next(iter(offered.values()))
    by_type = {one.media_type: one for one in reversed(list(offered.values()))}
    try:
        return by_type.get(mimeparse.best_match(list(by_type), accept))
    except mimeparse.MimeTypeParseException:
        return None


def etag(chosen: Format, body: bytes, packed: str | None = None) -> str:
    """Name the content: the same bytes in the same format and coding have the same name, and no others."""
    # Nobody gains by forging one, and a cryptographic hash takes as long over a page as the database.
    digest = xxh3_128(chosen.media_type.encode() + b"\n")
    digest.update(body)
    name = digest.hexdigest()
    return f'"{name}-{packed}"' if packed else f'"{name}"'


def coding(accept_encoding: str) -> str | None:
    """Choose gzip where it is asked for; a weight of 0 says no."""
    weights = {name.lower(): float(q or 1) for name, q in _GZIP.findall(accept_encoding) if (q or "1").count(".") <= 1 and q != "."}
    return "gzip" if weights.get("gzip", weights.get("*", 0)) > 0 else None


def has_it(if_none_match: str, name: str) -> bool:
    """Compare weakly, as RFC 9110 has it for If-None-Match."""
    given = {one.strip().removeprefix("W/") for one in if_none_match.split(",")}
    return name in given or "*" in given


def stored(request: Request, content: One, status: int) -> Response:
    """Answer a write with the record as it is stored now, and its ETag for the next one."""
    chosen = formats.offered(One)["json"]
    body = chosen.writers[One](content, None)
    headers = {"ETag": etag(chosen, body), "Cache-Control": "no-store"}
    if status == HTTPStatus.CREATED:
        headers["Location"] = request.scope["path"]
    return Response(body, status, headers, chosen.media_type)


def unstored(document: str) -> Response:
    """Answer what concerns one person: nobody may keep it."""
    return Response(document, headers={"Cache-Control": "no-store"}, media_type="application/json")
