"""What every record shares: frozen, closed to unknown keys, every statement with its source."""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import Annotated, NamedTuple, Self, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, WithJsonSchema, model_validator

from api.library.legible import PLAIN, no_address, no_doi, unseen
from api.library.vocabulary import CodeRelation

SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")

Slug = Annotated[str, StringConstraints(pattern=rf"^{SLUG.pattern}$", max_length=100)]


class AskedOfInput(NamedTuple):
    """Marks a text with a check on input alone: what was stored before the check existed stays readable."""

    fault: Callable[[str], str | None]
    """Completes 'It …' with what is wrong."""
    is_plain: Callable[[str], object] | None = None
    """Tells most of what is right, and quickly."""


# PostgreSQL can't store the NUL character, and our texts need no control characters but tabs and line breaks.
Text = Annotated[
    str,
    StringConstraints(min_length=1, max_length=4000, strip_whitespace=True, pattern=r"^[^\x00-\x08\x0b-\x1f\x7f]*$"),
    AskedOfInput(unseen, PLAIN.fullmatch),
]
WebAddress = Annotated[Text, AskedOfInput(no_address)]
Doi = Annotated[Text, AskedOfInput(no_doi)]
Position = Annotated[int, Field(ge=1, le=10_000_000)]


# Whole numbers stay whole; to readers of JSON both are numbers.
Amount = Annotated[int | float, Field(ge=0, le=100_000), WithJsonSchema({"type": "number", "minimum": 0, "maximum": 100_000})]


class RefersTo(NamedTuple):
    """Marks a slug as the name of a record of this kind: loading checks that it exists."""

    kind: str


TypeSlug = Annotated[Slug, RefersTo("type")]
GroupSlug = Annotated[Slug, RefersTo("group")]
SourceSlug = Annotated[Slug, RefersTo("source")]
ConditionSlug = Annotated[Slug, RefersTo("condition")]
PatternSlug = Annotated[Slug, RefersTo("movement-pattern")]
ExerciseSlug = Annotated[Slug, RefersTo("exercise")]
RegionSlug = Annotated[Slug, RefersTo("region")]
EquipmentSlug = Annotated[Slug, RefersTo("equipment")]
MuscleSlug = Annotated[Slug, RefersTo("muscle")]


class Record(BaseModel):
    """A record is a fact: it can't be changed, only replaced, and it has no keys that we don't know."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_serialization_defaults_required=True,
        defer_build=True,  # until it is first used: a start needs few of them
    )


class Attribution(Record):
    """Where a statement comes from, and the clause it rests on."""

    slug: SourceSlug
    """The source's slug; `/sources/{slug}` has its citation."""
    quote: Text | None = None
    """The clause that the statement rests on, to the letter, misprints included; null unless the source is quoted."""


class Statement(Record):
    """One sentence that a reader may rely on as far as its source goes."""

    text: Text
    """The statement, in this library's words."""
    source: Attribution
    """Where it comes from."""


class Code(Record):
    """A code of a published classification, as a mapping: our own slugs are the identity."""

    system: Text
    """The classification, such as `ICD-10-CM`."""
    code: Text
    """The code, such as `M53.2X8`."""
    display: Text
    """What the classification calls it."""
    relation: CodeRelation
    """How well the code fits."""
    source: Attribution
    """The release in which the code was looked up."""


class Range(Record):
    """From, to: both ends included, equal where one number was printed."""

    min: Amount
    """The least."""
    max: Amount
    """The most."""

    @model_validator(mode="after")
    def is_in_order(self) -> Self:
        """Refuse a range that ends before it begins."""
        if self.min > self.max:
            msg = "'min' is more than 'max'"
            raise ValueError(msg)
        return self


Location = tuple[str | int, ...]


class Mention(NamedTuple):
    """One place in a record that names another record."""

    location: Location
    kind: str
    slug: str


def mentions(record: BaseModel) -> list[Mention]:
    """Give every mention of another record, however deep."""
    return [Mention(location, mark.kind, part) for location, mark, part in marked(record, RefersTo) if isinstance(part, str)]


def mentioning(model: type[BaseModel]) -> frozenset[str]:
    """Give the fields in which a record may name another, however deep."""
    return frozenset(name for name, _, _ in _marks(model, RefersTo))


_Mark = TypeVar("_Mark", bound=tuple[object, ...])


def marked(record: BaseModel, kind: type[_Mark]) -> list[tuple[Location, _Mark, object]]:
    """Collect what stands in marked fields, however deep, in the order of the record.

    A write looks into hundreds of parts, so this doesn't call itself for each.
    """
    found: list[tuple[Location, _Mark, object]] = []
    left: list[tuple[Location, list[_Mark], object]] = [((), [], record)]
    while left:
        at, marks, part = left.pop()
        if not isinstance(part, BaseModel):
            found += [(at, mark, part) for mark in marks]
            continue
        inside: list[tuple[Location, list[_Mark], object]] = []
        for name, shown, its in _marks(type(part), kind):
            value = getattr(part, name)
            many = isinstance(value, list)
            inside += [((*at, shown, n), its, item) for n, item in enumerate(value)] if many else [((*at, shown), its, value)]
        left += reversed(inside)
    return found


@cache
def _marks(model: type[BaseModel], kind: type[_Mark]) -> list[tuple[str, str, list[_Mark]]]:
    """Give the fields that have marks of a kind, or records that have: their names inside and outside, and the marks."""
    return [
        (name, field.alias or name, marks)
        for name, field in model.model_fields.items()
        if (marks := list(_found(field.annotation, field.metadata, kind)))
        or any(_marks(inner, kind) for inner in models_in(field.annotation))
    ]


def models_in(annotation: object) -> list[type[BaseModel]]:
    """Give the models that the type of a field names."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in get_args(annotation) for model in models_in(part)]


def _found(annotation: object, metadata: Iterable[object], kind: type[_Mark]) -> Iterator[_Mark]:
    yield from (mark for mark in metadata if isinstance(mark, kind))
    for part in get_args(annotation):
        yield from _found(part, getattr(part, "__metadata__", ()), kind)
