"""What every record shares: frozen, closed to unknown keys, every statement with its source."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Annotated, NamedTuple, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from api.library.vocabulary import CodeRelation

SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")

Slug = Annotated[str, StringConstraints(pattern=rf"^{SLUG.pattern}$", max_length=100)]
# PostgreSQL can't store the NUL character, and no text of ours needs another control character than a line break.
Text = Annotated[str, StringConstraints(min_length=1, max_length=4000, strip_whitespace=True, pattern=r"^[^\x00-\x08\x0b-\x1f\x7f]*$")]
Position = Annotated[int, Field(ge=1, le=10_000_000)]


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

    min: Annotated[int | float, Field(ge=0, le=100_000)]
    """The least."""
    max: Annotated[int | float, Field(ge=0, le=100_000)]
    """The most."""

    @model_validator(mode="after")
    def is_in_order(self) -> Self:
        """Refuse a range that ends before it begins."""
        if self.min > self.max:
            msg = "'min' is more than 'max'"
            raise ValueError(msg)
        return self


Location = tuple[str | int, ...]


class Reference(NamedTuple):
    """One place in a record that names another record."""

    location: Location
    kind: str
    slug: str


def references(record: BaseModel, at: Location = ()) -> Iterator[Reference]:
    """Walk a record and yield every reference in it, however deep."""
    for name, kind in _fields(type(record)):
        value = getattr(record, name)
        parts = [((*at, name, n), part) for n, part in enumerate(value)] if isinstance(value, list) else [((*at, name), value)]
        for location, part in parts:
            if isinstance(part, BaseModel):
                yield from references(part, location)
            elif kind and part is not None:
                yield Reference(location, kind, part)


@cache
def _fields(model: type[BaseModel]) -> list[tuple[str, str | None]]:
    """Give each field with the kind it refers to; what is inherited or derived is not checked again."""
    return [(name, _kind(field.annotation, field.metadata)) for name, field in model.model_fields.items()]


def _kind(annotation: object, metadata: list[object] | tuple[object, ...]) -> str | None:
    marks = [mark.kind for mark in metadata if isinstance(mark, RefersTo)]
    deeper = (_kind(part, getattr(part, "__metadata__", ())) for part in get_args(annotation))
    return marks[0] if marks else next(filter(None, deeper), None)
