"""Writes `schema.json`, from which editors complete and check the files here: `uv run python -m seed_data.schema`."""

import json
from pathlib import Path

from pydantic.json_schema import models_json_schema

from api.library.export import ENVELOPE
from api.library.record import Record
from api.store.content import MODELS, SECTIONS
from api.web.openapi import below, tell_of_fields

FILE = Path(__file__).with_name("schema.json")


def schema() -> str:
    """Give the JSON Schema of a file of records: under each section one record or a list of them."""
    refs, shared = models_json_schema(
        [(model, "validation") for model in dict.fromkeys(MODELS.values())], title="Exercise library: records"
    )
    for model in below(Record):
        if model.__name__ in shared["$defs"]:
            tell_of_fields(model, shared["$defs"][model.__name__])
    sections = {section: refs[MODELS[kind], "validation"] for section, kind in SECTIONS.items()}
    properties = {name: {"anyOf": [record, {"type": "array", "items": record}]} for name, record in sections.items()}
    whole = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "additionalProperties": False,
        "properties": properties | dict.fromkeys(ENVELOPE, True),
    }
    return json.dumps(whole | shared, indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    FILE.write_text(schema(), encoding="utf-8")
