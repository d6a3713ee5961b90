"""Turns answers into an outcome with its reasons. Nothing here is a diagnosis."""

from collections.abc import Collection, Mapping, Sequence
from enum import StrEnum
from functools import partial
from typing import Annotated, NamedTuple

from pydantic import Field

from api.errors import Complaint, InvalidContent
from api.library import complaints, wording
from api.library.program import Program
from api.library.questionnaire import Questions
from api.library.record import Attribution, Record, Slug, Text, TypeSlug
from api.library.screening_items import Indicator, RedFlag, implied, in_force, signs, types_of
from api.library.vocabulary import Level, Outcome, QuestionKind

_Slugs = Annotated[list[Slug], Field(max_length=500)]


class Answers(Record):
    """What a person answered. Silence isn't a no: the first four are required."""

    asked: _Slugs
    """Every red flag that was shown; those of other conditions may be among them, and refer as well."""
    red_flags: _Slugs
    """The red flags answered with yes."""
    symptoms: bool
    """Whether the person has these problems and wants to treat them."""
    indicators: _Slugs
    """The indicators answered with yes."""
    groups: _Slugs = []
    """The groups answered with yes; what indicators imply need not be repeated. One that is a sign of a type counts like an indicator."""
    unsure: _Slugs = []
    """Red flags, groups and indicators answered with 'I don't know'. A red flag then counts as yes, and so do the cautions and the
    red flags of a group; an indicator, or a group that is a sign, adds its type to those that the program must be safe for, but
    decides none."""


class Choice(StrEnum):
    """The answer to one question of the form."""

    YES = "yes"
    NO = "no"
    UNSURE = "unsure"


Chosen = Mapping[QuestionKind, Mapping[str, Choice]]
"""The answers to single questions, by the kind and the slug of the question."""


def settled(chosen: Chosen) -> Answers:
    """Settle the answers to single questions, of which several may ask for one fact: a sure answer beats an unsure one."""
    flags, indicators, groups = (chosen.get(kind, {}) for kind in (QuestionKind.RED_FLAG, QuestionKind.INDICATOR, QuestionKind.GROUP))
    red_flags = [slug for slug, choice in flags.items() if choice is not Choice.NO]
    likely, belonging = _those(indicators, Choice.YES), _those(groups, Choice.YES)
    sure = {*red_flags, *likely, *belonging}
    unsure = dict.fromkeys([*_those(indicators, Choice.UNSURE), *_those(groups, Choice.UNSURE)])
    return Answers(
        asked=list(flags),
        red_flags=red_flags,
        symptoms=Choice.YES in chosen.get(QuestionKind.SYMPTOMS, {}).values(),
        indicators=likely,
        groups=belonging,
        unsure=[slug for slug in unsure if slug not in sure],
    )


def _those(answers: Mapping[str, Choice], choice: Choice) -> list[str]:
    return [slug for slug, given in answers.items() if given is choice]


class TypeReason(Record):
    """What makes a type likely: an indicator, or a group that is a sign of it."""

    indicator: Slug | None
    """The indicator; null where it is a group."""
    group: Slug | None
    """The group; null where it is an indicator."""
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

    condition: Slug
    """The condition that was screened for."""
    outcome: Outcome
    """What they come to."""
    types: list[TypeSlug]
    """The types that are likely; empty where no type is."""
    because: list[TypeReason]
    """Each indicator that counted, and each group that is a sign of a type that no indicator with this group points to already."""
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


class Assessment(NamedTuple):
    """The outcome of the answers, and what a program has to be safe for."""

    condition: str
    outcome: Outcome
    types: Sequence[str] = ()
    """The types that are likely."""
    safe_for: Sequence[str] = ()
    """The types that the program must be safe for; empty: no program."""
    groups: Sequence[str] = ()
    """The groups that it must mind."""
    because: Sequence[TypeReason] = ()
    referral: Referral | None = None
    missing: Sequence[str] = ()
    advice: str = ""

    def with_program(self, made: Program | None) -> Screening:
        """Give the finished answer."""
        told = {name: part for name, part in self._asdict().items() if name in Screening.model_fields}
        return Screening(**told, program=made, disclaimer=wording.DISCLAIMER)


class _Facts(NamedTuple):
    """What the answers say of the person, by whichever question."""

    because: Sequence[TypeReason]
    """What makes a type likely."""
    open: Collection[str]
    """The types that something unsure points to."""
    groups: Sequence[str]
    """Sure and unsure groups, those that answers imply included."""
    symptoms: Sequence[Indicator]
    """Sure indicators that are symptoms themselves."""


