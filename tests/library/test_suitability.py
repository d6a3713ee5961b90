"""What one pure function decides, for exercises that hypothesis makes up."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from api.library.exercise import Exercise
from api.library.exercise_draft import Contraindication, Judged, Recommendation, Via
from api.library.record import Attribution
from api.library.suitability import explain, reading, suitability, verdict
from api.library.vocabulary import Intensity, Verdict, ViaKind
from tests.screened import Asked

TYPES = ["stiff", "unstable", "sprained", "frozen"]
HOW_HARD: list[Intensity | None] = [Intensity.GENTLE, None]
"""From the gentlest on: null is not gentle."""
SOURCE = Attribution(slug="source-text", quote="in these words")


def recommendations(types: Sequence[str]) -> st.SearchStrategy[list[Recommendation]]:
    return st.lists(
        st.builds(
            Recommendation,
            type=st.sampled_from(types),
            purpose=st.none(),
            position=st.integers(1, 5),
            choice=st.integers(1, 3),
            alternatives=st.lists(st.sampled_from(["cat-cow", "pelvic-tilts", "bridge"]), unique=True),
            intensity=st.sampled_from(HOW_HARD),
            intensity_note=st.sampled_from([None, "GENTLE"]),
            note=st.sampled_from([None, "with control"]),
            source=st.just(SOURCE),
        ),
        unique_by=lambda one: one.type,
    )


contraindications = st.lists(
    st.builds(
        Contraindication,
        type=st.sampled_from(TYPES),
        reason=st.just("It takes steadiness away."),
        via=st.none() | st.builds(Via, kind=st.sampled_from(list(ViaKind)), slug=st.just("wide-legs")),
        source=st.just(SOURCE),
    )
)
judged = st.builds(
    Judged, slug=st.just("lunge"), name=st.just("Lunge"), recommendations=recommendations(TYPES), contraindications=contraindications
)
asked = st.lists(st.sampled_from(TYPES), max_size=6)


@given(judged, asked)
def test_avoid_wins_over_every_recommendation(exercise: Judged, types: list[str]) -> None:
    avoided = {one.type for one in exercise.contraindications} & set(types)
    assert (verdict(exercise, types) is Verdict.AVOID) == bool(avoided)


@given(judged, asked)
def test_recommended_means_that_every_type_recommends_it_and_none_avoids_it(exercise: Judged, types: list[str]) -> None:
    recommended = {one.type for one in exercise.recommendations} - {one.type for one in exercise.contraindications}
    assert (verdict(exercise, types) is Verdict.RECOMMENDED) == (bool(types) and set(types) <= recommended)


@given(judged, asked, st.sampled_from(TYPES))
def test_one_more_type_never_lifts_an_avoid_nor_decides_what_was_unknown(exercise: Judged, types: list[str], more: str) -> None:
    before, after = verdict(exercise, types), verdict(exercise, [*types, more])
    if before is Verdict.AVOID:
        assert after is Verdict.AVOID
    if before is Verdict.UNKNOWN and types:
        assert after is not Verdict.RECOMMENDED


@given(judged, asked, st.sampled_from(TYPES))
def test_one_more_type_never_makes_it_harder(exercise: Judged, types: list[str], more: str) -> None:
    before, after = suitability(exercise, types), suitability(exercise, [*types, more])
    if before.verdict is after.verdict is Verdict.RECOMMENDED:
        assert HOW_HARD.index(after.intensity) <= HOW_HARD.index(before.intensity)
        assert (after.position or 0) <= (before.position or 0)
        assert set(after.alternatives) <= set(before.alternatives)


@given(judged, asked)
def test_the_order_of_the_types_and_repeating_them_changes_nothing(exercise: Judged, types: list[str]) -> None:
    ways = [suitability(exercise, way) for way in (types, types[::-1], types * 2)]
    assert {(one.verdict, one.intensity, one.position, one.choice, frozenset(one.alternatives)) for one in ways} == {
        (ways[0].verdict, ways[0].intensity, ways[0].position, ways[0].choice, frozenset(ways[0].alternatives))
    }


@given(judged, asked)
def test_what_is_not_recommended_comes_without_any_advice_on_how_to_do_it(exercise: Judged, types: list[str]) -> None:
    read = suitability(exercise, types)
    if read.verdict is not Verdict.RECOMMENDED:
        assert (read.intensity, read.intensity_note, read.position, read.choice, read.alternatives) == (None, None, None, None, [])


@given(judged, asked)
def test_an_intensity_comes_from_a_type_asked_and_with_its_own_note(exercise: Judged, types: list[str]) -> None:
    read = suitability(exercise, types)
    if read.verdict is Verdict.RECOMMENDED:
        said = {(one.intensity, one.intensity_note) for one in exercise.recommendations if one.type in types}
        assert (read.intensity, read.intensity_note) in said


@given(judged, asked.filter(bool))
def test_the_explanation_says_for_every_type_what_decides_it(exercise: Judged, types: list[str]) -> None:
    types = list(dict.fromkeys(types))
    told = explain(exercise, types)
    assert told.types == types
    assert told.verdict is verdict(exercise, types)
    assert {one.type for one in told.because} == set(types)
    for one in told.because:
        assert one.verdict is verdict(exercise, [one.type])
        assert one.reason
        assert (one.source is None) == (one.verdict is Verdict.UNKNOWN)


def test_nothing_asked_recommends_nothing() -> None:
    everybody = [Recommendation(type=one, position=1, source=SOURCE) for one in TYPES]
    assert verdict(Judged(slug="lunge", name="Lunge", recommendations=everybody), []) is Verdict.UNKNOWN


def test_where_types_disagree_on_the_order_of_a_choice_there_is_none() -> None:
    both = [
        Recommendation(type="stiff", position=2, choice=1, alternatives=["pelvic-tilts"], source=SOURCE),
        Recommendation(type="unstable", position=2, choice=2, alternatives=["pelvic-tilts"], source=SOURCE),
    ]
    read = suitability(Judged(slug="cat-cow", name="Cat/cow", recommendations=both), ["stiff", "unstable"])
    assert (read.position, read.choice, read.alternatives) == (2, None, ["pelvic-tilts"])


def test_the_lowest_place_in_any_of_the_types_counts() -> None:
    both = [Recommendation(type=type_, position=position, source=SOURCE) for type_, position in (("stiff", 3), ("unstable", 2))]
    read = [suitability(Judged(slug="cat-cow", name="Cat/cow", recommendations=way), ["stiff", "unstable"]) for way in (both, both[::-1])]
    assert [one.position for one in read] == [2, 2]


def test_gentle_for_one_of_the_types_is_gentle_for_the_person() -> None:
    both = [
        Recommendation(type="stiff", position=1, source=SOURCE),
        Recommendation(type="unstable", position=1, intensity=Intensity.GENTLE, intensity_note="GENTLE", source=SOURCE),
    ]
    read = suitability(Judged(slug="self-massage", name="Self-massage", recommendations=both), ["stiff", "unstable"])
    assert (read.intensity, read.intensity_note) == (Intensity.GENTLE, "GENTLE")


def one_of(asked: Asked, slug: str) -> Exercise:
    return next(one for one, _ in asked.made[("stiff",)].recommended if one.slug == slug)


def test_for_a_type_people_read_its_recommendations_and_no_harder_form_of_a_gentle_one(asked: Asked) -> None:
    whole = one_of(asked, "self-massage")
    assert reading(whole, []) is whole
    stiff, both = reading(whole, ["stiff"]), reading(whole, ["stiff", "unstable"])
    assert [[one.type for one in read.recommendations] for read in (stiff, both)] == [["stiff"], ["stiff", "unstable"]]
    assert (stiff.harder, stiff.variants, stiff.dosages) == (whole.harder, whole.variants, whole.dosages)
    assert both.harder == []
    assert [one.slug for one in both.variants] == ["at-the-wall"], "the one on the floor is there for nobody who needs it"
    assert {one.for_variant for one in both.dosages} <= {None, "at-the-wall"}


def test_what_is_to_be_avoided_stays_whatever_the_type(asked: Asked) -> None:
    whole = one_of(asked, "figure-4-stretch")
    assert reading(whole, ["stiff"]).contraindications == whole.contraindications != []


def test_an_alternative_for_several_types_is_one_for_each_of_them() -> None:
    def place(type_: str, *alternatives: str) -> Recommendation:
        return Recommendation(type=type_, position=1, alternatives=list(alternatives), source=SOURCE)

    both = Judged(slug="x", name="X", recommendations=[place("stiff", "bridge", "cat-cow"), place("unstable", "cat-cow", "pelvic-tilts")])
    assert suitability(both, ["stiff", "unstable"]).alternatives == ["cat-cow"]
    assert suitability(both, ["unstable"]).alternatives == ["cat-cow", "pelvic-tilts"]
