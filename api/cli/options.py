"""Options that several commands have."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from api.settings import ENVIRONMENT, Settings

DEFAULTS = Settings()
Command = TypeVar("Command", bound=Callable[..., object])

database_option = click.option(
    "--database",
    "database_url",
    default=lambda: Settings.from_environment().database_url,
    show_default=DEFAULTS.database_url,
    metavar="URL",
    help="sqlite:///FILE, or a postgresql:// URL as libpq takes it.",
)


def setting(name: str, kind: "click.ParamType[Any] | type[str]", help_: str) -> Callable[[Command], Command]:
    """Make the option of a setting, with its variable and its default."""
    flag, variable = f"--{name.replace('_', '-')}", ENVIRONMENT + name.upper()
    return click.option(flag, name, envvar=variable, default=getattr(DEFAULTS, name), show_default=True, type=kind, help=help_)
