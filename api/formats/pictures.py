"""The drawing that belongs to an exercise as a program has it: of the variant that is swapped in, else of the exercise."""

from dataclasses import dataclass
from functools import cache

from api.library.exercise import ImageFile, picture_of
from api.library.program import ProgramExercise
from api.shipped import folder


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawing, to be set into a page."""

    svg: str
    alt: str
    """What is seen, in words."""


def of(exercise: ProgramExercise) -> Picture | None:
    """Give the drawing; none is better than that of another starting position."""
    image = picture_of(exercise.images, exercise.variant)
    return Picture(_content(image.best.sha256), image.alt) if image and _is_ours(image.best) else None


def _is_ours(file: ImageFile) -> bool:
    return (folder("seed_data") / "images" / f"{file.sha256}.svg").is_file()


@cache
def _content(sha256: str) -> str:
    return (folder("seed_data") / "images" / f"{sha256}.svg").read_text(encoding="utf-8")
