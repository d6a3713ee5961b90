"""What a screening asks about: groups, indicators and red flags, each with its plain question."""

from collections.abc import Container, Iterable
from typing import Annotated, Self

from pydantic import Field, JsonValue, model_validator

from api.library.record import Attribution, Code, ConditionSlug, GroupSlug, Record, Slug, Text, TypeSlug
from api.library.vocabulary import Level


class Sign(Record):
    """Belonging to the group is a sign of a type."""

    type: TypeSlug
    """The type that it is a sign of."""
    source: Attribution
    """Who says so, and in which words."""


class Group(Record):
    """People whom some cautions concern, whatever their type."""

    slug: Slug
    """The name in URLs."""
    name: Text
    """What the group is called."""
    question: Text
    """The plain question that finds out."""
    implies: list[GroupSlug] = []
    """Groups that everybody of this group belongs to as well."""
    sign_of: list[Sign] = []
    """The types that belonging to it is a sign of."""
    source: Attribution
    """Where the group matters, or that it is this project's."""


class IndicatorDraft(Record):
    """Something a person can say of themselves that makes a type likely, as a curator writes it."""

    slug: Slug
    """The name in URLs and screenings."""
    type: TypeSlug
    """The type it points to."""
    question: Text
    """The plain question, with the source's hedges; none of them has a number."""
    symptom: bool = False
    """Whether it is itself a symptom, so that it contradicts 'no symptoms'."""
    groups: list[GroupSlug] = []
    """Groups that it implies."""
    codes: list[Code] = []
    """Codes of published classifications."""
    source: Attribution
    """The clause it comes from."""


class IndicatorEdit(IndicatorDraft):
    """An indicator as it is read back from an export: what is derived may stay in it, and is recomputed."""

    condition: JsonValue = None
    """Derived; ignored."""


class Indicator(IndicatorDraft):
    """Something a person can say of themselves that makes a type likely."""

    condition: ConditionSlug
    """The condition of that type (derived)."""


class RedFlag(Record):
    """A sign that wants a clinician before any exercise."""

    slug: Slug
    """The name in URLs and screenings."""
    condition: ConditionSlug
    """The condition it is screened for."""
    level: Level
    """How soon."""
    group: GroupSlug | None = None
    """The group that it is asked of; null where it is asked of everybody."""
    question: Text
    """The plain question."""
    criteria: list[Text] = []
    """What to count, where the question is a count; empty where yes or no is the answer."""
    at_least: Annotated[int, Field(ge=1)] | None = None
    """How many of the criteria make it a yes; null where there is nothing to count."""
    what_to_do: Text
    """What to do on a yes, in words that hold in any country."""
    source: Attribution
    """Who says so."""

    @model_validator(mode="after")
    def counts_what_it_lists(self) -> Self:
        """Refuse a count without criteria, criteria without a count, and a count that can't be reached."""
        if (self.at_least is None) != (not self.criteria) or (self.at_least or 0) > len(self.criteria):
            msg = "'at_least' goes with 'criteria', and can't be more than there are"
            raise ValueError(msg)
        return self


def of_conditions(flags: Iterable[RedFlag], conditions: Container[str]) -> list[RedFlag]:
    """Give the red flags that are screened for with some conditions."""
    return [flag for flag in flags if flag.condition in conditions]
