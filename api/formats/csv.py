"""CSV as in RFC 4180: always a header row, then one row per item. The column `section` tells different kinds of items apart."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import get_args

from pydantic import BaseModel

from api.formats.cells import cell
from api.library.exercise import Exercise, Suitability
from api.library.listing import Avoided, Listed, Listing
from api.library.pattern import Avoidance
from api.library.record import Attribution
from api.library.serialised import SerialisedRecords
from api.library.suitability import reading
from api.library.summary import ExerciseSummary, summary
from api.library.vocabulary import View

Row = Mapping[str, object]

_SUITABILITY = tuple(Suitability.model_fields)
_AVOIDANCE = ("type", "reason", "via", "source", "quote")
_EXERCISE = tuple(name for name in Exercise.model_fields if name not in ("slug", "name", "kind"))
_SUMMARY = tuple(name for name in ExerciseSummary.model_fields if name not in ("slug", "name", "kind", "suitability"))
_LISTED = ("section", "kind", "slug", "name", *_SUITABILITY, *_AVOIDANCE, "signs", "exercise_kind")
_COLUMNS = {View.FULL: (*_LISTED, *_EXERCISE), View.SUMMARY: (*_LISTED, *_SUMMARY)}


def listing(answer: Listing, _: str | None) -> bytes:
    """Write a page of the catalogue: what is found, what to avoid, what nobody has decided. No format loses what to avoid."""
    rows = [_listed("exercise", listed, answer) for listed in answer.page.items]
    rows += map(to_avoid, answer.avoid.items) if answer.avoid else []
    rows += [_listed("undecided", item, answer) for item in answer.undecided.items] if answer.undecided else []
    return table(_COLUMNS[answer.view], rows)


def _listed(section: str, listed: Listed, of: Listing) -> Row:
    exercise = reading(listed.exercise, of.types)
    read = dict(listed.suitability) if listed.suitability else {}
    signs = [f"{against.type}: {group.slug}" for against in exercise.contraindications for group in of.signs.get(against.type, [])]
    shown = summary(exercise) if of.view is View.SUMMARY else exercise
    return {**dict(shown), **read, "signs": signs, "section": section, "kind": "exercise", "exercise_kind": exercise.kind}


def to_avoid(avoidance: Avoidance) -> Row:
    """Write one thing that one type should avoid."""
    return {**dict(avoidance), **attributed(avoidance.source), "section": "avoid", "verdict": "avoid"}


def avoided(answer: Avoided, _: str | None) -> bytes:
    """Write a page of what types should avoid, one per row."""
    return table(list(_columns(Avoidance)), [dict(_spread(item)) for item in answer.page.items])


def records(answer: SerialisedRecords, _: str | None) -> bytes:
    """Write a list of records, one per row; a nested record has columns of its own."""
    return table(list(_columns(answer.model)), [dict(_spread(record)) for record in answer.records])


def _columns(model: type[BaseModel], within: str = "") -> Iterable[str]:
    """Name a model's columns from the model alone, so that no record changes the header."""
    for name, field in model.model_fields.items():
        inner = _record_in(field.annotation)
        if inner:
            yield from _columns(inner, f"{within}{name}.")
        else:
            yield f"{within}{name}"


def _record_in(annotation: object) -> type[BaseModel] | None:
    """Give the record that a field holds, itself or null; a list of records is one cell."""
    options = get_args(annotation) if type(None) in get_args(annotation) else (annotation,)
    return next((option for option in options if isinstance(option, type) and issubclass(option, BaseModel)), None)


def _spread(record: BaseModel, within: str = "") -> Iterable[tuple[str, object]]:
    for name in type(record).model_fields:
        value = getattr(record, name)
        if isinstance(value, BaseModel):
            yield from _spread(value, f"{within}{name}.")
        else:
            yield f"{within}{name}", value


def attributed(source: Attribution | None) -> Row:
    """Write a source in two columns: which, and in which words."""
    return {"source": source.slug if source else None, "quote": source.quote if source else None}


def table(columns: Sequence[str], rows: Iterable[Row]) -> bytes:
    """Write the rows; what a row doesn't have is empty, and what has no column is left out."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(columns)
    writer.writerows([cell(row.get(column)) for column in columns] for row in rows)
    return out.getvalue().encode()
