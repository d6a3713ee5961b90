"""Loading is all or nothing: a file that is wrong in one place changes nothing, and says where and what was probably meant."""

import re

import pytest
import sqlalchemy as sa

from api.errors import Contradiction, Duplicate, InvalidContent, Kind
from api.library.query import CatalogueQuery
from api.store import catalogue
from api.store.engine import Database
from api.store.exercises import read
from api.store.journal import revision
from tests.made_up import FROZEN_SHOULDER
from tests.writing import document, edited, load, state

SOURCE = "source: {slug: source-text, quote: Isometric squats}"
LUNGE = "exercise:\n  slug: lunge\n  name: Lunge\n"


def test_what_is_loaded_together_is_one_revision(database: Database) -> None:
    with database.reading() as connection:
        before = revision(connection)
    load(database, "terms: [{kind: equipment, slug: sandbag, label: Sandbag}]\n" + LUNGE)
    with database.reading() as connection:
        changes = sa.text("SELECT revision FROM change WHERE slug IN ('lunge', 'equipment/sandbag')")
        assert [*connection.execute(changes).scalars(), revision(connection)] == [before + 1] * 3


def recommended(type_: str, position: int, choice: int = 1) -> str:
    return f"  recommendations:\n    - {{type: {type_}, position: {position}, choice: {choice}, {SOURCE}}}\n"


def avoided(type_: str) -> str:
    return f"  contraindications:\n    - {{type: {type_}, reason: It hurts., {SOURCE}}}\n"


def caution(group: str = "pregnant", action: str = "note", source: str = "common-knowledge", variant: str = "null") -> str:
    named = f"group: {group}\n      action: {action}\n      variant: {variant}"
    return f"  cautions:\n    - {named}\n      text: Mind it.\n      source: {{slug: {source}}}\n"


def exercises(*of: tuple[str, str]) -> str:
    return "exercises:\n" + "".join(f"  - {{slug: {slug}, name: {slug.title()}, variant_of: {parent}}}\n" for slug, parent in of)


