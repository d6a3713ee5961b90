"""Files that people write: whatever stands in them, they are understood or refused with file and line."""

import re
import time
from contextlib import suppress
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from api.errors import Complaint, Refused
from api.library.exercise_draft import ExerciseDraft
from api.store import loading
from api.store.content import FiledRecord, read_text
from api.store.engine import Database
from api.store.journal import Journal
from tests.writing import AUTHOR, SEED

FILES = {file.name: file.read_text(encoding="utf-8") for folder in (SEED, SEED / "exercises") for file in sorted(folder.glob("*.yaml"))}
WHERE = re.compile(r"^made-up\.yaml:[1-9]\d*(: .+)?$", re.DOTALL)


@st.composite
def damaged(draw: st.DrawFn) -> str:
    """Take some text out of a file of the seed, and put another in its place."""
    text = draw(st.sampled_from(list(FILES.values())))
    start = draw(st.integers(0, len(text)))
    end = draw(st.integers(start, min(len(text), start + 40)))
    return (
        text[:start]
        + draw(st.text(max_size=10) | st.sampled_from(["{", "[", ": ", "- ", "\t", "&a", "*a", "!!", "null", "\n\n", "'"]))
        + text[end:]
    )


@given(st.text() | damaged())
@example("")
@example("\x00")
@example("- 1")
@example("? [a]\n: b")
@example("exercise: &a\n  slug: *a")
@example("exercise: {slug: !!python/object/apply:os.system ['true']}")
@example("exercise: {slug: 2026-02-31}")
@example("exercise: {<<: {slug: x}}")
@example("sources: [{}]\nsources: [{}]")
@example("[" * 5000)
@example("groups: " + "{a: " * 2000)
@example("exercise: {slug: \ud800}")
@example("--- a: 1\n--- b")
@example("exercise: {slug: x, name: y, dosages: [{reps: {min: 1e400, max: -.inf}}]}")
@settings(max_examples=300)
def test_whatever_stands_in_a_file_is_a_record_or_a_complaint_with_its_line(text: str) -> None:
    for one in read_text(text, "made-up.yaml"):
        assert isinstance(one, FiledRecord) or WHERE.match(one.field), one


@given(damaged())
@settings(max_examples=60)
def test_whatever_stands_in_a_file_is_written_or_refused(shared: Database, text: str) -> None:
    with shared.writing() as session:
        with suppress(Refused):
            loading.load(Journal(session, AUTHOR, datetime.now(UTC)), list(read_text(text, "made-up.yaml")))
        session.rollback()  # the library is shared


@pytest.mark.parametrize("name", FILES)
def test_every_file_of_the_seed_is_understood(name: str) -> None:
    read = list(read_text(FILES[name], name))
    assert read
    assert not [one for one in read if isinstance(one, Complaint)]


def complaints(text: str) -> list[tuple[str, str, str | None]]:
    return [(one.field, one.message, one.did_you_mean) for one in read_text(text, "made-up.yaml") if isinstance(one, Complaint)]


def test_a_syntax_error_is_told_with_its_line() -> None:
    [(where, message, _)] = complaints("exercise:\n  slug: lunge\n  name: [Lunge\n  kind: strength\n")
    assert where == "made-up.yaml:4"
    assert message.startswith("It can't be read as YAML: ")


def test_a_key_that_stands_twice_is_told_with_its_line() -> None:
    [(where, message, _)] = complaints("exercise:\n  slug: lunge\n  name: Lunge\n  slug: lunges\n")
    assert where == "made-up.yaml:4"
    assert "'slug' stands here twice" in message


def test_an_unknown_section_is_told_with_the_nearest() -> None:
    [(where, message, meant)] = complaints("exercise:\n  slug: lunge\n  name: Lunge\nsource:\n  - slug: x\n")
    assert (where, message, meant) == ("made-up.yaml:4", "There is no section 'source'.", "sources")


