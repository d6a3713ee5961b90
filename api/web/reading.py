"""Routes that only read, no further than a page: where that takes microseconds, in the event loop, and in few of them."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import fields
from inspect import isasyncgenfunction, iscoroutinefunction, isfunction, isgeneratorfunction
from typing import TYPE_CHECKING, Any, get_args, get_origin, get_type_hints

from fastapi.dependencies.models import Dependant
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel, ValidationError, create_model
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from api.web.deps import database
from api.web.params import refuse_others
from api.web.paths import parameters

if TYPE_CHECKING:
    from fastapi._compat import ModelField


class ReadingRoute(APIRoute):
    """Answers a GET where and how that is cheapest.

    SQLite has answered before a thread would have begun; PostgreSQL has to be waited for, and so has a connection where all are
    lent. The parameters of a handler are read together: the framework takes longer over them, one by one, than SQLite over the
    question.
    """

    def __init__(self, path: str, endpoint: Callable[..., Response], **options: Any) -> None:  # noqa: ANN401  (they are FastAPI's)
        """Make a route. Raises TypeError where it asks for what isn't done here: a check that is left out lets everybody in."""
        super().__init__(path, endpoint, **options)
        refuse_unrun(self)
        self._query, self._path = _Parameters(self.dependant.query_params), _Parameters(self.dependant.path_params)
        self._known = parameters(self.dependant)
        self.app = self._answer

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request; what it refuses is told by the application, as everywhere."""
        request = Request(scope, receive)
        asked = request.query_params.multi_items()
        refuse_others(asked, self._known)
        given = self._query.read("query", asked) | self._path.read("path", request.path_params.items())
        store = await database(request)
        if store.is_postgresql or store.connections_in_use >= store.connections_limit:
            response: Response = await run_in_threadpool(self.endpoint, request=request, store=store, **given)
        else:
            response = self.endpoint(request=request, store=store, **given)
        await response(scope, receive, send)


_DONE = {"path_params", "query_params", "dependencies", "name", "call", "request_param_name", "use_cache", "path", "scope", "concurrency"}
"""What of a handler's needs is met here, or says nothing that has to be done."""
_SEQUENCES = (list, set, frozenset, tuple, Sequence)


def refuse_unrun(route: APIRoute) -> None:
    """Raise TypeError where a handler needs what a `ReadingRoute` doesn't do."""
    unrun = [*_unmet(route.dependant), *_unusual(route.dependant.call, route.methods or ())]
    if unrun:
        raise TypeError(f"A ReadingRoute doesn't do what '{route.path}' needs: {', '.join(unrun)}. Use an APIRoute.")


def _unmet(asks: Dependant) -> Iterator[str]:
    yield from (one.name for one in fields(asks) if one.name not in _DONE and getattr(asks, one.name))
    if [(one.name, one.call) for one in asks.dependencies] != [("store", database)]:
        yield "dependencies other than 'store: Store'"
    if asks.request_param_name != "request":
        yield "a request of another name than 'request'"
    yield from (f"'{one.alias}' of an unusual type" for one in (*asks.query_params, *asks.path_params) if _is_unusual(one))


def _is_unusual(field: "ModelField") -> bool:
    """Tell what the framework takes apart before it is validated: a model of parameters, or values that are repeated."""
    annotation = field.field_info.annotation
    return get_origin(annotation) is not list and any(_is_composed(one) for one in (annotation, *get_args(annotation)))


def _is_composed(annotation: object) -> bool:
    origin = get_origin(annotation) or annotation
    return isinstance(origin, type) and issubclass(origin, (BaseModel, *_SEQUENCES)) and not issubclass(origin, str)


def _unusual(endpoint: Callable[..., Any] | None, methods: Collection[str]) -> Iterator[str]:
    if not isfunction(endpoint) or any(one(endpoint) for one in (iscoroutinefunction, isgeneratorfunction, isasyncgenfunction)):
        yield "a handler that is no plain function"
    elif get_type_hints(endpoint).get("return") is not Response:
        yield "a handler that gives no Response"
    if set(methods) != {"GET"}:
        yield "methods other than GET"


class _Parameters:
    """What a handler takes from one part of an address, as its signature declares it."""

    def __init__(self, fields: "Sequence[ModelField]") -> None:
        self._declared: Any = {one.name: (one.field_info.annotation, one.field_info) for one in fields}
        self._model: type[BaseModel] = create_model("Parameters", **self._declared)
        self._repeated = {one.alias for one in fields if get_origin(one.field_info.annotation) is list}

    def read(self, part: str, given: Iterable[tuple[str, str]]) -> dict[str, Any]:
        if not self._declared:
            return {}
        told: dict[str, Any] = {}
        for name, value in given:
            if name in self._repeated:
                told.setdefault(name, []).append(value)
            else:
                told[name] = value
        try:
            return self._model.model_validate(told).__dict__
        except ValidationError as error:
            raise RequestValidationError([{**one, "loc": (part, *one["loc"])} for one in error.errors(include_url=False)]) from None
