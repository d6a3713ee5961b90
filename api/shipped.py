"""What the program ships: its version, and its files, inside the package where it is installed, beside it in a checkout."""

from importlib.metadata import version as version_of
from pathlib import Path

DISTRIBUTION = "rehab-exercise-library"
"""The name of the package; the command's is shorter, and as the name of a package it is somebody else's."""


def version() -> str:
    """Give this program's version."""
    return version_of(DISTRIBUTION)


def folder(name: str) -> Path:
    """Find `migrations` or `seed_data`."""
    package = Path(__file__).parent
    inside = package / name
    return inside if inside.is_dir() else package.parent / name
