"""Records as they are stored: each as its finished JSON, of which answers are made. No other module writes or reads it."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import islice
from typing import Annotated, NamedTuple, TypeVar, cast, get_args, get_origin

import sqlalchemy as sa
from pydantic import TypeAdapter, ValidationError
from pydantic_core import from_json

from api.library.condition import DysfunctionType, TypeDraft
from api.library.exercise import Exercise
from api.library.exercise_draft import ExerciseDraft
from api.library.record import Record
from api.library.screening_items import Indicator, IndicatorDraft
from api.library.vocabulary import ChangeAction
from api.store.journal import Entry, Journal

BATCH = 500
"""So many records are read or written together."""
_Record = TypeVar("_Record", bound=Record)
_Item = TypeVar("_Item")


class Document(NamedTuple):
    """A record as it is to be kept."""

    slug: str
    text: str
    """Its JSON."""
    before: str | None
    """What its readers saw before; None where it is new or was retired."""
    columns: Mapping[str, object]
    """What is kept beside the JSON: what the database checks or filters by."""


def read(model: type[_Record], document: str) -> _Record:
    """Read a record, whichever version wrote it: what was once accepted stays readable.

    What a model doesn't know is left out, and so is a derived part of another shape.
    """
    try:
        return model.model_validate_json(document, extra="ignore")
    except ValidationError as error:
        parts = from_json(document)
        wrong = {fault["loc"][0] for fault in error.errors(include_url=False) if fault["loc"]}
        return _accepted(model, {name: part for name, part in parts.items() if name not in wrong & _derived(model)})


def _accepted(model: type[_Record], parts: Mapping[str, object]) -> _Record:
    """Build a record of parts that an earlier version accepted, whatever this one refuses as input."""
    fields = {name: field.annotation for name, field in model.model_fields.items() if name in parts}
    found = model.model_construct(set(fields), **{name: _value(annotation, parts[name]) for name, annotation in fields.items()})
    return cast("_Record", found)


def _value(annotation: object, part: object) -> object:
    inner = get_args(annotation)
    if get_origin(annotation) is Annotated:
        return _value(inner[0], part)
    if isinstance(part, list):
        return [_value(inner[0], item) for item in part] if inner else part
    if part is None or (inner and type(part) in inner):
        return part
    if inner:  # `Something | None`
        return _value(inner[0], part)
    if isinstance(annotation, type) and issubclass(annotation, Record) and isinstance(part, dict):
        return _accepted(annotation, part)
    return TypeAdapter(annotation).validate_python(part) if isinstance(annotation, type) and not isinstance(part, annotation) else part


def _derived(model: type[Record]) -> set[str]:
    draft = _DRAFTS.get(model)
    return model.model_fields.keys() - draft.model_fields.keys() if draft else set()


_DRAFTS: dict[type[Record], type[Record]] = {Exercise: ExerciseDraft, DysfunctionType: TypeDraft, Indicator: IndicatorDraft}


def write(
    journal: Journal,
    kind: str,
    table: sa.Table,
    documents: Sequence[Document],
    new: Collection[str],
    action: ChangeAction = ChangeAction.UPDATED,
) -> None:
    """Keep records of one kind, and note in the history what became of them: the action is for those that readers saw before."""
    if not documents:
        return
    rows = {document.slug: {"document": document.text, "revision": journal.revision, **document.columns} for document in documents}
    inserted = [{"slug": slug, **row} for slug, row in rows.items() if slug in new]
    changed = [{"its_slug": slug, **row} for slug, row in rows.items() if slug not in new]
    if inserted:
        journal.connection.execute(sa.insert(table), inserted)
    if changed:
        journal.connection.execute(_update(table), changed)
    actions = {slug: ChangeAction.REVIVED if before is None else action for slug, _, before, _ in documents}
    actions |= dict.fromkeys(new, ChangeAction.CREATED)
    journal.log([Entry(kind, slug, actions[slug], before, text) for slug, text, before, _ in documents])


@cache
def _update(table: sa.Table) -> sa.Update:
    return sa.update(table).where(table.c.slug == sa.bindparam("its_slug"))


def chunks(values: Iterable[_Item]) -> Iterator[list[_Item]]:
    """Give values in lists short enough to be asked together."""
    rest = iter(values)
    while chunk := list(islice(rest, BATCH)):
        yield chunk
