"""What answers look like, for the OpenAPI document; the bytes are written by `formats/`."""

from typing import Literal

from pydantic import ConfigDict, Field

from api.library.condition import Condition, DysfunctionType
from api.library.exercise import AnsweredExercise, Bequest, Exercise
from api.library.exercise_draft import Caution, CautionSummary
from api.library.pattern import Avoidance, MovementPattern
from api.library.record import Record
from api.library.screening_items import Group, Indicator, RedFlag
from api.library.source import Source
from api.library.summary import ExerciseSummary, PictureSummary
from api.library.term import Term
from api.web import problems
from api.web.schemas import Schema

Responses = dict[int | str, Schema]


class ListedCaution(Caution):
    """What people of one group should mind; with `view=summary` its group and action alone."""

    model_config = ConfigDict(json_schema_extra={"required": list(CautionSummary.model_fields)})


class ListedExercise(AnsweredExercise):
    """An exercise in a list: whole, without `image`; or with `view=summary` only what is required here, and `image`."""

    # One shape for both views: most generators can't make a client of "one or the other".
    model_config = ConfigDict(json_schema_extra={"required": [name for name in ExerciseSummary.model_fields if name != "image"]})

    cautions: list[ListedCaution]  # type: ignore[assignment]  # for the document alone, never read
    """What people of particular groups should mind."""
    image: PictureSummary | None
    """With `view=summary` alone: the picture of the exercise as it stands; null where there is none."""


class ExerciseList(Record):
    """A page of the catalogue."""

    items: list[ListedExercise]
    """The exercises; with types asked, only what every one of them recommends."""
    total: int | None
    """How many there are on all pages; null where more than 10,000 match."""
    next: str | None
    """Path and query of the next page; null on the last."""
    types: list[str] | None
    """The types asked; null when none was."""
    avoid: list[Avoidance] | None
    """What the types asked should avoid, as of now, at most 100; null when no type was asked. Empty says that the sources name
    nothing, which is not the same as safe."""
    avoid_total: int | None
    """How many there are to avoid; `/contraindications` pages through all of them."""
    undecided: list[ListedExercise] | None
    """Recommended for one of the types asked and not judged for another, at most 100; null when no type was asked."""
    undecided_total: int | None
    """How many are undecided."""
    disclaimer: str
    """What this is not, and that no clinician reviewed it."""


class AvoidanceList(Record):
    """A page of what types should avoid."""

    items: list[Avoidance]
    """Movement patterns first, then exercises by slug."""
    total: int | None
    """How many there are on all pages; null where more than 10,000 match."""
    next: str | None
    """Path and query of the next page; null on the last."""
    disclaimer: str
    """What this is not, and that no clinician reviewed it. No items say that the sources name nothing, which is not the same as safe."""


class WholeList(Record):
    """Every record of a kind."""

    total: int
    """How many there are."""
    next: str | None
    """Always null: the list is whole."""


class ConditionList(WholeList):
    """Every condition."""

    items: list[Condition]
    """The conditions."""


class TypeList(WholeList):
    """Every type of every condition."""

    items: list[DysfunctionType]
    """The types."""


class IndicatorList(WholeList):
    """What makes each type of a condition likely."""

    items: list[Indicator]
    """The indicators, in the order to ask them."""


class RedFlagList(WholeList):
    """What wants a clinician before any exercise."""

    items: list[RedFlag]
    """The red flags, in the order to ask them."""


class GroupList(WholeList):
    """Every group that a caution concerns."""

    items: list[Group]
    """The groups, in the order to ask them."""


class SourceList(WholeList):
    """Every source that a statement names."""

    items: list[Source]
    """The sources."""