def test_everything_that_is_wrong_is_told_at_once() -> None:
    text = "exercise:\n  slug: Lunge!\n  nmae: Lunge\n  kind: strenght\n"
    text += "  cautions:\n    - group: pregnant\n      action: modfy\n      text: x\n"
    found = {where: meant for where, _, meant in complaints(text)}
    assert found["made-up.yaml:3: nmae"] == "name"
    assert found["made-up.yaml:4: kind"] == "strength"
    assert found["made-up.yaml:7: cautions[0].action"] == "modify"
    assert "made-up.yaml:2: slug" in found
    assert "made-up.yaml:6: cautions[0].source" in found
    assert any(where.endswith(": name") for where in found)


@pytest.mark.parametrize("value", ["x\x00y", "x\x07y", "", "   ", "a" * 4001])
def test_no_text_has_what_a_database_or_a_reader_cannot_take(value: str) -> None:
    text = f"exercise:\n  slug: lunge\n  name: {value!r}\n".replace("'", '"')
    assert complaints(text)


def exercise(lines: str) -> str:
    """Write an exercise whose last lines, from the fourth on, are these."""
    return f"exercise:\n  slug: lunge\n  name: Lunge\n{lines}"


BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{this}: &{this} [{', '.join([f'*{before}'] * 9)}]\n" for before, this in pairwise("abcdefghijklmnop")
)
HIDDEN = {
    "an alias": (exercise("  aliases: [*a]\n"), 4, "aliases ('*a')"),
    "an anchor": (exercise("  summary: &a x\n"), 4, "anchors ('&a')"),
    "an anchor of a list": (exercise("  aliases: &a\n    - x\n  steps: *a\n"), 4, "anchors ('&a')"),
    "an anchor that contains itself": ("exercise: &a\n  slug: *a\n", 1, "anchors ('&a')"),
    "an anchored key": (exercise("  &a summary: x\n"), 4, "anchors ('&a')"),
    "an alias as a key": (exercise("  *a : x\n"), 4, "aliases ('*a')"),
    "a merge key": (exercise("  <<: {summary: x}\n"), 4, "merge keys"),
    "an alias bomb": (BOMB, 1, "anchors ('&a')"),
    "code": (exercise("  summary: !!python/object/apply:os.system ['true']\n"), 4, "tags ('!!python/object/apply:os.system')"),
    "bytes": (exercise("  summary: !!binary eA==\n"), 4, "tags ('!!binary')"),
    "a set": (exercise("  aliases: !!set {x}\n"), 4, "tags ('!!set')"),
    "a time": (exercise("  summary: !!timestamp 2024-01-01\n"), 4, "tags ('!!timestamp')"),
    "a tag of somebody's": (exercise("  summary: !mine x\n"), 4, "tags ('!mine')"),
    "a bare tag": (exercise("  summary: ! x\n"), 4, "tags ('!')"),
    "a second document": (exercise("---\nexercise: {slug: x, name: X}\n"), 4, "a second document"),
    "a NUL": (exercise("  summary: \x00\n"), 4, "the character U+0000"),
    "half a letter": (exercise("  summary: \ud800\n"), 4, "the character U+D800"),
    "half a letter, escaped": (exercise('  summary: "\\ud800"\n'), 4, "invalid Unicode character escape"),
    "deep lists": (exercise("  steps: " + "[" * 1_000_000), 4, "nest"),
    "deep mappings": (exercise("  steps: " + "{a: " * 100_000), 4, "nested too deeply"),
    "deep lists in block style": (exercise("  steps:\n    " + "- " * 100_000), 5, "nested too deeply"),
}


@pytest.mark.parametrize("what", HIDDEN)
def test_what_is_not_what_it_looks_like_is_refused_at_once_with_its_line(what: str) -> None:
    text, line, why = HIDDEN[what]
    start = time.process_time()
    [(where, message, _)] = complaints(text)
    assert time.process_time() - start < 1
    assert where == f"made-up.yaml:{line}"
    assert message.startswith("It can't be read as YAML: ")
    assert why in message


def test_a_huge_scalar_is_refused_in_a_line() -> None:
    start = time.process_time()
    assert complaints(exercise("  summary: " + "x" * 10_000_000)) == [
        ("made-up.yaml:4: summary", "It can have at most 4000 characters.", None)
    ]
    assert time.process_time() - start < 1


