"""The pictures that the program ships: drawn from the figure's data, named by their content."""

import json
from functools import cache
from pathlib import Path

from api.library.exercise import Image
from api.shipped import folder


@cache
def every() -> dict[str, list[Image]]:
    """Give each exercise's pictures, by its slug."""
    index = json.loads((_folder() / "index.json").read_text(encoding="utf-8"))
    return {slug: [Image.model_validate(image) for image in images] for slug, images in index.items()}


def of(slug: str) -> list[Image]:
    """Give an exercise's pictures, its variants' included; none where none was drawn."""
    return every().get(slug, [])


@cache
def content(name: str) -> bytes | None:
    """Give the bytes of a picture by the last part of its address; None where there is none."""
    known = {file.url.rpartition("/")[2] for images in every().values() for image in images for file in image.files}
    return (_folder() / name).read_bytes() if name in known else None


def _folder() -> Path:
    return folder("seed_data") / "images"
