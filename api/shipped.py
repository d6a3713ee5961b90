"""Where the files are that the program ships: inside the package where it is installed, beside it in a checkout."""

from pathlib import Path


def folder(name: str) -> Path:
    """Find `migrations` or `seed_data`."""
    package = Path(__file__).parent
    inside = package / name
    return inside if inside.is_dir() else package.parent / name
