"""The OpenAPI document: the framework's, corrected where it doesn't describe this service."""

import ast
import json
from collections.abc import Iterator, Mapping, Sequence
from inspect import cleandoc, getsource
from itertools import pairwise
from pathlib import Path
from textwrap import dedent
from typing import Literal, TypeVar

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from pydantic.json_schema import models_json_schema

from api.errors import ExerciseLibraryError
from api.formats import Format
from api.library.history import LONGEST_REASON, PORTABLE_REASON
from api.library.record import SLUG, Record
from api.web.body import BodyOf
from api.web.paths import offered
from api.web.problems import FieldProblem, Problem
from api.web.schemas import REFERENCE, Schema, for_generators, operations
from api.web.shapes import HEADERS, a_header, a_problem

FORMATS_DOCUMENT = "/openapi-formats.json"
Kind = TypeVar("Kind")

EXAMPLES: Mapping[str, Schema] = json.loads((Path(__file__).parent / "examples.json").read_text(encoding="utf-8"))
"""By operation: a real request and a real answer about the seed data; a test keeps them true."""
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
    {"name": "comparisons", "description": "What of another catalogue a person should not be shown; nothing is stored or logged."},
    {"name": "curation", "description": "Changing the catalogue, with a key."},
    {"name": "sync", "description": "History, changes since a revision, and the library as a whole."},
    {"name": "service", "description": "What the service is, and whether it works."},
]


def document(app: FastAPI) -> Schema:
    """Describe the application."""
    described = get_openapi(
        title=app.title, version=app.version, openapi_version=app.openapi_version, description=DESCRIPTION, tags=TAGS, routes=app.routes
    )
    described["info"]["license"] = {"name": "MIT", "identifier": "MIT"}
    described["servers"] = [{"url": "/"}]
    described["security"] = []  # reads need no key
    schemas = described["components"]["schemas"]
    schemas |= _shapes((Problem, FieldProblem), "serialization")
    schemas["Problem"]["properties"]["code"] |= {"enum": sorted(kind.code for kind in below(ExerciseLibraryError))}
    routes = {str(route.operation_id): route for route in app.routes if isinstance(route, APIRoute) and route.include_in_schema}
    # The framework doesn't see the shape of a body that is read in HTTP's order.
    bodies = {name: asks.call for name, route in routes.items() for asks in route.dependant.dependencies if isinstance(asks.call, BodyOf)}
    schemas |= _apart(_shapes([body.model for body in bodies.values()], "validation"), schemas)
    described["components"]["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer", "description": "From `keys create`."}}
    for operation in operations(described):
        name = operation["operationId"]
        if name in bodies:
            operation["requestBody"] = _body(bodies[name], schemas)
        _complete(operation, offered(routes[name]))
        _show(operation, EXAMPLES.get(name, {}))
    for model in below(Record):
        for name in {model.__name__, f"{model.__name__}Input"} & schemas.keys():
            tell_of_fields(model, schemas[name])
    for_generators(described)
    described["components"]["headers"] = HEADERS
    described["components"]["responses"] = _shared_problems(described)
    return described


def of_json(described: Schema) -> Schema:
    """Leave out every format but JSON: clients are generated from what always answers with one shape."""
    narrowed: Schema = json.loads(json.dumps(described))
    narrowed["externalDocs"] = {"url": FORMATS_DOCUMENT, "description": "The same with every format: CSV, Markdown, HTML, PDF and others."}
    for operation in operations(narrowed):
        for parameter in operation.get("parameters", []):
            if parameter["name"] == "format":
                parameter["schema"]["enum"] = ["json"]
        for response in operation["responses"].values():
            content = response.get("content", {})
            if _JSON in content:
                response["content"] = {_JSON: content[_JSON]}
    return narrowed


