"""A client that asks an application in this process, without a socket, and waits for the answer."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
from fastapi import FastAPI


class _InProcess(httpx.BaseTransport):
    def __init__(self, app: FastAPI, runner: asyncio.Runner) -> None:
        self._asynchronous = httpx.ASGITransport(app, raise_app_exceptions=False)
        self._runner = runner

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return self._runner.run(self._answer(request))

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        answer = await self._asynchronous.handle_async_request(request)
        assert isinstance(answer.stream, httpx.AsyncByteStream)
        body = b"".join([part async for part in answer.stream])
        return httpx.Response(answer.status_code, headers=answer.headers, stream=httpx.ByteStream(body))


@contextmanager
def asking(app: FastAPI) -> Iterator[httpx.Client]:
    """Start an application, lend a client for it, and stop it."""
    with asyncio.Runner() as runner:
        lifespan = app.router.lifespan_context(app)
        runner.run(lifespan.__aenter__())
        try:
            with httpx.Client(transport=_InProcess(app, runner), base_url="http://library.test") as client:
                # httpx asks for gzip unless told otherwise; a test that wants it says so.
                client.headers["Accept-Encoding"] = "identity"
                yield client
        finally:
            runner.run(lifespan.__aexit__(None, None, None))
