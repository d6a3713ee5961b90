"""The content that is shipped: each way of doing an exercise fits those it is for, and each sentence fits where it is printed."""

import re
from collections.abc import Collection, Iterator
from itertools import chain, combinations
from typing import Any

import httpx
import pytest

from tests.facts import EXERCISES, SHIPPED

pytestmark = pytest.mark.any_engine

# An exercise as it is read; its fields are those of the API.
Content = dict[str, Any]

NEEDS = {
    "cat-cow": ([], ["mat", "cushion"]),
    "figure-4-stretch": ([], ["mat", "cushion", "towel-or-strap"]),
    "isometric-squats": (["wall"], ["rail", "chair"]),
    "pelvic-list": ([], ["wall", "rail"]),
    "pelvic-tilts": ([], ["mat", "cushion"]),
    "self-massage": ([], ["massage-ball", "foam-roller", "wall"]),
}
ON_THE_FLOOR = r"hands and knees|on your knees|forearms|on your back\b|on your side|floor with a ball"
CLASHES = [
    (r"flat on your back|lie flat", r"^on your back\b"),
    (r"don't kneel", r"hands and knees|on your knees"),
    (r"bent wrists", r"hands and knees"),
    (r"back hollow", r"little arched"),
    (r"Stay high|only a little", r"Slide down the wall a little"),
    (r"Hold on the whole time|Keep a hand on", r"near a wall or a rail if you can"),
    (r"hands or a soft ball", r"roller|fist"),
    (r"push .* knees? back", r"locked back"),
    (r"\b[Ss]it(ting)?\b", ON_THE_FLOOR),
    (r"\b[Ss]tand(ing)? up\b", ON_THE_FLOOR),
]
"""Words of a precaution, and words of a start or a step that it contradicts."""


@pytest.fixture(scope="module")
def exercises(ask: httpx.Client) -> dict[str, Content]:
    return {one["slug"]: one for one in ask.get("/exercises").json()["items"]}


@pytest.fixture(scope="module")
def groups(ask: httpx.Client) -> dict[str, Content]:
    return {one["slug"]: one for one in ask.get("/groups").json()["items"]}


@pytest.fixture(scope="module")
def condition(ask: httpx.Client) -> Content:
    found: Content = ask.get("/conditions/si-joint-dysfunction").json()
    return found


@pytest.fixture(scope="module")
def flags(ask: httpx.Client) -> dict[str, Content]:
    return {one["slug"]: one for one in ask.get("/red-flags").json()["items"]}


def some_groups(groups: dict[str, Content]) -> list[set[str]]:
    """Give every choice of at most three groups, with what they imply."""
    chosen = chain.from_iterable(combinations(groups, n) for n in range(4))
    return [{*given, *(other for one in given for other in groups[one]["implies"])} for given in chosen]


def ways(exercise: Content, given: Collection[str]) -> list[str | None]:
    """Give each way of doing an exercise that heeds everybody who asks for another one, the exercise as it stands as None.

    Worked out from the contract, so that the program isn't compared with itself.
    """
    mods = [one for one in exercise["cautions"] if one["action"] == "modify" and one["group"] in given]
    asked: list[str] = []
    for _ in mods:
        asked += [one["variant"] for one in mods if one["variant"] not in asked and one["for_variant"] in (None, *asked)]
    asking = {one["group"] for one in mods if one["for_variant"] in (None, *asked)}
    heeding = [one["slug"] for one in exercise["variants"] if one["slug"] in asked and asking <= set(one["heeds"])]
    unfit = {one["for_variant"] for one in mods}
    return [one for one in heeding if one not in unfit] if asked else [None]


def described(exercise: Content, way: str | None) -> str:
    done = next((one for one in exercise["variants"] if one["slug"] == way), exercise)
    return "\n".join([done["start"], *done["steps"]])


def test_no_three_groups_leave_an_exercise_without_a_way_to_do_it(exercises: dict[str, Content], groups: dict[str, Content]) -> None:
    lost = [(slug, sorted(given)) for slug, one in exercises.items() for given in some_groups(groups) if not ways(one, given)]
    assert lost == []


def test_whoever_asks_for_a_variant_is_heeded_by_it(exercises: dict[str, Content]) -> None:
    asked = [(slug, one["group"], one["variant"]) for slug, of in exercises.items() for one in of["cautions"] if one["variant"]]
    assert len(asked) > 10
    heeds = {(slug, one["slug"]): one["heeds"] for slug, of in exercises.items() for one in of["variants"]}
    assert [one for one in asked if one[1] not in heeds[one[0], one[2]]] == []


def test_every_variant_is_described_whole(exercises: dict[str, Content]) -> None:
    for slug, exercise in exercises.items():
        for one in exercise["variants"]:
            assert one["start"], f"{slug}: {one['slug']}"
            assert len(one["steps"]) >= 3, f"{slug}: {one['slug']}"
            assert not set(one["equipment"]) & set(one["helpful"]), f"{slug}: {one['slug']}"


