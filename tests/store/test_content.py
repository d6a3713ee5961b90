"""Files that people write: whatever stands in them, they are understood or refused with file and line."""

import re
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from api.errors import Complaint, Refused
from api.store import loading
from api.store.content import Written, read_text
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
@settings(max_examples=300)
def test_whatever_stands_in_a_file_is_a_record_or_a_complaint_with_its_line(text: str) -> None:
    for one in read_text(text, "made-up.yaml"):
        assert isinstance(one, Written) or WHERE.match(one.field), one


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
    assert message.startswith("This is not YAML: ")


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
