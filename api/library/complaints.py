"""What is wrong with content, field by field, in words for whoever wrote it."""

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from api.errors import Complaint
from api.library.record import Location, references
from api.library.spelling import nearest

_QUOTED = re.compile(r"'([^']+)'")
_SHOWN = 100


def path(location: Location) -> str:
    """Write a place in a record as `cautions[0].group`."""
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in location)
    return "".join(parts).removeprefix(".")


def of_validation(error: ValidationError, model: type[BaseModel]) -> list[tuple[Location, Complaint]]:
    """Turn pydantic's errors into complaints with the nearest right word."""
    return [(location, _complaint(location, one, model)) for one in error.errors() for location in [tuple(one["loc"])]]


def _complaint(location: Location, error: Mapping[str, Any], model: type[BaseModel]) -> Complaint:
    given = error["input"]
    if error["type"] == "extra_forbidden":
        allowed = _keys(model, location[:-1])
        return Complaint(path(location), "There is no such field.", tuple(allowed), nearest(str(location[-1]), allowed))
    if error["type"] == "enum":
        allowed = _QUOTED.findall(error["ctx"]["expected"])
        return Complaint(path(location), f"'{given}' is not one of its words.", tuple(allowed), nearest(str(given), allowed))
    message = str(error["msg"]).removeprefix("Value error, ")
    return Complaint(path(location), message[:1].upper() + message[1:] + ".")


def _keys(model: type[BaseModel], location: Location) -> list[str]:
    """Give the fields that the model at this place has."""
    for part in location:
        if isinstance(part, str) and part in model.model_fields:
            inner = _model(model.model_fields[part].annotation)
            model = inner or model
    return list(model.model_fields)


def _model(annotation: object) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next(filter(None, map(_model, get_args(annotation))), None)


def of_references(record: BaseModel, known: Mapping[str, Collection[str]]) -> Iterable[tuple[Location, Complaint]]:
    """Complain of every name of a record that doesn't exist."""
    for one in references(record):
        allowed = known[one.kind]
        if one.slug not in allowed:
            yield one.location, unknown(path(one.location), one.kind, one.slug, allowed)


def unknown(field: str, kind: str, given: str, allowed: Collection[str]) -> Complaint:
    """Say that there is no such thing, what there is, and which was probably meant."""
    shown = tuple(sorted(allowed)[:_SHOWN])
    return Complaint(field, f"There is no {kind.replace('-', ' ')} '{given}'.", shown, nearest(given, allowed))
