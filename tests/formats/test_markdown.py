"""Markdown reads well as it is."""

import re
from datetime import UTC, datetime

import sqlalchemy as sa
from pydantic import JsonValue

from api.formats import markdown, phrases
from api.formats.markdown_records import record
from api.formats.markdown_text import address, bold, heading, plain
from api.library.exercise import AnsweredExercise, Review
from api.library.exercise_draft import Dosage
from api.library.history import Changes, History, HistoryEntry
from api.library.listing import Avoided, Listed, Listing, Page
from api.library.program import Program
from api.library.record import Attribution, Range
from api.library.screening_items import Group
from api.library.serialised import SerialisedRecord, SerialisedRecords
from api.library.suitability import SuitabilityAnswer, explain
from api.library.term import Vocabulary
from api.library.vocabulary import Action, ChangeAction, Channel
from api.store import reference
from api.store.reference.kinds import KINDS
from api.store.vocabulary import vocabulary
from tests.formats.given import Given, written


def test_lines_are_short_enough_for_a_terminal(tried: Given) -> None:
    for body in [written("markdown", one) for one in (tried.programs["pregnant"], tried.listings["unstable"])]:
        wide = [line for line in body.decode().splitlines() if len(line) > 80 and not line.startswith("#")]
        assert [line for line in wide if " " in line.strip()] == [], "only an address may be longer"
        assert b"<" not in body


def test_gentle_stands_in_the_heading_of_the_exercise(tried: Given) -> None:
    assert b"### 1. **GENTLE** Self-massage of low back and glutes\n\n**GENTLE!**" in written("markdown", tried.programs["unstable"])
    assert b"### **GENTLE** Self-massage" in written("markdown", tried.listings["unstable"])


def test_there_is_room_for_the_pen(tried: Given) -> None:
    assert written("markdown", tried.programs["unstable"]).count(b"Sets ______ Reps ______ Hold ______ s") == 5


def test_one_exercise_is_written_whole(tried: Given) -> None:
    listed = tried.listings["all"].page.items[0]
    body = written("markdown", SerialisedRecord(AnsweredExercise, listed.json)).decode()
    assert body.startswith("# Cat/cow\n\n(cat-cow) On hands and knees")
    assert "**Recommended for stiff:** place 2, choice 1." in body


def test_cautions_and_doses_name_the_variant_that_they_are_about(tried: Given) -> None:
    listed = next(one for one in tried.listings["all"].page.items if one.exercise.slug == "pelvic-tilts")
    body = " ".join(written("markdown", SerialisedRecord(AnsweredExercise, listed.json)).decode().split())
    assert "**Knee pain.** Do the variant: Standing at a wall. Instead of «On all fours»: This way you don't kneel." in body
    assert "Printed for: Pelvic tilt on all fours (here: On all fours)." in body


def test_a_caution_that_asks_for_no_other_variant_holds_for_the_one_it_names(tried: Given) -> None:
    exercise = next(one.exercise for one in tried.listings["all"].page.items if one.exercise.slug == "pelvic-tilts")
    note = exercise.cautions[0].model_copy(update={"action": Action.NOTE, "variant": None, "for_variant": "seated"})
    assert phrases.in_place_of(note, exercise) == "For «Sitting»:"


def test_a_program_is_written_the_same_whichever_way_it_comes(tried: Given) -> None:
    made = tried.programs["stiff"]
    assert written("json", SerialisedRecord(Program, made.model_dump_json())) == written("json", made)


def test_any_other_record_is_written_by_its_fields(library: sa.Connection) -> None:
    words = written("markdown", SerialisedRecord(Vocabulary, vocabulary(library).model_dump_json())).decode()
    assert "  - **Low back**\n    - **Slug:** low-back\n" in words


def suitability(tried: Given, slug: str, *types: str) -> str:
    exercise = next(one.exercise for one in tried.listings["all"].page.items if one.exercise.slug == slug)
    return written("markdown", SerialisedRecord(SuitabilityAnswer, explain(exercise, types).model_dump_json())).decode()


def test_suitability_names_the_exercise_and_says_that_nobody_reviewed_it(tried: Given) -> None:
    avoid = suitability(tried, "figure-4-stretch", "unstable", "stiff")
    assert avoid.startswith("# Figure 4 stretch, for: unstable, stiff\n\nGeneral information, not a diagnosis")
    assert "Not reviewed by a clinician." in " ".join(avoid.split())
    assert "\n**Avoid.** A source says" in avoid
    assert "destablize the pelvis" in " ".join(avoid.split())
    assert "\n- **Recommended, stiff:** A source" in avoid
    assert "\n**GENTLE.** **Recommended.**" in suitability(tried, "self-massage", "unstable")
    unknown = suitability(tried, "pelvic-list", "stiff")
    assert "\n**Not judged.** No source says anything; that is not the same as safe.\n" in unknown


def test_what_to_avoid_says_what_it_is_and_that_nothing_is_not_safe(tried: Given) -> None:
    page = tried.listings["unstable"].avoid
    assert page
    some = written("markdown", Avoided(page, ("unstable",))).decode()
    assert some.startswith("# What to avoid for: unstable\n\nGeneral information, not a diagnosis")
    assert "- **Figure 4 stretch** (unstable):" in some
    nothing = written("markdown", Avoided(Page([], 0, None), ("stiff",))).decode()
    assert nothing.startswith("# What to avoid for: stiff\n\nGeneral information")
    assert "\n**Nothing is named as something to avoid. That is not the same as safe.**\n" in nothing
    assert written("markdown", Avoided(page, ())).startswith(b"# What to avoid\n")


