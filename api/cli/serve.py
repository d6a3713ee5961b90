"""`serve`: refuse at once what can't be served, make the library ready, and hand over to uvicorn."""

import gc
import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from importlib import import_module
from typing import Any, TypeVar

import click
import uvicorn

from api.cli import INTERRUPTED, main
from api.cli.opened import database_option, opened, say
from api.settings import CHOICES, ENVIRONMENT, Settings
from api.web.serving.watch import logging_of

Command = TypeVar("Command", bound=Callable[..., object])


def setting(name: str, kind: "click.ParamType[Any] | type[str]", help_: str) -> Callable[[Command], Command]:
    """Make the option of a setting, with its variable and its default."""
    flag, variable = f"--{name.replace('_', '-')}", ENVIRONMENT + name.upper()
    return click.option(flag, name, envvar=variable, default=getattr(Settings(), name), show_default=True, type=kind, help=help_)


@main.command()
@setting("host", str, "The address to listen at.")
@setting("port", click.IntRange(0, 65535), "The port to listen at.")
@setting("workers", click.IntRange(1, 64), "Worker processes.")
@setting("log_requests", click.Choice(CHOICES["log_requests"]), "Which requests to log.")
@setting("log_format", click.Choice(CHOICES["log_format"]), "JSON for machines, text for people; `auto`: text in a terminal.")
@setting("root_path", str, "The path under which a proxy serves this service.")
@setting("security_contact", str, "Whom to tell of a weakness, for '/.well-known/security.txt'.")
@setting("forwarded_allow_ips", str, "Proxies whose word on a caller's address counts.")
@click.option("--no-migrate", is_flag=True, help="Neither migrate nor seed: for a database role that may not.")
@database_option
def serve(database_url: str, *, no_migrate: bool, **given: Any) -> None:  # noqa: ANN401  (the options say what each is)
    """Migrate, seed and serve."""
    settings = replace(Settings.from_environment(), database_url=database_url, **given)
    root_path = f"/{settings.root_path.strip('/')}".rstrip("/")
    settings = replace(settings, migrate=settings.migrate and not no_migrate, root_path=root_path)
    _refuse_unusable(settings.host, settings.port)
    _refuse_another_server()
    with opened(settings.database_url, ready=settings.migrate, creates=True):
        pass
    say_where(settings)
    os.environ |= replace(settings, migrate=False).to_environment()  # that is done, or not wanted
    with _hearing_signals(settings.workers) as was_interrupted:
        _run(settings)
        if was_interrupted():
            sys.exit(INTERRUPTED)


def _refuse_unusable(host: str, port: int) -> None:
    """Say at once, before anything is migrated, that nothing can listen at the address."""
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        socket.create_server(address[:2], family=family).close()
    except OSError as error:
        meaning = str(error.strerror).partition(" (")[0]
        raise click.ClickException(f"Nothing can listen at port {port} of {host}: {meaning}.") from error


def _refuse_another_server() -> None:
    """Say at once that the uvicorn installed isn't one that this program can use."""
    try:
        import_module("api.web.serving.protocol")
    except ImportError as error:
        raise click.ClickException(str(error)) from error


def say_where(settings: Settings) -> None:
    """Tell the person at the terminal what to open, and what to try."""
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    address = f"http://{host}:{settings.port}{settings.root_path}"
    say(f"The exercise library is at {address}; its documentation at {address}/docs.")
    say(f"Try: curl '{address}/exercises?type=unstable'")


def _run(settings: Settings) -> None:
    if settings.workers == 1:
        gc.disable()  # until the application is there, see `from_environment`
    uvicorn.run(
        "api.app:from_environment",
        factory=True,
        host=settings.host,
        port=settings.port,
        workers=settings.workers,
        root_path=settings.root_path,
        proxy_headers=False,
        http="api.web.serving.protocol:PatientProtocol",
        log_config=logging_of(_log_format(settings.log_format)),
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=30,
    )


def _log_format(wanted: str) -> str:
    """Give the form of logs; unless it is set, text for a person at a terminal, JSON for any other reader."""
    return wanted if wanted != "auto" else "text" if sys.stderr.isatty() else "json"


@contextmanager
def _hearing_signals(workers: int) -> Iterator[Callable[[], bool]]:
    """Tell whether Ctrl-C was pressed, and have a single worker end well when its terminal goes.

    A supervisor has handlers of its own (SIGHUP has it start its workers anew, one after another), so there the interpreter itself
    writes each signal down.
    """
    heard, told = socket.socketpair()
    with heard, told:
        for end in (heard, told):
            end.setblocking(False)  # noqa: FBT003  (it takes nothing by name)

        def note(number: int, _: object) -> None:
            told.send(bytes([number]))
            raise KeyboardInterrupt

        before = signal.signal(signal.SIGINT, note)
        if workers > 1:
            signal.set_wakeup_fd(told.fileno(), warn_on_full_buffer=False)
        elif signal.getsignal(signal.SIGHUP) is signal.SIG_DFL:
            signal.signal(signal.SIGHUP, lambda *_: signal.raise_signal(signal.SIGTERM))
        try:
            yield lambda: signal.SIGINT in _received(heard)
        finally:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGINT, before)


def _received(heard: socket.socket) -> bytes:
    try:
        return heard.recv(4096)
    except BlockingIOError:
        return b""
