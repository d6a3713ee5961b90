"""The settings of a running service: a name, a default and a sentence for each. Built once, passed down, never a global."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from api.errors import InvalidValue

ENVIRONMENT = "EXERCISE_LIBRARY_"
URL_FILE = ENVIRONMENT + "DATABASE_URL_FILE"
"""Names a file that has the database URL: an argument or a variable with a password in it can be seen by others."""
_SWITCH = {"on": True, "off": False}
_LEAST = {"connections": 1, "statement_seconds": 1}
_MOST = {"statement_seconds": 2_147_483}
"""PostgreSQL counts milliseconds, in 32 bits."""
_FORMS = {
    "root_path": (re.compile(r"/*(?:[\w.~!$&'()*+,;=:@%-]+/)*[\w.~!$&'()*+,;=:@%-]*/*", re.ASCII), "a path, such as /library"),
    "fhir_base": (re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[!#-;=?-\[\]_a-z~]+"), "an absolute address, such as https://example.org/fhir"),
    "security_contact": (re.compile(r"(?:[A-Za-z][A-Za-z0-9+.-]*:[!-~]+)?"), "an address, such as mailto:security@library.example"),
}
CHOICES = {"log_requests": ("errors", "all", "off"), "log_format": ("auto", "json", "text")}
"""The words that a setting may have, where it is a choice."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting is also an environment variable: `port` is `EXERCISE_LIBRARY_PORT`."""

    database_url: str = "sqlite:///exercise-library.db"
    """Where the library is: `sqlite:///FILE`, or anything that PostgreSQL's libpq takes."""
    host: str = "127.0.0.1"
    """The address to listen at."""
    port: int = 8000
    """The port to listen at."""
    workers: int = 1
    """Number of worker processes."""
    connections: int = 20
    """Database connections that one worker may hold."""
    statement_seconds: int = 10
    """Seconds after which the database gives up on a statement that reads."""
    migrate: bool = True
    """Whether starting migrates and seeds; off for a database role that may not, which is not ready while it is behind."""
    screening: bool = True
    """Whether `/screenings` is there; `off` removes it."""
    rate_limits: bool = True
    """Whether writes and failed keys are limited."""
    metrics: bool = True
    """Whether `/metrics` is there."""
    log_requests: str = "errors"
    """Which requests are logged: `errors`, `all` or `off`."""
    log_format: str = "auto"
    """How: `json` for machines, `text` for people, `auto` for text in a terminal and JSON elsewhere."""
    root_path: str = ""
    """The path under which a proxy serves this service."""
    forwarded_allow_ips: str = "127.0.0.1"
    """The proxies whose word on a caller's address counts, separated by commas; `*` for any."""
    security_contact: str = ""
    """Whom to tell of a weakness, such as `mailto:security@library.example`; without it there is no `/.well-known/security.txt`."""

    fhir_base: str = "urn:exercise-library"
    """What the canonical addresses of FHIR resources begin with, such as `https://example.org/fhir`."""

    def __post_init__(self) -> None:
        """Refuse what would be told to clients, or counted on, and can't be."""
        for name, (form, meant) in _FORMS.items():
            if not form.fullmatch(getattr(self, name)):
                raise InvalidValue(f"The setting '{name}' is {meant}, not '{getattr(self, name)}'.")
        for name, least in _LEAST.items():
            if getattr(self, name) < least:
                raise InvalidValue(f"The setting '{name}' is {least} or more, not {getattr(self, name)}.")
        for name, most in _MOST.items():
            if getattr(self, name) > most:
                raise InvalidValue(f"The setting '{name}' is at most {most}, not {getattr(self, name)}.")

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Settings":
        """Read what the environment sets; the rest keeps its default. What isn't understood is refused."""
        given = {setting.name: environment.get(ENVIRONMENT + setting.name.upper()) for setting in fields(cls)}
        read: dict[str, Any] = {name: _read(name, type(getattr(cls(), name)), value) for name, value in given.items() if value}
        return replace(cls(), **_url_of_file(environment), **read)

    def to_environment(self) -> dict[str, str]:
        """Write the settings for a worker process."""
        words = {value: word for word, value in _SWITCH.items()}
        values = {setting.name: getattr(self, setting.name) for setting in fields(self)}
        return {ENVIRONMENT + name.upper(): words[value] if isinstance(value, bool) else str(value) for name, value in values.items()}


def _url_of_file(environment: Mapping[str, str]) -> dict[str, Any]:
    file = environment.get(URL_FILE)
    if not file or environment.get(ENVIRONMENT + "DATABASE_URL"):
        return {}
    try:
        return {"database_url": Path(file).read_text(encoding="utf-8").strip()}
    except OSError as error:
        raise InvalidValue(f"{URL_FILE} names a file that can't be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise InvalidValue(f"{URL_FILE} names a file that can't be read: it isn't UTF-8.") from None


def _read(name: str, kind: type, value: str) -> str | int | bool:
    """Read a variable as what its setting is."""
    choices = CHOICES.get(name, tuple(_SWITCH) if kind is bool else ())
    if choices and value.strip().lower() not in choices:
        raise InvalidValue(f"{ENVIRONMENT}{name.upper()} is one of {', '.join(choices)}, not '{value}'.")
    try:
        return _SWITCH[value.strip().lower()] if kind is bool else kind(value)
    except ValueError:
        raise InvalidValue(f"{ENVIRONMENT}{name.upper()} is a whole number, not '{value}'.") from None
