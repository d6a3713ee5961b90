"""A comparison for people: a table for a spreadsheet, or Markdown that names first what not to show."""

from collections.abc import Iterable, Iterator

from api.formats import phrases
from api.formats.csv import table
from api.formats.markdown_text import bold, bullets, heading, joined, paragraph, plain, written
from api.library.comparing import ComparedExercise, Comparison
from api.library.vocabulary import Verdict

_COLUMNS = ("id", "verdict", "same_as", "possible_match", "words", "because", "note")
_NOTE = "Names and steps in English were compared, not pictures. Unknown is not the same as safe."


def csv(answer: Comparison) -> bytes:
    """Write one row per exercise; what it resembles, and by which words, takes one line each in a cell."""
    return table(_COLUMNS, map(_row, answer.items))


def _row(exercise: ComparedExercise) -> dict[str, object]:
    return {
        "id": exercise.id,
        "verdict": exercise.verdict.value,
        "same_as": exercise.same_as,
        "possible_match": [match.slug for match in exercise.possible_match],
        "words": ["; ".join(match.words) for match in exercise.possible_match],
        "because": [f"{why.type}: {why.reason}" for why in exercise.because],
        "note": _NOTE,
    }


def markdown(answer: Comparison) -> bytes:
    """Write what to avoid, what may have to be avoided, what is recommended; what nothing is known of is counted."""
    return written(_lines(answer))


def _lines(answer: Comparison) -> Iterator[str]:
    avoided = [item for item in answer.items if item.verdict is Verdict.AVOID]
    doubtful = [item for item in answer.items if item.verdict is Verdict.UNKNOWN and item.possible_match]
    recommended = [exercise for exercise in answer.items if exercise.verdict is Verdict.RECOMMENDED]
    unknown = len(answer.items) - len(avoided) - len(doubtful) - len(recommended)
    yield from heading(1, f"{len(answer.items)} exercises compared for: {plain(phrases.listed(answer.types))}")
    yield from paragraph(plain(answer.disclaimer))
    yield from _section("To avoid", avoided)
    yield from _section("Resembles what should be avoided; a clinician should decide", doubtful)
    yield from _section("Recommended", recommended)
    yield from heading(2, "Unknown")
    yield from paragraph(f"Nothing is known of {unknown} exercises. That is not the same as safe.")


def _section(title: str, items: Iterable[ComparedExercise]) -> Iterator[str]:
    lines = [_line(item) for item in items]
    yield from heading(2, f"{title} ({len(lines)})")
    yield from bullets(lines) or paragraph("None.")


def _line(exercise: ComparedExercise) -> str:
    same = f"is {plain(phrases.words(exercise.same_as))}." if exercise.same_as else ""
    resembled = [f"{plain(phrases.words(match.slug))}: “{plain('”, “'.join(match.words))}”." for match in exercise.possible_match]
    return joined([bold(exercise.id), same, *(plain(why.reason) for why in exercise.because), *resembled])
