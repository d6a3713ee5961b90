"""The records around an exercise: conditions, types, indicators, red flags, groups, sources, patterns, terms."""

from functools import cached_property
from typing import Annotated, Self

from pydantic import Field, JsonValue, model_validator

from api.library.exercise import Via
from api.library.record import Attribution, Code, ConditionSlug, Doi, GroupSlug, Record, Slug, Statement, Text, TypeSlug, WebAddress
from api.library.vocabulary import Certainty, Level, SourceKind, SubjectKind, Tag, TermKind


class Source(Record):
    """A publication, or the honest lack of one, that statements name."""

    slug: Slug
    """The name in URLs."""
    citation: Text
    """Authors, title, journal, year: what a reader needs to find it."""
    kind: SourceKind
    """What kind of publication it is."""
    doi: Doi | None = None
    """Digital object identifier; null where there is none or it was not checked."""
    url: WebAddress | None = None
    """Where it can be read; null where there is no stable address."""
    certainty: Certainty
    """Whether this project checked it against a copy."""
    note: Text | None = None
    """What a reader should know of it."""
    misprints: list[Text] = []
    """Misprints of the publication that quotes of it keep: where one is printed for clinicians, it is marked `[sic]`."""


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


class Term(Record):
    """A word for a region, a piece of equipment or a muscle."""

    kind: TermKind
    """Which list it belongs to."""
    slug: Slug
    """The word, as filters take it; unique within its list."""
    label: Text
    """The word as a person reads it."""


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


class PatternContraindication(Record):
    """A movement pattern is to be avoided for one type."""

    type: TypeSlug
    """The type that should avoid it."""
    reason: Text
    """Why, in a sentence for the reader."""
    source: Attribution
    """Who says so, and in which words."""


class MovementPattern(Record):
    """A way of moving that many exercises may share: not itself an exercise."""

    slug: Slug
    """The name, as an exercise's `patterns` lists it."""
    name: Text
    """What a person calls it."""
    aliases: list[Text] = []
    """Other names, and movements that are of this pattern."""
    contraindications: list[PatternContraindication] = []
    """Who should avoid it, and why."""
    source: Attribution
    """Where it comes from."""


class Avoidance(Record):
    """One thing that one type should avoid."""

    kind: SubjectKind
    """An exercise, or a movement pattern."""
    slug: Slug
    """Which one."""
    name: Text
    """What a person calls it."""
    type: TypeSlug
    """The type that should avoid it."""
    reason: Text
    """Why."""
    via: Via | None
    """Null where the source names it itself; else what it is inherited from."""
    source: Attribution
    """Who says so, and in which words."""

    @cached_property
    def document(self) -> str:
        """Its JSON."""
        return self.model_dump_json()


class CountedTerm(Record):
    """A word of the vocabulary, and how many exercises have it."""

    slug: Text
    """The word, as filters take it."""
    label: Text
    """The word as a person reads it."""
    count: int
    """How many exercises of the catalogue have it."""


class Vocabulary(Record):
    """Every word that filters take or answers use."""

    regions: list[CountedTerm]
    """Parts of the body."""
    equipment: list[CountedTerm]
    """Things that exercises need; `none` counts those that need nothing."""
    muscles: list[CountedTerm]
    """Muscles and muscle groups."""
    tags: list[CountedTerm]
    """What types ask exercises for: for whom, not what an exercise does to everybody."""
    levels: list[CountedTerm]
    """How soon a red flag needs a clinician; counted over red flags."""
    verdicts: list[CountedTerm]
    """What is known of an exercise for a type; counted over pairs of exercise and type."""
