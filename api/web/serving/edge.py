"""The edge, around the whole application: what holds for every request, whatever answers it."""

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import ExerciseLibraryError
from api.web.body import LARGEST_BODY
from api.web.problems import AddressTooLong, BodyTooLarge, HeadersTooLong, of_anything, problem

LONGEST_ADDRESS = 8192
LONGEST_HEADERS = 32_768
_OPEN = ("GET", "HEAD", "OPTIONS", "POST")
EVERYWHERE = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
]
"""Headers of every answer."""
_CORS = [(b"access-control-allow-origin", b"*"), (b"access-control-expose-headers", b"ETag, Link")]


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
        without_body = scope["method"] == "HEAD"
        begun = False

        async def finish(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                cors = _CORS if scope["method"] in _OPEN else []
                message = {**message, "headers": [*message.get("headers", ()), *EVERYWHERE, *cors]}
            elif without_body:
                message = {**message, "body": b""}
            await send(message)

        too_large = _too_large(scope)
        if too_large:
            await problem(Request({**scope, "path": scope["path"][:100]}), too_large)(scope, receive, finish)
            return
        try:
            await self._app({**scope, "method": "GET"} if without_body else scope, receive, finish)
        except Exception as error:
            # Our own fault is answered like everything else; `watch.py` tells of it.
            if not begun:
                await (await of_anything(Request(scope), error))(scope, receive, finish)
            raise


def _too_large(scope: Scope) -> ExerciseLibraryError | None:
    """Say what of a request is larger than any question or content needs, before anything looks at it."""
    if len(scope.get("raw_path") or b"") + len(scope["query_string"]) > LONGEST_ADDRESS:
        return AddressTooLong(f"An address has at most {LONGEST_ADDRESS} characters.")
    if sum(len(name) + len(value) for name, value in scope["headers"]) > LONGEST_HEADERS:
        return HeadersTooLong(f"The headers have at most {LONGEST_HEADERS} bytes.")
    declared = Headers(scope=scope).get("content-length", "0")
    if declared.isdecimal() and int(declared) > LARGEST_BODY:
        return BodyTooLarge(f"A body has at most {LARGEST_BODY} bytes.")
    return None
