"""Answers become an outcome, with "because". Nothing here is a diagnosis."""

from collections.abc import Mapping, Sequence
from typing import Annotated, NamedTuple

from pydantic import Field

from api.errors import Complaint, InvalidContent
from api.library import complaints, program, wording
from api.library.program import Program
from api.library.record import Attribution, Record, Slug, Text, TypeSlug
from api.library.reference import Group, Indicator, RedFlag
from api.library.vocabulary import Level, Outcome

_Slugs = Annotated[list[Slug], Field(max_length=500)]


class Answers(Record):
    """What a person answered. Silence isn't a no: the first four are required."""

    asked: _Slugs
    """Every red flag that was shown."""
    red_flags: _Slugs
    """The red flags answered with yes."""
    symptoms: bool
    """Whether the person has these problems and wants to treat them."""
    indicators: _Slugs
    """The indicators answered with yes."""
    groups: _Slugs = []
    """The groups answered with yes; what indicators imply need not be repeated."""
    unsure: _Slugs = []
    """Red flags, groups and indicators answered with 'I don't know'. A red flag or group then counts as yes; an indicator adds
    its type to those that the program must be safe for, but decides none."""


class IndicatorReason(Record):
    """An indicator that counted."""

    indicator: Slug
    """Which one."""
    type: TypeSlug
    """The type it points to."""
    source: Attribution
    """The clause it comes from."""


class Referral(Record):
    """Where to go before any exercise."""

    level: Level
    """How soon, by the most pressing of the red flags."""
    what_to_do: Text
    """What to do, by the most pressing of them."""
    red_flags: list[RedFlag]
    """The red flags answered with yes or 'I don't know'."""


class Screening(Record):
    """What the answers come to."""

    outcome: Outcome
    """What they come to."""
    types: list[TypeSlug]
    """The types that are likely; empty where no type is."""
    because: list[IndicatorReason]
    """Each indicator that counted."""
    referral: Referral | None
    """Where to go; null unless the outcome is `refer`."""
    missing: list[Slug]
    """The red flags that have to be asked still; empty unless the outcome is `incomplete`."""
    program: Program | None
    """The program; null unless there is a type to make one for, or all types agree."""
    advice: Text
    """What to make of it, in words for the person."""
    disclaimer: Text
    """What it is not."""


class Questions(NamedTuple):
    """What was there to ask for one condition."""

    types: Sequence[str]
    indicators: Mapping[str, Indicator]
    red_flags: Mapping[str, RedFlag]
    groups: Mapping[str, Group]


class Assessment(NamedTuple):
    """What the answers come to, and what a program would have to be safe for."""

    outcome: Outcome
    types: Sequence[str] = ()
    """The types that are likely."""
    safe_for: Sequence[str] = ()
    """The types that the program must be safe for; empty: no program."""
    groups: Sequence[str] = ()
    """The groups that it must mind."""
    because: Sequence[IndicatorReason] = ()
    referral: Referral | None = None
    missing: Sequence[str] = ()
    advice: str = ""

    def with_program(self, made: Program | None) -> Screening:
        """Give the finished answer."""
        return Screening(
            outcome=self.outcome,
            types=list(self.types),
            because=list(self.because),
            referral=self.referral,
            missing=list(self.missing),
            program=made,
            advice=self.advice,
            disclaimer=wording.DISCLAIMER,
        )


def assess(answers: Answers, questions: Questions) -> Assessment:
    """Judge the answers: red flags first, then whether all were asked, then symptoms, then types.

    Raises InvalidContent where an answer is to no question, or answers contradict each other.
    """
    _refuse_unknown(answers, questions)
    indicators = [one for slug, one in questions.indicators.items() if slug in answers.indicators]
    unsure = [one for slug, one in questions.indicators.items() if slug in answers.unsure]
    groups = _groups(answers, [*indicators, *unsure], questions)
    flagged = [flag for slug, flag in questions.red_flags.items() if slug in {*answers.red_flags, *answers.unsure}]
    if flagged:
        return Assessment(Outcome.REFER, groups=groups, referral=_referral(flagged), advice=wording.REFER)
    missing = [flag.slug for flag in program.in_force(questions.red_flags.values(), groups) if flag.slug not in answers.asked]
    if missing:
        return Assessment(Outcome.INCOMPLETE, groups=groups, missing=missing, advice=wording.INCOMPLETE)
    if not answers.symptoms:
        _refuse_contradiction(indicators)
        return Assessment(Outcome.NOT_INDICATED, groups=groups, advice=wording.NOT_INDICATED)
    return _typed(indicators, unsure, groups, questions)