class WholeLibrary(Record):
    """Everything, in one document."""

    library_id: str
    """Which library this is; a restored one is another."""
    revision: int
    """Its revision: what to ask `/changes` since."""
    schema_version: str = Field(alias="schema")
    """The version of the database's schema."""
    intended_use: str
    """What the library is for, and what it is not."""
    disclaimer: str
    """What to show wherever a verdict stands."""
    licence: str
    """The licence of what this project wrote."""
    symptoms_question: str
    """How a screening asks whether there is anything to treat."""
    sources: list[Source]
    """Every source."""
    groups: list[Group]
    """Every group."""
    terms: list[Term]
    """Every word for a region, a piece of equipment or a muscle."""
    conditions: list[Condition]
    """Every condition."""
    types: list[DysfunctionType]
    """Every type."""
    indicators: list[Indicator]
    """Every indicator."""
    red_flags: list[RedFlag]
    """Every red flag."""
    patterns: list[MovementPattern]
    """Every movement pattern."""
    exercises: list[Exercise]
    """Every exercise, by slug."""
    retired: list[Bequest]
    """Retired exercises that others are still variants of: not to be shown, but what is read back needs them."""
    sha256: str
    """SHA-256 of all bytes before this field's comma, in hexadecimal."""


class Link(Record):
    """Something that this service offers."""

    href: str
    """Path, with a template's parameters in braces."""
    title: str
    """What it is."""


class Index(Record):
    """What this service is, and where things are."""

    name: str
    """The name of the service."""
    version: str
    """The program's version."""
    intended_use: str
    """What the service is for, and what it is not."""
    reviewed_by: str | None
    """The clinician who reviewed the whole catalogue; null: nobody has."""
    links: list[Link]
    """Where to begin."""


class Health(Record):
    """Whether the service works."""

    status: Literal["ok"]
    """`ok`; whatever is missing is told by a problem instead."""
    revision: int | None
    """The library's revision; null where it was not asked for."""


_MEANING = {
    408: "The body took too long to arrive.",
    409: "It contradicts what is there, or is in use.",
    410: "This library was never at that revision: begin again with `/library`.",
    412: "It is not as the caller saw it.",
    428: "The caller has to say what is being changed.",
    400: "The body is not JSON, or gives a key twice, or `If-Match` is no list of ETags.",
    401: "A key is needed.",
    403: "The key's scope doesn't allow it.",
    404: "There is no such record.",
    406: "The answer can't be had in an accepted format.",
    413: "The body is too large.",
    414: "The address is too long.",
    415: "The body is not declared as JSON.",
    422: "A parameter or a value is unknown, empty, repeated or of the wrong form.",
    429: "Too often, with this key or with keys that don't fit.",
    431: "The headers are too long.",
    500: "Our fault; the log has it.",
    501: "The format needs an extra that isn't installed.",
    503: "The database can't answer now.",
}
OFTEN = (406, 422, 503)


def documented(*statuses: int) -> Responses:
    """Describe the problems that an operation answers with."""
    return {status: a_problem(status) for status in sorted({*statuses, *OFTEN})}


HEADERS: dict[str, Schema] = {
    name: {"description": description, "schema": {"type": "string"}, "required": name not in ("Link", "X-Request-ID")}
    for name, description in {
        "ETag": "Names this content, for `If-None-Match` and `If-Match`.",
        "Link": 'The next page, as `next` has it: `<…>; rel="next"`. Absent on the last.',
        "Retry-After": "When to try again, in seconds.",
        "WWW-Authenticate": "Which key is asked for.",
        "X-Request-ID": "Names this request, in the log too: the caller's own name for it, or ours where the log has a line of it.",
    }.items()
}
"""What headers of answers mean."""


def a_header(name: str) -> dict[str, str]:
    """Refer to what a header means."""
    return {"$ref": f"#/components/headers/{name}"}


def a_problem(status: int) -> Schema:
    """Describe one problem, with the headers that it always has."""
    headers = {name: a_header(name) for name in problems.headers_of(status)}
    content = {problems.MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {"description": _MEANING[status], "content": content, **({"headers": headers} if headers else {})}
