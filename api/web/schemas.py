"""Schemas as those who generate clients need them: plain numbers, closed words, names that collide with nothing."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from api.store.reference.kinds import KINDS

Schema = dict[str, Any]
"""A part of the OpenAPI document, as JSON."""
REFERENCE = "#/components/schemas/"
# In Swift, Dart or TypeScript these are something else.
_RENAMED = {
    "Group": "RiskGroup",
    "Index": "LibraryIndex",
    "Link": "IndexLink",
    "Range": "NumberRange",
    "RangeInput": "NumberRangeInput",
    "Source": "SourceRecord",
    "SourceInput": "SourceEdit",
}
_OF_INPUT = ("maxLength", "minLength", "pattern")
"""What is asked of those who send something; answers may have more in a later version."""
_ANYTHING = "JsonValue"
CHANGED_RECORDS = {name: kind.record.__name__ for name, kind in KINDS.items()} | {"exercise": "Exercise", "retired-exercise": "Bequest"}
"""The kinds of change, and what the record of each is."""


def for_generators(document: Schema) -> None:
    """Put every schema of a document right, and name it once."""
    schemas = document["components"]["schemas"]
    _part_changes(schemas)
    schemas.pop(_ANYTHING, None)
    for schema in walk(document):
        _plain(schema)
    sent = _reached([operation.get("requestBody") for operation in operations(document)], schemas)
    for name in schemas.keys() - sent:
        for schema in walk(schemas[name]):
            for limit in _OF_INPUT:
                schema.pop(limit, None)
            if schema.get("additionalProperties") is False:
                del schema["additionalProperties"]
    for schema in walk(document):
        _rename(schema)
    named = {_RENAMED.get(name, name): schema for name, schema in schemas.items()}
    document["components"]["schemas"] = {name: {"title": name, **schema} for name, schema in sorted(named.items())}


def operations(document: Schema) -> Iterator[Schema]:
    """Give every operation of a document."""
    for item in document["paths"].values():
        yield from item.values()


def walk(part: object) -> Iterator[Schema]:
    """Give every schema in a part of a document; a field may be named like one of its keywords, an example is none."""
    if isinstance(part, list):
        for inner in part:
            yield from walk(inner)
    elif isinstance(part, dict):
        yield part
        for name, inner in part.items():
            if name == "properties":
                for field in inner.values():
                    yield from walk(field)
            elif name not in ("example", "examples", "enum", "default", "const"):
                yield from walk(inner)


def _plain(schema: Schema) -> None:
    """Drop titles that only repeat a field's name, write a constant as an enum of one, and any value as no schema at all."""
    if isinstance(schema.get("title"), str) and "openapi" not in schema and "version" not in schema:
        del schema["title"]
    if "const" in schema:
        schema |= {"type": "string", "enum": [schema.pop("const")]}
    if schema.get("$ref") == REFERENCE + _ANYTHING:
        del schema["$ref"]
    for field in schema.get("properties", {}).values():
        field.pop("default", None)  # some generators take it for a promise that the field is there


def _rename(schema: Schema) -> None:
    target = str(schema.get("$ref", ""))
    name = target.removeprefix(REFERENCE)
    if name != target and name in _RENAMED:
        schema["$ref"] = REFERENCE + _RENAMED[name]


def _reached(parts: list[Any], schemas: Mapping[str, Schema]) -> set[str]:
    """Name the schemas that these parts refer to, however deep."""
    found: set[str] = set()
    waiting = list(parts)
    while waiting:
        for schema in walk(waiting.pop()):
            name = str(schema.get("$ref", "")).removeprefix(REFERENCE)
            if name in schemas and name not in found:
                found.add(name)
                waiting.append(schemas[name])
    return found


def _part_changes(schemas: dict[str, Schema]) -> None:
    """Make a schema for each kind of change, told apart by its `kind`."""
    change = schemas["LibraryChange"]
    mapping = {}
    for kind, record in CHANGED_RECORDS.items():
        name = f"{kind.title().replace('-', '')}Change"
        schema = json.loads(json.dumps(change)) | {"description": f"One change of one record of the kind `{kind}`."}
        schema["properties"]["kind"] |= {"type": "string", "enum": [kind], "description": "The kind of record."}
        told = schema["properties"]["record"]["description"]
        schema["properties"]["record"] = {"anyOf": [{"$ref": REFERENCE + record}, {"type": "null"}], "description": told}
        schemas[name] = schema
        mapping[kind] = REFERENCE + name
    schemas["LibraryChange"] = {
        "description": "One change of one record; its `kind` tells what the record is.",
        "oneOf": [{"$ref": reference} for reference in mapping.values()],
        "discriminator": {"propertyName": "kind", "mapping": mapping},
    }
