"""A condition, whole, and the types of dysfunction it comes in."""

from collections.abc import Iterable

from pydantic import JsonValue

from api.library.record import Attribution, Code, ConditionSlug, GroupSlug, Record, Slug, Statement, Text, TypeSlug
from api.library.screening_items import Indicator
from api.library.vocabulary import Tag


class StopRule(Record):
    """When to stop, do less or ask."""

    text: Text
    """The rule, in a sentence for the reader."""
    group: GroupSlug | None = None
    """The group that it is for; null where it is for everybody."""
    source: Attribution
    """Who says so."""


class Movement(Record):
    """A normal movement of the joint."""

    slug: Slug
    """Our own name for it."""
    name: Text | None = None
    """What the source calls it; null where it gives no name."""
    text: Text
    """What moves, and how."""
    source: Attribution
    """Where it comes from."""


class Cause(Record):
    """How the condition comes about. Causes and indicators are different lists."""

    slug: Slug
    """The name of the cause."""
    name: Text
    """What a person calls it."""
    type: TypeSlug | None = None
    """The type it leads to; null where the source leaves it open."""
    example: Text | None = None
    """The source's example."""
    codes: list[Code] = []
    """Codes of published classifications."""
    source: Attribution
    """The clause it comes from."""


class PainLocation(Record):
    """Where it may hurt. The place doesn't tell one type from another."""

    slug: Slug
    """The name of the place."""
    name: Text
    """What a person calls it."""
    codes: list[Code] = []
    """Codes of published classifications."""
    source: Attribution
    """The clause it comes from."""


class Condition(Record):
    """A joint problem, and what the source says of it."""

    slug: Slug
    """The name in URLs."""
    name: Text
    """What it is called."""
    default: bool = False
    """Whether it is meant where a request names no condition; exactly one is."""
    other_names: list[Text] = []
    """What others call it, or something that overlaps with it."""
    joint: Text | None = None
    """What a patient calls the joint, with its article; null where the name of the condition has to do."""
    summary: Text
    """What it is, in a sentence or two."""
    anatomy: list[Statement] = []
    """Where the joint is and what it is made for."""
    normal_movements: list[Movement] = []
    """How the joint moves when all is well."""
    dysfunction: list[Statement] = []
    """What is different when it isn't."""
    causes: list[Cause] = []
    """How it comes about."""
    pain_locations: list[PainLocation] = []
    """Where it may hurt."""
    pain: list[Statement] = []
    """How it may hurt."""
    approach: list[Statement] = []
    """Who the advice is for, and what it depends on."""
    evidence: list[Statement] = []
    """What guidelines and studies say, for and against."""
    limits: list[Statement] = []
    """What the source doesn't say."""
    stop_rules: list[StopRule] = []
    """When to stop, do less or ask."""
    codes: list[Code] = []
    """Codes of published classifications."""
    source: Attribution
    """The text it rests on."""


class TypeDraft(Record):
    """A type of dysfunction as a curator writes it."""

    slug: Slug
    """The name in URLs; unique in the library."""
    condition: ConditionSlug
    """The condition it is a type of."""
    name: Text
    """What clinicians call it."""
    other_names: list[Text] = []
    """What others call it."""
    plain_name: Text
    """What a patient reads."""
    patient_text: Text
    """What a patient reads about it: the joint is strong."""
    tag: Tag
    """What its exercises are for."""
    conclusion: Statement
    """What the indicators make likely; never more than likely."""
    goals: list[Statement] = []
    """What its exercises should achieve."""
    avoid_rule: Statement | None = None
    """The general rule on what to avoid; null where the source states none, which is not the same as safe."""
    evidence: list[Statement] = []
    """What studies say, for and against."""
    codes: list[Code] = []
    """Codes of published classifications."""
    source: Attribution
    """The text it rests on."""


class TypeEdit(TypeDraft):
    """A type as it is read back from an export: what is derived may stay in it, and is recomputed."""

    indicators: JsonValue = None
    """Derived; ignored."""


class DysfunctionType(TypeDraft):
    """A type of dysfunction as the library answers it."""

    indicators: list[Indicator]
    """What makes it likely: any one of them."""


def defaults(conditions: Iterable[Condition]) -> list[str]:
    """Name the conditions that are marked as the default: exactly one, where all is well."""
    return [condition.slug for condition in conditions if condition.default]


def meant(conditions: Iterable[Condition]) -> str | None:
    """Give the condition that is meant where none is named: the default one. None where there is no condition.

    A library whose data marks none predates second conditions: its first one is meant.
    """
    known = list(conditions)
    return next(iter([*defaults(known), *(condition.slug for condition in known)]), None)
