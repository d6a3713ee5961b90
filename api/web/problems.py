"""Problem details (RFC 9457): the one place that gives each error its status."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Self
from urllib.parse import quote

from fastapi.exceptions import RequestValidationError
from pydantic import Field
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from api import errors
from api.errors import Complaint, ExerciseLibraryError
from api.library import complaints
from api.library.record import Record
from api.library.spelling import nearest

MEDIA_TYPE = "application/problem+json"
MOST_COMPLAINTS, LONGEST_TEXT = 100, 1000


class WrongPath(ExerciseLibraryError):
    """No route has this path."""

    code = "no-such-path"
    title = "No such path"


class WrongMethod(ExerciseLibraryError):
    """The path exists, but not with this method."""

    code = "method-not-allowed"
    title = "Method not allowed"


class NotAcceptable(ExerciseLibraryError):
    """No format of this answer is one that the caller accepts."""

    code = "not-acceptable"
    title = "Not acceptable"

    @classmethod
    def but_these(cls, offered: Mapping[str, str]) -> Self:
        """Name the media types that there are, and the names by which a caller gets them whatever it accepts."""
        ways = ", ".join(f"{media_type} ('format={name}')" for name, media_type in offered.items())
        version = " FHIR is answered as R5 (5.0.0) alone." if "fhir" in offered else ""
        return cls(f"This answer can be had as {ways}. 'format' wins over 'Accept'.{version}")


class AddressTooLong(ExerciseLibraryError):
    """The URL is longer than any question needs."""

    code = "uri-too-long"
    title = "URI too long"


class HeadersTooLong(ExerciseLibraryError):
    """The headers are longer than any question needs."""

    code = "headers-too-long"
    title = "Headers too long"


class Malformed(ExerciseLibraryError):
    """The body is not what its media type says."""

    code = "malformed-body"
    title = "Malformed body"


class NotHttp(ExerciseLibraryError):
    """What arrived is no HTTP."""

    code = "malformed-request"
    title = "Malformed request"


class NotImplementedHere(ExerciseLibraryError):
    """The request needs a method or a coding that this service doesn't know."""

    code = "not-implemented"
    title = "Not implemented"


class MalformedHeader(ExerciseLibraryError):
    """A header is not what its name says."""

    code = "malformed-header"
    title = "Malformed header"


class UnsupportedMediaType(ExerciseLibraryError):
    """The body is of a kind that isn't understood."""

    code = "unsupported-media-type"
    title = "Unsupported media type"


class BodyTooLarge(ExerciseLibraryError):
    """The body is longer than any content needs."""

    code = "content-too-large"
    title = "Content too large"


class Unauthorized(ExerciseLibraryError):
    """Who asks has no live key."""

    code = "unauthorized"
    title = "A key is needed"


class Forbidden(ExerciseLibraryError):
    """The key doesn't open this."""

    code = "forbidden"
    title = "Not allowed with this key"


class TooMany(ExerciseLibraryError):
    """Who asks has asked too often."""

    code = "too-many-requests"
    title = "Too many requests"

    def __init__(self, detail: str, retry_after: int) -> None:
        """Say when to try again, in seconds."""
        super().__init__(detail)
        self.retry_after = retry_after


class TooSlow(ExerciseLibraryError):
    """Who asks took too long to say what."""

    code = "request-timeout"
    title = "Request timeout"


class PreconditionRequired(ExerciseLibraryError):
    """A write that doesn't say what it is about to change."""

    code = "precondition-required"
    title = "Precondition required"


class LostRace(ExerciseLibraryError):
    """Somebody else was faster."""

    code = "precondition-failed"
    title = "Precondition failed"


class BadReason(errors.NotUnderstood):
    """A reason that can't go on one line of history."""

    code = "invalid-reason"
    title = "Invalid reason"


class Unexpected(ExerciseLibraryError):
    """Our own fault; the log has it, the answer doesn't."""

    code = "internal-error"
    title = "Internal error"


