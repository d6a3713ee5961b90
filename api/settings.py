"""The settings of a running service: a name, a default and a sentence for each. Built once, passed down, never a global."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from api.errors import InvalidValue

ENVIRONMENT = "EXERCISE_LIBRARY_"


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

    screening: bool = True
    """Whether `/screenings` is there; `off` removes it."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Settings":
        """Read what the environment sets; the rest keeps its default."""
        given: dict[str, str | None] = {one.name: environment.get(ENVIRONMENT + one.name.upper()) for one in fields(cls)}
        read: dict[str, Any] = {name: _read(name, type(getattr(cls(), name)), value) for name, value in given.items() if value}
        return replace(cls(), **read)

    def to_environment(self) -> dict[str, str]:
        """Write the settings for a worker process."""
        return {ENVIRONMENT + one.name.upper(): str(getattr(self, one.name)) for one in fields(self)}


_SWITCH = {"on": True, "true": True, "1": True, "off": False, "false": False, "0": False}


def _read(name: str, kind: type, value: str) -> str | int | bool:
    """Read a variable as what its setting is; what isn't understood is refused."""
    try:
        return _SWITCH[value.strip().lower()] if kind is bool else kind(value)
    except (KeyError, ValueError):
        wanted = "'on' or 'off'" if kind is bool else "a whole number"
        raise InvalidValue(f"{ENVIRONMENT}{name.upper()} has to be {wanted}, not '{value}'.") from None
