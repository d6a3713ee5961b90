"""A program as Markdown: the sheet, to be read in a terminal as it is, or rendered."""

from collections.abc import Iterator, Sequence

from api.formats.layout import lay_out
from api.formats.markdown_text import NUMBERED, bold, bullets, heading, joined, labelled, paragraph, plain, quoted, written
from api.formats.sheet import UNVERIFIED, Cited, Exercised, Flag, Named, Place, Said, Sheet
from api.library import wording
from api.library.program import Printout

_BLANKS = (
    "Name ________________________________",
    "Date ______________ Review on ______________",
    "Clinician _______________ Phone ______________",
)
_DOSE = "Sets ______ Reps ______ Hold ______ s Times a day ______ Side ______"


def program(answer: Printout, _: str | None) -> bytes:
    """Write a program: red flags first, then when to stop, what to avoid and the exercises, and what was left out."""
    return written(_lines(lay_out(answer)))


def _lines(sheet: Sheet) -> Iterator[str]:
    yield from heading(1, plain(sheet.title))
    yield from bullets(_BLANKS)
    yield from paragraph(f"{bold('It takes account of:')} {plain(sheet.about)}." if sheet.about else "")
    for notice in sheet.notices:
        yield from paragraph(plain(notice))
    yield from _red_flags(sheet)
    yield from paragraph(f"{bold(wording.UNASKED)} {plain(sheet.unasked)}." if sheet.unasked else "")
    yield from _list("When to stop, do less or ask", list(map(_said, sheet.stop_rules)))
    yield from _avoid(sheet)
    yield from heading(2, "Your exercises") if sheet.places else ()
    yield from labelled("You may need:", sheet.equipment)
    for place in sheet.places:
        yield from _place(place)
    yield from _list("For your clinician to decide", list(map(_named, sheet.undecided)))
    yield from _list("Left out of this program", list(map(_named, sheet.withheld)))
    yield from paragraph(plain(sheet.closing))
    yield from _sources(sheet) if sheet.sources else ()
    yield from paragraph(plain(sheet.footer))


def _sources(sheet: Sheet) -> Iterator[str]:
    yield from heading(2, "Sources")
    yield from paragraph(f"{UNVERIFIED} unverified: well known, but not checked against a publication.")
    yield from bullets(map(_cited, sheet.sources), NUMBERED)


def _said(saying: Said) -> str:
    """Write a statement, the clause it rests on, and the number of its source."""
    return joined([plain(saying.text), quoted(saying.quote) if saying.quote else None, _ref(saying.ref)])


def _ref(mark: str) -> str | None:
    return f"[{mark}]" if mark else None


def _named(named: Named) -> str:
    about = f" ({plain(named.about)})" if named.about else ""
    return joined([f"{bold(named.name)}{about}{':' if named.said else ''}", *map(_said, named.said)])


def _list(title: str, items: Sequence[str]) -> list[str]:
    return [*heading(2, title), *bullets(items)] if items else []


def _red_flags(sheet: Sheet) -> Iterator[str]:
    yield from heading(2, "First: is any of this true of you?")
    yield from paragraph(joined(["If so, or if you are not sure:", bold("no exercises yet."), plain(sheet.refer)]))
    for level in sheet.red_flags:
        yield from heading(3, plain(level.label))
        for ask in level.asks:
            yield from paragraph(joined([bold(ask.what_to_do), f"(If this is you: {plain(ask.group)})" if ask.group else None]))
            yield from bullets((_flag(flag) for flag in ask.flags), mark="- [ ] ")


def _flag(flag: Flag) -> str:
    criteria = f"{bold(f'{flag.at_least} or more of:')} {' / '.join(map(plain, flag.criteria))}" if flag.criteria else None
    return joined([plain(flag.question), criteria, _ref(flag.ref)])


def _avoid(sheet: Sheet) -> Iterator[str]:
    yield from heading(2, "What to avoid")
    yield from bullets(map(_named, sheet.avoid))
    yield from paragraph("" if sheet.avoid else bold(sheet.nothing_named))
    yield from paragraph(f"And {sheet.avoid_more} more: ask for the full list." if sheet.avoid_more else "")


def _place(place: Place) -> Iterator[str]:
    choices = len(place.exercises)
    if choices > 1:
        yield from heading(3, f"{place.number}. One of these {choices}")
    for n, exercise in enumerate(place.exercises):
        name = joined([exercise.intensity and bold(exercise.intensity.upper()), plain(exercise.name)])
        yield from heading(4 if choices > 1 else 3, f"or: {name}" if n else name if choices > 1 else f"{place.number}. {name}")
        yield from _exercise(exercise)


def _exercise(exercise: Exercised) -> Iterator[str]:
    yield from paragraph(bold(f"{exercise.intensity.upper()}!") if exercise.intensity else "")
    yield from paragraph(bold(f"Do it this way: {exercise.variant}") if exercise.variant else "")
    for heed in exercise.heed:
        quote = quoted(heed.said.quote) if heed.said.quote else None
        asks = f"{heed.action}: " if heed.action else ""
        yield from paragraph(joined([bold(f"{asks}{heed.said.text}"), f"({plain(heed.group)})", quote, _ref(heed.said.ref)]))
    for other in exercise.not_for:
        yield from paragraph(joined([bold(f"{other.action} if {other.group}."), _said(other.said)]))
    yield from (line for note in exercise.notes for line in paragraph(_said(note)))
    yield from labelled("Start.", exercise.start)
    yield from bullets(map(plain, exercise.steps), NUMBERED)
    yield from labelled("Common errors:", " ".join(exercise.errors))
    yield from labelled("Easier:", " ".join(exercise.easier))
    yield from paragraph(_DOSE)
    yield from bullets(map(_said, exercise.evidence))
    yield from paragraph("What others print; not a prescription:" if exercise.printed else "")
    yield from bullets(f"{bold(p.amount)} {plain(p.by)}; printed for: {plain(p.printed_for)} [{p.ref}]" for p in exercise.printed)
    yield from paragraph(joined([bold("Recommended:"), *map(_said, exercise.clauses)]) if exercise.clauses else "")
    yield from paragraph(f"Described after [{', '.join(exercise.described_by)}]" if exercise.described_by else "")
    yield from paragraph(plain(exercise.reviewed or ""))


def _cited(source: Cited) -> str:
    return joined([plain(source.citation), plain(source.address or ""), bold(f"{UNVERIFIED} unverified") if source.unverified else None])
