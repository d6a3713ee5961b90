"""Markdown reads well as it is."""

from datetime import UTC, datetime

import sqlalchemy as sa

from api.formats import markdown
from api.formats.markdown_records import record
from api.formats.markdown_text import address, bold, heading, plain
from api.library.exercise import AnsweredExercise, Dosage, Review
from api.library.listing import Listed, Listing, Page
from api.library.program import Program
from api.library.record import Attribution, Range
from api.library.records import One, Records
from api.library.reference import Group, Vocabulary
from api.library.suitability import SuitabilityAnswer, explain
from api.store import references
from api.store.vocabulary import vocabulary
from tests.formats.given import Given, written


def test_lines_are_short_enough_for_a_terminal(tried: Given) -> None:
    for body in [written("markdown", one) for one in (tried.programs["pregnant"], tried.listings["unstable"])]:
        wide = [line for line in body.decode().splitlines() if len(line) > 88 and not line.startswith("#")]
        assert [line for line in wide if " " in line.strip()] == [], "only an address may be longer"
        assert b"<" not in body


def test_gentle_stands_in_the_heading_of_the_exercise(tried: Given) -> None:
    assert b"### 1. **GENTLE** Self-massage of low back and glutes\n\n**GENTLE!**" in written("markdown", tried.programs["unstable"])
    assert b"### **GENTLE** Self-massage" in written("markdown", tried.listings["unstable"])


def test_there_is_room_for_the_pen(tried: Given) -> None:
    assert written("markdown", tried.programs["unstable"]).count(b"Sets ______ Reps ______ Hold ______ s") == 5


def test_one_exercise_is_written_whole(tried: Given) -> None:
    listed = tried.listings["all"].page.items[0]
    body = written("markdown", One(AnsweredExercise, listed.json)).decode()
    assert body.startswith("# Cat/cow\n\n(cat-cow) On hands and knees")
    assert "**Recommended for stiff:** place 2, choice 1." in body


def test_a_program_is_written_the_same_whichever_way_it_comes(tried: Given) -> None:
    made = tried.programs["stiff"]
    assert written("markdown", One(Program, made.model_dump_json())) == written("markdown", made)
    assert written("json", One(Program, made.model_dump_json())) == written("json", made)


def test_any_other_record_is_written_by_its_fields(tried: Given, library: sa.Connection) -> None:
    exercise = next(one.exercise for one in tried.listings["all"].page.items if one.exercise.slug == "figure-4-stretch")
    because = written("markdown", One(SuitabilityAnswer, explain(exercise, ["unstable"]).model_dump_json())).decode()
    assert because.startswith("# Suitability answers\n\n- **Types:** unstable\n- **Verdict:** avoid\n- **Because:**\n")
    assert "avoid movements that destablize the pelvis" in because
    words = written("markdown", One(Vocabulary, vocabulary(library).model_dump_json())).decode()
    assert "  - **Low back**\n    - **Slug:** low-back\n" in words


def test_values_are_written_as_people_write_them(library: sa.Connection) -> None:
    indicators = Records(references.KINDS["indicator"].record, references.all_of(library, "indicator"), 7)
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
    body = markdown.records(Records(Group, [], 3), "https://library.example/groups?cursor=x").decode()
    assert body == "# Groups\n\n0 of 3.\n\nNext page: <https://library.example/groups?cursor=x>\n"


def test_a_signature_is_shown(tried: Given) -> None:
    listed = tried.listings["all"].page.items[0]
    review = '{"by":"A. Clinician","role":"physiotherapist","at":"2025-03-04T00:00:00Z","note":null}'
    signed = listed.document.replace('"review":null', f'"review":{review}')
    body = markdown.one(One(AnsweredExercise, Listed(signed, None).json), None).decode()
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
