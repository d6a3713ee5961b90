"""What a screening asks about: groups, indicators and red flags, each with its plain question, and what a group comes to."""

from collections.abc import Container, Iterable, Mapping
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


def implied(groups: Iterable[str], known: Mapping[str, Group]) -> list[str]:
    """Add the groups that groups imply, in the order of the library."""
    found: set[str] = set()
    new = set(groups)
    while new:
        found |= new
        new = {other for group in new for other in known[group].implies} - found
    return [slug for slug in known if slug in found]


def signs(group: str, known: Mapping[str, Group]) -> list[Sign]:
    """Give what belonging to a group is a sign of, by itself or by the groups that it implies: each type once."""
    by_type: dict[str, Sign] = {}
    for slug in [group, *implied([group], known)]:
        for sign in known[slug].sign_of:
            by_type.setdefault(sign.type, sign)
    return list(by_type.values())


def types_of(groups: Iterable[str], known: Mapping[str, Group]) -> set[str]:
    """Give the types that belonging to these groups is a sign of."""
    return {sign.type for group in groups for sign in signs(group, known)}


def signs_of_types(known: Mapping[str, Group]) -> dict[str, list[Group]]:
    """Give the groups that are signs of each type."""
    types = dict.fromkeys(sign.type for group in known.values() for sign in group.sign_of)
    return {type_: [group for slug, group in known.items() if type_ in types_of([slug], known)] for type_ in types}


def in_force(flags: Iterable[RedFlag], groups: Iterable[str]) -> list[RedFlag]:
    """Give the red flags of everybody and of these groups."""
    minded = set(groups)
    return [flag for flag in flags if flag.group is None or flag.group in minded]
