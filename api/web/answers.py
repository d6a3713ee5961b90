"""Answers of the catalogue: the format asked for, a strong ETag, and always checked again before use."""

import gzip
from collections.abc import Mapping
from functools import cached_property
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response

from api import formats
from api.formats import Answer, Format, fhir
from api.library.serialised import SerialisedRecord
from api.web import negotiation
from api.web.etags import CODINGS, coded, etag, has_it, if_match, refuse_others
from api.web.located import located
from api.web.params import understood
from api.web.problems import none_acceptable

FRESHNESS = {"Cache-Control": "public, max-age=0, must-revalidate", "Vary": "Accept, Accept-Encoding"}
_POLICIES = {"text/html": {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"}}
"""A printable program brings its style and its drawings along, and loads nothing."""


class Prepared:
    """A document that is the same for everybody, packed and named once."""

    def __init__(self, media_type: str, body: bytes) -> None:
        """Prepare it; it is packed when somebody asks for that."""
        self.media_type = media_type
        self.body = body
        self.etag = etag(media_type, body)

    @cached_property
    def packed(self) -> bytes:
        """Its bytes in gzip."""
        return gzip.compress(self.body, mtime=0)


def answer(request: Request, content: Answer, next_: str | None = None) -> Response:
    """Write an answer in the format asked for, or say that the caller has it already."""
    chosen = choose(request, type(content))
    link = {"Link": f'<{next_}>; rel="next"'} if next_ else {}
    return fresh(request, chosen, written(request, chosen, content, next_), {**link, **policy_of(chosen)})


def policy_of(chosen: Format) -> Mapping[str, str]:
    """Give the header that says what a browser may do with an answer in this format; none where it would do nothing."""
    return _POLICIES.get(chosen.media_type, {})


def written(request: Request, chosen: Format, content: Answer, next_: str | None = None) -> bytes:
    """Write an answer in a format, with addresses that lead back to where it was asked."""
    writer = chosen.writer(type(content))
    assert writer is not None  # noqa: S101  (only what has a writer is offered; this is for the type checker)
    body = writer(located(content, request.scope.get("root_path", "")), next_)
    if chosen is formats.FORMATS["fhir"]:
        return fhir.rebased(body, request.app.state.fhir_base)
    return body


def fresh(request: Request, chosen: Format, body: bytes, more: Mapping[str, str]) -> Response:
    """Answer with a body, or say that the caller has it already; `more` headers go with either."""
    return prepared(request, Prepared(chosen.media_type, body), more)


def prepared(request: Request, document: Prepared, more: Mapping[str, str]) -> Response:
    """Answer with a document, or say that the caller has it already; `more` headers go with either."""
    headers, is_there = named(request, document.etag)
    if is_there:
        return Response(status_code=304, headers={**headers, **more})
    body = document.packed if "Content-Encoding" in headers else document.body
    return Response(body, headers={**headers, **more}, media_type=document.media_type)


def named(request: Request, tag: str) -> tuple[dict[str, str], bool]:
    """Give the headers of an answer that has this name, in the coding asked for, and say whether the caller has it already.

    Raises MalformedHeader or PreconditionFailed where `If-Match` wants another.
    """
    expected = if_match(request)
    if expected is not None:
        refuse_others(expected, [coded(tag, one) for one in CODINGS])
    packed = coding(listed(request, "accept-encoding"))
    headers = {**FRESHNESS, "ETag": coded(tag, packed or "")}
    is_there = has_it(listed(request, "if-none-match"), headers["ETag"])
    return headers | ({"Content-Encoding": packed} if packed and not is_there else {}), is_there


def listed(request: Request, header: str) -> str:
    """Give a header that is a list, from however many lines it came in."""
    return ",".join(request.headers.getlist(header))


def choose(request: Request, kind: type) -> Format:
    """Choose the format in which this kind of answer is written."""
    return choose_of(request, formats.offered(kind))


def refuse_other_formats(request: Request, kind: type) -> None:
    """Refuse a `format` in which this kind of answer isn't written: what isn't understood is told before what isn't there."""
    if "format" in request.query_params:
        choose(request, kind)


def choose_of(request: Request, offered: Mapping[str, Format]) -> Format:
    """Choose one of the formats offered: `format` wins over `Accept`."""
    name = request.query_params.get("format")
    if name is not None:
        return offered[understood("format", "format", name, list(offered), lambda: formats.ALSO_CALLED)]
    by_type = {one.media_type: one for one in offered.values()}
    best = negotiation.best(listed(request, "accept"), list(by_type))
    if best is None:
        raise none_acceptable({name: one.media_type for name, one in offered.items()})
    return by_type[best]


def coding(accept_encoding: str) -> str | None:
    """Choose gzip where it is asked for."""
    return "gzip" if accept_encoding and negotiation.gzip_wanted(accept_encoding) else None


def stored(request: Request, content: SerialisedRecord, status: int) -> Response:
    """Answer a write with the record as it is stored now, and its ETag for the next one."""
    chosen = formats.offered(SerialisedRecord)["json"]
    body = written(request, chosen, content)
    headers = {"ETag": etag(chosen.media_type, body), "Cache-Control": "no-store"}
    if status == HTTPStatus.CREATED:
        headers["Location"] = request.scope["path"]
    return Response(body, status, headers, chosen.media_type)


def unstored(document: str) -> Response:
    """Answer what concerns one person: nobody may keep it."""
    return Response(document + "\n", headers={"Cache-Control": "no-store"}, media_type="application/json")
