"""The drawing that belongs to an exercise as a program has it: of the variant that is swapped in, else of the exercise."""

from dataclasses import dataclass
from functools import cache

from api.library.exercise import Image
from api.library.program import ProgramExercise
from api.shipped import folder

_SVG = "image/svg+xml"


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawing, to be set into a page."""

    svg: str
    alt: str
    """What is seen, in words."""


def of(one: ProgramExercise) -> Picture | None:
    """Give the drawing; none is better than that of another starting position."""
    role = f"variant:{one.variant}" if one.variant else "exercise"
    image = next((image for image in one.images if image.role == role and image.media_type == _SVG), None)
    return Picture(_content(image.sha256), image.alt) if image and _is_ours(image) else None


def _is_ours(image: Image) -> bool:
    return (folder("seed_data") / "images" / f"{image.sha256}.svg").is_file()


@cache
def _content(sha256: str) -> str:
    return (folder("seed_data") / "images" / f"{sha256}.svg").read_text(encoding="utf-8")
