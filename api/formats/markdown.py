"""Markdown, for reading: it is as readable in a terminal as it is when rendered."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType

from api.formats import markdown_records, phrases
from api.formats.markdown_records import history, sourced, title
from api.formats.markdown_text import NUMBERED, address, bold, bullet, bullets, heading, joined, labelled, paragraph, plain, written
from api.library import wording
from api.library.exercise import AnsweredExercise, Exercise, PossibleMatch, Suitability
from api.library.exercise_draft import Caution, Contraindication, Dosage, Recommendation
from api.library.history import History
from api.library.listing import Avoided, Listed, Listing, Page
from api.library.pattern import Avoidance
from api.library.screening_items import Group
from api.library.serialised import SerialisedRecord, SerialisedRecords
from api.library.suitability import Because, SuitabilityAnswer, reading
from api.library.vocabulary import Action, View

Signs = Mapping[str, Sequence[Group]]
"""The groups that are signs of each type."""


def listing(answer: Listing, next_: str | None) -> bytes:
    """Write a page of the catalogue: a summary with what to avoid, then each exercise in full unless only the summary was asked."""
    in_full = [("Each exercise", answer.page), ("Each of those for a clinician to decide", answer.undecided)]
    exercises = (line for title, page in in_full if page and page.items for line in _in_full(title, page, answer))
    return written([*_summary(answer), *(exercises if answer.view is View.FULL else ()), *_more(next_)])


def records(answer: SerialisedRecords, next_: str | None) -> bytes:
    """Write a list of records."""
    body = (line for part in answer.records for line in markdown_records.record(part, level=2))
    return written([*heading(1, title(answer.model)), *_count(len(answer.documents), answer.total), *body, *_more(next_)])


def avoided(answer: Avoided, next_: str | None) -> bytes:
    """Write a page of what types should avoid; what isn't named isn't thereby safe."""
    head = heading(1, f"What to avoid for: {plain(phrases.listed(answer.types))}" if answer.types else "What to avoid")
    return written([*head, *paragraph(plain(wording.DISCLAIMER)), *_avoidances(answer.page), *_more(next_)])


def record(answer: SerialisedRecord, next_: str | None) -> bytes:
    """Write one record, in its own way where there is one."""
    own = _OWN.get(answer.model)
    return written(own(answer.record, next_) if own else markdown_records.record(answer.record, level=1))


def _suitability(answer: SuitabilityAnswer, _: str | None) -> Iterator[str]:
    """Write whether an exercise suits, and why."""
    intensity = bold(f"{answer.intensity.label}.".upper()) if answer.intensity else None
    yield from heading(1, f"{plain(answer.name)}, for: {plain(phrases.listed(answer.types))}")
    yield from paragraph(plain(answer.disclaimer))
    yield from paragraph(joined([intensity, bold(f"{answer.verdict.label}."), plain(answer.verdict.meaning)]))
    yield from bullets(_stated(f"{reason.verdict.label}, {phrases.words(reason.type)}:", reason) for reason in answer.because)
    yield from bullets(map(_resemblance, answer.possible_match))


def _stated(label: str, statement: Because | Contraindication) -> str:
    """Write what is said for a type, by way of what, and who says so."""
    via = f"(by way of {plain(phrases.words(statement.via.slug))})" if statement.via else None
    return joined([bold(label), via, plain(statement.reason), sourced(statement.source) if statement.source else None])


def _summary(answer: Listing) -> Iterator[str]:
    """Write one line per exercise with the groups that should take care, then what to avoid and why: a screenful of a terminal."""
    yield from heading(1, f"Exercises recommended for: {plain(phrases.listed(answer.types))}" if answer.types else "Exercises")
    yield from paragraph(plain(wording.DISCLAIMER))
    yield from _count(len(answer.page.items), answer.page.total)
    yield from _in_short(answer.page, answer)
    if answer.avoid is not None:
        yield from heading(2, "What to avoid")
        yield from _avoidances(answer.avoid)
    if answer.undecided and answer.undecided.items:
        yield from heading(2, "For a clinician to decide")
        yield from paragraph("Recommended for one of the types asked and not judged for another.")
        yield from _in_short(answer.undecided, answer)


def _in_short(page: Page[Listed], of: Listing) -> Iterator[str]:
    before = ""
    for item in page.items:
        exercise = reading(item.exercise, of.types)
        yield from bullet(_line(exercise, item.suitability, before))
        for further in _minded(exercise, of):
            yield from bullet(further, depth=1)
        before = exercise.slug
    yield ""


def _line(exercise: Exercise, read: Suitability | None, before: str) -> str:
    """Write an exercise on one line: its place, «or» where it is an alternative to the one before, its intensity, name and needs."""
    return joined(
        [
            f"{read.position}:" if read and read.position else None,
            bold("or") if read and before in read.alternatives else None,
            _shouted(read),
            plain(exercise.name),
            f"({exercise.slug}).",
            plain(f"Needs {phrases.listed(exercise.equipment) or 'nothing'}."),
            plain(f"Helpful: {phrases.listed(exercise.helpful)}.") if exercise.helpful else None,
        ]
    )


def _minded(exercise: Exercise, of: Listing) -> Iterator[str]:
    """Write the warnings of an exercise in short: other types' verdicts, resemblances, and each group's precautions."""
    if exercise.recommendations and not of.types:
        yield plain(f"Recommended for {', '.join(map(_recommended_in_short, exercise.recommendations))}.")
    yield from (_contraindication(against, of.signs) for against in exercise.contraindications)
    yield from map(_resemblance, exercise.possible_match)
    groups = {action: dict.fromkeys(caution.group for caution in exercise.cautions if caution.action is action) for action in Action}
    cared_for = [f"{action.label}: {phrases.listed(slugs)}." for action, slugs in groups.items() if slugs]
    yield from [plain(" ".join(cared_for))] if cared_for else []


def _recommended_in_short(recommendation: Recommendation) -> str:
    return joined(
        [phrases.words(recommendation.type), f"({phrases.intensity(recommendation).upper()})" if recommendation.intensity else None]
    )


def _shouted(read: Suitability | None) -> str | None:
    return bold(phrases.intensity(read).upper()) if read else None


def _in_full(title: str, page: Page[Listed], of: Listing) -> Iterator[str]:
    yield from heading(2, title)
    for item in page.items:
        yield from _exercise(reading(item.exercise, of.types), item.suitability, level=3, signs=of.signs)


def _avoidances(page: Page[Avoidance]) -> Iterator[str]:
    yield from paragraph("" if page.items else bold(wording.NOTHING_NAMED))
    yield from _count(len(page.items), page.total)
    yield from bullets(_avoidance(item) for item in page.items)


def _avoidance(avoidance: Avoidance) -> str:
    via = f", by way of {plain(phrases.words(avoidance.via.slug))}" if avoidance.via else ""
    return joined(
        [bold(avoidance.name), f"({plain(phrases.words(avoidance.type))}{via}):", plain(avoidance.reason), sourced(avoidance.source)]
    )


def _count(shown: int, total: int | None) -> list[str]:
    """Say so where there are more than shown."""
    return [] if total == shown else paragraph(f"{shown} of {total if total is not None else 'more than can be counted'}.")


def _more(next_: str | None) -> list[str]:
    return paragraph(f"Next page: {address(next_)}") if next_ else []


def _exercise(described: Exercise, read: Suitability | None, level: int, signs: Signs = MappingProxyType({})) -> Iterator[str]:
    yield from heading(level, joined([_shouted(read), plain(described.name)]))
    yield from paragraph(joined([f"({plain(described.slug)})", plain(described.summary or "")]))
    yield from bullets(map(_recommendation, described.recommendations))
    yield from bullets(_contraindication(against, signs) for against in described.contraindications)
    yield from bullets(map(_resemblance, described.possible_match))
    yield from labelled("Start.", described.start)
    yield from bullets(map(plain, described.steps), NUMBERED)
    facts = {
        "Common errors": " ".join(described.common_errors),
        "Easier": " ".join(described.easier),
        "Harder": " ".join(described.harder),
        "Needs": phrases.listed(described.equipment),
        "Regions": phrases.listed(described.regions),
        "Muscles": phrases.listed(described.muscles),
        "Patterns": phrases.listed(described.patterns),
        "Also called": ", ".join(described.aliases),
    }
    yield from (line for label, text in facts.items() for line in labelled(f"{label}:", text))
    lists = {
        "Variants": [joined([bold(f"{v.name}."), plain(v.start or ""), plain(" ".join(v.steps))]) for v in described.variants],
        "Cautions": [_caution(caution, described) for caution in described.cautions],
        "What sources print; not a prescription": [_dosage(dosage, described) for dosage in described.dosages],
        "Evidence": [joined([plain(e.text), sourced(e.source)]) for e in described.evidence],
    }
    yield from (line for label, items in lists.items() if items for line in (*paragraph(bold(f"{label}:")), *bullets(items)))
    yield from paragraph(plain(phrases.signed(described.review) if described.review else wording.NOT_REVIEWED))


def _recommendation(recommendation: Recommendation) -> str:
    place = f"place {recommendation.position}" + (f", choice {recommendation.choice}" if recommendation.alternatives else "")
    said = [plain(f"{part}.") for part in (phrases.intensity(recommendation), recommendation.note) if part]
    return joined([bold(f"Recommended for {phrases.words(recommendation.type)}:"), f"{place}.", *said, sourced(recommendation.source)])


def _contraindication(against: Contraindication, signs: Signs) -> str:
    """Say who should avoid it, and which groups are likely to be of that type."""
    groups = "; ".join(group.name for group in signs.get(against.type, ()))
    of_type = plain(f"Signs of that type: {groups}.") if groups else None
    return joined([_stated(f"Avoid for {phrases.words(against.type)}:", against), of_type])


def _resemblance(match: PossibleMatch) -> str:
    return joined([bold("Not cleared:"), f"it resembles {plain(phrases.words(match.slug))},", wording.NOT_CLEARED])


def _caution(caution: Caution, exercise: Exercise) -> str:
    told = [phrases.asks(caution, exercise), phrases.in_place_of(caution, exercise), caution.text]
    return joined([bold(f"{phrases.title(caution.group)}."), *map(plain, told), sourced(caution.source)])


def _dosage(dosage: Dosage, exercise: Exercise) -> str:
    printed_for = plain(f"Printed for: {phrases.printed_for(dosage, exercise)}.")
    return joined([bold(phrases.dosage(dosage)), printed_for, sourced(dosage.source)])


_OWN: Mapping[type, Callable[..., Iterator[str]]] = {
    AnsweredExercise: lambda answer, _: _exercise(answer, answer.suitability, level=1),
    SuitabilityAnswer: _suitability,
    History: history,
}
