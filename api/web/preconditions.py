"""Preconditions of writing: nobody overwrites what they haven't seen (RFC 9110)."""

from starlette.requests import Request

from api import formats
from api.errors import NotFound
from api.library.records import One
from api.web.answers import etag
from api.web.problems import LostRace, PreconditionRequired

CODINGS = (None, "gzip")


def names(content: One) -> set[str]:
    """Give every ETag that we give for this state: one for each format and coding."""
    return {etag(one, one.writers[One](content, None), coding) for one in formats.offered(One).values() for coding in CODINGS}


def refuse_lost_race(request: Request, current: One | None, missing: str, *, may_create: bool = False) -> None:
    """Refuse a write that isn't about the state as it is.

    Raises NotFound where what should be there isn't, PreconditionRequired without a precondition, LostRace where it fails.
    """
    match = ",".join(request.headers.getlist("if-match")) if "if-match" in request.headers else None
    creates = request.headers.get("if-none-match", "").strip() == "*"
    if current is None and (match is not None or not may_create):
        raise NotFound(missing)
    if match is None and not creates:
        raise PreconditionRequired(
            "Say what you are changing: 'If-Match' with the ETag that you read"
            + (", or 'If-None-Match: *' to create what isn't there." if may_create else ".")
        )
    if current is not None and (creates or not _matches(match or "", current)):
        raise LostRace("It is not as you saw it: read it again, and decide again.")


def _matches(match: str, current: One) -> bool:
    given = {one.strip() for one in match.split(",")}
    return "*" in given or bool(given & names(current))
