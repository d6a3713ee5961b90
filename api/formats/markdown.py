"""Markdown, for reading: it is as readable in a terminal as it is when rendered."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType

from api.formats import phrases
from api.formats.markdown_history import history
from api.formats.markdown_program import program
from api.formats.markdown_records import record, sourced, title
from api.formats.markdown_text import address, bold, bullets, heading, joined, paragraph, plain, steps, written
from api.library import wording
from api.library.exercise import (
    AnsweredExercise,
    Caution,
    Contraindication,
    Dosage,
    Exercise,
    PossibleMatch,
    Recommendation,
    Suitability,
)
from api.library.history import History
from api.library.listing import Avoided, Listed, Listing, Page
from api.library.program import Printout, Program
from api.library.records import One, Records
from api.library.reference import Avoidance, Group
from api.library.suitability import Because, SuitabilityAnswer, reading

Signs = Mapping[str, Sequence[Group]]
"""The groups that are signs of each type."""


def listing(answer: Listing, next_: str | None) -> bytes:
    """Write a page of the catalogue; where types were asked, what to avoid comes before what is recommended."""
    return written(_listing(answer, next_))


def records(answer: Records, next_: str | None) -> bytes:
    """Write a list of records."""
    body = (line for one in answer.records for line in record(one, level=2))
    return written([*heading(1, title(answer.model)), *_count(len(answer.documents), answer.total), *body, *_more(next_)])


def avoided(answer: Avoided, next_: str | None) -> bytes:
    """Write a page of what types should avoid; that nothing is named doesn't make anything safe."""
    types = phrases.listed([phrases.words(type_) for type_ in answer.types])
    head = heading(1, f"What to avoid for: {plain(types)}" if types else "What to avoid")
    return written([*head, *paragraph(plain(wording.DISCLAIMER)), *_avoidances(answer.page), *_more(next_)])


def suitability(answer: SuitabilityAnswer, _: str | None) -> bytes:
    """Write whether an exercise suits, and why."""
    types = phrases.listed([phrases.words(type_) for type_ in answer.types])
    verdict = [bold(f"{answer.verdict.label}."), plain(answer.verdict.meaning)]
    intensity = bold(f"{answer.intensity.label}.".upper()) if answer.intensity else None
    return written(
        [
            *heading(1, f"{plain(answer.name)}, for: {plain(types)}"),
            *paragraph(plain(answer.disclaimer)),
            *paragraph(joined([intensity, *verdict])),
            *bullets(map(_because, answer.because)),
            *bullets(map(_resemblance, answer.possible_match)),
        ]
    )


def _because(one: Because) -> str:
    via = f"(by way of {plain(phrases.words(one.via.slug))})" if one.via else None
    label = bold(f"{one.verdict.label}, {phrases.words(one.type)}:")
    return joined([label, via, plain(one.reason), sourced(one.source) if one.source else None])


def one(answer: One, next_: str | None) -> bytes:
    """Write one record, in its own way where there is one."""
    own = _OWN.get(answer.model)
    return own(answer.record, next_) if own else written(record(answer.record, level=1))


def _listing(answer: Listing, next_: str | None) -> Iterator[str]:
    types = phrases.listed([phrases.words(type_) for type_ in answer.types])
    yield from heading(1, f"Exercises recommended for: {plain(types)}" if types else "Exercises")
    yield from paragraph(plain(wording.DISCLAIMER))
    if answer.avoid is not None:
        yield from _avoid(answer.avoid)
        yield from heading(2, "What is recommended")
    yield from _count(len(answer.page.items), answer.page.total)
    for listed in answer.page.items:
        yield from _listed(listed, answer)
    if answer.undecided and answer.undecided.items:
        yield from _undecided(answer.undecided, answer)
    yield from _more(next_)


def _avoid(page: Page[Avoidance]) -> Iterator[str]:
    yield from heading(2, "What to avoid")
    yield from _avoidances(page)


def _avoidances(page: Page[Avoidance]) -> Iterator[str]:
    yield from paragraph("" if page.items else bold(wording.NOTHING_NAMED))
    yield from _count(len(page.items), page.total)
    yield from bullets(_avoidance(one) for one in page.items)


def _avoidance(one: Avoidance) -> str:
    via = f", by way of {plain(phrases.words(one.via.slug))}" if one.via else ""
    return joined([bold(one.name), f"({plain(phrases.words(one.type))}{via}):", plain(one.reason), sourced(one.source)])


def _listed(one: Listed, of: Listing) -> Iterator[str]:
    yield from _exercise(reading(one.exercise, of.types), one.suitability, level=3, signs=of.signs)


