"""One person, one truth: every set of answers about signs, by every door, over the real seed data."""

from collections.abc import Iterator
from functools import cache
from itertools import chain, combinations, combinations_with_replacement, product
from typing import NamedTuple

import pytest

from api.library.program import Program
from api.library.screening import Answers, assess
from api.library.vocabulary import Basis, Intensity, Outcome
from api.store import programs
from api.store.engine import Database
from tests.facts import AVOIDED, RECOMMENDED, is_avoided, is_recommended
from tests.screened import Asked

# Written down by hand: tests compare the program with this, not with itself.
POINTS_TO = {
    "very-sedentary": "stiff",
    "persistent-low-back-pain": "stiff",
    "heavy-impact": "stiff",
    "very-flexible": "unstable",
    "connective-tissue-disorder": "unstable",
    "pregnant": "unstable",
    "recently-pregnant": "unstable",
    "after-16-weeks": "unstable",
    "hypermobile": "unstable",
}
BELONGS_TO = {
    "very-flexible": {"hypermobile"},
    "connective-tissue-disorder": {"hypermobile"},
    "hypermobile": {"hypermobile"},
    "pregnant": {"pregnant"},
    "recently-pregnant": {"recently-pregnant"},
    "after-16-weeks": {"after-16-weeks", "pregnant"},
}
DOORS = {
    ("very-sedentary", "persistent-low-back-pain", "heavy-impact"): ("", "i", "u"),
    ("very-flexible", "connective-tissue-disorder"): ("", "i", "u"),
    ("pregnant",): ("", "i", "g", "ig", "u"),
    ("recently-pregnant",): ("", "i", "g", "ig", "u"),
    ("after-16-weeks",): ("", "g", "u"),
    ("hypermobile",): ("", "g", "u"),
}
"""By which doors a fact may come in: as an indicator, as a group, as both, or unsure. Facts that point to the same type and belong
to the same groups stand together: which of them came in by which door makes no difference, only how many."""
GENTLE = {("self-massage", "unstable")}


class Said(NamedTuple):
    """One set of answers: each fact with the door by which it came in."""

    doors: dict[str, str]

    def those(self, door: str) -> list[str]:
        return [fact for fact, by in self.doors.items() if door in by]

    @property
    def sure(self) -> set[str]:
        return {POINTS_TO[fact] for fact in [*self.those("i"), *self.those("g")]}

    @property
    def safe_for(self) -> list[str]:
        open_to = {POINTS_TO[fact] for fact in self.those("u")}
        return [type_ for type_ in RECOMMENDED if not self.sure or type_ in self.sure | open_to]

    @property
    def groups(self) -> set[str]:
        return {group for fact, by in self.doors.items() if by for group in BELONGS_TO.get(fact, ())}

    @property
    def because(self) -> list[tuple[str | None, str | None, str]]:
        sure = set(chain.from_iterable(BELONGS_TO.get(fact, ()) for fact in self.those("i")))
        by_indicator = [(fact, None, POINTS_TO[fact]) for fact in self.those("i")]
        return sorted([*by_indicator, *((None, fact, POINTS_TO[fact]) for fact in self.those("g") if fact not in sure)], key=str)


def everything_said() -> Iterator[Said]:
    """Give every set of answers; every fact has each of its doors in some of them."""
    for chosen in product(*(combinations_with_replacement(doors, len(facts)) for facts, doors in DOORS.items())):
        facts = chain.from_iterable(DOORS)
        yield Said(dict(zip(facts, chain.from_iterable(chosen), strict=True)))


def test_the_facts_written_down_here_are_all_that_the_seed_has(asked: Asked) -> None:
    signs = {slug for slug in asked.questions.groups if slug in POINTS_TO}
    known = asked.made[("stiff",)].known_groups
    assert set(asked.questions.indicators) | signs == set(POINTS_TO)
    assert {slug for slug, one in known.items() if one.sign_of} == signs - {"after-16-weeks"}


def test_the_same_fact_counts_the_same_by_every_door(asked: Asked) -> None:
    """All sets of answers: what is likely, why, and what the program must be safe for are functions of the facts alone."""
    flags = list(asked.questions.red_flags)
    number = 0
    for said in everything_said():
        answers = Answers.model_construct(
            asked=flags, red_flags=[], symptoms=True, indicators=said.those("i"), groups=said.those("g"), unsure=said.those("u")
        )
        told = assess(answers, asked.questions)
        assert told.outcome is (Outcome.LIKELY if said.sure else Outcome.UNDETERMINED), said
        assert (set(told.types), list(told.safe_for), set(told.groups)) == (said.sure, said.safe_for, said.groups), said
        if said.sure:
            assert sorted(((one.indicator, one.group, one.type) for one in told.because), key=str) == said.because, said
        number += 1
    assert number == 10 * 6 * 5 * 5 * 3 * 3