def assess(answers: Answers, questions: Questions) -> Assessment:
    """Judge the answers: red flags first, then whether all were asked, then symptoms, then types.

    Raises InvalidContent where an answer is to no question, or answers contradict each other.
    """
    _refuse_unknown(answers, questions)
    _refuse_sure_and_unsure(answers)
    facts = _facts(answers, questions)
    come_to = partial(Assessment, questions.condition, groups=facts.groups)
    flagged = [flag for slug, flag in questions.red_flags.items() if slug in {*answers.red_flags, *answers.unsure}]
    if flagged:
        referral = _referral(flagged)
        advice = wording.REFER_NOW if referral.level is Level.EMERGENCY else wording.REFER
        return come_to(Outcome.REFER, referral=referral, advice=advice)
    missing = [flag.slug for flag in in_force(questions.own_flags, facts.groups) if flag.slug not in answers.asked]
    if missing:
        return come_to(Outcome.INCOMPLETE, missing=missing, advice=wording.INCOMPLETE)
    if not answers.symptoms:
        _refuse_contradiction(facts.symptoms)
        return come_to(Outcome.NOT_INDICATED, advice=wording.NOT_INDICATED)
    return _typed(facts, questions)


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
        raise InvalidContent(" ".join(complaint.message for complaint in wrong[:5]), complaints=tuple(wrong))


def _refuse_sure_and_unsure(answers: Answers) -> None:
    """Refuse a fact that is both sure and unsure."""
    sure = {slug: name for name in ("red_flags", "indicators", "groups") for slug in getattr(answers, name)}
    wrong = [
        Complaint(f"unsure[{n}]", f"'{slug}' is also in '{sure[slug]}'; it can't be both sure and unsure.")
        for n, slug in enumerate(answers.unsure)
        if slug in sure
    ]
    if wrong:
        raise InvalidContent(" ".join(complaint.message for complaint in wrong[:5]), complaints=tuple(wrong))


def _facts(answers: Answers, questions: Questions) -> _Facts:
    sure = [indicator for slug, indicator in questions.indicators.items() if slug in answers.indicators]
    unsure = [indicator for slug, indicator in questions.indicators.items() if slug in answers.unsure]
    given = {*answers.groups, *answers.unsure} & questions.groups.keys()
    groups = implied({*given, *(group for indicator in [*sure, *unsure] for group in indicator.groups)}, questions.groups)
    by_indicator = [TypeReason(indicator=said.slug, group=None, type=said.type, source=said.source) for said in sure]
    return _Facts(
        because=[*by_indicator, *_by_groups(answers, sure, questions)],
        open={*(indicator.type for indicator in unsure), *types_of(groups, questions.groups)},
        groups=groups,
        symptoms=[indicator for indicator in sure if indicator.symptom],
    )


def _by_groups(answers: Answers, sure: Sequence[Indicator], questions: Questions) -> list[TypeReason]:
    """Name the groups that are surely signs of a type of this condition, unless a sure indicator says so already.

    Those are groups answered with yes that no sure indicator implies, and groups of sure indicators of another type.
    """
    said = implied((group for indicator in sure for group in indicator.groups), questions.groups)
    return [
        TypeReason(indicator=None, group=slug, type=sign.type, source=sign.source)
        for slug in questions.groups
        if (slug in answers.groups and slug not in said) or any(slug in indicator.groups for indicator in sure)
        for sign in signs(slug, questions.groups)
        if sign.type in questions.types and not any(slug in indicator.groups and indicator.type == sign.type for indicator in sure)
    ]


def _referral(flags: Sequence[RedFlag]) -> Referral:
    level = min((flag.level for flag in flags), key=list(Level).index)
    pressing = dict.fromkeys(flag.what_to_do for flag in flags if flag.level is level)
    return Referral(level=level, what_to_do=" ".join(pressing), red_flags=list(flags))


def _refuse_contradiction(symptoms: Sequence[Indicator]) -> None:
    if symptoms:
        message = f"'symptoms' is false, but the indicator '{symptoms[0].slug}' is itself a symptom; they contradict each other."
        raise InvalidContent.at("symptoms", message)


def _typed(facts: _Facts, questions: Questions) -> Assessment:
    """Give the likely types; where nothing sure points to one, no type, and a program only of what every type recommends."""
    come_to = partial(Assessment, questions.condition, groups=facts.groups)
    likely = [type_ for type_ in questions.types if type_ in {reason.type for reason in facts.because}]
    if not likely:
        return come_to(Outcome.UNDETERMINED, safe_for=questions.types, advice=wording.UNDETERMINED)
    safe_for = [type_ for type_ in questions.types if type_ in facts.open or type_ in likely]
    advice = wording.LIKELY_BOTH if len(likely) > 1 else wording.LIKELY if safe_for == likely else wording.LIKELY_AND_OPEN
    return come_to(Outcome.LIKELY, types=likely, safe_for=safe_for, because=facts.because, advice=advice)
