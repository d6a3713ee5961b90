"""Problem details (RFC 9457): the one place that gives each error its status."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from urllib.parse import quote

from fastapi.exceptions import RequestValidationError
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from api import errors
from api.errors import Complaint, ExerciseLibraryError, Kind
from api.library import complaints
from api.library.record import Record
from api.library.spelling import nearest

MEDIA_TYPE = "application/problem+json"
MOST_COMPLAINTS, LONGEST_TEXT = 100, 1000


STATUS: dict[Kind, HTTPStatus] = {
    errors.NotUnderstood: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.NotFound: HTTPStatus.NOT_FOUND,
    errors.InvalidContent: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.Refused: HTTPStatus.CONFLICT,
    errors.Inconsistent: HTTPStatus.INTERNAL_SERVER_ERROR,
    errors.Unprintable: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.MissingExtra: HTTPStatus.NOT_IMPLEMENTED,
    errors.Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.Resync: HTTPStatus.GONE,
}
"""The status of each kind of error, and of those below it that have none of their own."""


def _kind(status: HTTPStatus, code: str, meaning: str, title: str | None = None) -> Kind:
    """Make a kind of error that HTTP alone knows."""
    made = errors.kind(code, meaning, title=title)
    STATUS[made] = status
    return made


MalformedBody = _kind(HTTPStatus.BAD_REQUEST, "malformed-body", "not JSON, not UTF-8, or a key given twice in one object")
MalformedRequest = _kind(HTTPStatus.BAD_REQUEST, "malformed-request", "not a valid HTTP request")
MalformedHeader = _kind(HTTPStatus.BAD_REQUEST, "malformed-header", "an `If-Match` that is no list of ETags")
Unauthorized = _kind(HTTPStatus.UNAUTHORIZED, "unauthorized", "a key is needed, or the one given isn't valid", title="A key is needed")
Forbidden = _kind(HTTPStatus.FORBIDDEN, "forbidden", "the key has another scope", title="Not allowed with this key")
NoSuchPath = _kind(HTTPStatus.NOT_FOUND, "no-such-path", "there is nothing at this path")
MethodNotAllowed = _kind(HTTPStatus.METHOD_NOT_ALLOWED, "method-not-allowed", "`Allow` has the path's methods")
NotAcceptable = _kind(HTTPStatus.NOT_ACCEPTABLE, "not-acceptable", "no format that `Accept` takes")
RequestTimeout = _kind(HTTPStatus.REQUEST_TIMEOUT, "request-timeout", "the body took too long to arrive")
PreconditionFailed = _kind(HTTPStatus.PRECONDITION_FAILED, "precondition-failed", "the record isn't as you saw it: somebody changed it")
ContentTooLarge = _kind(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "content-too-large", "a body of more than 1 MiB")
UriTooLong = _kind(HTTPStatus.REQUEST_URI_TOO_LONG, "uri-too-long", "an address of more than 8 kB", title="URI too long")
UnsupportedMediaType = _kind(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type", "a body that isn't declared as JSON")
InvalidReason = _kind(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid-reason", "an `X-Change-Reason` that isn't one line")
PreconditionRequired = _kind(HTTPStatus.PRECONDITION_REQUIRED, "precondition-required", "a write without `If-Match` or `If-None-Match: *`")
TooManyRequests = _kind(HTTPStatus.TOO_MANY_REQUESTS, "too-many-requests", "`Retry-After` says when")
HeadersTooLong = _kind(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "headers-too-long", "headers of more than 32 kB")
InternalError = _kind(HTTPStatus.INTERNAL_SERVER_ERROR, "internal-error", "our fault; the log has it")
NotSupported = _kind(HTTPStatus.NOT_IMPLEMENTED, "not-implemented", "a method or a transfer coding that isn't supported")


def none_acceptable(offered: Mapping[str, str]) -> ExerciseLibraryError:
    """Name the media types offered, and the `format` that gets each of them whatever the caller accepts."""
    ways = ", ".join(f"{media_type} ('format={name}')" for name, media_type in offered.items())
    version = " FHIR is answered as R5 (5.0.0) alone." if "fhir" in offered else ""
    return NotAcceptable(f"This answer can be had as {ways}. 'format' wins over 'Accept'.{version}")


_ALSO = {
    HTTPStatus.REQUEST_TIMEOUT: {"Connection": "close"},
    HTTPStatus.TOO_MANY_REQUESTS: {"Retry-After": "60"},  # where an error doesn't say it more exactly
    HTTPStatus.SERVICE_UNAVAILABLE: {"Retry-After": "1"},
    HTTPStatus.UNAUTHORIZED: {"WWW-Authenticate": 'Bearer realm="exercise-library"'},
    HTTPStatus.FORBIDDEN: {"WWW-Authenticate": 'Bearer realm="exercise-library", error="insufficient_scope"'},
}


def headers_of(status: int) -> tuple[str, ...]:
    """Name the headers that a problem of this status has besides what every answer has."""
    return tuple(name for name in _ALSO.get(HTTPStatus(status), ()) if name != "Connection")


class FieldProblem(Record):
    """One thing that is wrong with one field."""

    field: str
    """Which parameter or field."""
    message: str
    """What is wrong with it."""
    allowed: list[str]
    """What it may be, where that is a list; else empty."""
    did_you_mean: str | None
    """What was probably meant; null where nothing is near."""


class Problem(Record):
    """What went wrong, as RFC 9457 has it."""

    type: str
    """A URN that names the kind of problem."""
    title: str
    """The kind of problem, in words; the same for every problem of this `code`."""
    status: int = Field(json_schema_extra={"format": "int32"})
    """The HTTP status."""
    detail: str
    """What happened this time."""
    instance: str
    """The path that was asked."""
    code: str
    """The kind of problem, for programs; stable."""
    errors: list[FieldProblem]
    """What is wrong with which field; empty where no field is to blame."""


def status_of(error: Kind) -> HTTPStatus:
    """Give the status of an error, by its nearest ancestor that has one."""
    return next(STATUS[ancestor] for ancestor in error.__mro__ if ancestor in STATUS)


def problem(request: Request, error: ExerciseLibraryError, headers: dict[str, str] | None = None) -> Response:
    """Answer with a problem; nobody may keep it."""
    status = status_of(type(error))
    content = Problem(
        type=f"urn:exercise-library:problem:{error.code}",
        title=error.title,
        status=status,
        detail=_short(error.detail),
        instance=_path(request),
        code=error.code,
        errors=[
            FieldProblem(field=_short(field), message=_short(message), allowed=list(allowed), did_you_mean=did_you_mean)
            for field, message, allowed, did_you_mean in error.complaints[:MOST_COMPLAINTS]
        ],
    )
    retry = {"Retry-After": str(error.retry_after)} if error.retry_after else {}
    told = {"Cache-Control": "no-store", **_ALSO.get(status, {}), **retry, **(headers or {})}
    return Response(f"{content.model_dump_json()}\n", status, told, media_type=MEDIA_TYPE)


def _path(request: Request) -> str:
    """Give the path as it was asked, its percent-encoding kept: decoded, two paths could look the same."""
    raw: bytes = request.scope.get("raw_path") or b""
    return quote(raw, safe="/%:@!$&'()*+,;=~") if raw else quote(request.scope["path"])


def _short(text: str) -> str:
    """Cut off what is overlong: nobody gets back more than was sent."""
    return text if len(text) <= LONGEST_TEXT else text[:LONGEST_TEXT] + "…"


async def of_library(request: Request, error: ExerciseLibraryError) -> Response:
    """Answer an error of ours."""
    return problem(request, error)


async def of_framework(request: Request, _: Exception) -> Response:
    """Answer what the framework found wrong with the path."""
    return problem(request, NoSuchPath("There is nothing at this path; '/' lists what there is."))


async def of_parameters(request: Request, error: RequestValidationError) -> Response:
    """Answer what the framework found wrong with a parameter."""
    wrong = tuple(map(_complaint, error.errors()))
    kind = errors.EmptyValue if all(fault["type"] == "missing" for fault in error.errors()) else errors.InvalidValue
    return problem(request, kind(" ".join(complaint.message for complaint in wrong), complaints=wrong))


def _complaint(error: dict[str, object]) -> Complaint:
    location = error["loc"]
    field = str(location[1]) if isinstance(location, Sequence) and len(location) > 1 else "request"
    context = error.get("ctx")
    expected = str(context.get("expected", "")) if isinstance(context, dict) else ""
    allowed = tuple(expected.replace(" or ", ", ").replace("'", "").split(", ")) if expected else ()
    message = complaints.sentence(error, f"'{field}'")
    return Complaint(field, message, allowed, nearest(str(error.get("input")), allowed) if allowed else None)


async def of_anything(request: Request, _: Exception) -> Response:
    """Answer what nobody expected, without telling what it was."""
    return problem(request, InternalError("Something went wrong here; it was logged, and it isn't your fault."))
