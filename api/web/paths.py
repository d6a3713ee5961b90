"""The paths of this service, what each may be asked, and how it answers: anything else is refused."""

import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache, reduce
from http import HTTPStatus
from operator import or_
from typing import Any, NamedTuple, get_origin

from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute, compile_path
from starlette.types import Scope

from api import formats
from api.formats import FORMATS, Format
from api.library.exercise import AnsweredExercise
from api.library.listing import Avoided, Listing
from api.library.program import Printout, Program
from api.library.questionnaire import ScreeningForm
from api.library.serialised import SerialisedExercise, SerialisedForm, SerialisedRecord, SerialisedRecords, SerialisedSources
from api.web.shapes import AvoidanceList, ExerciseList, SourceList, WholeLibrary, WholeList


class Path(NamedTuple):
    """A path, its methods, and for each method its parameters: whether each may be repeated."""

    template: str
    pattern: re.Pattern[str]
    methods: Mapping[str, Mapping[str, bool]]
    kept: tuple[str, ...]
    """The media types between which `Accept` chooses, where answers may be kept for everybody; empty elsewhere."""

    @property
    def allowed(self) -> list[str]:
        """Every method of the path, those that come with others included."""
        with_get = ["GET", "HEAD"] if "GET" in self.methods else []
        return [*with_get, *(method for method in self.methods if method != "GET"), "OPTIONS"]


def of_routes(routes: Iterable[BaseRoute]) -> list[Path]:
    """Read the paths out of the routes."""
    methods: dict[str, dict[str, dict[str, bool]]] = {}
    kept: dict[str, tuple[str, ...]] = {}
    for route in routes:
        if isinstance(route, APIRoute):
            methods.setdefault(route.path, {}).update(dict.fromkeys(route.methods or (), parameters(route.dependant)))
            kept[route.path] = kept.get(route.path) or _kept(route)
    return [Path(template, compile_path(template)[0], of_path, kept.get(template, ())) for template, of_path in methods.items()]


OF_LIBRARY = {name: FORMATS[name] for name in ("json", "fhir")}
"""The formats of the whole library, which is written down before anybody asks for it."""
_KINDS: dict[Any, type] = {
    AnsweredExercise: SerialisedExercise,
    AvoidanceList: Avoided,
    ExerciseList: Listing,
    Program: Printout,
    ScreeningForm: SerialisedForm,
    SourceList: SerialisedSources,
}
"""What is written where an answer has this shape in JSON; of any other shape it is a record or a list of them."""


def offered(route: APIRoute) -> Mapping[str, Format]:
    """Give the formats that `format` takes at a route; none where it isn't a parameter."""
    shape = route.response_model
    if not any(field.alias == "format" for field in route.dependant.query_params):
        return {}
    if shape is WholeLibrary:
        return OF_LIBRARY
    return formats.offered(_KINDS.get(shape, SerialisedRecords if issubclass(shape, WholeList) else SerialisedRecord))


def _kept(route: APIRoute) -> tuple[str, ...]:
    """Give the media types of answers that are the same for everybody, and short enough to be kept."""
    named = offered(route)
    if "GET" not in (route.methods or ()) or not named or named is OF_LIBRARY or HTTPStatus.UNAUTHORIZED in route.responses:
        return ()
    return (*(format_.media_type for format_ in named.values()), *route.responses.get(HTTPStatus.OK, {}).get("content", {}))


def kept_at(paths: list[Path]) -> Callable[[str], tuple[str, ...]]:
    """Make a lookup of a path's `kept` that remembers the latest."""

    @lru_cache(maxsize=1_000)
    def of(path: str) -> tuple[str, ...]:
        found = match(paths, path)
        return found.kept if found else ()

    return of


def parameters(asks: Dependant) -> dict[str, bool]:
    """Name the parameters of a handler and of what it depends on; say of each whether it may be repeated."""
    its_own = {parameter.alias: get_origin(parameter.field_info.annotation) is list for parameter in asks.query_params}
    return reduce(or_, map(parameters, asks.dependencies), its_own)


def asked(scope: Scope) -> str:
    """Give the path asked for, without the prefix under which a proxy serves this service."""
    path: str = scope["path"]
    return path.removeprefix(scope.get("root_path", "")) or "/"


def match(paths: list[Path], path: str) -> Path | None:
    """Find the path that a request means; None where there is none."""
    return next((candidate for candidate in paths if candidate.pattern.match(path)), None)
