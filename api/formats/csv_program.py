"""A program as CSV, in the order of the sheet: red flags come before the first exercise."""

from collections.abc import Iterator

from api.formats import phrases
from api.formats.csv import Row, attributed, table, to_avoid
from api.library import wording
from api.library.exercise import AnsweredExercise
from api.library.program import NotFor, Printout, Program
from api.library.vocabulary import Basis, Verdict

_COLUMNS = (
    *("section", "position", "choice", "kind", "slug", "name", "variant", "variant_name", "type", "group", "level", "verdict"),
    *("intensity", "intensity_note", "note", "action", "text", "criteria", "at_least", "what_to_do", "via"),
    *("source", "quote", "start", "steps", "equipment", "helpful", "common_errors", "recommendations", "contraindications"),
    *("possible_match", "dosages", "review", "certainty", "doi", "url"),
)


_INSTRUCTIONS = ("start", "steps", "equipment", "helpful", "common_errors", "dosages")


def program(answer: Printout, _: str | None) -> bytes:
    """Write a program, section by section; the edition is for people."""
    return table(_COLUMNS, [{"section": section, **row} for section, row in _rows(answer.program)])


def _rows(of: Program) -> Iterator[tuple[str, Row]]:
    yield from (("program", row) for row in _about(of))
    yield from (("red-flag", {**dict(flag), "text": flag.question, **attributed(flag.source)}) for flag in of.red_flags)
    yield from (("unasked", {"group": question.slug, "name": question.name, "text": question.question}) for question in of.unasked)
    yield from (("exercise", _exercise(choice, of)) for slot in of.slots for choice in slot.choices)
    yield from (("caution", {**dict(caution), "slug": caution.exercise, **attributed(caution.source)}) for caution in of.cautions)
    yield from (("avoid", {**to_avoid(avoidance), "text": avoidance.reason}) for avoidance in of.avoid)
    yield from (("not-for", _not_for(not_for)) for not_for in of.not_for)
    yield from (("undecided", _named(undecided, of)) for undecided in of.undecided)
    yield from (("withheld", {**dict(withheld), "text": withheld.reason, **attributed(withheld.source)}) for withheld in of.withheld)
    yield from (("stop-rule", {**dict(rule), **attributed(rule.source)}) for rule in of.stop_rules)
    yield from (("source", {**dict(source), "text": source.citation}) for source in of.sources)


def _about(of: Program) -> Iterator[Row]:
    """Say what the program is and isn't."""
    yield {"type": of.types, "group": of.groups, "text": of.disclaimer, "note": f"revision {of.revision}"}
    if of.basis is Basis.PROJECT_RULE:
        yield {"text": wording.NOT_THE_SOURCES}
    if not of.avoid:
        yield {"text": wording.NOTHING_NAMED}


def _exercise(exercise: AnsweredExercise, of: Program) -> Row:
    """Write an exercise with its recommendations for the types asked; the clauses are in `quote`, one per line."""
    asked = [recommendation for recommendation in exercise.recommendations if recommendation.type in of.types]
    sources = {"source": _once(how.source.slug for how in asked), "quote": _once(how.source.quote for how in asked)}
    note = _once(how.note for how in asked)
    dosages = [f"{phrases.dosage(dosage)} Printed for: {dosage.printed_for} ({dosage.source.slug})" for dosage in exercise.dosages]
    read = dict(exercise.suitability) if exercise.suitability else {}
    told = {"recommendations": asked, "kind": "exercise", "note": note, "dosages": dosages, "text": exercise.summary}
    return {**dict(exercise), **read, **sources, **told}


def _once(texts: Iterator[str | None]) -> list[str]:
    return list(dict.fromkeys(text for text in texts if text))


def _named(exercise: AnsweredExercise, of: Program) -> Row:
    """Write an exercise that the program doesn't offer: it is named, not taught."""
    return {name: value for name, value in _exercise(exercise, of).items() if name not in _INSTRUCTIONS}


def _not_for(not_for: NotFor) -> Row:
    return {
        "type": not_for.type,
        "name": not_for.name,
        "slug": not_for.exercises,
        "group": [group.slug for group in not_for.signs],
        "verdict": Verdict.AVOID,
    }