# What is wrong, in which line it stands, what is said, and what was probably meant.
REFUSED: dict[str, tuple[str, int | None, str, str | None]] = {
    "an unknown key": (LUNGE + "  regoins: [hips]\n", 4, "no such field", "regions"),
    "an unknown key of a caution": (LUNGE + caution().replace("text:", "txet:"), 8, "no such field", "text"),
    "an unknown kind": (LUNGE + "  kind: strech\n", 4, "'strech'", "stretch"),
    "an unknown action": (LUNGE + caution(action="ask-frist"), 6, "'ask-frist'", "ask-first"),
    "an unknown type": (LUNGE + recommended("unstabel", 9), 5, "no type 'unstabel'", "unstable"),
    "an unknown type to avoid it": (LUNGE + avoided("stif"), 5, "no type 'stif'", "stiff"),
    "an unknown group": (LUNGE + caution(group="pregnent"), 5, "no group 'pregnent'", "pregnant"),
    "an unknown region": (LUNGE + "  regions: [hips, low-bak]\n", 4, "no region 'low-bak'", "low-back"),
    "an unknown muscle": (LUNGE + "  muscles: [piriformes]\n", 4, "no muscle 'piriformes'", "piriformis"),
    "unknown equipment": (LUNGE + "  equipment: [matt]\n", 4, "no equipment 'matt'", "mat"),
    "equipment that is a filter": (LUNGE + "  equipment: [none]\n", 4, "Leave 'none' out", None),
    "an unknown pattern": (LUNGE + "  patterns: [wide-leg]\n", 4, "no movement pattern 'wide-leg'", "wide-legs"),
    "an unknown parent": (LUNGE + "  variant_of: figure-4-strech\n", 4, "no exercise 'figure-4-strech'", "figure-4-stretch"),
    "an unknown source": (LUNGE + caution(source="common-knowlege"), 9, "no source 'common-knowlege'", "common-knowledge"),
    "a variant that is not there": (LUNGE + caution(action="modify", variant="seated"), None, "the variant 'seated'", None),
    "a change without a variant": (LUNGE + caution(action="modify"), None, "'variant' goes with", None),
    "a list that repeats itself": (LUNGE + "  regions: [hips, hips]\n", None, "'hips' twice", None),
    "two verdicts of one kind": (
        LUNGE + recommended("stiff", 8) + f"    - {{type: stiff, position: 9, {SOURCE}}}\n",
        None,
        "'stiff' twice",
        None,
    ),
    "a place before the first": (LUNGE + recommended("stiff", 0), 5, "It has to be 1 or more", None),
    "a range that ends before it begins": (
        LUNGE + "  dosages:\n    - {printed_for: x, reps: {min: 3, max: 2}, source: {slug: common-knowledge}}\n",
        5,
        "'min' is more than 'max'",
        None,
    ),
    "one slug twice": (exercises(("lunge", "null"), ("lunge", "null")), 3, "'lunge' stands already in made-up.yaml:2", None),
    "a type of another condition": (
        FROZEN_SHOULDER.replace("slug: freezing", "slug: unstable").replace("type: freezing", "type: unstable"),
        18,
        "The type 'unstable' belongs to the condition 'si-joint-dysfunction' already",
        None,
    ),
    "an indicator of another condition": (
        FROZEN_SHOULDER.replace("slug: worse-at-night", "slug: pregnant"),
        36,
        "The indicator 'pregnant' belongs to the condition 'si-joint-dysfunction' already",
        None,
    ),
    "a red flag of another condition": (
        FROZEN_SHOULDER.replace("slug: numb-arm", "slug: fever"),
        39,
        "The red flag 'fever' belongs to the condition 'si-joint-dysfunction' already",
        None,
    ),
    "an unknown condition": (
        FROZEN_SHOULDER.replace("condition: frozen-shoulder", "condition: frozen-sholder", 1),
        19,
        "no condition",
        "frozen-shoulder",
    ),
    "a count that cannot be reached": (
        FROZEN_SHOULDER.replace("    what_to_do", "    at_least: 2\n    what_to_do"),
        None,
        "'at_least' goes with 'criteria'",
        None,
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_wrong_is_refused_with_its_line_and_the_nearest_right_word(shared: Database, what: str) -> None:
    text, line, said, meant = REFUSED[what]
    before = state(shared)
    with pytest.raises(InvalidContent) as refused:
        load(shared, text)
    [complaint] = [one for one in refused.value.complaints if said in one.message]
    place = str(line) if line else "[1-9][0-9]*"
    assert re.match(rf"made-up\.yaml:{place}\b", complaint.field), complaint
    assert complaint.did_you_mean == meant
    assert complaint.field in str(refused.value)
    assert state(shared) == before


CLASHES: dict[str, tuple[str, Kind, str]] = {
    "recommended and avoided": (
        LUNGE + recommended("stiff", 9) + avoided("stiff"),
        Contradiction,
        "recommended for the type 'stiff' and to be avoided",
    ),
    "recommended and avoided via a pattern": (
        LUNGE + "  patterns: [wide-legs]\n" + recommended("unstable", 9),
        Contradiction,
        "'wide-legs'",
    ),
    "recommended and avoided via what it is a variant of": (
        LUNGE + "  variant_of: figure-4-stretch\n" + recommended("unstable", 9),
        Contradiction,
        "'figure-4-stretch'",
    ),
    "a place that is taken": (LUNGE + recommended("stiff", 2, 1), Duplicate, "place 2, choice 1 for the type 'stiff'"),
    "a variant of itself": (LUNGE + "  variant_of: lunge\n", InvalidContent, "can't be a variant of itself"),
    "a circle": (exercises(("lunge", "split"), ("split", "step"), ("step", "lunge")), InvalidContent, "can't be a variant of itself"),
}


@pytest.mark.parametrize("what", CLASHES)
def test_a_clash_is_refused_with_its_line(shared: Database, what: str) -> None:
    text, error, said = CLASHES[what]
    before = state(shared)
    with pytest.raises(error) as refused:
        load(shared, text)
    assert said in str(refused.value)
    assert re.search(r"made-up\.yaml:[1-9]\d*\b", str(refused.value)), str(refused.value)
    assert state(shared) == before


def test_a_variant_that_contradicts_its_parent_is_refused_with_its_own_line(database: Database) -> None:
    avoided_by_all = f"contraindications: [{{type: stiff, reason: It hurts., {SOURCE}}}]"
    parent = f"  - {{slug: lunge, name: Lunge, {avoided_by_all}}}\n"
    variant = f"  - {{slug: split, name: Split, variant_of: lunge, recommendations: [{{type: stiff, position: 9, {SOURCE}}}]}}\n"
    with pytest.raises(Contradiction, match=r"made-up\.yaml:3: 'split' is recommended"):
        load(database, "exercises:\n" + parent + variant)
    load(database, "exercises:\n" + parent + "  - {slug: split, name: Split, variant_of: lunge}\n")
    with pytest.raises(Contradiction, match=r"made-up\.yaml:3: 'split' is "):
        load(database, "exercises:\n" + parent.replace(avoided_by_all, "regions: []") + variant)


def test_two_of_one_file_never_claim_one_place(shared: Database) -> None:
    before = state(shared)
    place = f"recommendations: [{{type: stiff, position: 9, {SOURCE}}}]"
    with pytest.raises(Duplicate, match=r"made-up\.yaml:\d+: '(lunge|step)' and '(lunge|step)' both claim place 9"):
        load(shared, f"exercises:\n  - {{slug: lunge, name: Lunge, {place}}}\n  - {{slug: step, name: Step, {place}}}\n")
    assert state(shared) == before


def test_a_circle_that_closes_over_two_loads_is_refused(database: Database) -> None:
    load(database, exercises(("lunge", "figure-4-stretch"), ("split", "lunge")))
    before = state(database)
    with pytest.raises(InvalidContent, match="can't be a variant of itself"):
        load(database, edited("exercises/figure-4-stretch.yaml", "exercise", variant_of="split"))
    assert state(database) == before


def test_one_wrong_record_keeps_all_the_others_out(shared: Database) -> None:
    before = state(shared)
    with pytest.raises(InvalidContent, match="1 thing to correct; nothing was written"):
        load(shared, FROZEN_SHOULDER.replace("regions: [shoulder]\n    patterns", "regions: [sholder]\n    patterns"))
    assert state(shared) == before


def test_everything_that_is_wrong_with_the_references_is_told_at_once(shared: Database) -> None:
    with pytest.raises(InvalidContent, match="3 things to correct") as refused:
        load(shared, LUNGE + "  regions: [elbow]\n  muscles: [biceps]\n  equipment: [barbell]\n")
    assert [complaint.field for complaint in refused.value.complaints] == [
        "made-up.yaml:4: regions[0]",
        "made-up.yaml:5: muscles[0]",
        "made-up.yaml:6: equipment[0]",
    ]


def test_a_load_is_one_revision_and_one_change_for_each_record(database: Database) -> None:
    before = state(database)
    load(database, FROZEN_SHOULDER)
    after = state(database)
    assert (before["revision"], after["revision"]) == (1, 2)
    with database.reading() as connection:
        rows = connection.execute(
            sa.text('SELECT kind, slug, action, "by", channel, "before" FROM change WHERE revision = 2 ORDER BY kind, slug')
        ).all()
    assert {row.action for row in rows} == {"created"}
    assert {(row.by, row.channel, row.before) for row in rows} == {("a curator", "import", None)}
    assert [f"{row.kind} {row.slug}" for row in rows] == [
        "condition frozen-shoulder",
        "exercise pendulum",
        "exercise wall-climb",
        "indicator worse-at-night",
        "movement-pattern arm-overhead",
        "red-flag numb-arm",
        "source made-up-book",
        "term region/shoulder",
        "type freezing",
        "type thawing",
    ]


def test_more_exercises_are_looked_up_together_than_a_statement_takes(shared: Database) -> None:
    """An export's variants are looked up together, and PostgreSQL takes 65,535 values in one statement."""
    slugs = ["cat-cow", *(f"variant-{n}" for n in range(70_000)), "pelvic-list"]
    with shared.reading() as connection:
        assert list(read.load(connection, slugs)) == ["cat-cow", "pelvic-list"]


def test_loading_the_same_again_changes_nothing(database: Database) -> None:
    load(database, FROZEN_SHOULDER)
    before = state(database)
    load(database, FROZEN_SHOULDER)
    load(database, edited("exercises/cat-cow.yaml", "exercise"))
    assert state(database) == before


def test_a_second_condition_changes_nothing_of_the_first(database: Database) -> None:
    asked = [CatalogueQuery(types=types) for types in [("unstable",), ("stiff",), ("stiff", "unstable")]]
    with database.reading() as connection:
        before = [catalogue.find(connection, query) for query in asked]
    load(database, FROZEN_SHOULDER)
    with database.reading() as connection:
        after = [catalogue.find(connection, query) for query in asked]
        freezing = catalogue.find(connection, CatalogueQuery(types=("freezing",)))
    assert after == before
    assert [one.exercise.slug for one in freezing.page.items] == ["pendulum"]
    assert freezing.avoid is not None
    assert [(one.kind, one.slug, one.via and one.via.slug) for one in freezing.avoid.items] == [
        ("movement-pattern", "arm-overhead", None),
        ("exercise", "wall-climb", "arm-overhead"),
    ]


def test_types_of_two_conditions_share_only_what_all_of_them_recommend(database: Database) -> None:
    load(database, FROZEN_SHOULDER)
    with database.reading() as connection:
        listing = catalogue.find(connection, CatalogueQuery(types=("thawing", "unstable")))
    assert listing.page.items == []
    assert listing.undecided is not None
    undecided = {one.exercise.slug for one in listing.undecided.items}
    assert undecided == {"pendulum", "wall-climb", "self-massage", "pelvic-tilts", "cat-cow", "pelvic-list", "isometric-squats"}


def test_a_changed_tag_of_a_type_changes_the_tags_of_its_exercises(database: Database) -> None:
    load(database, FROZEN_SHOULDER)
    load(database, FROZEN_SHOULDER.replace("tag: stabilize", "tag: mobilize"))
    assert '"tags":["mobilize"]' in document(database, "pendulum")
    assert '"purpose":"stabilize"' not in document(database, "pendulum")
    assert state(database)["revision"] == 3
