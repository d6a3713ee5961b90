"""What the library says is what its sources say: read through the API, compared with the source text and the fact sheet."""

import os
import re
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa

from api.store.engine import Database
from tests.facts import EXERCISES
from tests.walking import Json, attributions, everything, objects, texts

pytestmark = pytest.mark.any_engine

FACT_SHEET = Path(__file__).parents[3] / "shared" / "clinical.md"

# Slug, position, choice, intensity and its note, how to do it, alternatives, quote.
Row = tuple[str, int, int, str | None, str | None, str | None, list[str], str]
STIFF: list[Row] = [
    ("self-massage", 1, 1, None, None, None, [], "Self-massage of low back and glutes"),
    ("cat-cow", 2, 1, None, None, None, ["pelvic-tilts"], "Cat/cow pose or pelvic tilts"),
    ("pelvic-tilts", 2, 2, None, None, None, ["cat-cow"], "Cat/cow pose or pelvic tilts"),
    ("figure-4-stretch", 3, 1, None, None, None, [], "Figure 4 stretch"),
]
UNSTABLE: list[Row] = [
    ("self-massage", 1, 1, "gentle", "GENTLE", None, [], "GENTLE self-massage of low back and glutes"),
    ("pelvic-tilts", 2, 1, None, None, None, ["cat-cow"], "Pelvic tilts or cat/cow"),
    ("cat-cow", 2, 2, None, None, None, ["pelvic-tilts"], "Pelvic tilts or cat/cow"),
    ("pelvic-list", 3, 1, None, None, "standing on one leg with control", [], "Pelvic list (standing on one leg with control)"),
    ("isometric-squats", 4, 1, None, None, None, [], "Isometric squats"),
]
GROUPS = [
    "pregnant",
    "after-16-weeks",
    "recently-pregnant",
    "hypermobile",
    "fall-risk",
    "inflammatory-flare",
    "osteoporosis",
    "hip-replacement",
]
INDICATORS = {
    "stiff": ["very-sedentary", "persistent-low-back-pain", "heavy-impact"],
    "unstable": ["very-flexible", "connective-tissue-disorder", "pregnant", "recently-pregnant"],
}
DESCRIPTIVE = [
    "aliases",
    "search_terms",
    "kind",
    "summary",
    "regions",
    "muscles",
    "equipment",
    "helpful",
    "start",
    "steps",
    "common_errors",
    "easier",
    "harder",
    "variants",
]
MISPRINTS = re.compile(r"\b(join|spin|not to mentions|been pregnancy|destabl[a-z]*)\b", re.IGNORECASE)


@pytest.fixture(scope="module")
def answers(ask: httpx.Client) -> dict[str, Json]:
    found = everything(ask)
    assert len(found) > 60
    return found


@pytest.fixture(scope="module")
def exercises(ask: httpx.Client) -> dict[str, dict[str, Json]]:
    return {one["slug"]: one for one in ask.get("/exercises").json()["items"]}


@pytest.fixture(scope="module")
def sources(ask: httpx.Client) -> dict[str, dict[str, Json]]:
    return {one["slug"]: one for one in ask.get("/sources").json()["items"]}


def test_every_quote_from_the_source_text_is_in_it_to_the_letter(answers: dict[str, Json], source_text: str) -> None:
    quoted = {str(one["quote"]) for answer in answers.values() for one in attributions(answer) if one["slug"] == "source-text"}
    assert len(quoted) > 40
    assert [quote for quote in sorted(quoted) if quote not in source_text] == []


def test_what_comes_from_the_source_text_is_quoted(answers: dict[str, Json]) -> None:
    for address, answer in answers.items():
        assert all(one["quote"] for one in attributions(answer) if one["slug"] == "source-text"), address


def test_every_clause_of_the_fact_sheet_is_in_a_quote_that_the_api_gives(answers: dict[str, Json]) -> None:
    if not FACT_SHEET.exists() and not os.environ.get("CI"):
        pytest.skip(f"the fact sheet is not part of this repository, and {FACT_SHEET} is not there")
    sheet = FACT_SHEET.read_text(encoding="utf-8")
    clauses = re.findall(r"«([^»]+)»", sheet[sheet.index("### A1") : sheet.index("### A7")])
    assert len(clauses) > 40
    quoted = {str(one["quote"]) for answer in answers.values() for one in attributions(answer) if one["slug"] == "source-text"}
    assert [clause for clause in clauses if not any(clause in quote for quote in quoted)] == []


@pytest.mark.parametrize(("type_", "rows"), [("stiff", STIFF), ("unstable", UNSTABLE)])
def test_the_list_of_a_type_is_the_source_s(ask: httpx.Client, type_: str, rows: list[Row]) -> None:
    listing = ask.get(f"/exercises?type={type_}").json()
    found = [(one, next(of for of in one["recommendations"] if of["type"] == type_)) for one in listing["items"]]
    fields = ["position", "choice", "intensity", "intensity_note", "note", "alternatives"]
    assert [(one["slug"], *(of[name] for name in fields), of["source"]["quote"]) for one, of in found] == rows
    assert {of["source"]["slug"] for _, of in found} == {"source-text"}
    for one, of in found:
        read = {"verdict": "recommended"} | {name: of[name] for name in fields if name != "note"}
        assert one["suitability"] == read, one["slug"]