def test_what_an_exercise_needs_stands_apart_from_what_only_helps(ask: httpx.Client, exercises: dict[str, Content]) -> None:
    assert {slug: (one["equipment"], one["helpful"]) for slug, one in exercises.items()} == NEEDS
    nothing = [one["slug"] for one in ask.get("/exercises?equipment=none").json()["items"]]
    assert nothing == [slug for slug, (needed, _) in NEEDS.items() if not needed]


def test_no_precaution_contradicts_how_the_exercise_is_then_done(exercises: dict[str, Content], groups: dict[str, Content]) -> None:
    for slug, exercise in exercises.items():
        for given, way in [(some, way) for some in some_groups(groups) for way in ways(exercise, some)]:
            told = described(exercise, way)
            said = [one["text"] for one in exercise["cautions"] if one["group"] in given and one["for_variant"] in (None, way)]
            assert [text for text in said if contradicts(text, told)] == [], f"{slug}, {way}: {sorted(given)}"


def contradicts(precaution: str, told: str) -> bool:
    return any(re.search(word, precaution) and re.search(wrong, told, re.IGNORECASE | re.MULTILINE) for word, wrong in CLASHES)


@pytest.mark.parametrize(
    ("precaution", "told"),
    [
        ("Don't let your back hollow.", "Lower your back until it is level or a little arched."),
        ("Do it instead of flat on your back.", "Breathe out.\nOn your back, knees bent."),
    ],
)
def test_a_contradiction_is_noticed(precaution: str, told: str) -> None:
    assert contradicts(precaution, told)


def test_a_dose_is_printed_for_the_way_it_is_about(exercises: dict[str, Content]) -> None:
    about = {one["printed_for"]: one["for_variant"] for of in exercises.values() for one in of["dosages"] if one["for_variant"]}
    assert about == {
        "Pregnancy, on hands and knees": "without-arching",
        "Pelvic tilt on all fours": "all-fours",
        "Pregnancy, pelvic tilt standing against a wall": "standing-at-the-wall",
        "Foam rolling in general, not for the SI joint": "on-the-floor",
    }


# ── Who is who ──────────────────────────────────────────────────────────────────────────────────


def test_the_groups_that_the_article_counts_to_a_type_are_signs_of_it(groups: dict[str, Content]) -> None:
    signs = {slug: [(one["type"], one["source"]) for one in of["sign_of"]] for slug, of in groups.items() if of["sign_of"]}
    pregnancy = [("unstable", {"slug": "source-text", "quote": "pregnant or recently been pregnancy"})]
    assert signs == {
        "pregnant": pregnancy,
        "recently-pregnant": pregnancy,
        "hypermobile": [("unstable", {"slug": "source-text", "quote": "very flexible, have a connective tissue disorder"})],
    }
    assert groups["after-16-weeks"]["implies"] == ["pregnant"]


def test_one_condition_is_the_default(ask: httpx.Client) -> None:
    assert [one["slug"] for one in ask.get("/conditions").json()["items"] if one["default"]] == ["si-joint-dysfunction"]


def test_lifting_a_leg_sideways_is_not_having_the_legs_too_wide(ask: httpx.Client) -> None:
    (wide,) = [one for one in ask.get("/library").json()["patterns"] if one["slug"] == "wide-legs"]
    assert "hip abduction" not in wide["aliases"]


def test_nothing_that_a_release_has_shipped_is_dropped(
    ask: httpx.Client, exercises: dict[str, Content], groups: dict[str, Content], flags: dict[str, Content]
) -> None:
    now = {
        "groups": list(groups),
        "red_flags": list(flags),
        "indicators": [one["slug"] for one in ask.get("/indicators").json()["items"]],
        "sources": [one["slug"] for one in ask.get("/sources").json()["items"]],
        "variants": [f"{slug}/{one['slug']}" for slug, of in exercises.items() for one in of["variants"]],
    }
    assert {kind: sorted(set(slugs.split()) - set(now[kind])) for kind, slugs in SHIPPED.items()} == {kind: [] for kind in SHIPPED}


def test_an_address_of_a_source_can_be_opened(ask: httpx.Client) -> None:
    addresses = [one["url"] for one in ask.get("/sources").json()["items"] if one["url"]]
    assert len(addresses) > 5
    assert [one for one in addresses if not re.fullmatch(r"https?://[\w.-]+/\S+", one)] == []


# ── What a patient reads ────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def read_by_patients(
    ask: httpx.Client, exercises: dict[str, Content], groups: dict[str, Content], condition: Content, flags: dict[str, Content]
) -> list[str]:
    found = [text for one in exercises.values() for text in instructions(one)]
    found += [against["reason"] for one in exercises.values() for against in one["contraindications"]]
    found += [one["question"] for one in [*groups.values(), *ask.get("/indicators").json()["items"]]]
    found += [text for one in flags.values() for text in [one["question"], *one["criteria"], one["what_to_do"]]]
    found += [one["text"] for one in condition["stop_rules"]]
    for one in ask.get("/types").json()["items"]:
        found += [one["patient_text"], one["plain_name"], *([one["avoid_rule"]["text"]] if one["avoid_rule"] else [])]
    found += [one["reason"] for one in ask.get("/contraindications").json()["items"]]
    return found


