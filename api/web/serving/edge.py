"""The edge, around the whole application: what holds for every request, whatever answers it."""

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import ExerciseLibraryError
from api.web.body import LARGEST_BODY
from api.web.paths import asked
from api.web.problems import ContentTooLarge, HeadersTooLong, NoSuchPath, NotSupported, UriTooLong, of_anything, problem
from api.web.serving.framing import IMPLEMENTED, METHODS, UNKNOWN_METHOD

LONGEST_ADDRESS = 8192
LONGEST_HEADERS = 32_768
EVERYTHING = "*"
_SLASH = b"%2f"
_OPEN = ("GET", "HEAD", "OPTIONS", "POST")
EVERYWHERE = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
]
"""Headers of every answer."""
EXPOSED = ("ETag", "Link", "Location", "Retry-After", "X-Request-ID", "Content-Disposition")
"""Headers of answers that scripts of other origins may read."""
_CORS = [(b"access-control-allow-origin", b"*"), (b"access-control-expose-headers", ", ".join(EXPOSED).encode())]


class Edge:
    """Answers HEAD like GET without the body, opens reads to other origins, refuses what is too long, answers for our own faults."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap an application."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        finish = _Finish(scope, send)
        answer = _refusal(scope) or _of_everything(scope)
        if answer:
            await answer(scope, receive, finish)
        else:
            await self._ask(scope, receive, finish)

    async def _ask(self, scope: Scope, receive: Receive, finish: "_Finish") -> None:
        """Ask the application. Our own fault is answered like everything else; `watch.py` logs it."""
        try:
            await self._app({**scope, "method": "GET"} if scope["method"] == "HEAD" else scope, receive, finish)
        except Exception as error:
            if not finish.has_begun:
                await (await of_anything(Request(scope), error))(scope, receive, finish)
            raise


class _Finish:
    """Sends an answer with the headers that all have, and without a body where HEAD asked for none."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self.has_begun = False
        self._method = scope["method"]
        self._send = send

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.has_begun = True
            cors = _CORS if self._method in _OPEN else []
            message = {**message, "headers": [*message.get("headers", ()), *EVERYWHERE, *cors]}
        elif self._method == "HEAD":
            message = {**message, "body": b""}
        await self._send(message)


def _refusal(scope: Scope) -> Response | None:
    """Refuse what no path takes."""
    refused = _too_large(scope) or _not_understood(scope)
    if refused is None:
        return None
    shortened = {"path": scope["path"][:100], "raw_path": scope.get("raw_path", b"")[:100]}
    return problem(Request({**scope, **shortened}), refused)


def _of_everything(scope: Scope) -> Response | None:
    """Answer `OPTIONS *`."""
    if asked(scope) != EVERYTHING or scope["method"] != "OPTIONS":
        return None
    return Response(status_code=204, headers={"Allow": ", ".join(sorted(IMPLEMENTED))})


def _too_large(scope: Scope) -> ExerciseLibraryError | None:
    """Say what in a request is larger than any question or content needs, before anything looks at it."""
    if len(scope.get("raw_path") or b"") + len(scope["query_string"]) > LONGEST_ADDRESS:
        return UriTooLong(f"An address has at most {LONGEST_ADDRESS} characters.")
    if sum(len(name) + len(value) for name, value in scope["headers"]) > LONGEST_HEADERS:
        return HeadersTooLong(f"The headers have at most {LONGEST_HEADERS} bytes.")
    declared = Headers(scope=scope).get("content-length", "0")
    if declared.isdecimal() and int(declared) > LARGEST_BODY:
        return ContentTooLarge(f"A body has at most {LARGEST_BODY} bytes.")
    return None


def _not_understood(scope: Scope) -> ExerciseLibraryError | None:
    """Say what in a request has no meaning on any path."""
    if scope["method"] not in METHODS:
        return NotSupported(UNKNOWN_METHOD)
    if _SLASH in scope.get("raw_path", b"").lower():
        # The application would see a decoded path, and take `/types%2Fstiff` for `/types/stiff`.
        return NoSuchPath("There is nothing at this path; '/' lists what there is.")
    return None
