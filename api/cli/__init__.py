"""The command line: the same store calls as the web. Answers go to standard output, everything else to standard error."""

import gc
import signal
import sys
from importlib import import_module

import click

from api.errors import ExerciseLibraryError
from api.shipped import DISTRIBUTION

INTERRUPTED = 128 + signal.SIGINT
"""The status of what Ctrl-C ended, as shells have it."""
_MODULES = {
    "backup": "upkeep",
    "check": "upkeep",
    "compare": "compare",
    "export": "exchange",
    "import": "exchange",
    "keys": "keys",
    "migrate": "upkeep",
    "restore": "upkeep",
    "serve": "serve",
}
"""Where each command is: a module of its own imports what that command needs, and no other waits for it."""


class Commands(click.Group):
    """Imports a command when it is asked for, and says what went wrong in a sentence, not in a stack trace."""

    def list_commands(self, _: click.Context) -> list[str]:
        """Name every command."""
        return sorted(_MODULES)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        """Find a command, which adds itself; import all where none has that name, to suggest what was meant."""
        for module in {_MODULES[name]} if name in _MODULES else set(_MODULES.values()):
            _import(f"{__name__}.{module}")
        return super().get_command(context, name)

    def invoke(self, context: click.Context) -> object:
        """Run a command."""
        try:
            return super().invoke(context)
        except ExerciseLibraryError as error:
            raise click.ClickException(str(error)) from error
        except BrokenPipeError:
            raise  # whoever read our output has had enough; click knows
        except OSError as error:
            named = f"{error.filename}: " if error.filename else ""
            raise click.ClickException(f"{named}{error.strerror or error}.") from error
        except KeyboardInterrupt:
            sys.exit(INTERRUPTED)


def _import(module: str) -> None:
    """Import a module; what that makes never becomes garbage, so collecting would be wasted."""
    if module not in sys.modules:
        gc.disable()
        import_module(module)
        gc.freeze()
        gc.enable()


@click.group(cls=Commands)
@click.version_option(package_name=DISTRIBUTION)
def main() -> None:
    """An open exercise library for rehabilitation: what is safe and useful for this kind of joint problem?"""