def instructions(exercise: Content) -> Iterator[str]:
    for one in [exercise, *exercise["variants"]]:
        yield from [one["name"], one["start"], *one["steps"]]
    for name in ("common_errors", "easier", "harder"):
        yield from exercise[name]
    yield exercise["summary"]
    yield from (one["text"] for one in exercise["cautions"])


def test_what_a_patient_reads_leaves_the_article_to_the_last_line_of_the_sheet(read_by_patients: list[str]) -> None:
    otherwise = r"\b(source text|the source|the text|our notes|weak source)\b"
    assert [text for text in read_by_patients if re.search(otherwise, text, re.IGNORECASE)] == []
    assert [text for text in read_by_patients if "article" in text] == []


def test_a_patient_is_not_told_to_be_fragile_or_threatened(read_by_patients: list[str]) -> None:
    alarming = r"fragile|brittle|weak (pelvis|joint|back)|damage|slip(s|ped)? out|out of place|wear and tear|make things worse"
    assert [text for text in read_by_patients if re.search(alarming, text, re.IGNORECASE)] == []


def test_a_patient_reads_short_sentences(read_by_patients: list[str]) -> None:
    sentences = [one for text in read_by_patients for one in re.split(r"(?<=[.?!:])\s+", text)]
    assert [one for one in sentences if len(one.split()) > 40] == []


def test_a_patient_reads_british_english(read_by_patients: list[str]) -> None:
    american = r"\b(cesarean|diarrhea|edema|anemia|center|color|gray|labor|programme|newly|fibers?|pediatric|OB)\b"
    assert [text for text in read_by_patients if re.search(american, text, re.IGNORECASE)] == []


@pytest.mark.parametrize("slug", EXERCISES)
def test_no_sheet_tells_of_an_exercise_that_may_not_be_on_it(slug: str, exercises: dict[str, Content], condition: Content) -> None:
    names = [one for one in (exercises[slug]["name"], *exercises[slug]["aliases"]) if one.lower() != "static squat"]
    pattern = re.compile("|".join(rf"\b{re.escape(one)}s?\b" for one in names), re.IGNORECASE)
    elsewhere = [text for other, one in exercises.items() if other != slug for text in instructions(one)]
    elsewhere += [one["text"] for one in condition["stop_rules"]]
    assert [text for text in elsewhere if pattern.search(text)] == []


# ── Red flags and stop rules ────────────────────────────────────────────────────────────────────


def test_a_limit_of_time_that_is_ours_stands_above_a_question_without_it(flags: dict[str, Content]) -> None:
    for narrow, wide, level in [
        ("serious-accident", "earlier-serious-accident", "urgent"),
        ("bladder-or-bowel-changes", "earlier-bladder-or-bowel-changes", "urgent"),
        ("hardly-walking-after-birth", "pain-on-standing-after-birth", "routine"),
    ]:
        assert flags[wide]["level"] == level
        assert flags[narrow]["level"] != level
        assert flags[narrow]["group"] == flags[wide]["group"]


def test_red_flags_have_the_levels_that_their_sources_give(flags: dict[str, Content]) -> None:
    levels = {level: [slug for slug, one in flags.items() if one["level"] == level] for level in ("emergency", "urgent", "routine")}
    assert set(levels["emergency"]) == {
        *("numbness-between-the-legs", "bladder-or-bowel-changes", "both-legs", "leg-weakness", "new-sexual-problems", "chest-pain"),
        *("sudden-shortness-of-breath", "sudden-pain-with-faintness", "serious-accident", "fall-with-loss-of-function"),
        *("heavy-bleeding-in-pregnancy", "abdominal-pain-in-pregnancy"),
        *("heavy-bleeding-after-birth", "calf-pain-and-breath-after-birth"),
    }
    assert set(levels["routine"]) == {
        *("signs-of-spinal-arthritis", "under-16", "told-not-to-exercise-in-pregnancy", "pain-on-standing-after-birth"),
    }
    assert {one["what_to_do"] for one in flags.values() if one["level"] == "emergency"} == {"Call your emergency number now."}
    maternity = {one["group"] for one in flags.values() if one["level"] == "maternity"}
    assert maternity == {"pregnant", "recently-pregnant"}


def test_who_has_not_felt_the_baby_yet_is_not_sent_away(flags: dict[str, Content]) -> None:
    assert "under 24 weeks, the answer is no" in flags["baby-movements"]["question"]


def test_chest_pain_stops_everybody(condition: Content) -> None:
    rules = [one for one in condition["stop_rules"] if "chest" in one["text"]]
    assert [(one["group"], "emergency number" in one["text"]) for one in rules] == [(None, True)]


def test_stop_rules_do_not_contradict_each_other(condition: Content) -> None:
    weeks = [one["text"] for one in condition["stop_rules"] if "nothing has improved" in one["text"]]
    assert len(weeks) == 1
    assert all(len(one["text"].split()) < 40 for one in condition["stop_rules"])
