"""CSV reads back as what was written, whoever opens it."""

import csv
import io
import re
import sys
import unicodedata
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from hypothesis import example, given, settings
from hypothesis import strategies as st

from api.formats.cells import cell, harmless
from api.formats.csv import table
from api.library.exercise_draft import Via
from api.library.listing import Avoided, Page
from api.library.serialised import SerialisedRecords
from api.library.vocabulary import ViaKind
from api.store import reference
from api.store.reference.kinds import KINDS
from tests.formats.given import Given, rows, written


def test_a_list_has_one_row_an_item_with_what_to_avoid_and_what_is_undecided(tried: Given) -> None:
    read = rows(written("csv", tried.listings["both"]))
    assert [row["slug"] for row in read if row["section"] == "exercise"] == ["self-massage", "cat-cow", "pelvic-tilts"]
    avoided = [(row["kind"], row["slug"], row["type"], row["verdict"]) for row in read if row["section"] == "avoid"]
    assert avoided == [("movement-pattern", "wide-legs", "unstable", "avoid"), ("exercise", "figure-4-stretch", "unstable", "avoid")]
    assert [row["slug"] for row in read if row["section"] == "undecided"] == ["pelvic-list", "isometric-squats"]
    assert {row["section"] for row in rows(written("csv", tried.listings["all"]))} == {"exercise"}


def test_a_program_has_its_sections_in_the_order_of_the_sheet(tried: Given) -> None:
    sections = list(dict.fromkeys(row["section"] for row in rows(written("csv", tried.programs["both"]))))
    assert sections == ["program", "red-flag", "exercise", "avoid", "undecided", "withheld", "stop-rule", "source"]
    unasked = list(dict.fromkeys(row["section"] for row in rows(written("csv", tried.programs["unasked"]))))
    assert unasked == ["program", "red-flag", "unasked", "exercise", "not-for", "stop-rule", "source"]
    withheld = [row["slug"] for row in rows(written("csv", tried.programs["odd"])) if row["section"] == "withheld"]
    assert withheld == ["figure-4-stretch"]


def test_only_cautions_of_the_groups_given_are_written(tried: Given) -> None:
    read = [row for row in rows(written("csv", tried.programs["pregnant"])) if row["section"] == "caution"]
    assert {row["group"] for row in read} == {"pregnant", "after-16-weeks"}
    assert {row["slug"] for row in read} <= {row["slug"] for row in rows(written("csv", tried.programs["pregnant"])) if row["position"]}


def test_what_is_undecided_is_named_and_not_taught(tried: Given) -> None:
    read = [row for row in rows(written("csv", tried.programs["both"])) if row["section"] == "undecided"]
    assert [row["slug"] for row in read] == ["pelvic-list", "isometric-squats"]
    assert {row[name] for row in read for name in ("start", "steps", "equipment", "helpful", "dosages", "common_errors")} == {""}


def test_records_within_a_record_have_columns_of_their_own_whether_there_are_any_or_not(library: sa.Connection) -> None:
    types = SerialisedRecords(KINDS["type"].record, reference.documents_of(library, "type"), 2)
    stiff, unstable = rows(written("csv", types))
    assert stiff["avoid_rule.text"] == ""
    assert unstable["avoid_rule.source.slug"] == "source-text"
    nothing = Avoided(Page([], 0, None), ("stiff",))
    assert written("csv", nothing) == b"kind,slug,name,type,reason,via.kind,via.slug,source.slug,source.quote\r\n"


def test_a_list_is_one_item_a_line_and_a_record_is_fields_and_values(tried: Given) -> None:
    first = rows(written("csv", tried.listings["unstable"]))[0]
    assert first["regions"].split("\n") == ["low-back", "buttocks"]
    gentle = dict(part.split(": ", 1) for part in first["recommendations"].split("\n")[0].split(" | "))
    assert gentle["intensity_note"] == "GENTLE"
    assert gentle["source.quote"] == "GENTLE self-massage of low back and glutes"
    assert first["created_at"] == "2025-01-02T03:04:05+00:00"


def test_a_record_in_one_cell_is_one_line() -> None:
    assert cell(Via(kind=ViaKind.MOVEMENT_PATTERN, slug="wide-legs")) == "kind: movement-pattern | slug: wide-legs"


