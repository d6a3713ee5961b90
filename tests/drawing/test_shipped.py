"""The shipped pictures are what the figure draws from the data, as far as an eye can tell; hashes name them."""

import json
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest
import yaml

from seed_data.drawing.shipping import IMAGES, INDEX, File, alike


def contents(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def test_the_shipped_pictures_are_those_that_the_data_draw(tmp_path: Path) -> None:
    (tmp_path / "old.svg").touch()
    subprocess.run([sys.executable, "-m", "seed_data.drawing", tmp_path], check=True, cwd=IMAGES.parents[1])  # noqa: S603  (our own program)
    assert contents(tmp_path) == contents(IMAGES), "if that was meant: uv run python -m seed_data.drawing"


def test_every_exercise_and_each_of_its_variants_has_a_picture() -> None:
    exercises = [yaml.safe_load(file.read_text(encoding="utf-8"))["exercise"] for file in (IMAGES.parent / "exercises").glob("*.yaml")]
    wanted = {(one["slug"], "exercise") for one in exercises}
    wanted |= {(one["slug"], f"variant:{variant['slug']}") for one in exercises for variant in one.get("variants", [])}
    listed = json.loads(INDEX.read_text(encoding="utf-8"))
    assert {(slug, image["role"]) for slug, images in listed.items() for image in images} == wanted


@pytest.mark.parametrize("file", sorted(IMAGES.glob("*.*g")), ids=lambda file: file.name[:12])
def test_a_picture_is_named_by_its_content(file: Path) -> None:
    assert sha256(file.read_bytes()).hexdigest() == file.stem


@pytest.mark.parametrize(
    ("text", "same"),
    [("M1.3 20Z", True), ("M1.2 20.1Z", True), ("M1.5 20Z", False), ("M1.2 20 3Z", False), ("L1.2 20Z", False)],
)
def test_drawings_are_the_same_within_what_no_eye_sees(text: str, same: bool) -> None:  # noqa: FBT001  (a parameter of the test)
    assert alike(File("svg", 1, 1, text.encode()), b"M1.2 20Z") is same


def test_another_picture_is_another_picture() -> None:
    one, other = (file.read_bytes() for file in sorted(IMAGES.glob("*.png"), key=lambda file: file.stat().st_size)[-2:])
    assert alike(File("png", 960, 400, one), one)
    assert not alike(File("png", 960, 400, one), other)
