"""The OpenAPI document: the framework's, put right where it doesn't describe this service."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema

from api.library.exercise import ExerciseEdit, SignOff
from api.library.record import Record
from api.library.screening import Answers
from api.web.problems import FieldProblem, Problem

BODIES: tuple[type[Record], ...] = (Answers, ExerciseEdit, SignOff)
"""What callers send; the framework doesn't see the shape of a body that is read in HTTP's order."""
EXAMPLES: Mapping[str, Mapping[str, Any]] = json.loads((Path(__file__).parent / "examples.json").read_text(encoding="utf-8"))
"""By operation: a real request and a real answer about the seed data; a test keeps them true."""
_REFERENCE = "#/components/schemas/"
DESCRIPTION = """
What is safe and useful for *this* kind of joint problem? Ask with `type`; a verdict belongs to the pair of exercise and type,
and "not listed" never means "safe". A client should treat a verdict that it doesn't know as `avoid`.

General information, not a diagnosis. No clinician has reviewed it.
"""
TAGS = [
    {"name": "exercises", "description": "The catalogue, and whether an exercise suits."},
    {"name": "reference", "description": "Conditions, types, sources and the other records around the exercises."},
    {"name": "programs", "description": "Programs to print."},
    {"name": "screenings", "description": "From answers to a likely type and a safe program; nothing is stored or logged."},
    {"name": "curation", "description": "Changing the catalogue, with a key."},
    {"name": "sync", "description": "History, changes since a revision, and the library as a whole."},
    {"name": "service", "description": "What the service is, and whether it works."},
]


def document(app: FastAPI) -> dict[str, Any]:
    """Describe the application."""
    described = get_openapi(
        title=app.title, version=app.version, openapi_version=app.openapi_version, description=DESCRIPTION, tags=TAGS, routes=app.routes
    )
    schemas = described["components"]["schemas"]
    for default in ("HTTPValidationError", "ValidationError"):
        schemas.pop(default, None)
    schemas |= _shapes((Problem, FieldProblem), "serialization")
    schemas |= _apart(_shapes(BODIES, "validation"), schemas)
    described["components"]["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer", "description": "From `keys create`."}}
    for item in described["paths"].values():
        for method, operation in item.items():
            operation.update({"security": [{"key": []}]} if method in ("put", "delete") else {})
            _show(operation, EXAMPLES.get(operation["operationId"], {}))
    described["components"]["schemas"] = dict(sorted(schemas.items()))
    return described


def _shapes(models: Sequence[type[Record]], mode: Literal["validation", "serialization"]) -> dict[str, Any]:
    _, made = models_json_schema([(model, mode) for model in models], ref_template=_REFERENCE + "{model}")
    shapes: dict[str, Any] = made["$defs"]
    return shapes


def _apart(asked: dict[str, Any], answered: Mapping[str, Any]) -> dict[str, Any]:
    """Name what callers send apart from what they get: a `CautionInput` may leave out what a `Caution` always has."""
    text = json.dumps(asked)
    both = [name for name, shape in asked.items() if name in answered and "properties" in shape]
    for name in both:
        text = text.replace(f'"{_REFERENCE}{name}"', f'"{_REFERENCE}{name}Input"')
    return {f"{name}Input" if name in both else name: shape for name, shape in json.loads(text).items()}


def _show(operation: dict[str, Any], example: Mapping[str, Any]) -> None:
    """Put a real question and its real answer beside their shapes."""
    bodies = {"request": operation.get("requestBody"), "response": operation["responses"].get("200")}
    for part, body in bodies.items():
        if body is not None and part in example:
            body["content"]["application/json"]["example"] = example[part]
