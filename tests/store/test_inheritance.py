"""Avoid is inherited, by way of moving and from what an exercise is a variant of; recommended never is."""

import pytest

from api.errors import Contradiction
from api.library.exercise import PossibleMatch
from api.library.exercise_draft import Judged
from api.library.query import CatalogueQuery
from api.library.suitability import explain, verdict
from api.library.vocabulary import Verdict
from api.store import catalogue
from api.store.catalogue import avoid
from api.store.engine import Database
from tests.writing import document, edited, load, retire, state

SOURCE = {"slug": "source-text", "quote": "Isometric squats"}
WIDE_SQUAT = "exercise: {slug: wide-squat, name: Wide squat, patterns: [wide-legs]}"
SEATED_4 = "exercise: {slug: seated-4, name: Seated 4, variant_of: figure-4-stretch}"
STRAPPED_4 = "exercise: {slug: strapped-4, name: Strapped 4, variant_of: seated-4}"
PATTERN = ("movement-pattern", "wide-legs")


def avoided(database: Database, slug: str, type_: str = "unstable") -> list[tuple[str, str] | None]:
    """Give by what ways one type should avoid an exercise; None stands for 'named itself'."""
    exercise = Judged.model_validate_json(document(database, slug), extra="ignore")
    return [(one.via.kind, one.via.slug) if one.via else None for one in exercise.contraindications if one.type == type_]


def wide_legs(*types: str) -> str:
    why = [{"type": type_, "reason": f"It is bad for {type_}.", "source": SOURCE} for type_ in types]
    return edited("si-joint-dysfunction.yaml", "patterns", contraindications=why)


def figure_4(*types: str, **changes: object) -> str:
    why = [{"type": type_, "reason": f"It is bad for {type_}.", "source": SOURCE} for type_ in types]
    recommended = [{"type": "stiff", "position": 3, "source": SOURCE}] if types and "stiff" not in types else []
    return edited("exercises/figure-4-stretch.yaml", "exercise", contraindications=why, recommendations=recommended, **changes)


def test_who_should_not_have_the_legs_wide_should_not_do_what_has_them_wide(database: Database) -> None:
    load(database, WIDE_SQUAT)
    assert avoided(database, "wide-squat") == [PATTERN]
    told = explain(Judged.model_validate_json(document(database, "wide-squat"), extra="ignore"), ["unstable"])
    assert told.verdict is Verdict.AVOID
    assert [(one.via and one.via.slug, one.source and one.source.slug) for one in told.because] == [("wide-legs", "source-text")]


def test_who_should_not_do_the_figure_4_should_not_do_a_variant_of_it(database: Database) -> None:
    load(database, SEATED_4)
    assert avoided(database, "seated-4") == [("variant-of", "figure-4-stretch")]


def test_a_variant_of_a_variant_inherits_from_its_own_parent(database: Database) -> None:
    load(database, SEATED_4)
    load(database, STRAPPED_4)
    assert avoided(database, "strapped-4") == [("variant-of", "seated-4")]


def test_variants_of_one_file_inherit_in_whatever_order_they_stand(database: Database) -> None:
    slugs = ["d", "b", "e", "a", "c"]
    parents = {"a": "figure-4-stretch", "b": "a", "c": "b", "d": "c", "e": "d"}
    load(database, "exercises:\n" + "".join(f"  - {{slug: {one}, name: {one}, variant_of: {parents[one]}}}\n" for one in slugs))
    assert {one: avoided(database, one) for one in slugs} == {one: [("variant-of", parents[one])] for one in slugs}


def test_both_ways_are_told(database: Database) -> None:
    load(database, "exercise: {slug: wide-4, name: Wide 4, patterns: [wide-legs], variant_of: figure-4-stretch}")
    assert avoided(database, "wide-4") == [PATTERN, ("variant-of", "figure-4-stretch")]


def test_recommended_is_never_inherited(database: Database) -> None:
    load(database, SEATED_4)
    load(database, "exercise: {slug: half-list, name: Half list, variant_of: pelvic-list}")
    for slug, expected in [("seated-4", Verdict.AVOID), ("half-list", Verdict.UNKNOWN)]:
        exercise = Judged.model_validate_json(document(database, slug), extra="ignore")
        assert verdict(exercise, ["unstable"]) is expected
        assert verdict(exercise, ["stiff"]) is Verdict.UNKNOWN
    with database.reading() as connection:
        for type_ in ("stiff", "unstable"):
            listing = catalogue.find(connection, CatalogueQuery(types=(type_,)))
            assert not {"seated-4", "half-list"} & {one.exercise.slug for one in listing.page.items}


def test_what_is_inherited_is_in_the_list_of_what_to_avoid(database: Database) -> None:
    for text in (WIDE_SQUAT, SEATED_4, STRAPPED_4):
        load(database, text)
    with database.reading() as connection:
        listing = catalogue.find(connection, CatalogueQuery(types=("unstable",)))
        paged = avoid.page(connection, ("unstable",), 100, None)
    assert listing.avoid is not None
    assert {one.slug: one.via and one.via.slug for one in listing.avoid.items} == {
        "wide-legs": None,
        "figure-4-stretch": None,
        "wide-squat": "wide-legs",
        "seated-4": "figure-4-stretch",
        "strapped-4": "seated-4",
    }
    assert paged.items == listing.avoid.items
    assert all(one.source.quote for one in listing.avoid.items)


