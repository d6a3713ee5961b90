"""The paths that there are, and what each may be asked: whatever else is asked is refused."""

import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache, reduce
from operator import or_
from typing import NamedTuple, get_origin

from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute, compile_path
from starlette.types import Scope

from api.web.routes import Route


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
    for one in routes:
        if isinstance(one, APIRoute):
            methods.setdefault(one.path, {}).update(dict.fromkeys(one.methods or (), parameters(one.dependant)))
        if isinstance(one, Route) and one.is_kept:
            kept[one.path] = tuple(format_.media_type for format_ in one.offered.values())
    return [Path(template, compile_path(template)[0], of_path, kept.get(template, ())) for template, of_path in methods.items()]


def kept_at(paths: list[Path]) -> Callable[[str], tuple[str, ...]]:
    """Make what gives a path's `kept`, and remembers some."""

    @lru_cache(maxsize=1_000)
    def of(path: str) -> tuple[str, ...]:
        found = match(paths, path)
        return found.kept if found else ()

    return of


def parameters(asks: Dependant) -> dict[str, bool]:
    """Name the parameters of a handler and of what it depends on; say of each whether it may be repeated."""
    its_own = {one.alias: get_origin(one.field_info.annotation) is list for one in asks.query_params}
    return reduce(or_, map(parameters, asks.dependencies), its_own)


def asked(scope: Scope) -> str:
    """Give the path that is asked, without the one under which a proxy serves this service."""
    path: str = scope["path"]
    return path.removeprefix(scope.get("root_path", "")) or "/"


def match(paths: list[Path], path: str) -> Path | None:
    """Find the path that a request means; None where there is none."""
    return next((one for one in paths if one.pattern.match(path)), None)
