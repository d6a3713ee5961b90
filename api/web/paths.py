"""The paths that there are, as the OpenAPI document has them: what isn't documented is refused. Pages are for people, and not in it."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from fastapi.routing import APIRoute
from starlette.routing import BaseRoute, compile_path

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True, slots=True)
class Path:
    """A path, its methods, and for each method its parameters: whether each may be repeated."""

    template: str
    pattern: re.Pattern[str]
    methods: Mapping[str, Mapping[str, bool]]

    @property
    def allowed(self) -> list[str]:
        """Every method of the path, those that come with others included."""
        with_get = ["GET", "HEAD"] if "GET" in self.methods else []
        return [*with_get, *(method for method in self.methods if method != "GET"), "OPTIONS"]


def of_document(openapi: Mapping[str, object]) -> list[Path]:
    """Read the paths out of an OpenAPI document."""
    return [Path(template, compile_path(template)[0], _methods(item)) for template, item in _items(openapi["paths"])]


def of_routes(routes: Iterable[BaseRoute]) -> list[Path]:
    """Read the paths of the pages out of the routes: those that the OpenAPI document leaves out."""
    pages = [one for one in routes if isinstance(one, APIRoute) and not one.include_in_schema]
    methods: dict[str, dict[str, dict[str, bool]]] = {}
    for one in pages:
        methods.setdefault(one.path, {}).update({method: {} for method in one.methods or ()})
    return [Path(template, compile_path(template)[0], of_path) for template, of_path in methods.items()]


def _methods(item: object) -> dict[str, dict[str, bool]]:
    return {method.upper(): _parameters(operation) for method, operation in _items(item) if method.upper() in METHODS}


def _parameters(operation: object) -> dict[str, bool]:
    parameters = dict(_items(operation)).get("parameters", [])
    assert isinstance(parameters, list)  # noqa: S101  (OpenAPI says so; this is for the type checker)
    return {one["name"]: "array" in str(one["schema"]) for one in parameters if one["in"] == "query"}


def _items(mapping: object) -> list[tuple[str, object]]:
    return list(mapping.items()) if isinstance(mapping, Mapping) else []


def match(paths: list[Path], path: str) -> Path | None:
    """Find the path that a request means; None where there is none."""
    return next((one for one in paths if one.pattern.match(path)), None)
