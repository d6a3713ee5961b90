"""The shipped pictures are what the figure draws from the data: hashes say so, and names them.

`UPDATE=1 uv run pytest tests/formats/test_images.py` draws them again; then look at what changed.
"""

import json
import os
from hashlib import sha256
from pathlib import Path

import pytest
import resvg_py
import yaml

from api.formats import svg
from api.library.exercise import Image, ImageFile
from api.library.figure import Pictures

SEED = Path(__file__).parents[2] / "seed_data"
IMAGES = SEED / "images"
WIDTHS = (320, 960)


def drawn(file: Path) -> tuple[str, list[tuple[Image, dict[str, bytes]]]]:
    """Draw every picture of one exercise: an SVG, and a PNG in two sizes."""
    pictures = Pictures.model_validate(yaml.safe_load(file.read_text(encoding="utf-8")))
    found = []
    for picture in pictures.pictures:
        key = f"{pictures.exercise}-{picture.variant}" if picture.variant else pictures.exercise
        role = f"variant:{picture.variant}" if picture.variant else "exercise"
        drawing = svg.write(picture, key)
        contents = [(drawing.svg.encode(), "svg", (drawing.width, drawing.height))]
        for width in WIDTHS:
            png = bytes(resvg_py.svg_to_bytes(svg_string=drawing.svg, width=width, skip_system_fonts=True))
            contents.append((png, "png", (width, round(drawing.height * width / drawing.width))))
        files = [image_file(*one) for one in contents]
        image = Image(role=role, alt=picture.alt, licence="MIT", credit="Drawn by the exercise library", files=files)
        found.append((image, {name(one): content for one, (content, _, _) in zip(files, contents, strict=True)}))
    return pictures.exercise, found


def image_file(content: bytes, kind: str, size: tuple[int, int]) -> ImageFile:
    digest = sha256(content).hexdigest()
    media_type = {"svg": "image/svg+xml", "png": "image/png"}[kind]
    return ImageFile(url=f"/images/{digest}.{kind}", media_type=media_type, width=size[0], height=size[1], sha256=digest)


def name(file: ImageFile) -> str:
    return file.url.removeprefix("/images/")


def test_the_shipped_pictures_are_those_that_the_data_draw() -> None:
    all_of_them = dict(drawn(file) for file in sorted((SEED / "pictures").glob("*.yaml")))
    index = {slug: [one.model_dump(mode="json") for one, _ in found] for slug, found in all_of_them.items()}
    files = {name: content for found in all_of_them.values() for _, contents in found for name, content in contents.items()}
    if os.environ.get("UPDATE"):
        IMAGES.mkdir(exist_ok=True)
        for old in IMAGES.iterdir():
            old.unlink()
        for name, content in files.items():
            (IMAGES / name).write_bytes(content)
        (IMAGES / "index.json").write_text(json.dumps(index, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    assert json.loads((IMAGES / "index.json").read_text(encoding="utf-8")) == index, "if that was meant: UPDATE=1"
    assert {file.name: file.read_bytes() for file in IMAGES.iterdir() if file.name != "index.json"} == files


@pytest.mark.parametrize("file", sorted(IMAGES.glob("*.*g")), ids=lambda file: file.name[:12])
def test_a_picture_is_named_by_its_content(file: Path) -> None:
    assert sha256(file.read_bytes()).hexdigest() == file.stem