def _shared_problems(described: Schema) -> Schema:
    """Write each problem once, and refer to it where it may be the answer."""
    shared: Schema = {}
    for operation in operations(described):
        for status, response in operation["responses"].items():
            if status.startswith(("4", "5")):
                name = f"Problem{status}"
                shared[name] = response
                operation["responses"][status] = {"$ref": f"#/components/responses/{name}"}
    return dict(sorted(shared.items()))


def below(class_: type[Kind]) -> Iterator[type[Kind]]:
    """Give every class derived from this one, however far below."""
    for kind in class_.__subclasses__():
        yield kind
        yield from below(kind)


def tell_of_fields(model: type[Record], shape: Schema) -> None:
    """Describe each field by the text below it; read from the source here, because no start can wait for it."""
    for base in (ancestor for ancestor in model.__mro__ if issubclass(ancestor, Record)):
        definition = ast.parse(dedent(getsource(base))).body[0]
        assert isinstance(definition, ast.ClassDef)  # noqa: S101  (for the type checker)
        for field, text in pairwise(definition.body):
            match field, text:
                case ast.AnnAssign(target=ast.Name(name)), ast.Expr(ast.Constant(str(told))):
                    shape["properties"].get(model.model_fields[name].alias or name, {}).setdefault("description", cleandoc(told))


def _shapes(models: Sequence[type[Record]], mode: Literal["validation", "serialization"]) -> Schema:
    _, made = models_json_schema([(model, mode) for model in models], ref_template=REFERENCE + "{model}")
    shapes: Schema = made["$defs"]
    return shapes


def _apart(asked: Schema, answered: Schema) -> Schema:
    """Name what callers send apart from what they get: a `CautionInput` may leave out what a `Caution` always has."""
    text = json.dumps(asked)
    both = [name for name, shape in asked.items() if name in answered and "properties" in shape]
    for name in both:
        text = text.replace(f'"{REFERENCE}{name}"', f'"{REFERENCE}{name}Input"')
    return {f"{name}Input" if name in both else name: shape for name, shape in json.loads(text).items()}


def _body(body: BodyOf[Record], schemas: Schema) -> Schema:
    """Describe a body by the shape of what is sent, where that isn't the shape of what is answered."""
    name = body.model.__name__
    shape = {"$ref": REFERENCE + (f"{name}Input" if f"{name}Input" in schemas else name)}
    return {"required": True, "description": body.description, "content": {_JSON: {"schema": shape}}}


def _show(operation: Schema, example: Schema) -> None:
    """Put a real question and its real answer beside their shapes."""
    bodies = {"request": operation.get("requestBody"), "response": operation["responses"].get("200")}
    for part, body in bodies.items():
        if body is not None and part in example:
            body["content"][_JSON]["example"] = example[part]


_EVERYWHERE = (414, 431, 500)
_WORD = {"type": "string", "pattern": f"^{SLUG.pattern}$", "maxLength": 100}
_WRITTEN = {"type": "string", "minLength": 1, "pattern": r"\S"}
# Words are data, so no enum has them; but each is a slug.
_WORDS = ("type", "group", "only", "region", "equipment", "condition", "unjudged", "slug")
_JSON = "application/json"
_LOCATION = {"required": True, "description": "Where it is.", "schema": {"type": "string"}}
_EXAMPLES: Schema = {
    "type": ["unstable"],
    "group": ["pregnant"],
    "only": ["pelvic-list"],
    "tag": "stabilize",
    "q": "hip hike",
    "region": "low-back",
    "equipment": "wall",
    "condition": "si-joint-dysfunction",
    "unjudged": "stiff",
    "limit": 20,
    "cursor": "WyI0ZjE5YmE0OTg5MTYiLDEsMV0",
    "view": "full",
    "format": "json",
    "edition": "patient",
    "since": 1,
    "library_id": "00000000-0000-4000-8000-000000000000",
    "name": "656c989a40deec0a7909e84ae17af8e8dc62d5a3401999f6430780db4d3d6b46.svg",
    "If-Match": '"f0e4c2f76c58916ec258f246851bea09"',
    "If-None-Match": "*",
    "X-Change-Reason": "Corrected a typing mistake.",
}
"""A right value for each parameter, by its name; a slug is that of the record whose answer is shown."""
_SEEN = {"type": "string", "pattern": r'^(\*|"[!#-~]*"(,\s*"[!#-~]*")*)$', "examples": ["*"]}
_MATCH = {"name": "If-Match", "in": "header", "schema": _SEEN, "description": "The ETag that was read, or `*`: replace that state only."}
_NONE_MATCH = {
    "name": "If-None-Match",
    "in": "header",
    "schema": {"type": "string", "enum": ["*"]},
    "description": "`*`: create what isn't there.",
}
_REASON_SCHEMA = {"type": "string", "maxLength": LONGEST_REASON, "pattern": PORTABLE_REASON}
_REASON = {"name": "X-Change-Reason", "in": "header", "schema": _REASON_SCHEMA, "description": "Why, on one line; history keeps it."}


