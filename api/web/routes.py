"""Routes whose answers are finished bytes: only the OpenAPI document asks for their shape."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from fastapi.datastructures import DefaultPlaceholder
from fastapi.routing import APIRoute
from fastapi.utils import create_model_field

from api import formats
from api.formats import Format
from api.library.listing import Avoided, Listing
from api.library.program import Printout
from api.library.serialised import SerialisedExercise, SerialisedForm, SerialisedRecord, SerialisedRecords, SerialisedSources
from api.web.schemas import Schema

WHOLE_LIBRARY = "WholeLibrary"
Responses = dict[int | str, Schema]


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
        self._shape: Any = None if isinstance(response_model, DefaultPlaceholder) else response_model
        self._shapes = {status: response["model"] for status, response in told.items() if "model" in response}
        rest = {status: {name: value for name, value in response.items() if name != "model"} for status, response in told.items()}
        super().__init__(path, endpoint, response_model=None, responses=rest, **options)

    @property
    def offered(self) -> Mapping[str, Format]:
        """The formats between which `Accept` chooses here: those of the answer's shape, and any others documented."""
        if self._shape is None or not any(field.alias == "format" for field in self.dependant.query_params):
            return {}
        documented = self.responses.get(HTTPStatus.OK, {}).get("content", {})
        also = {name: format_ for name, format_ in formats.FORMATS.items() if format_.media_type in documented}
        return {**offered_as(self._shape.__name__)} | also

    @property
    def is_kept(self) -> bool:
        """Whether its answers are the same for everybody, and short enough to be kept."""
        is_read = "GET" in (self.methods or ()) and bool(self.offered)
        return is_read and HTTPStatus.UNAUTHORIZED not in self.responses and self._shape.__name__ != WHOLE_LIBRARY

    def describe(self) -> None:
        """Build the shapes for the document."""
        if self._shape is not None:
            self.response_field = create_model_field(f"Response_{self.unique_id}", self._shape, mode="serialization")
        self.response_fields = {
            status: create_model_field(f"Response_{status}_{self.unique_id}", shape, mode="serialization")
            for status, shape in self._shapes.items()
        }


def offered_as(shape: str) -> Mapping[str, Format]:
    """Give the formats of an answer, by the name of its shape in JSON."""
    if shape == WHOLE_LIBRARY:
        return {name: formats.FORMATS[name] for name in ("json", "fhir")}
    kinds: dict[str, type] = {"Program": Printout, "ExerciseList": Listing, "AvoidanceList": Avoided} | {
        "AnsweredExercise": SerialisedExercise,
        "ScreeningForm": SerialisedForm,
        "SourceList": SerialisedSources,
    }
    return formats.offered(kinds.get(shape, SerialisedRecords if shape.endswith("List") else SerialisedRecord))
