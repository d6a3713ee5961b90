"""What holds for every format alike."""

import pytest

from api.formats import FORMATS, offered
from api.library import wording
from api.library.exercise import AnsweredExercise, PossibleMatch
from api.library.listing import Listed, Listing
from api.library.program import Printout
from api.library.serialised import SerialisedRecord, SerialisedRecords
from api.library.suitability import SuitabilityAnswer, explain
from api.library.vocabulary import SubjectKind
from tests.formats.given import Given, read, squeezed, what_must_be_said, written


@pytest.mark.parametrize("name", offered(Printout))
@pytest.mark.parametrize("case", ["unstable", "stiff", "both", "pregnant", "unstable-everybody", "stiff-everybody", "odd", "unasked"])
def test_every_format_of_a_program_says_all_that_keeps_somebody_safe(tried: Given, name: str, case: str) -> None:
    text = tried.read(name, case)
    assert {one for one in what_must_be_said(tried.programs[case]) if squeezed(one) not in text} == set()


@pytest.mark.parametrize("name", offered(Listing))
@pytest.mark.parametrize("case", ["all", "unstable", "stiff", "both"])
def test_every_format_of_a_list_says_all_that_keeps_somebody_safe(tried: Given, name: str, case: str) -> None:
    text = read(name, tried.listings[case])
    assert {one for one in what_must_be_said(tried.listings[case]) if squeezed(one) not in text} == set()


RESEMBLING = [PossibleMatch(kind=SubjectKind.EXERCISE, slug="something-harmful", words=["harmful"])]


@pytest.mark.parametrize("name", offered(Printout))
def test_every_format_of_a_program_says_what_an_undecided_exercise_resembles(tried: Given, name: str) -> None:
    program = tried.programs["both"]
    doubtful = program.slots[0].choices[0].model_copy(update={"possible_match": RESEMBLING})
    assert "somethingharmful" in _spoken(read(name, program.model_copy(update={"undecided": [doubtful]})))


@pytest.mark.parametrize("name", offered(Listing))
def test_every_format_of_a_list_says_what_an_exercise_resembles(tried: Given, name: str) -> None:
    listing = tried.listings["all"]
    first = listing.page.items[0]
    doubtful = Listed(first.exercise.model_copy(update={"possible_match": RESEMBLING}).model_dump_json(), None)
    assert "somethingharmful" in _spoken(read(name, listing._replace(page=listing.page._replace(items=[doubtful]))))


@pytest.mark.parametrize("name", offered(SerialisedRecord))
def test_so_does_every_format_of_one_exercise_and_of_its_suitability(tried: Given, name: str) -> None:
    exercise = tried.listings["all"].page.items[0].exercise.model_copy(update={"possible_match": RESEMBLING})
    said = explain(exercise, ["unstable"], exercise.possible_match)
    for one in (
        SerialisedRecord(AnsweredExercise, Listed(exercise.model_dump_json(), None).json),
        SerialisedRecord(SuitabilityAnswer, said.model_dump_json()),
    ):
        assert "somethingharmful" in _spoken(read(name, one))


def _spoken(text: str) -> str:
    return text.replace("-", "")


@pytest.mark.parametrize("name", sorted(offered(Printout).keys() - {"json"}))
def test_red_flags_come_before_the_first_exercise(tried: Given, name: str) -> None:
    text = tried.read(name, "pregnant")
    last_flag = max(text.index(squeezed(flag.question)) for flag in tried.programs["pregnant"].red_flags)
    assert last_flag < text.index(squeezed(tried.programs["pregnant"].slots[0].choices[0].steps[0]))


@pytest.mark.parametrize("name", sorted(offered(Printout).keys() - {"json"}))
def test_an_empty_avoid_is_not_called_safe(tried: Given, name: str) -> None:
    assert squeezed(wording.NOTHING_NAMED) in tried.read(name, "stiff")
    assert squeezed(wording.NOTHING_NAMED) not in tried.read(name, "unstable")


def test_a_markdown_list_with_nothing_to_avoid_says_that_this_is_not_the_same_as_safe(tried: Given) -> None:
    assert squeezed(wording.NOTHING_NAMED) in read("markdown", tried.listings["stiff"])


@pytest.mark.parametrize("name", sorted(offered(Printout).keys() - {"json"}))
def test_a_combination_of_ours_is_not_passed_off_as_the_sources(tried: Given, name: str) -> None:
    assert squeezed(wording.NOT_THE_SOURCES) in tried.read(name, "both")
    assert squeezed(wording.NOT_THE_SOURCES) not in tried.read(name, "unstable")


@pytest.mark.parametrize("name", offered(Printout))
def test_gentleness_belongs_to_the_type_that_asks_for_it(tried: Given, name: str) -> None:
    assert "GENTLE" in tried.read(name, "unstable")
    assert "GENTLE" in tried.read(name, "both")
    if name != "json":  # it gives the recommendations of every type, each with its type
        assert "GENTLE" not in tried.read(name, "stiff")


@pytest.mark.parametrize("name", offered(Printout))
def test_the_same_program_is_always_written_the_same(tried: Given, name: str) -> None:
    assert written(name, tried.programs["pregnant"]) == written(name, tried.programs["pregnant"])


def test_every_kind_of_answer_has_its_formats() -> None:
    assert list(offered(Listing)) == list(offered(SerialisedRecords)) == ["json", "csv", "markdown"]
    assert list(offered(SerialisedRecord)) == ["json", "markdown"]
    assert list(offered(Printout)) == list(FORMATS) == ["json", "csv", "markdown", "html", "pdf", "fhir"]