def test_both_types_together_get_what_both_recommend_at_the_gentlest(ask: httpx.Client) -> None:
    listing = ask.get("/exercises?type=stiff&type=unstable").json()
    read = {one["slug"]: one["suitability"] for one in listing["items"]}
    assert list(read) == ["self-massage", "cat-cow", "pelvic-tilts"]
    assert (read["self-massage"]["intensity"], read["self-massage"]["intensity_note"]) == ("gentle", "GENTLE")
    assert [(read[slug]["position"], read[slug]["choice"]) for slug in read] == [(1, 1), (2, None), (2, None)]
    assert read["cat-cow"]["alternatives"] == ["pelvic-tilts"]


def test_gentleness_belongs_to_the_unstable_type_alone(exercises: dict[str, dict[str, Json]]) -> None:
    gentle = [(slug, of["type"]) for slug, one in exercises.items() for of in objects(one["recommendations"]) if of.get("intensity")]
    assert gentle == [("self-massage", "unstable")]


def test_the_seed_holds_six_exercises_one_pattern_and_nothing_reviewed(
    exercises: dict[str, dict[str, Json]], shared: Database, ask: httpx.Client
) -> None:
    assert list(exercises) == EXERCISES
    with shared.reading() as connection:
        assert connection.execute(sa.text("SELECT slug FROM movement_pattern")).scalars().all() == ["wide-legs"]
    assert {one["review"] for one in exercises.values()} == {None}
    assert {str(one["variant_of"]) for one in exercises.values()} == {"None"}
    assert ask.get("/").json()["reviewed_by"] is None


def test_a_tag_says_for_whom_and_follows_from_the_types(exercises: dict[str, dict[str, Json]]) -> None:
    both, stiff, unstable = ["mobilize", "stabilize"], ["mobilize"], ["stabilize"]
    assert {slug: one["tags"] for slug, one in exercises.items()} == {
        "self-massage": both,
        "cat-cow": both,
        "pelvic-tilts": both,
        "figure-4-stretch": stiff,
        "pelvic-list": unstable,
        "isometric-squats": unstable,
    }
    purposes = {(of["type"], of["purpose"]) for one in exercises.values() for of in objects(one["recommendations"]) if "purpose" in of}
    assert purposes == {("stiff", "mobilize"), ("unstable", "stabilize")}


def test_the_condition_has_four_causes_and_arthritis_leads_to_no_type(ask: httpx.Client) -> None:
    condition = ask.get("/conditions/si-joint-dysfunction").json()
    causes = {one["slug"]: one["type"] for one in condition["causes"]}
    assert causes == {"direct-impact": "stiff", "arthritis": None, "connective-tissue-conditions": "unstable", "pregnancy": "unstable"}
    assert [one["slug"] for one in condition["pain_locations"]] == ["low-back", "deep-in-the-hip", "down-the-leg"]
    assert len(condition["normal_movements"]) == 3


def test_types_have_the_source_s_goals_and_hedges(ask: httpx.Client) -> None:
    types = {one["slug"]: one for one in ask.get("/types").json()["items"]}
    assert {slug: (one["tag"], len(one["goals"])) for slug, one in types.items()} == {
        "stiff": ("mobilize", 1),
        "unstable": ("stabilize", 2),
    }
    assert types["stiff"]["avoid_rule"] is None
    assert types["unstable"]["avoid_rule"]["source"]["slug"] == "source-text"
    for one in types.values():
        assert "likely" in one["conclusion"]["text"]
        assert "ikely" in one["plain_name"]
        assert "strong" in one["patient_text"]
        assert not re.search(r"fragile|weak|damage|unstable|slip|out of place", one["patient_text"], re.IGNORECASE)


def test_indicators_and_groups_have_their_fixed_names(ask: httpx.Client) -> None:
    indicators = ask.get("/indicators").json()["items"]
    for type_, slugs in INDICATORS.items():
        assert [one["slug"] for one in indicators if one["type"] == type_] == slugs
        assert [one["slug"] for one in ask.get(f"/types/{type_}").json()["indicators"]] == slugs
    assert len(indicators) == 7
    groups = [one["slug"] for one in ask.get("/groups").json()["items"]]
    assert set(GROUPS) <= set(groups)
    assert all(one["question"].endswith("?") for one in [*indicators, *ask.get("/groups").json()["items"]])


def test_red_flags_are_plain_questions_that_say_what_to_do(ask: httpx.Client) -> None:
    flags = ask.get("/red-flags").json()["items"]
    assert len(flags) >= 10
    assert {one["level"] for one in flags} == {"emergency", "urgent", "maternity", "routine"}
    assert all("?" in one["question"] and one["what_to_do"] for one in flags)
    assert [(one["at_least"], len(one["criteria"])) for one in flags if one["slug"] == "signs-of-spinal-arthritis"] == [(4, 9)]
    assert "such as a car accident" in next(one["question"] for one in flags if one["slug"] == "serious-accident")


