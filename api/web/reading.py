"""Routes that only read, no further than a page: where that takes microseconds, in the event loop, and in few of them."""

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, get_origin

from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, ValidationError, create_model
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from api.web.deps import database
from api.web.params import refuse_others
from api.web.paths import parameters
from api.web.routes import Route

if TYPE_CHECKING:
    from fastapi._compat import ModelField


class ReadingRoute(Route):
    """Answers a GET where and how that is cheapest.

    SQLite has answered before a thread would have begun; PostgreSQL has to be waited for, and so has a connection where all are
    lent. The parameters of a handler are read together: the framework takes longer over them, one by one, than SQLite over the
    question.
    """

    def __init__(self, path: str, endpoint: Callable[..., Response], **options: Any) -> None:  # noqa: ANN401  (they are FastAPI's)
        """Make a route."""
        super().__init__(path, endpoint, **options)
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


class _Parameters:
    """What a handler takes from one part of an address, as its signature declares it."""

    def __init__(self, fields: "Sequence[ModelField]") -> None:
        self._declared: Any = {one.name: (one.field_info.annotation, one.field_info) for one in fields}
        self._model: type[BaseModel] = create_model("Parameters", __config__=ConfigDict(defer_build=True), **self._declared)
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