def _refuse_unknown(answers: Answers, questions: Questions) -> None:
    of_anything = {**questions.red_flags, **questions.groups, **questions.indicators}
    lists: dict[str, tuple[str, Mapping[str, object]]] = {
        "asked": ("red flag", questions.red_flags),
        "red_flags": ("red flag", questions.red_flags),
        "indicators": ("indicator", questions.indicators),
        "groups": ("group", questions.groups),
        "unsure": ("red flag, group or indicator", of_anything),
    }
    wrong = [
        complaints.unknown(f"{name}[{n}]", kind, slug, known)
        for name, (kind, known) in lists.items()
        for n, slug in enumerate(getattr(answers, name))
        if slug not in known
    ]
    if wrong:
        raise InvalidContent(" ".join(one.message for one in wrong[:5]), complaints=tuple(wrong))


def _groups(answers: Answers, indicators: Sequence[Indicator], questions: Questions) -> list[str]:
    given = {*answers.groups, *answers.unsure} & questions.groups.keys()
    return program.implied(given | {group for one in indicators for group in one.groups}, questions.groups)


def _referral(flags: Sequence[RedFlag]) -> Referral:
    level = min((flag.level for flag in flags), key=list(Level).index)
    pressing = dict.fromkeys(flag.what_to_do for flag in flags if flag.level is level)
    return Referral(level=level, what_to_do=" ".join(pressing), red_flags=list(flags))


def _refuse_contradiction(indicators: Sequence[Indicator]) -> None:
    symptom = next((one for one in indicators if one.symptom), None)
    if symptom:
        message = f"'symptoms' is false, but the indicator '{symptom.slug}' is itself a symptom; they contradict each other."
        raise InvalidContent(message, complaints=(Complaint("symptoms", message),))


def _typed(indicators: Sequence[Indicator], unsure: Sequence[Indicator], groups: Sequence[str], questions: Questions) -> Assessment:
    """Give the likely types; without a sure indicator, no type, and a program only of what every type recommends."""
    likely = [type_ for type_ in questions.types if type_ in {one.type for one in indicators}]
    if not likely:
        return Assessment(Outcome.UNDETERMINED, safe_for=questions.types, groups=groups, advice=wording.UNDETERMINED)
    also = {one.type for one in unsure}
    safe_for = [type_ for type_ in questions.types if type_ in also or type_ in likely]
    return Assessment(
        Outcome.LIKELY,
        types=likely,
        safe_for=safe_for,
        groups=groups,
        because=[IndicatorReason(indicator=one.slug, type=one.type, source=one.source) for one in indicators],
        advice=wording.LIKELY if len(safe_for) == 1 else wording.LIKELY_BOTH,
    )


class Question(Record):
    """One question of the form."""

    kind: Text
    """What the answer is for: `red-flag`, `symptoms`, `indicator` or `group`."""
    slug: Slug
    """What to send where the answer is yes; `symptoms` is a boolean of its own."""
    question: Text
    """The question, in plain words."""
    criteria: list[Text]
    """What to count, where the question is a count; empty where yes or no is the answer."""
    at_least: int | None
    """How many of the criteria make it a yes."""
    group: Slug | None
    """Ask it only of people of this group; null: ask everybody."""
    implied_by: list[Slug]
    """Indicators whose yes answers this question already."""
    source: Attribution | None
    """Where the question comes from; null where it is only asked to know whom this is for."""


class Form(Record):
    """The questions of a screening, in the order to ask them."""

    condition: Slug
    """The condition that is screened for."""
    questions: list[Question]
    """Red flags first, then whether there are symptoms, then indicators and groups, then the red flags of those groups."""
    disclaimer: Text
    """What a screening is not."""


SYMPTOMS = "Does it trouble you now, and would you like to treat it?"


def form(condition: str, questions: Questions) -> Form:
    """Put the questions in order."""
    flags = [_flag(flag) for flag in questions.red_flags.values()]
    gate = Question(kind="symptoms", slug="symptoms", question=SYMPTOMS, criteria=[], at_least=None, group=None, implied_by=[], source=None)
    ordered = [
        *(flag for flag in flags if flag.group is None),
        gate,
        *(_plain("indicator", one) for one in questions.indicators.values()),
        *(
            _plain("group", one, [i.slug for i in questions.indicators.values() if slug in i.groups])
            for slug, one in questions.groups.items()
        ),
        *(flag for flag in flags if flag.group is not None),
    ]
    return Form(condition=condition, questions=ordered, disclaimer=wording.DISCLAIMER)


def _flag(flag: RedFlag) -> Question:
    return Question(
        kind="red-flag",
        slug=flag.slug,
        question=flag.question,
        criteria=flag.criteria,
        at_least=flag.at_least,
        group=flag.group,
        implied_by=[],
        source=flag.source,
    )


def _plain(kind: str, one: Indicator | Group, implied_by: Sequence[str] = ()) -> Question:
    return Question(
        kind=kind,
        slug=one.slug,
        question=one.question,
        criteria=[],
        at_least=None,
        group=None,
        implied_by=list(implied_by),
        source=one.source,
    )
