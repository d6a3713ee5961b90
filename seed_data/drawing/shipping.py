"""The pictures as they are shipped: drawn, named by their content, and listed in an index."""

import json
import re
from collections.abc import Iterator
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

import resvg_py
import yaml
from PIL import Image as Raster
from PIL import ImageChops, ImageStat
from pydantic import JsonValue

from api.library.exercise import SVG, Image, ImageFile, role_of
from seed_data.drawing import svg
from seed_data.drawing.picture import Picture, Pictures

_SEED = Path(__file__).parents[1]
IMAGES = _SEED / "images"
INDEX = IMAGES / "index.json"
WIDTHS = (960,)
"""Widths of the PNGs, in pixels: for those who can't show the SVG, which suits every size."""

_NUMBER = re.compile(r"(?:(?<=[MLAQ])|(?<![\w#-]))-?\d+(?:\.\d+)?")
_UNSEEN = 0.11
"""How far a number of the sheet may be from the shipped one: another C library may round the last place otherwise."""
_SHADE = 0.2
"""How far the pixels may be from the shipped ones on average, in shades of 255."""


class File(NamedTuple):
    """A picture in one form and size."""

    kind: str
    """`svg` or `png`."""
    width: int
    height: int
    content: bytes

    @property
    def name(self) -> str:
        """Name the file by its content."""
        return f"{sha256(self.content).hexdigest()}.{self.kind}"


class Drawn(NamedTuple):
    """A picture in every form that is shipped."""

    exercise: str
    role: str
    """`exercise`, or `variant:` and the variant's slug."""
    alt: str
    files: tuple[File, ...]


def draw() -> Iterator[Drawn]:
    """Draw every picture from the data."""
    for file in sorted((_SEED / "pictures").glob("*.yaml")):
        pictures = Pictures.model_validate(yaml.safe_load(file.read_text(encoding="utf-8")))
        for picture in pictures.pictures:
            role = role_of(picture.variant)
            yield Drawn(pictures.exercise, role, picture.alt, tuple(_files(pictures.exercise, picture)))


def _files(exercise: str, picture: Picture) -> Iterator[File]:
    drawing = svg.write(picture, f"{exercise}-{picture.variant}" if picture.variant else exercise)
    yield File("svg", drawing.width, drawing.height, drawing.svg.encode())
    for width in WIDTHS:
        png = resvg_py.svg_to_bytes(svg_string=drawing.svg, width=width, skip_system_fonts=True)
        yield File("png", width, round(drawing.height * width / drawing.width), bytes(png))


def kept(drawn: Drawn) -> Drawn:
    """Give the shipped files in the place of those that look the same."""
    shipped = _shipped()
    old = [shipped.get((drawn.exercise, drawn.role, file.kind, file.width)) for file in drawn.files]
    files = (file._replace(content=was) if was and alike(file, was) else file for file, was in zip(drawn.files, old, strict=True))
    return drawn._replace(files=tuple(files))


def alike(file: File, shipped: bytes) -> bool:
    """Say whether no eye can tell a file from a shipped one."""
    return _same_text(file.content.decode(), shipped.decode()) if file.kind == "svg" else _same_pixels(file.content, shipped)


def _same_text(drawn: str, shipped: str) -> bool:
    numbers = zip(_NUMBER.findall(drawn), _NUMBER.findall(shipped), strict=False)
    return _NUMBER.sub("0", drawn) == _NUMBER.sub("0", shipped) and all(abs(float(a) - float(b)) < _UNSEEN for a, b in numbers)


def _same_pixels(drawn: bytes, shipped: bytes) -> bool:
    one, other = (Raster.open(BytesIO(content)) for content in (drawn, shipped))
    return one.size == other.size and max(ImageStat.Stat(ImageChops.difference(one, other)).mean) < _SHADE


def _index(drawn: list[Drawn]) -> dict[str, list[JsonValue]]:
    listed: dict[str, list[JsonValue]] = {}
    for one in drawn:
        listed.setdefault(one.exercise, []).append(_described(one).model_dump(mode="json"))
    return listed


def _described(drawn: Drawn) -> Image:
    files = [
        ImageFile(
            url=f"/images/{file.name}",
            media_type={"svg": SVG, "png": "image/png"}[file.kind],
            width=file.width,
            height=file.height,
            sha256=file.name.partition(".")[0],
        )
        for file in drawn.files
    ]
    return Image(role=drawn.role, alt=drawn.alt, licence="MIT", credit="Drawn by the exercise library", files=files)


def _shipped() -> dict[tuple[str, str, str, int], bytes]:
    """Read what is shipped, by exercise, role, kind and width."""
    listed = json.loads(INDEX.read_text(encoding="utf-8"))
    images = [(slug, Image.model_validate(one)) for slug, every in listed.items() for one in every]
    files = [(slug, image.role, file, IMAGES / file.url.rpartition("/")[2]) for slug, image in images for file in image.files]
    return {(slug, role, path.suffix[1:], file.width): path.read_bytes() for slug, role, file, path in files}


def redraw(folder: Path = IMAGES) -> int:
    """Draw every picture into a folder, and say how many there are; a file that looks as the shipped one stays that."""
    drawn = [kept(one) for one in draw()]
    for old in folder.iterdir():
        old.unlink()
    for file in (file for one in drawn for file in one.files):
        (folder / file.name).write_bytes(file.content)
    (folder / INDEX.name).write_text(json.dumps(_index(drawn), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return len(drawn)
