"""Lays a program out as a sheet: what goes where, and which source has which number."""

from collections.abc import Sequence
from functools import cache

from api.formats import phrases
from api.formats.citing import Sources
from api.formats.sheet import Exercised, Flag, Flags, Heed, Named, Picture, Place, Printed, Said, Sheet, Urgency
from api.library import wording
from api.library.exercise import AnsweredExercise, picture_of
from api.library.exercise_draft import Caution, Dosage
from api.library.pattern import Avoidance
from api.library.program import NotFor, Printout, Program, ProgramExercise, Withheld, every_exercise
from api.library.record import Attribution
from api.library.screening_items import RedFlag
from api.library.vocabulary import Action, Basis, Edition, Level
from api.shipped import folder

_SIZES = {3: "few", 4: "some", 5: "many"}
_SPREAD = 8
"""With how many cautions at most five exercises fit two pages in larger letters."""


def lay_out(printout: Printout) -> Sheet:
    """Lay the program out from top to bottom; sources are numbered as they are first cited."""
    program, for_clinicians = printout.program, printout.edition is Edition.CLINICIAN
    sources = Sources({publication.slug: publication for publication in program.sources}, are_listed=for_clinicians)
    sheet = Sheet(
        title=program.title,
        about="; ".join(program.group_names.values()),
        size=_size(program),
        refer=wording.REFER,
        notices=[wording.NOT_THE_SOURCES] if program.basis is Basis.PROJECT_RULE else [],
        unasked="; ".join(question.name for question in program.unasked),
        red_flags=urgencies(program.red_flags, sources),
        equipment=_equipment(program),
        places=[
            Place(n, [_exercised(choice, printout, sources) for choice in slot.choices]) for n, slot in enumerate(program.slots, start=1)
        ],
        avoid=[_avoided(avoidance, sources) for avoidance in program.avoid],
        avoid_more=max((program.avoid_total or 0) - len(program.avoid), 0),
        nothing_named=wording.NOTHING_NAMED,
        undecided=[_undecided(exercise, program) for exercise in program.undecided],
        withheld=[_withheld(left_out, sources) for left_out in program.withheld],
        stop_rules=[_said(rule.text, rule.source, sources) for rule in program.stop_rules],
        closing=_closing(program, sources),
        sources=sources.met,
        footer=f"{program.title}. Revision {program.revision}. {_reviewed(program)}".strip(),
    )
    for source in program.sources:  # those that nothing above cites come last
        sources.mark(Attribution(slug=source.slug))
    return sheet


def _said(text: str, source: Attribution | None, sources: Sources) -> Said:
    return Said(text, sources.mark(source), sources.quote(source)) if source else Said(text, "", None)


def _size(program: Program) -> str:
    """Cautions of groups take about as much room as another exercise; a group's warning signs leave two whole pages to the exercises."""
    shown = sum(len(slot.choices) for slot in program.slots) + bool(program.groups)
    spread = any(flag.group for flag in program.red_flags) and len(program.cautions) <= _SPREAD
    return next((size for most, size in _SIZES.items() if shown <= most), "some" if spread else "most")


def _closing(program: Program, sources: Sources) -> str:
    """Name what the recommendations rest on, and say what the sheet is not."""
    recommendations = (how for slot in program.slots for choice in slot.choices for how in choice.recommendations)
    names = dict.fromkeys(
        sources.name_and_kind(recommendation.source) for recommendation in recommendations if recommendation.type in program.types
    )
    rests = wording.RESTS_ON.format(", ".join(names)) if names else ""
    return " ".join(part for part in (rests, program.disclaimer) if part)


def _reviewed(program: Program) -> str:
    return "" if program.slots and all(exercise.review for exercise in every_exercise(program)) else wording.NOT_REVIEWED


def urgencies(flags: Sequence[RedFlag], sources: Sources) -> list[Urgency]:
    """Group the red flags by urgency."""
    by_level = {level: [flag for flag in flags if flag.level is level] for level in Level}
    return [_urgency(level, same, sources) for level, same in by_level.items() if same]


def _urgency(level: Level, flags: Sequence[RedFlag], sources: Sources) -> Urgency:
    """Group the flags of a level by what they ask to be done, in their order."""
    asks: dict[tuple[str, str | None], list[RedFlag]] = {}
    for flag in flags:
        asks.setdefault((flag.what_to_do, flag.group), []).append(flag)
    gathered = [
        Flags(what_to_do, phrases.words(group) if group else None, [_flag(caution, sources) for caution in same])
        for (what_to_do, group), same in asks.items()
    ]
    return Urgency(level.label, level.meaning, gathered)


def _flag(flag: RedFlag, sources: Sources) -> Flag:
    return Flag(flag.question, flag.criteria, flag.at_least, sources.mark(flag.source))


def _equipment(program: Program) -> str:
    """List the equipment that the exercises may need, each once."""
    needed = (slug for slot in program.slots for choice in slot.choices for slug in choice.equipment)
    return phrases.listed(dict.fromkeys(needed))


