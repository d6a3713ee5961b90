"""Bodies of requests: JSON of one shape, refused in the order of HTTP: type (415), size (413), syntax (400), content (422)."""

import asyncio
from dataclasses import dataclass
from json import detect_encoding
from typing import Generic, TypeVar

from fastapi import Request
from pydantic import ValidationError
from starlette.requests import ClientDisconnect

from api.errors import Complaint, ExerciseLibraryError, InvalidContent
from api.library import complaints
from api.library.record import Record
from api.library.strict_json import NotJson, refuse_ambiguous
from api.web.problems import ContentTooLarge, MalformedBody, RequestTimeout, UnsupportedMediaType

LARGEST_BODY = 1024 * 1024
SECONDS_FOR_BODY = 20
MOST_LISTED = 1000
_Model = TypeVar("_Model", bound=Record)


@dataclass(frozen=True)
class BodyOf(Generic[_Model]):
    """The dependency that reads a body of one shape."""

    model: type[_Model]
    description: str
    """What the OpenAPI document says of it."""

    async def __call__(self, request: Request) -> _Model:
        """Give the body as a record, or say all that is wrong with it."""
        body = await read_body(request)
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            raise UnsupportedMediaType("The body has to be JSON: send 'Content-Type: application/json'.")
        try:
            text = _decoded(body)
            refuse_ambiguous(text)
            record = self.model.model_validate_json(text, strict=True)
        except NotJson as error:
            raise MalformedBody(f"The body is not JSON: {error}.") from None
        except ValidationError as error:
            raise _refusal(error, self.model) from None
        wrong = tuple(complaint for _, complaint in complaints.of_input(record))
        if wrong:
            raise _invalid(len(wrong), wrong)
        return record


async def read_body(request: Request) -> bytes:
    """Read the body, no further than a body may be long."""
    received = bytearray()
    try:
        async with asyncio.timeout(SECONDS_FOR_BODY):
            async for chunk in request.stream():
                received += chunk
                if len(received) > LARGEST_BODY:
                    raise ContentTooLarge(f"A body has at most {LARGEST_BODY} bytes.")
    except ClientDisconnect:
        raise MalformedBody("The body broke off before it was whole.") from None
    except TimeoutError:
        raise RequestTimeout(f"The body has to be here within {SECONDS_FOR_BODY} seconds.") from None
    return bytes(received)


def _decoded(body: bytes) -> str:
    """Decode UTF-8, with or without a byte order mark; other encodings are named in the refusal, because JSON is sent as UTF-8."""
    encoding = detect_encoding(body)
    if not encoding.startswith("utf-8"):
        raise NotJson(f"it is encoded as {encoding[:6].upper()}; send it as UTF-8")
    try:
        return body.decode(encoding)
    except UnicodeDecodeError as error:
        raise NotJson(f"byte {error.start + 1} is not UTF-8") from None


def _refusal(error: ValidationError, model: type[Record]) -> ExerciseLibraryError:
    """Say what is wrong; what has thousands of wrong things is something else, and not worth listing."""
    count = error.error_count()
    if count > MOST_LISTED:
        return InvalidContent(f"{count} things to correct in the body: it isn't what belongs here.")
    first = error.errors()[0]
    if first["type"] == "json_invalid":
        return MalformedBody(f"The body is not JSON: {first['ctx']['error']}.")
    wrong = tuple(complaint for _, complaint in complaints.of_validation(error, model))
    return _invalid(count, wrong)


def _invalid(count: int, wrong: tuple[Complaint, ...]) -> ExerciseLibraryError:
    return InvalidContent(f"{count} thing{'s' if count > 1 else ''} to correct in the body.", complaints=wrong)
