"""Preconditions of writing: nobody overwrites what they haven't seen (RFC 9110)."""

from collections.abc import Sequence

from starlette.requests import Request

from api import formats
from api.errors import NotFound
from api.library.serialised import SerialisedRecord
from api.web.answers import written
from api.web.etags import CODINGS, coded, etag, if_match, refuse_others
from api.web.problems import PreconditionFailed, PreconditionRequired


def tags(request: Request, content: SerialisedRecord, given: Sequence[str]) -> set[str]:
    """Give the ETags that we give for this state, one for each coding of each format, as far as it takes to find one of those given."""
    found: set[str] = set()
    for one in formats.FORMATS.values():  # JSON first: that is what is edited, and costs nothing to write
        if one.writer(type(content)) is None:
            continue
        tag = etag(one.media_type, written(request, one, content))
        found |= {coded(tag, coding) for coding in CODINGS}
        if not found.isdisjoint(given):
            break
    return found


def refuse_lost_race(request: Request, current: SerialisedRecord | None, missing: str, *, may_create: bool = False) -> None:
    """Refuse a write that isn't about the state as it is.

    Raises MalformedHeader where `If-Match` is no list of ETags, NotFound where what should be there isn't, PreconditionRequired
    without a precondition, PreconditionFailed where it fails.
    """
    given = if_match(request)
    creates = ",".join(request.headers.getlist("if-none-match")).strip() == "*"
    if current is None and (given is not None or not may_create):
        raise NotFound(missing)
    if given is None and not creates:
        raise PreconditionRequired(
            "Say what you are changing: 'If-Match' with the ETag that you read"
            + (", or 'If-None-Match: *' to create what isn't there." if may_create else ".")
        )
    if current is not None:
        if creates:
            raise PreconditionFailed("It is there already: read it, and replace it with 'If-Match'.")
        refuse_others(given or [], tags(request, current, given or []))