def _undecided(page: Page[Listed], of: Listing) -> Iterator[str]:
    yield from heading(2, "For a clinician to decide")
    yield from paragraph("Recommended for one of the types asked and not judged for another.")
    for listed in page.items:
        yield from _listed(listed, of)


def _count(shown: int, total: int | None) -> list[str]:
    """Say so where there are more than are shown."""
    return [] if total == shown else paragraph(f"{shown} of {total if total is not None else 'more than can be counted'}.")


def _more(next_: str | None) -> list[str]:
    return paragraph(f"Next page: {address(next_)}") if next_ else []


def exercise(answer: AnsweredExercise, _: str | None) -> bytes:
    """Write one exercise."""
    return written(_exercise(answer, answer.suitability, level=1))


def _exercise(one: Exercise, read: Suitability | None, level: int, signs: Signs = MappingProxyType({})) -> Iterator[str]:
    shout = read and (read.intensity_note or (read.intensity and read.intensity.label))
    yield from heading(level, joined([bold(shout.upper()) if shout else None, plain(one.name)]))
    yield from paragraph(joined([f"({plain(one.slug)})", plain(one.summary or "")]))
    yield from bullets(map(_recommendation, one.recommendations))
    yield from bullets(_contraindication(against, signs.get(against.type, [])) for against in one.contraindications)
    yield from bullets(map(_resemblance, one.possible_match))
    yield from paragraph(f"{bold('Start.')} {plain(one.start)}" if one.start else "")
    yield from steps(one.steps)
    for label, parts in (("Common errors", one.common_errors), ("Easier", one.easier), ("Harder", one.harder)):
        yield from paragraph(f"{bold(f'{label}:')} {plain(' '.join(parts))}" if parts else "")
    for label, slugs in (("Needs", one.equipment), ("Regions", one.regions), ("Muscles", one.muscles), ("Patterns", one.patterns)):
        yield from paragraph(f"{bold(f'{label}:')} {plain(phrases.listed([phrases.words(slug) for slug in slugs]))}" if slugs else "")
    yield from paragraph(f"{bold('Also called:')} {plain(phrases.listed(one.aliases))}" if one.aliases else "")
    yield from _labelled("Variants", [joined([bold(f"{v.name}."), plain(v.start or ""), plain(" ".join(v.steps))]) for v in one.variants])
    yield from _labelled("Cautions", [_caution(c, one) for c in one.cautions])
    yield from _labelled("What sources print; not a prescription", [_dosage(d) for d in one.dosages])
    yield from _labelled("Evidence", [joined([plain(e.text), sourced(e.source)]) for e in one.evidence])
    yield from paragraph(plain(phrases.signed(one.review) if one.review else wording.NOT_REVIEWED))


def _labelled(label: str, items: list[str]) -> list[str]:
    return [*paragraph(bold(f"{label}:")), *bullets(items)] if items else []


def _recommendation(one: Recommendation) -> str:
    place = f"place {one.position}" + (f", choice {one.choice}" if one.alternatives else "")
    intensity = one.intensity_note or (one.intensity and one.intensity.label)
    said = [plain(f"{part}.") for part in (intensity, one.note) if part]
    return joined([bold(f"Recommended for {phrases.words(one.type)}:"), f"{place}.", *said, sourced(one.source)])


def _contraindication(one: Contraindication, groups: Sequence[Group]) -> str:
    """Say who should avoid it, and which groups are likely to be of that type."""
    via = f"(by way of {plain(phrases.words(one.via.slug))})" if one.via else None
    signs = plain(f"Signs of that type: {'; '.join(group.name for group in groups)}.") if groups else None
    return joined([bold(f"Avoid for {phrases.words(one.type)}:"), via, plain(one.reason), sourced(one.source), signs])


def _resemblance(one: PossibleMatch) -> str:
    return joined([bold("Not cleared:"), f"it resembles {plain(phrases.words(one.slug))},", wording.NOT_CLEARED])


def _caution(one: Caution, exercise: Exercise) -> str:
    variant = next((each.name for each in exercise.variants if each.slug == one.variant), None)
    asks = f"{one.action.label}: {variant}." if variant else f"{one.action.label}."
    return joined([bold(f"{phrases.title(one.group)}."), plain(asks), plain(one.text), sourced(one.source)])


def _dosage(one: Dosage) -> str:
    return joined([bold(phrases.dosage(one)), plain(f"Printed for: {one.printed_for}."), sourced(one.source)])


_OWN: Mapping[type, Callable[..., bytes]] = {
    AnsweredExercise: exercise,
    Exercise: exercise,
    Program: lambda answer, next_: program(Printout(answer), next_),
    SuitabilityAnswer: suitability,
    History: history,
}
