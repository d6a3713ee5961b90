"""What editors are told about the seed data is what loading accepts."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from api.store import yaml_text
from seed_data.schema import FILE, schema

SEED = FILE.parent
FILES = sorted({*SEED.rglob("*.yaml")} - {*SEED.glob("pictures/*")})
SCHEMA = json.loads(FILE.read_text(encoding="utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA)


def test_the_schema_is_that_of_the_records() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert FILE.read_text(encoding="utf-8") == schema(), "write it anew: uv run python -m seed_data.schema"


def test_the_schema_explains_every_field() -> None:
    shapes = SCHEMA["$defs"]
    unexplained = [
        f"{name}.{field}"
        for name, shape in shapes.items()
        for field, told in shape.get("properties", {}).items()
        if "description" not in told
    ]
    assert unexplained == []


@pytest.mark.parametrize("path", FILES, ids=lambda one: one.stem)
def test_every_file_names_the_schema_and_fits_it(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    named = text.partition("\n")[0].removeprefix("# yaml-language-server: $schema=")
    assert (path.parent / named).resolve() == FILE
    data, _ = yaml_text.parse(text)
    assert best_match(VALIDATOR.iter_errors(data)) is None


@pytest.mark.parametrize(
    "text",
    [
        "exercise: {slug: bird-dog, name: Bird dog, eqiupment: [mat]}",
        "exercise: {slug: Bird Dog, name: Bird dog}",
        "exercises: [{slug: bird-dog}]",
        "exercise: {slug: bird-dog, name: Bird dog, contraindications: [{type: unstable, reason: It opens the legs.}]}",
        "exercize: {slug: bird-dog, name: Bird dog}",
        "sources: [{slug: a, kind: gossip, citation: A, certainty: verified}]",
    ],
    ids=["an unknown key", "no slug", "no name", "an avoid without a source", "an unknown section", "an unknown word"],
)
def test_an_editor_complains_about(text: str) -> None:
    data, _ = yaml_text.parse(text)
    assert not VALIDATOR.is_valid(data)