def possible(asked: Asked) -> dict[tuple[tuple[str, ...], tuple[str, ...]], Program]:
    """Give every distinct program that a screening or a request for a program can come to, as far as signs go."""
    facts = {(tuple(one.safe_for), tuple(sorted(one.groups))) for one in everything_said()}
    signs = [slug for slug in asked.questions.groups if slug in POINTS_TO]
    asked_for = {
        (types, groups)
        for types in (("stiff",), ("unstable",), ("stiff", "unstable"))
        for size in range(len(signs) + 1)
        for groups in combinations(signs, size)
    }
    return {(types, groups): asked.program(types, list(groups)) for types, groups in facts | asked_for}


def test_nothing_is_offered_that_a_type_of_the_person_avoids_and_each_withheld_exercise_says_why(asked: Asked) -> None:
    for (types, groups), program in possible(asked).items():
        mine = {*types, *(POINTS_TO[group] for group in groups)}
        assert set(program.types) == mine
        assert program.basis is (Basis.SOURCE if len(mine) == 1 else Basis.PROJECT_RULE)
        offered = [one for slot in program.slots for one in slot.choices]
        assert {one.slug for one in offered} == {slug for type_ in mine for slug in RECOMMENDED[type_] if is_recommended(slug, *mine)}
        for one in offered:
            assert one.suitability is not None
            gentle = any((one.slug, type_) in GENTLE for type_ in mine)
            assert one.suitability.intensity is (Intensity.GENTLE if gentle else None)
        torn = {slug for type_ in mine for slug in RECOMMENDED[type_] if is_avoided(slug, *mine)}
        assert {one.slug for one in program.withheld} == torn
        assert all(one.reason and one.source and one.source.quote for one in program.withheld)
        left = {slug for type_ in mine for slug in RECOMMENDED[type_]} - {one.slug for one in offered} - torn
        assert {one.slug for one in program.undecided} == left
        assert [one.slug for one in program.avoid] == [slug for type_ in AVOIDED if type_ in mine for slug in AVOIDED[type_]]


def test_who_has_the_same_facts_gets_the_same_program(asked: Asked) -> None:
    @cache
    def of(types: tuple[str, ...], groups: tuple[str, ...]) -> str:
        return asked.program(types, list(groups)).model_dump_json()

    for types, groups in possible(asked):
        mine = tuple(type_ for type_ in RECOMMENDED if type_ in {*types, *(POINTS_TO[group] for group in groups)})
        assert of(types, groups) == of(mine, groups)


@pytest.mark.parametrize(
    ("types", "groups"), [(("stiff",), ["recently-pregnant"]), (("unstable",), ["after-16-weeks"]), (("stiff",), None)]
)
def test_a_program_made_from_the_database_is_that_program(shared: Database, types: tuple[str, ...], groups: list[str] | None) -> None:
    with shared.reading() as connection:
        made = programs.program(connection, types, groups)
    assert made.model_dump_json() == Asked(shared).program(types, groups).model_dump_json()


def test_only_limits_what_is_withheld_too(shared: Database) -> None:
    with shared.reading() as connection:
        limited = programs.program(connection, ["stiff"], ["pregnant"], ["cat-cow"])
        named = programs.program(connection, ["stiff"], ["pregnant"], ["cat-cow", "figure-4-stretch", "pelvic-list"])
    assert ([one.slug for slot in limited.slots for one in slot.choices], limited.withheld) == (["cat-cow"], [])
    assert sorted(one.slug for one in named.withheld) == ["figure-4-stretch", "pelvic-list"]


def test_without_groups_nobody_was_asked_and_the_groups_that_would_change_the_program_are_named(asked: Asked) -> None:
    unasked = asked.program(("stiff",), None)
    assert (unasked.groups_asked, unasked.groups) == (False, [])
    assert {"pregnant", "after-16-weeks", "recently-pregnant", "hypermobile"} <= {one.slug for one in unasked.unasked}
    for slug in asked.questions.groups:
        with_it = asked.program(("stiff",), [slug])
        none = asked.program(("stiff",), [])
        changed = with_it.model_copy(update={"groups": [], "group_names": {}}) != none
        assert changed == (slug in {one.slug for one in unasked.unasked}), slug
    assert (none.groups_asked, none.unasked) == (True, [])


def test_a_program_says_for_whom_it_is_not_and_which_groups_are_signs_of_that(asked: Asked) -> None:
    (not_for,) = asked.program(("stiff",), []).not_for
    assert (not_for.type, not_for.exercises) == ("unstable", ["figure-4-stretch"])
    assert {one.slug for one in not_for.signs} == {"pregnant", "after-16-weeks", "recently-pregnant", "hypermobile"}
    assert asked.program(("stiff",), ["pregnant"]).not_for == []