CHANGED: dict[str, JsonValue] = {
    "name": "Cat/cow",
    "summary": None,
    "per_side": True,
    "aliases": ["a", "b"],
    "dosages": [{"printed_for": "Anybody", "reps": {"min": 1, "max": 2}, "note": None, "source": {"slug": "a-book", "quote": "Twice."}}],
}


def entry(before: JsonValue, after: JsonValue, *fields: str) -> HistoryEntry:
    at = datetime(2025, 3, 4, 5, 6, tzinfo=UTC)
    told = {"by": "me", "channel": Channel.HTTP, "action": ChangeAction.UPDATED, "reason": "Because."}
    return HistoryEntry.model_validate({"revision": 7, "at": at, "fields": list(fields), "before": before, "after": after, **told})


def test_history_is_written_for_people() -> None:
    before = CHANGED | {"name": "Cat", "per_side": None, "aliases": [], "dosages": []}
    answer = History(items=[entry(before, CHANGED, *CHANGED), entry(None, before), entry(before, None)], total=3, next="/next")
    body = markdown.record(SerialisedRecord(History, answer.model_dump_json()), "/next").decode()
    assert body.startswith(
        "# History of Cat/cow\n\n## Revision 7: updated\n\n- **When:** 2025-03-04 05:06 UTC\n- **By:** me\n- **Through:** http\n"
    )
    assert (
        "\n- **Name:** Cat → Cat/cow\n- **Summary:** nothing → nothing\n- **Per side:** nothing → yes\n- **Aliases:** nothing → a; b\n"
        in body
    )
    assert "  - **Before:** nothing\n  - **After:**\n    - **Anybody**\n      - **Reps:** 1\u20132\n" in body
    assert "\n      - **Source:** a-book “Twice.”\n" in body
    assert body.endswith("\n\nNext page: `/next`\n")
    assert not re.search(r"[{}\[\]]|None|True|False", body)
    assert markdown.record(SerialisedRecord(History, History(items=[], total=0, next=None).model_dump_json()), None) == b"# History\n"


def test_what_is_known_as_json_alone_is_written_by_its_fields() -> None:
    change = {"revision": 3, "kind": "exercise", "slug": "cat-cow", "action": "updated", "at": datetime(2025, 3, 4, tzinfo=UTC)}
    answer = Changes.model_validate({"library_id": "x", "revision": 3, "items": [change | {"record": CHANGED}], "next": None})
    body = markdown.record(SerialisedRecord(Changes, answer.model_dump_json()), None).decode()
    assert body.startswith("# Changes\n")
    assert "      - **Cat/cow**\n        - **Per side:** yes\n        - **Aliases:** a; b\n" in body
    assert not re.search(r"[{}\[\]]|None|True|False", body)


def test_values_are_written_as_people_write_them(library: sa.Connection) -> None:
    indicators = SerialisedRecords(KINDS["indicator"].record, reference.documents_of(library, "indicator"), 7)
    assert "- **Symptom:** yes" in written("markdown", indicators).decode()
    review = Review(by="A. Clinician", at=datetime(2025, 3, 4, 5, 6, tzinfo=UTC))
    assert "- **At:** 2025-03-04 05:06 UTC" in list(record(review, 1))
    dosage = Dosage(printed_for="Anybody", reps=Range(min=1, max=2), source=Attribution(slug="a"))
    assert "- **Reps:** 1\u20132" in list(record(dosage, 1))


def test_a_list_says_how_many_there_are_and_where_the_next_page_is(tried: Given) -> None:
    listing = tried.listings["unstable"]
    part = Listing(Page(listing.page.items[:1], 5, None), listing.types, listing.avoid, Page([], 0, None))
    body = markdown.listing(part, "/exercises?type=unstable&cursor=a_b").decode()
    assert "\n1 of 5.\n" in body
    assert body.endswith("Next page: `/exercises?type=unstable&cursor=a_b`\n")
    countless = Listing(Page(listing.page.items[:1], None, None), (), None, None)
    assert "1 of more than can be counted." in markdown.listing(countless, None).decode()


def test_a_list_of_records_has_a_title_and_pages() -> None:
    body = markdown.records(SerialisedRecords(Group, [], 3), "https://library.example/groups?cursor=x").decode()
    assert body == "# Groups\n\n0 of 3.\n\nNext page: <https://library.example/groups?cursor=x>\n"


def test_a_signature_is_shown(tried: Given) -> None:
    listed = tried.listings["all"].page.items[0]
    review = '{"by":"A. Clinician","role":"physiotherapist","at":"2025-03-04T00:00:00Z","note":null}'
    signed = listed.document.replace('"review":null', f'"review":{review}')
    body = markdown.record(SerialisedRecord(AnsweredExercise, Listed(signed, None).json), None).decode()
    assert "Reviewed by A. Clinician (physiotherapist), 2025-03-04." in body
    assert "Not reviewed" not in body


def test_small_parts() -> None:
    assert plain("a\u2028 b\x9bc") == "a b c"
    assert bold("\x9b") == ""
    assert heading(2, "C #") == ["## C \\#", ""]
    assert address("javascript:alert(1)") == "javascript:alert(1)"


def test_a_list_for_a_type_reads_for_that_type(tried: Given) -> None:
    gentle, stiff = (written("markdown", tried.listings[name]).decode() for name in ("unstable", "stiff"))
    massage = gentle.partition("Self-massage of low back and glutes")[2].partition("\n### ")[0]
    assert "Recommended for stiff" not in gentle
    assert "Recommended for unstable" not in stiff
    assert "On the floor" not in massage
    assert "**Harder:**" not in massage
    assert "**Harder:**" in stiff
    assert "**Avoid for unstable:**" in stiff
