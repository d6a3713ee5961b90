"""`exercise-library`, which is also `python -m api`."""

import gc


def main() -> None:
    """Start the command line; what is imported for it never becomes garbage, so nobody looks for any meanwhile."""
    gc.disable()
    from api.cli import main as command_line  # noqa: PLC0415  (see above)

    gc.freeze()
    gc.enable()
    command_line()


if __name__ == "__main__":
    main()