# The nearest ancestor counts.
STATUS: dict[type[ExerciseLibraryError], HTTPStatus] = {
    errors.NotUnderstood: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.NotFound: HTTPStatus.NOT_FOUND,
    errors.InvalidContent: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.Refused: HTTPStatus.CONFLICT,
    errors.Inconsistent: HTTPStatus.INTERNAL_SERVER_ERROR,
    errors.Unprintable: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.MissingExtra: HTTPStatus.NOT_IMPLEMENTED,
    errors.Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    WrongPath: HTTPStatus.NOT_FOUND,
    WrongMethod: HTTPStatus.METHOD_NOT_ALLOWED,
    NotAcceptable: HTTPStatus.NOT_ACCEPTABLE,
    AddressTooLong: HTTPStatus.REQUEST_URI_TOO_LONG,
    errors.Resync: HTTPStatus.GONE,
    TooMany: HTTPStatus.TOO_MANY_REQUESTS,
    TooSlow: HTTPStatus.REQUEST_TIMEOUT,
    Unauthorized: HTTPStatus.UNAUTHORIZED,
    Forbidden: HTTPStatus.FORBIDDEN,
    PreconditionRequired: HTTPStatus.PRECONDITION_REQUIRED,
    LostRace: HTTPStatus.PRECONDITION_FAILED,
    HeadersTooLong: HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
    Malformed: HTTPStatus.BAD_REQUEST,
    NotHttp: HTTPStatus.BAD_REQUEST,
    MalformedHeader: HTTPStatus.BAD_REQUEST,
    NotImplementedHere: HTTPStatus.NOT_IMPLEMENTED,
    UnsupportedMediaType: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    BodyTooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    Unexpected: HTTPStatus.INTERNAL_SERVER_ERROR,
}


_ALSO = {
    HTTPStatus.REQUEST_TIMEOUT: {"Connection": "close"},
    HTTPStatus.SERVICE_UNAVAILABLE: {"Retry-After": "1"},
    HTTPStatus.UNAUTHORIZED: {"WWW-Authenticate": 'Bearer realm="exercise-library"'},
    HTTPStatus.FORBIDDEN: {"WWW-Authenticate": 'Bearer realm="exercise-library", error="insufficient_scope"'},
}


def headers_of(status: int) -> tuple[str, ...]:
    """Name the headers that a problem of this status has besides what every answer has."""
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return ("Retry-After",)
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


def status_of(error: type[ExerciseLibraryError]) -> HTTPStatus:
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
            FieldProblem(field=_short(one.field), message=_short(one.message), allowed=list(one.allowed), did_you_mean=one.did_you_mean)
            for one in error.complaints[:MOST_COMPLAINTS]
        ],
    )
    retry = {"Retry-After": str(error.retry_after)} if isinstance(error, TooMany) else _ALSO.get(status, {})
    told = {"Cache-Control": "no-store", **retry, **(headers or {})}
    return Response(f"{content.model_dump_json()}\n", status, told, media_type=MEDIA_TYPE)


def _path(request: Request) -> str:
    """Give the path as it was asked: what was written in hundredths stays so, as another path could look the same without."""
    raw: bytes = request.scope.get("raw_path") or b""
    return quote(raw, safe="/%:@!$&'()*+,;=~") if raw else quote(request.scope["path"])


def _short(text: str) -> str:
    """Cut what somebody sent off where it goes on and on: nobody gets more back than was sent."""
    return text if len(text) <= LONGEST_TEXT else text[:LONGEST_TEXT] + "…"


async def of_library(request: Request, error: Exception) -> Response:
    """Answer an error of ours."""
    if not isinstance(error, ExerciseLibraryError):
        raise error
    return problem(request, error)


async def of_framework(request: Request, error: Exception) -> Response:
    """Answer what the framework found wrong with the path."""
    if not isinstance(error, HTTPException):
        raise error
    return problem(request, WrongPath("There is nothing at this path; '/' lists what there is."))


async def of_parameters(_: Request, error: Exception) -> Response:
    """Answer what the framework found wrong with a parameter."""
    if not isinstance(error, RequestValidationError):
        raise error
    wrong = tuple(_complaint(one) for one in error.errors())
    missing = all(one["type"] == "missing" for one in error.errors())
    return problem(_, (errors.EmptyValue if missing else errors.InvalidValue)(" ".join(one.message for one in wrong), complaints=wrong))


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
    return problem(request, Unexpected("Something went wrong here; it was logged, and it isn't your fault."))
