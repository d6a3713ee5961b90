"""The service in a thread of this process, served as `serve` serves it: one can talk bytes to it, and make its patience short."""

import socket
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import uvicorn
from fastapi import FastAPI
from starlette.types import ASGIApp

from api.web.paths import kept_at
from api.web.serving.cache import Cache
from api.web.serving.protocol import PatientProtocol

PATIENCE = 30
LAST = b"GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
"""Has the other side hang up when it has answered."""


class Listening:
    """An application behind a port of its own."""

    def __init__(self, app: FastAPI, around: Callable[[Cache], ASGIApp], protocol: type[PatientProtocol]) -> None:
        self.app = app
        self.cache = Cache(app, app.state.database.freshness, kept_at(app.state.paths))
        self._server = uvicorn.Server(
            uvicorn.Config(
                around(self.cache),
                port=0,
                http=protocol,
                access_log=False,
                log_config=None,
                server_header=False,
                proxy_headers=False,
                timeout_graceful_shutdown=PATIENCE,
            )
        )
        self._thread = threading.Thread(target=self._server.run)
        self._thread.start()
        while not self._server.started:
            time.sleep(0.01)
        self.port: int = self._server.servers[0].sockets[0].getsockname()[1]

    @property
    def connections(self) -> int:
        return len(self._server.server_state.connections)

    @property
    def tasks(self) -> int:
        return len(self._server.server_state.tasks)

    def protocols(self) -> "list[weakref.ref[object]]":
        """Give the server's side of the connections that are open."""
        return [weakref.ref(one) for one in self._server.server_state.connections]

    def connect(self, *, small: bool = False) -> socket.socket:
        connection = socket.socket()
        if small:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.settimeout(20)
        connection.connect(("127.0.0.1", self.port))
        return connection

    def say(self, *parts: bytes, and_no_more: bool = False) -> bytes:
        """Say something on a connection of its own, perhaps that there is no more, and read until the other side hangs up."""
        connection = self.connect()
        with suppress(OSError):  # it has hung up while we were still talking; what it said before that may have arrived
            for part in parts:
                connection.sendall(part)
            if and_no_more:
                connection.shutdown(socket.SHUT_WR)
        return answered(connection)

    def stop(self) -> None:
        """Have it end when it has answered."""
        self._server.should_exit = True

    def close(self) -> None:
        self.stop()
        self._thread.join(PATIENCE)


@contextmanager
def listening(
    app: FastAPI, around: Callable[[Cache], ASGIApp] = lambda cache: cache, protocol: type[PatientProtocol] = PatientProtocol
) -> Iterator[Listening]:
    """Serve an application in its cache, or in what is put around that."""
    service = Listening(app, around, protocol)
    try:
        yield service
    finally:
        service.close()


def until(condition: Callable[[], bool]) -> None:
    """Wait until something is so."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def answered(connection: socket.socket) -> bytes:
    """Read until the other side ends."""
    received = b""
    with connection, suppress(ConnectionError):
        while more := connection.recv(65536):
            received += more
    return received