NOT_DECIMAL = [
    "010",
    "0x1A",
    "0o17",
    "0b11",
    "1_000",
    "1:30",
    "1:30.5",
    ".inf",
    "-.inf",
    ".nan",
    "NaN",
    "+5",
    "1e3",
    "1.",
    ".5",
    "00",
]


@pytest.mark.parametrize("number", [*NOT_DECIMAL, "9" * 30, "'5'", "five", "true", "null", "[5]", "2024-01-01", "\u0665"])
@pytest.mark.parametrize("field", ["reps: {min: NUMBER, max: 99}", "reps: {min: 0, max: NUMBER}"])
def test_a_number_is_decimal_or_refused_with_its_line(number: str, field: str) -> None:
    text = exercise(f"  dosages:\n    - printed_for: x\n      source: {{slug: x}}\n      {field.replace('NUMBER', number)}\n")
    [(where, message, _)] = complaints(text)
    assert where.startswith("made-up.yaml:7: dosages[0].reps.m")
    assert message == "It has to be a number in decimal digits, such as 10 or 2.5."


@pytest.mark.parametrize(("written", "number"), [("0", 0), ("8", 8), ("10", 10), ("2.5", 2.5), ("0.25", 0.25), ("10.0", 10.0)])
def test_a_decimal_number_is_what_it_says(written: str, number: float) -> None:
    dosage = f"  dosages:\n    - printed_for: x\n      source: {{slug: x}}\n      reps: {{min: {written}, max: 99}}\n"
    [read] = read_text(exercise(dosage), "made-up.yaml")
    assert isinstance(read, FiledRecord)
    assert isinstance(read.record, ExerciseDraft)
    assert read.record.dosages[0].reps
    assert read.record.dosages[0].reps.min == number


def test_a_number_of_json_may_have_an_exponent() -> None:
    dosage = '{"printed_for": "x", "source": {"slug": "x"}, "reps": {"min": 1e1, "max": 2E+1}}'
    [read] = read_text(f'{{"exercise": {{"slug": "x", "name": "X", "dosages": [{dosage}]}}}}', "made-up.json")
    assert isinstance(read, FiledRecord)


@pytest.mark.parametrize("word", ["yes", "no", "on", "off", "y", "n", "True", "FALSE", "1", "0", "'true'"])
def test_a_boolean_is_true_or_false(word: str) -> None:
    text = exercise(f"  dosages:\n    - printed_for: x\n      source: {{slug: x}}\n      per_side: {word}\n")
    assert complaints(text) == [("made-up.yaml:7: dosages[0].per_side", "It has to be true or false.", None)]


@pytest.mark.parametrize("word", ["2024-01-01", "12:30", "yes", "No", "010", "1_000", "1e3", ".inf", "=", "0x1A", "NULL"])
def test_text_without_quotes_is_text_to_the_letter(word: str) -> None:
    [read] = read_text(exercise(f"  summary: {word}\n"), "made-up.yaml")
    assert isinstance(read, FiledRecord)
    assert isinstance(read.record, ExerciseDraft)
    assert read.record.summary == word


@pytest.mark.parametrize("word", ["10", "-1", "2.5", "true", "false"])
def test_a_number_where_text_belongs_wants_quotes(word: str) -> None:
    assert complaints(exercise(f"  summary: {word}\n")) == [("made-up.yaml:4: summary", "It has to be text; put it in quotes.", None)]


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_marks_and_line_ends_of_other_systems_are_read(line_end: str, mark: str) -> None:
    text = mark + exercise("  steps: [One.]\n  summry: x\n").replace("\n", line_end)
    assert complaints(text) == [("made-up.yaml:5: summry", "There is no such field.", "summary")]


NO_WORDS_OF_OURS = re.compile(r"Input should|Field required|Value error|should have|valid (string|integer|list|dictionary)|\bpattern\b")


@given(damaged())
@example(exercise("  aliases: x\n  steps: [[], {}, null, 1]\n  variants: [1]\n  cautions: {}\n  kind: 1\n  variant_of: A B\n"))
@settings(max_examples=100)
def test_every_complaint_is_in_our_words(text: str) -> None:
    for _, message, _ in complaints(text):
        assert not NO_WORDS_OF_OURS.search(message), message
