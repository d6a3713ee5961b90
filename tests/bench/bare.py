"""The least that any server does: the bytes it was given, for whatever is asked. Everything else is measured against it.

python -m tests.bench.bare PORT FOLDER      (FOLDER has `plain` and `gzip`, the bodies, and `etag`)
"""

import sys
from pathlib import Path

import uvicorn
from starlette.types import Message, Receive, Scope, Send

Answers = dict[bytes, tuple[Message, Message]]


def answer(body: bytes, *headers: tuple[bytes, bytes]) -> tuple[Message, Message]:
    content = (b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())
    return {"type": "http.response.start", "status": 200, "headers": [*content, *headers]}, {"type": "http.response.body", "body": body}


class Bare:
    """Answers; looks at nothing but whether gzip is wanted."""

    def __init__(self, folder: Path) -> None:
        etag = b"etag", (folder / "etag").read_bytes()
        self._plain = answer((folder / "plain").read_bytes(), etag)
        self._gzip = answer((folder / "gzip").read_bytes(), etag, (b"content-encoding", b"gzip"))

    async def __call__(self, scope: Scope, _: Receive, send: Send) -> None:
        start, body = self._gzip if (b"accept-encoding", b"gzip") in scope["headers"] else self._plain
        await send(start)
        await send(body)


if __name__ == "__main__":
    _, port, folder = sys.argv
    uvicorn.run(Bare(Path(folder)), port=int(port), lifespan="off", access_log=False, log_level="warning", loop="uvloop", http="httptools")
