"""`exercise-library`, which is also `python -m api`."""

import gc
import sys


def main() -> None:
    """Start the command line; what is imported for it never becomes garbage, so nobody looks for any meanwhile."""
    gc.disable()
    # FastAPI would import it, which takes long, only to see that nothing here is one of its models.
    sys.modules.setdefault("pydantic.v1", None)  # type: ignore[arg-type]
    from api.cli import main as command_line  # noqa: PLC0415  (see above)

    gc.freeze()
    gc.enable()
    command_line()


if __name__ == "__main__":
    main()