def _complete(operation: Schema, formats: Mapping[str, Format]) -> None:
    """Say what holds for every operation of this sort, and what the framework can't see."""
    parameters, responses = operation.setdefault("parameters", []), operation["responses"]
    also = list(_EVERYWHERE)
    for parameter in parameters:
        parameter["schema"] = _value(parameter["name"], parameter["schema"])
    if "requestBody" in operation:
        also += [408]
    if "401" in responses:
        also += [429]
        operation["security"] = [{"key": []}] if "403" in responses else [{}, {"key": []}]
    if "428" in responses:
        # Creating wants another precondition than replacing, so neither is required where both are possible.
        creates = "201" in responses
        parameters += [_MATCH | {"required": not creates}, *([_NONE_MATCH] if creates else []), _REASON]
    answer = EXAMPLES.get(operation["operationId"], {}).get("response", {})
    examples = _EXAMPLES | {"slug": answer.get("slug", "cat-cow")}
    for parameter in parameters:
        if parameter["name"] in examples:
            parameter["example"] = examples[parameter["name"]]
    responses |= {str(status): a_problem(status) for status in also}
    _complete_success(responses, {parameter["name"]: parameter for parameter in parameters}, formats)
    for response in responses.values():
        response.setdefault("headers", {})["X-Request-ID"] = a_header("X-Request-ID")
    operation["responses"] = dict(sorted(responses.items()))


def _complete_success(responses: Schema, parameters: Schema, formats: Mapping[str, Format]) -> None:
    """Describe formats and headers of what is answered when all is well."""
    if formats:
        parameters["format"]["schema"] = {"type": "string", "enum": list(formats)}
        responses["200"]["content"] |= {formats[name].media_type: {"schema": {"type": "string"}} for name in formats if name != "json"}
        responses["200"]["headers"] = {name: a_header(name) for name in ("ETag", *(["Link"] if "cursor" in parameters else []))}
        responses["304"] = {"description": "It is as the caller has it.", "headers": {"ETag": a_header("ETag")}}
        responses |= {str(status): a_problem(status) for status in (400, 412)}  # of `If-Match`, which reads heed, too
    if "428" in responses:
        for status in responses.keys() & {"200", "201"}:
            responses[status]["headers"] = {"ETag": a_header("ETag")} | ({"Location": _LOCATION} if status == "201" else {})


def _value(name: str, schema: Schema) -> Schema:
    """Describe a parameter's value: an address can't say null, and an empty value is never understood."""
    given = next((choice for choice in schema.get("anyOf", []) if choice.get("type") != "null"), schema)
    kept = {key: schema[key] for key in ("default",) if schema.get(key) is not None} | given
    if given.get("type") == "array":
        return kept | {"items": _value(name, given["items"])}
    if given.get("type") != "string" or "enum" in given:
        return kept
    return kept | (_WORD if name in _WORDS else _WRITTEN)