def test_an_unverified_source_may_warn_but_never_permit(
    exercises: dict[str, dict[str, Json]], sources: dict[str, dict[str, Json]], answers: dict[str, Json]
) -> None:
    unverified = {slug for slug, one in sources.items() if one["certainty"] == "unverified"}
    assert unverified
    for slug, one in exercises.items():
        for name in ("recommendations", "contraindications", "dosages"):
            assert not unverified & {str(source["slug"]) for source in attributions(one[name])}, f"{slug}: {name}"
    verdicts = [one for answer in answers.values() for one in objects(answer) if "verdict" in one and one.get("source")]
    assert verdicts
    assert not unverified & {str(source["slug"]) for one in verdicts for source in attributions(one)}


def test_every_source_named_is_one_that_sources_has(answers: dict[str, Json], sources: dict[str, dict[str, Json]]) -> None:
    named = {str(one["slug"]) for answer in answers.values() for one in attributions(answer)}
    assert named <= set(sources)
    assert {one["slug"] for one in answers.values() if isinstance(one, dict) and "citation" in one} == set(sources)


def test_everything_that_is_said_names_its_source(exercises: dict[str, dict[str, Json]], ask: httpx.Client) -> None:
    lists = ["recommendations", "contraindications", "cautions", "dosages", "evidence", "variants", "provenance"]
    for slug, one in exercises.items():
        for name in lists:
            said = one[name]
            assert isinstance(said, list)
            assert all(isinstance(each, dict) and isinstance(each["source"], dict) for each in said), f"{slug}: {name}"
    for path in ("/conditions", "/types", "/indicators", "/red-flags", "/groups", "/contraindications"):
        for record in ask.get(path).json()["items"]:
            for part in objects(record):
                assert "slug" not in part or "quote" in part or isinstance(part.get("source"), dict) or "via" in part, f"{path}: {part}"
                assert "text" not in part or isinstance(part["source"], dict), f"{path}: {part}"
                assert "code" not in part or isinstance(part["source"], dict), f"{path}: {part}"


def test_every_descriptive_field_says_where_it_comes_from(exercises: dict[str, dict[str, Json]]) -> None:
    for slug, one in exercises.items():
        covered = {str(name) for rests_on in objects(one["provenance"]) if "fields" in rests_on for name in texts(rests_on["fields"])}
        assert covered <= set(DESCRIPTIVE), slug
        assert {name for name in DESCRIPTIVE if one[name]} <= covered, slug


def test_no_misprint_of_the_source_is_shown_as_our_own_words(answers: dict[str, Json]) -> None:
    for address, answer in answers.items():
        assert [text for text in texts(answer, besides=("quote", "misprints")) if MISPRINTS.search(text)] == [], address


def test_every_exercise_is_described_whole(exercises: dict[str, dict[str, Json]]) -> None:
    for slug, one in exercises.items():
        missing = [name for name in DESCRIPTIVE if name != "equipment" and not one[name]]
        assert missing == [], slug
        assert one["cautions"], slug
        assert one["dosages"], slug


def test_no_caution_forbids_what_the_source_recommends(exercises: dict[str, dict[str, Json]]) -> None:
    for slug, one in exercises.items():
        for caution in objects(one["cautions"]):
            assert caution.get("action") != "avoid", slug
            if "action" in caution:
                variants = {part["slug"] for part in objects(one["variants"]) if "steps" in part}
                assert (caution["variant"] in variants) == (caution["action"] == "modify"), slug


def test_the_clash_between_the_text_and_todays_advice_in_pregnancy_is_shown(exercises: dict[str, dict[str, Json]]) -> None:
    cautions = {(one["group"], one["action"]) for one in objects(exercises["pelvic-list"]["cautions"]) if "group" in one}
    assert ("pregnant", "ask-first") in cautions
    assert ("hypermobile", "note") in cautions
    for slug in ("self-massage", "pelvic-tilts", "cat-cow", "pelvic-list", "isometric-squats"):
        modified = {one["group"] for one in objects(exercises[slug]["cautions"]) if one.get("action") == "modify"}
        assert "pregnant" in modified, slug


def test_the_source_text_gives_no_dosage_and_we_give_none_either(exercises: dict[str, dict[str, Json]]) -> None:
    printed = {str(source["slug"]) for one in exercises.values() for source in attributions(one["dosages"])}
    assert printed
    assert not printed & {"source-text", "project-rule", "common-knowledge"}


def test_the_squat_of_the_unstable_is_not_wide(exercises: dict[str, dict[str, Json]]) -> None:
    how = " ".join(texts([exercises["isometric-squats"][name] for name in ("start", "steps", "common_errors")]))
    assert re.search(r"hip-width|narrow", how)
    assert {slug: one["patterns"] for slug, one in exercises.items() if one["patterns"]} == {}