def _exercised(exercise: ProgramExercise, printout: Printout, sources: Sources) -> Exercised:
    read, for_clinicians = exercise.suitability, printout.edition is Edition.CLINICIAN
    recommended = [r for r in exercise.recommendations if r.type in printout.program.types]
    return Exercised(
        name=exercise.name,
        intensity=(phrases.intensity(read) or None) if read else None,
        variant=exercise.variant_name,
        heed=[
            Heed(phrases.within(printout.program.group_names.get(c.group, c.group)), _asked(c), _said(c.text, c.source, sources))
            for c in exercise.heed
        ],
        not_for=_not_for(exercise, printout.program, sources),
        notes=list(dict.fromkeys(_note(r.note, r.source, printout, sources) for r in recommended if r.note)),
        clauses=list(dict.fromkeys(_said("", r.source, sources) for r in recommended if r.source.quote)) if for_clinicians else [],
        start=exercise.start,
        steps=exercise.steps,
        errors=exercise.common_errors,
        easier=exercise.easier,
        described_by=_described_by(exercise, sources) if for_clinicians else [],
        printed=[_printed(d, sources) for d in exercise.dosages] if for_clinicians else [],
        evidence=[_said(e.text, e.source, sources) for e in exercise.evidence] if for_clinicians else [],
        reviewed=phrases.signed(exercise.review) if exercise.review else None,
        picture=_picture(exercise),
    )


def _picture(exercise: ProgramExercise) -> Picture | None:
    """Give the drawing of the variant that is done here; none is better than that of another starting position."""
    image = picture_of(exercise.images, exercise.variant)
    svg = _drawing(image.best.sha256) if image else None
    return Picture(svg, image.alt) if image and svg else None


@cache
def _drawing(sha256: str) -> str | None:
    """Read one of our drawings; None for what isn't ours."""
    file = folder("seed_data") / "images" / f"{sha256}.svg"
    return file.read_text(encoding="utf-8") if file.is_file() else None


def _not_for(exercise: ProgramExercise, program: Program, sources: Sources) -> list[Heed]:
    """Say which other types should leave the exercise out."""
    names = {of.type: of for of in program.not_for}
    against = [(names[c.type], c) for c in exercise.contraindications if c.type in names]
    return [Heed(_who(of), Action.AVOID.label, _said(c.reason, c.source, sources)) for of, c in against]


def _who(of: NotFor) -> str:
    """Name a type, and the groups that are signs of it."""
    signs = "; ".join(phrases.within(sign.name) for sign in of.signs)
    return f"{phrases.within(of.name)}; signs of that: {signs}" if signs else phrases.within(of.name)


def _note(note: str, source: Attribution, printout: Printout, sources: Sources) -> Said:
    """Say how to do it; for clinicians, words that are in the quote are marked as the source's."""
    quoted = printout.edition is Edition.CLINICIAN and note in (source.quote or "")
    return Said("", sources.mark(source), note) if quoted else Said(note, sources.mark(source), None)


def _described_by(exercise: ProgramExercise, sources: Sources) -> list[str]:
    swapped = [variant.source for variant in exercise.variants if variant.slug == exercise.variant]
    shown = {"common_errors"} if swapped else {"steps", "start", "common_errors", "easier"}
    return list(dict.fromkeys([*map(sources.mark, swapped), *sources.behind(exercise.provenance, *shown)]))


def _printed(dosage: Dosage, sources: Sources) -> Printed:
    return Printed(phrases.dosage(dosage), dosage.printed_for, sources.name(dosage.source), sources.mark(dosage.source))


def _avoided(avoidance: Avoidance, sources: Sources) -> Named:
    via = f"by way of {phrases.words(avoidance.via.slug)}" if avoidance.via else None
    return Named(avoidance.name, via, [_said(avoidance.reason, avoidance.source, sources)])


def _undecided(exercise: AnsweredExercise, program: Program) -> Named:
    recommending = {r.type for r in exercise.recommendations}
    recommended = [phrases.within(name) for slug, name in program.type_names.items() if slug in recommending]
    silent = [phrases.within(name) for slug, name in program.type_names.items() if slug not in recommending]
    resembles = [
        Said(f"Not cleared: it resembles {phrases.words(m.slug)}, {wording.NOT_CLEARED}", "", None) for m in exercise.possible_match
    ]
    return Named(exercise.name, f"recommended if {', '.join(recommended)}; not judged if {', '.join(silent)}", resembles)


def _withheld(withheld: Withheld, sources: Sources) -> Named:
    """Give the reason; where cautions can't be followed together, each with its source."""
    if len(withheld.cautions) > 1:
        return Named(
            withheld.name, phrases.within(wording.NO_VARIANT_FOLLOWS), [_said(c.text, c.source, sources) for c in withheld.cautions]
        )
    return Named(withheld.name, None, [_said(withheld.reason, withheld.source, sources)])


def _asked(caution: Caution) -> str | None:
    """Say what a caution asks for, where its words and the variant shown don't say it already."""
    return None if caution.action in (Action.NOTE, Action.MODIFY) else caution.action.label
