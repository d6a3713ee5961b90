"""What resembles something that is to be avoided is pointed out, by whatever words it is told, until somebody has decided."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.library.exercise_draft import Contraindication, ExerciseDraft
from api.library.matching import Suspect, Suspects, possible_matches
from api.library.record import Attribution
from api.library.vocabulary import SubjectKind

FIGURE_4 = Suspect(
    SubjectKind.EXERCISE,
    "figure-4-stretch",
    frozenset({"unstable"}),
    ("Figure 4 stretch", "ankle-over-knee stretch"),
    ("piriformis", "glute stretch"),
)
WIDE_LEGS = Suspect(SubjectKind.MOVEMENT_PATTERN, "wide-legs", frozenset({"unstable"}), ("wide stance", "straddle"), ())
AVOIDED = Suspects([WIDE_LEGS, FIGURE_4])


def draft(name: str, *steps: str, **fields: object) -> ExerciseDraft:
    return ExerciseDraft.model_validate({"slug": "one", "name": name, "steps": list(steps), **fields})


def found(one: ExerciseDraft) -> dict[str, list[str]]:
    return {match.slug: match.words for match in possible_matches(one, AVOIDED)}


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Ankle On The Knee", ["ankle-over-knee stretch"]),
        ("Knee across, ankle ONTO it", ["ankle-over-knee stretch"]),
        ("Figure-4", ["Figure 4 stretch"]),
        ("Fígure 4 Stretches", ["Figure 4 stretch"]),
        ("Piriformis-SMR", ["piriformis"]),
        ("Lying stretch of the glutes", ["glute stretch"]),
        ("Glute stretches", ["glute stretch"]),
        ("Figure IV", ["Figure 4 stretch"]),
        ("Fig. four", ["Figure 4 stretch"]),
    ],
)
def test_another_name_is_noticed(name: str, words: list[str]) -> None:
    assert found(draft(name)) == {"figure-4-stretch": words}


@pytest.mark.parametrize("step", ["Put one ankle over the other knee.", "Bring the left ankle across your right knee and breathe."])
def test_so_is_what_a_step_tells(step: str) -> None:
    assert found(draft("Quiet hour", "Lie down.", step)) == {"figure-4-stretch": ["ankle-over-knee stretch"]}


@pytest.mark.parametrize(("phrase", "name"), [("hips", "Hip circle"), ("hip", "Circle of the hips"), ("toe", "Toes"), ("pass", "Pas")])
def test_a_plural_of_four_letters_is_the_same_word(phrase: str, name: str) -> None:
    suspect = Suspect(SubjectKind.EXERCISE, "other", frozenset({"stiff"}), (phrase,), ())
    assert [match.words for match in possible_matches(draft(name), Suspects([suspect]))] == [[phrase]]


def test_a_word_of_three_letters_is_no_plural() -> None:
    suspect = Suspect(SubjectKind.EXERCISE, "other", frozenset({"stiff"}), ("gas",), ())
    assert possible_matches(draft("Ga"), Suspects([suspect])) == []


def test_what_is_not_to_be_done_is_another_movement() -> None:
    headstand = Suspects([Suspect(SubjectKind.EXERCISE, "headstand", frozenset({"stiff"}), ("headstand",), ())])
    assert possible_matches(draft("Quiet hour", "Do not end in a headstand."), headstand) == []
    assert possible_matches(draft("Quiet hour", "Do not hurry, end in a headstand."), headstand) != []


def test_an_alias_and_a_search_term_are_names_too() -> None:
    assert found(draft("Quiet hour", aliases=["the straddle"])) == {"wide-legs": ["straddle"]}
    assert found(draft("Quiet hour", search_terms=["piriformis"])) == {"figure-4-stretch": ["piriformis"]}


@pytest.mark.parametrize(
    "one",
    [
        draft("Glute bridge"),
        draft("Four figures"),
        draft("Knee raise", "Move the ankle. Then lift it slowly, as high as you like, over the knee."),
        draft("Rolling", "Feel your piriformis."),
        draft("Stretch"),
        draft("Quiet hour", "Never put one ankle over the other knee."),
        draft("Quiet hour", "Don't straddle."),
    ],
)
def test_what_only_shares_a_word_is_something_else(one: ExerciseDraft) -> None:
    assert found(one) == {}


def test_a_decision_ends_it() -> None:
    name = "Ankle on the knee, in a wide stance"
    assert set(found(draft(name))) == {"wide-legs", "figure-4-stretch"}
    assert set(found(draft(name, variant_of="figure-4-stretch"))) == {"wide-legs"}
    assert set(found(draft(name, patterns=["wide-legs"]))) == {"figure-4-stretch"}
    why = Contraindication(type="unstable", reason="It hurts.", source=Attribution(slug="source-text"))
    assert found(draft(name, contraindications=[why])) == {}
    assert set(found(draft(name, contraindications=[why.model_copy(update={"type": "stiff"})]))) == {"wide-legs", "figure-4-stretch"}


def test_an_inherited_verdict_decides_nothing_because_it_can_go() -> None:
    way = {"kind": "movement-pattern", "slug": "wide-legs"}
    why = {"type": "unstable", "reason": "It hurts.", "via": way, "source": {"slug": "source-text", "quote": None}}
    assert set(found(draft("Figure 4", patterns=["wide-legs"], contraindications=[why]))) == {"figure-4-stretch"}


def test_what_is_decided_for_one_type_is_open_for_the_others() -> None:
    why = Contraindication(type="unstable", reason="It hurts.", source=Attribution(slug="source-text"))
    suspects = Suspects([FIGURE_4._replace(types=frozenset({"stiff", "unstable"}))])
    assert possible_matches(draft("Figure 4", contraindications=[why]), suspects) != []
    assert possible_matches(draft("Figure 4", contraindications=[why, why.model_copy(update={"type": "stiff"})]), suspects) == []


WORDS = st.sampled_from(["figure", "4", "stretch", "ankle", "over", "on", "the", "knee", "knees", "wide", "stance", "lie", "glute"])
TEXTS = st.lists(WORDS, min_size=1, max_size=5).map(" ".join)
SUSPECTS = st.lists(
    st.builds(
        Suspect,
        st.sampled_from(SubjectKind),
        st.sampled_from(["a", "b", "c"]),
        st.frozensets(st.sampled_from(["stiff", "unstable"]), min_size=1),
        st.lists(TEXTS, max_size=3).map(tuple),
        st.lists(TEXTS, max_size=2).map(tuple),
    ),
    max_size=8,
)


@given(SUSPECTS, TEXTS, st.lists(TEXTS, max_size=3, unique=True), st.lists(TEXTS, max_size=3))
def test_among_many_each_is_found_that_is_found_alone(suspects: list[Suspect], name: str, aliases: list[str], steps: list[str]) -> None:
    one = draft(name, *steps, aliases=aliases)
    alone = [match for suspect in suspects for match in possible_matches(one, Suspects([suspect]))]
    assert possible_matches(one, Suspects(suspects)) == alone
