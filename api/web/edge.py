"""The edge, around the whole application: what holds for every request, whatever answers it."""

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.web.problems import AddressTooLong, problem

LONGEST_ADDRESS = 8192
_OPEN = ("GET", "HEAD", "OPTIONS", "POST")
_EVERYWHERE = {"X-Content-Type-Options": "nosniff"}
_CORS = {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "ETag, Link"}


class Edge:
    """Answers HEAD like GET without the body, opens reads to other origins, refuses addresses that are too long."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap an application."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        without_body = scope["method"] == "HEAD"

        async def finish(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(raw=list(message.get("headers", [])))
                headers.update(_EVERYWHERE | (_CORS if scope["method"] in _OPEN else {}))
                message = {**message, "headers": headers.raw}
            elif without_body:
                message = {**message, "body": b""}
            await send(message)

        if len(scope["raw_path"]) + len(scope["query_string"]) > LONGEST_ADDRESS:
            shortened = Request({**scope, "path": scope["path"][:100]})
            error = AddressTooLong(f"An address has at most {LONGEST_ADDRESS} characters.")
            await problem(shortened, error)(scope, receive, finish)
            return
        await self._app({**scope, "method": "GET"} if without_body else scope, receive, finish)
