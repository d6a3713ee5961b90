"""Routes whose answers are finished bytes: what shape those have is asked by the OpenAPI document alone."""

from collections.abc import Callable
from typing import Any

from fastapi.datastructures import DefaultPlaceholder
from fastapi.routing import APIRoute
from fastapi.utils import create_model_field

Responses = dict[int | str, dict[str, Any]]


class Route(APIRoute):
    """Builds the shapes of its answers when the document is asked for: the framework would take a tenth of each start for them."""

    def __init__(
        self,
        path: str,
        endpoint: Callable[..., Any],
        *,
        response_model: Any = None,  # noqa: ANN401  (it is FastAPI's)
        responses: Responses | None = None,
        **options: Any,  # noqa: ANN401  (they are FastAPI's)
    ) -> None:
        """Make a route."""
        told = responses or {}
        self._shape = None if isinstance(response_model, DefaultPlaceholder) else response_model
        self._shapes = {status: one["model"] for status, one in told.items() if "model" in one}
        rest = {status: {name: value for name, value in one.items() if name != "model"} for status, one in told.items()}
        super().__init__(path, endpoint, response_model=None, responses=rest, **options)

    def describe(self) -> None:
        """Build the shapes for the document."""
        if self._shape is not None:
            self.response_field = create_model_field(f"Response_{self.unique_id}", self._shape, mode="serialization")
        self.response_fields = {
            status: create_model_field(f"Response_{status}_{self.unique_id}", shape, mode="serialization")
            for status, shape in self._shapes.items()
        }
