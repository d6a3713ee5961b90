"""The questions of a screening, in the order to ask them: each fact once."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from api.library import wording
from api.library.record import Attribution, Record, Slug, Text
from api.library.screening_items import Group, Indicator, RedFlag, implied, of_conditions
from api.library.vocabulary import QuestionKind


class Questions(NamedTuple):
    """What there is to ask for one condition."""

    condition: str
    types: Sequence[str]
    indicators: Mapping[str, Indicator]
    red_flags: Mapping[str, RedFlag]
    """Those of every condition: any of them refers, but only those of this one have to be asked."""
    groups: Mapping[str, Group]

    @property
    def own_flags(self) -> list[RedFlag]:
        """The red flags of this condition."""
        return of_conditions(self.red_flags.values(), [self.condition])


class Question(Record):
    """One question of the form."""

    kind: QuestionKind
    """What the answer is for."""
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
    asked_if: list[Slug]
    """The questions of this form that find out whether somebody is of that `group`: ask where any of them is answered with yes or
    'I don't know'. Empty: ask everybody."""
    implied_by: list[Slug]
    """Indicators whose yes answers this question already; empty as long as such questions are left out."""
    source: Attribution | None
    """Where the question comes from; null where it is only asked to know whom this is for."""


class ScreeningForm(Record):
    """The questions of a screening, in the order to ask them."""

    condition: Slug
    """The condition that is screened for."""
    questions: list[Question]
    """Red flags first, then whether there are symptoms, then indicators and groups, then the red flags of those groups. A group that
    an indicator has found out is not asked about again."""
    disclaimer: Text
    """What a screening is not."""


SYMPTOMS = "Do you have pain or other trouble with this joint now?"


def form(asked: Questions) -> ScreeningForm:
    """Put the questions in order."""
    flags = [_flag(flag, asked) for flag in asked.own_flags]
    ordered = [
        *(flag for flag in flags if flag.group is None),
        _question(QuestionKind.SYMPTOMS, "symptoms", SYMPTOMS, None),
        *(
            _question(QuestionKind.INDICATOR, indicator.slug, indicator.question, indicator.source)
            for indicator in asked.indicators.values()
        ),
        *(_group(group, asked) for group in _groups_to_ask(asked)),
        *(flag for flag in flags if flag.group is not None),
    ]
    return ScreeningForm(condition=asked.condition, questions=ordered, disclaimer=wording.DISCLAIMER)


def _groups_to_ask(asked: Questions) -> list[Group]:
    """Leave out the groups that indicators reveal."""
    found_out = {group for indicator in asked.indicators.values() for group in indicator.groups}
    return [known for slug, known in asked.groups.items() if slug not in found_out]


def _group(group: Group, asked: Questions) -> Question:
    """Ask about a subgroup only people of the whole group."""
    whole = next(iter(group.implies), None)
    found_out = [slug for slug in _finding_out(whole, asked) if slug != group.slug] if whole else []
    return _question(QuestionKind.GROUP, group.slug, group.question, group.source, group=whole, asked_if=found_out)


def _flag(flag: RedFlag, asked: Questions) -> Question:
    found_out = _finding_out(flag.group, asked) if flag.group else []
    told = {"criteria": flag.criteria, "at_least": flag.at_least, "group": flag.group, "asked_if": found_out}
    return _question(QuestionKind.RED_FLAG, flag.slug, flag.question, flag.source, **told)


def _finding_out(group: str, asked: Questions) -> list[str]:
    """Name the questions that tell whether somebody belongs to a group."""
    by_indicator = [indicator.slug for indicator in asked.indicators.values() if group in implied(indicator.groups, asked.groups)]
    by_group = [other.slug for other in _groups_to_ask(asked) if group in implied([other.slug], asked.groups)]
    return list(dict.fromkeys([*by_indicator, *by_group]))


def _question(kind: QuestionKind, slug: str, question: str, source: Attribution | None, **told: object) -> Question:
    untold: dict[str, object] = {"criteria": [], "at_least": None, "group": None, "asked_if": [], "implied_by": []}
    return Question.model_validate({"kind": kind, "slug": slug, "question": question, "source": source, **untold, **told})