def test_what_separates_is_escaped_in_what_is_separated() -> None:
    assert cell(["a | b", "c\nd", "e\\f"]) == "a \\| b\nc\\nd\ne\\\\f"


@pytest.mark.parametrize("text", ["=1", " =1", '"=1', "'=1", "\t1", "\r1", "-1", "+1", "@a", "\uff1d1", "\ufeff=1", "\u201c=1", "\u22121"])
def test_what_a_spreadsheet_would_run_gets_an_apostrophe(text: str) -> None:
    assert harmless(text) == f"'{text}"


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("a;=1", "a;'=1"),
        ("a,-1", "a,'-1"),
        ("a\n@b", "a\n'@b"),
        ("a\t+1", "a\t'+1"),
        ('a; "=1', "a;' \"=1"),
        ("a;\tb", "a;'\tb"),
        ("\t\t=", "'\t'\t'="),
        ("a\u2028\uff1d1", "a\u2028'\uff1d1"),
        ("=1;=2", "'=1;'=2"),
        ("'=1", "''=1"),
        ("'\t1", "''\t1"),
    ],
)
def test_so_does_what_follows_on_anything_that_may_separate(text: str, written: str) -> None:
    assert harmless(text) == written


def test_every_form_of_the_dangerous_characters_is_known() -> None:
    forms = {one for one in map(chr, range(sys.maxunicode + 1)) if unicodedata.normalize("NFKC", one)[:1] in set("=+-@\u2212")}
    assert {one for one in forms if harmless(one) == f"'{one}"} == forms
    assert len(forms) > 20


PIECES = [
    "=",
    "+",
    "-",
    "@",
    "\uff1d",
    "\u2212",
    ",",
    ";",
    "\t",
    "\n",
    "\r",
    "\v",
    "\u2028",
    '"',
    "'",
    "`",
    "\u201c",
    " ",
    "\u200b",
    "a",
    "|",
]
TEXTS = st.lists(st.sampled_from(PIECES) | st.characters(codec="utf-8"), max_size=12).map("".join)


@given(st.lists(st.lists(TEXTS, min_size=1, max_size=3), min_size=1, max_size=3))
@settings(max_examples=500)
@example([['x";"=1', 'a"=1']])
@example([["a", ';"" =1']])
def test_no_cell_begins_a_formula_wherever_a_program_separates(texts: list[list[str]]) -> None:
    columns = [f"column-{n}" for n in range(3)]
    text = table(columns, [dict(zip(columns, row, strict=False)) for row in texts]).decode()
    for separator in (",", ";", "\t"):
        for part in _cells(text, separator):
            assert not part.removeprefix("\r\n").startswith(("\t", "\r")), (separator, part)  # the end of a row isn't ours to mark
            assert not _seen(part).startswith(tuple("=+-@\u2212")), (separator, part)


def _cells(text: str, separator: str) -> Iterator[str]:
    """Take a file apart as programs do: with quotation marks, without them, and line by line in every sense of a line."""
    for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator):
        yield from row
    for lines in (text.split("\r\n"), text.split("\n"), text.splitlines()):
        for line in lines:
            yield from line.removesuffix("\r").split(separator)


def _seen(cell: str) -> str:
    """Give what a spreadsheet may take for the beginning of a cell."""
    skipped = '"`\u201c\u201d\u2018\u2019\u00ab\u00bb'
    seen = "".join(one for one in unicodedata.normalize("NFKC", cell) if unicodedata.category(one)[0] not in "ZC")
    return seen.lstrip(skipped)


@given(TEXTS)
@example("'=")
@example("''\t")
@settings(max_examples=500)
def test_taking_one_apostrophe_away_gives_the_text_again(text: str) -> None:
    separators = r"([,;\t\n\v\f\r\x1c-\x1e\x85\u2028\u2029])"
    parts = re.split(separators, harmless(text))
    for n in range(0, len(parts), 2):
        bare = parts[n][1:]
        if parts[n].startswith("'") and harmless(bare + "".join(parts[n + 1 : n + 2])).startswith(
            "'" + bare + "".join(parts[n + 1 : n + 2])
        ):
            parts[n] = bare
    assert "".join(parts) == text


@pytest.mark.parametrize("text", ["", "a=1", "1-2", "'a", '"', "10\u201315", "low-back, mid-back; x - y", "a\tb"])
def test_anything_else_stays_as_it_is(text: str) -> None:
    assert harmless(text) == text