@pytest.mark.parametrize("text", [WIDE_SQUAT, SEATED_4])
def test_what_is_avoided_by_inheritance_cannot_be_recommended(database: Database, text: str) -> None:
    before = state(database)
    with pytest.raises(Contradiction):
        load(database, text[:-1] + ", recommendations: [{type: unstable, position: 9, source: {slug: source-text}}]}")
    assert state(database) == before


def test_when_the_contraindications_of_a_pattern_change_its_exercises_follow(database: Database) -> None:
    load(database, WIDE_SQUAT)
    load(database, "exercise: {slug: sumo, name: Sumo, variant_of: wide-squat}")
    load(database, wide_legs("stiff", "unstable"))
    assert avoided(database, "wide-squat", "stiff") == [PATTERN]
    assert avoided(database, "sumo", "stiff") == [("variant-of", "wide-squat")]
    assert state(database)["revision"] == 4
    assert '"revision":4' in document(database, "sumo")
    load(database, wide_legs())
    for slug in ("wide-squat", "sumo"):
        assert avoided(database, slug) == avoided(database, slug, "stiff") == []
    assert state(database)["revision"] == 5


def test_when_the_contraindications_of_an_exercise_change_its_variants_follow(database: Database) -> None:
    load(database, SEATED_4)
    load(database, STRAPPED_4)
    load(database, figure_4("stiff", "unstable"))
    assert avoided(database, "seated-4", "stiff") == [("variant-of", "figure-4-stretch")]
    assert avoided(database, "strapped-4", "stiff") == [("variant-of", "seated-4")]
    assert state(database)["revision"] == 4
    load(database, figure_4())
    for slug in ("figure-4-stretch", "seated-4", "strapped-4"):
        assert avoided(database, slug) == avoided(database, slug, "stiff") == []
        assert '"revision":5' in document(database, slug)


def test_when_an_exercise_takes_up_a_pattern_its_variants_follow(database: Database) -> None:
    load(database, "exercise: {slug: bridge, name: Bridge}")
    load(database, "exercise: {slug: low-bridge, name: Low bridge, variant_of: bridge}")
    assert avoided(database, "low-bridge") == []
    load(database, "exercise: {slug: bridge, name: Bridge, patterns: [wide-legs]}")
    assert avoided(database, "bridge") == [PATTERN]
    assert avoided(database, "low-bridge") == [("variant-of", "bridge")]


@pytest.mark.parametrize("change", [wide_legs("unstable"), figure_4("unstable")], ids=["the pattern", "the exercise"])
def test_an_avoid_that_would_reach_what_is_recommended_is_refused_whole(database: Database, change: str) -> None:
    load(database, wide_legs())
    load(database, figure_4())
    why = "recommendations: [{type: unstable, position: 9, source: {slug: source-text}}]"
    load(database, f"exercise: {{slug: wide-4, name: Wide 4, patterns: [wide-legs], variant_of: figure-4-stretch, {why}}}")
    before = state(database)
    with pytest.raises(Contradiction, match="'wide-4' is recommended for the type 'unstable' and to be avoided for it via"):
        load(database, change)
    assert state(database) == before


def test_a_variant_goes_on_inheriting_from_what_was_retired(database: Database) -> None:
    load(database, SEATED_4)
    retire(database, "figure-4-stretch")
    assert avoided(database, "seated-4") == [("variant-of", "figure-4-stretch")]
    load(database, STRAPPED_4)
    assert avoided(database, "strapped-4") == [("variant-of", "seated-4")]


def test_a_variant_leaves_its_parent_as_it_was(database: Database) -> None:
    before = document(database, "figure-4-stretch")
    load(database, SEATED_4)
    assert document(database, "figure-4-stretch") == before


def test_what_resembles_a_retired_exercise_that_was_avoided_is_still_pointed_out(database: Database) -> None:
    retire(database, "figure-4-stretch")
    load(database, "exercise: {slug: another, name: Figure 4 stretch}")
    assert [(one.kind, one.slug) for one in PossibleMatch.all_in(document(database, "another"))] == [("exercise", "figure-4-stretch")]


def test_what_resembles_a_retired_exercise_that_nobody_avoided_is_not(database: Database) -> None:
    retire(database, "cat-cow")
    load(database, "exercise: {slug: another, name: Cat-cow}")
    assert PossibleMatch.all_in(document(database, "another")) == []


def test_what_it_resembles_is_pointed_out_again_when_an_inherited_avoid_goes(database: Database) -> None:
    places = "recommendations: [{type: stiff, position: 9, source: {slug: source-text}}]"
    load(database, f"exercise: {{slug: wide-4, name: Wide figure 4 stretch, patterns: [wide-legs], {places}}}")
    load(database, wide_legs())
    assert avoided(database, "wide-4") == []
    assert [match.slug for match in PossibleMatch.all_in(document(database, "wide-4"))] == ["figure-4-stretch"]
