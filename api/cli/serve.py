"""`serve`: refuse at once what can't be served, make the library ready, and hand over to uvicorn."""

import gc
import os
import socket
import sys
from dataclasses import replace
from importlib import import_module
from typing import Any

import click
import uvicorn

from api.cli import INTERRUPTED, main
from api.cli.opened import opened, say
from api.cli.options import database_option, setting
from api.cli.signals import hearing_signals
from api.settings import CHOICES, Settings
from api.web.serving.watch import logging_of


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
    _say_where(settings)
    os.environ |= replace(settings, migrate=False).to_environment()  # that is done, or not wanted
    with hearing_signals(settings.workers) as was_interrupted:
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


def _say_where(settings: Settings) -> None:
    address = f"http://{settings.host}:{settings.port}{settings.root_path}"
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
