"""The service in a thread of this process, served as `serve` serves it: one can talk bytes to it, and make its patience short."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import uvicorn
from fastapi import FastAPI

from api.web.cache import Cache
from api.web.protocol import PatientProtocol


class Listening:
    """An application behind a port of its own."""

    def __init__(self, app: FastAPI, *, cached: bool = True) -> None:
        self.app = app
        self.cache = Cache(app, app.state.database.freshness)
        served = self.cache if cached else app
        self._server = uvicorn.Server(
            uvicorn.Config(
                served, port=0, http=PatientProtocol, access_log=False, log_config=None, server_header=False, proxy_headers=False
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

    def connect(self, *, small: bool = False) -> socket.socket:
        connection = socket.socket()
        if small:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.settimeout(20)
        connection.connect(("127.0.0.1", self.port))
        return connection

    def say(self, *parts: bytes) -> bytes:
        """Say something on a connection of its own, and read until the other side hangs up."""
        connection = self.connect()
        with suppress(OSError):  # it has hung up while we were still talking; what it said before that may have arrived
            for part in parts:
                connection.sendall(part)
        return answered(connection)

    def close(self) -> None:
        self._server.should_exit = True
        self._thread.join(30)


@contextmanager
def listening(app: FastAPI, *, cached: bool = True) -> Iterator[Listening]:
    service = Listening(app, cached=cached)
    try:
        yield service
    finally:
        service.close()


def answered(connection: socket.socket) -> bytes:
    """Read until the other side ends."""
    received = b""
    with connection, suppress(ConnectionError):
        while more := connection.recv(65536):
            received += more
    return received
