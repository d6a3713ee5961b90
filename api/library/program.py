"""Types and groups become a safe, ordered program that says what it withheld, and why."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import NamedTuple

from api.library import wording
from api.library.exercise import AnsweredExercise, Caution, Exercise, Suitability
from api.library.record import Attribution, ExerciseSlug, GroupSlug, Position, Record, Slug, Text, TypeSlug, references
from api.library.reference import Avoidance, Group, RedFlag, Source, StopRule
from api.library.suitability import explain
from api.library.vocabulary import Action, Basis, Verdict


class ProgramExercise(AnsweredExercise):
    """An exercise in a program, done as the groups given need it."""

    variant: Slug | None
    """The variant that a caution asks for; `start`, `steps` and `equipment` are then the variant's. Null: as it is."""
    variant_name: Text | None
    """What a person calls that variant."""
    heed: list[Caution]
    """The cautions of the groups given, to be read before doing it; `cautions` has those of every group."""


class Slot(Record):
    """A place in the program: one of its choices is done."""

    position: Position
    """The place, counted from 1; no sequence is claimed."""
    choices: list[ProgramExercise]
    """Who is named first comes first; one of them is enough."""


class Withheld(Record):
    """An exercise that the program leaves out, though it was asked for or would be in it."""

    slug: ExerciseSlug
    """Which exercise."""
    name: Text
    """What a person calls it."""
    reason: Text
    """Why."""
    source: Attribution | None
    """Who says so; null where nobody has judged it."""


class ProgramCaution(Caution):
    """A caution that this program acts on."""

    exercise: ExerciseSlug
    """The exercise it concerns."""


class Program(Record):
    """What somebody of these types and groups can do, to be printed and handed over."""

    types: list[TypeSlug]
    """The types that it is safe for."""
    groups: list[GroupSlug]
    """The groups that it minds, implied ones included."""
    red_flags: list[RedFlag]
    """What wants a clinician before the first exercise."""
    slots: list[Slot]
    """The exercises, in order."""
    avoid: list[Avoidance]
    """What to avoid, at most 100. Empty says that the sources name nothing, which is not the same as safe."""
    avoid_total: int | None
    """How many there are to avoid."""
    undecided: list[AnsweredExercise]
    """Recommended for one of the types and not judged for another: for a clinician to decide."""
    withheld: list[Withheld]
    """What was left out, and why."""
    cautions: list[ProgramCaution]
    """The cautions that were acted on: withheld, swapped, or printed at the exercise."""
    stop_rules: list[StopRule]
    """When to stop, do less or ask."""
    sources: list[Source]
    """Every source that the program names."""
    revision: int
    """The library's revision that the program was made from."""
    basis: Basis
    """Whether the combination is the source's, or a rule of this project."""
    disclaimer: Text
    """What the program is not."""


class Ingredients(NamedTuple):
    """All that a program is made from: what the catalogue says for the types, in its order."""

    types: Sequence[str]
    groups: Sequence[str]
    recommended: Sequence[tuple[Exercise, Suitability]]
    undecided: Sequence[tuple[Exercise, Suitability]]
    avoid: Sequence[Avoidance]
    avoid_total: int | None
    only: Sequence[Exercise]
    """The exercises that the program was asked to be limited to; empty: no limit."""
    red_flags: Sequence[RedFlag]
    stop_rules: Sequence[StopRule]
    sources: Mapping[str, Source]
    revision: int


def implied(groups: Iterable[str], known: Mapping[str, Group]) -> list[str]:
    """Add the groups that groups imply, in the order of the library."""
    found: set[str] = set()
    new = set(groups)
    while new:
        found |= new
        new = {other for one in new for other in known[one].implies} - found
    return [slug for slug in known if slug in found]


def in_force(flags: Iterable[RedFlag], groups: Iterable[str]) -> list[RedFlag]:
    """Give the red flags of everybody and of these groups."""
    minded = set(groups)
    return [flag for flag in flags if flag.group is None or flag.group in minded]


def compose(of: Ingredients) -> Program:
    """Make the program: only what every type recommends and no group forbids."""
    wanted = {one.slug for one in of.only}
    chosen = [(exercise, read) for exercise, read in of.recommended if not wanted or exercise.slug in wanted]
    fitted = [(exercise, read, _fit(exercise, of.groups)) for exercise, read in chosen]
    slots = _slots([_adapted(exercise, read, fit) for exercise, read, fit in fitted if not fit.forbidden_by])
    withheld = [_forbidden(exercise, fit) for exercise, _, fit in fitted if fit.forbidden_by]
    withheld += [_unsuitable(one, of.types) for one in of.only if one.slug not in {exercise.slug for exercise, _ in of.recommended}]
    undecided = [_answered(exercise, read) for exercise, read in of.undecided if not wanted or exercise.slug in wanted]
    draft = Program(
        types=list(of.types),
        groups=list(of.groups),
        red_flags=in_force(of.red_flags, of.groups),
        slots=slots,
        avoid=list(of.avoid),
        avoid_total=of.avoid_total,
        undecided=undecided,
        withheld=withheld,
        cautions=[ProgramCaution(exercise=exercise.slug, **dict(caution)) for exercise, _, fit in fitted for caution in fit.heed],
        stop_rules=[rule for rule in of.stop_rules if rule.group is None or rule.group in of.groups],
        sources=[],
        revision=of.revision,
        basis=Basis.SOURCE if len(of.types) == 1 else Basis.PROJECT_RULE,
        disclaimer=wording.DISCLAIMER,
    )
    named = {one.slug for one in references(draft) if one.kind == "source"}
    return draft.model_copy(update={"sources": [source for slug, source in of.sources.items() if slug in named]})


class _Fit(NamedTuple):
    """What the groups given ask of one exercise."""

    heed: Sequence[Caution]

    @property
    def forbidden_by(self) -> Caution | None:
        """The caution that forbids it; two that ask for different variants can't both be followed, which forbids it too."""
        forbidding = [one for one in self.heed if one.action is Action.AVOID]
        modifying = [one for one in self.heed if one.action is Action.MODIFY]
        if len({one.variant for one in modifying}) > 1:
            forbidding.append(modifying[0])
        return forbidding[0] if forbidding else None

    @property
    def variant(self) -> str | None:
        """The variant to do instead."""
        return next((one.variant for one in self.heed if one.action is Action.MODIFY), None)


def _fit(exercise: Exercise, groups: Iterable[str]) -> _Fit:
    minded = set(groups)
    return _Fit([one for one in exercise.cautions if one.group in minded])


def _answered(exercise: Exercise, read: Suitability) -> AnsweredExercise:
    return AnsweredExercise.model_construct(**dict(exercise), suitability=read)


def _adapted(exercise: Exercise, read: Suitability, fit: _Fit) -> ProgramExercise:
    """Swap in the variant that a caution asks for; the exercise keeps its slug."""
    swapped = next((one for one in exercise.variants if one.slug == fit.variant), None)
    instead = {"start": swapped.start, "steps": swapped.steps, "equipment": swapped.equipment} if swapped else {}
    named = {"variant": swapped.slug if swapped else None, "variant_name": swapped.name if swapped else None}
    return ProgramExercise.model_construct(**{**dict(exercise), **instead, **named, "suitability": read, "heed": list(fit.heed)})


def _slots(exercises: Sequence[ProgramExercise]) -> list[Slot]:
    def place(exercise: ProgramExercise) -> int:
        return (exercise.suitability.position if exercise.suitability else None) or 0

    def order(exercise: ProgramExercise) -> tuple[int, int, str]:
        return place(exercise), (exercise.suitability.choice if exercise.suitability else None) or 0, exercise.slug

    return [Slot.model_construct(position=at, choices=list(choices)) for at, choices in groupby(sorted(exercises, key=order), place)]


def _forbidden(exercise: Exercise, fit: _Fit) -> Withheld:
    because = fit.forbidden_by
    assert because is not None  # noqa: S101  (the caller has asked; this is for the type checker)
    return Withheld(slug=exercise.slug, name=exercise.name, reason=because.text, source=because.source)


def _unsuitable(exercise: Exercise, types: Sequence[str]) -> Withheld:
    """Say why an exercise that was asked for by name isn't in the program: the weightiest reason first."""
    reasons = {one.verdict: one for one in reversed(explain(exercise, types).because)}
    because = reasons.get(Verdict.AVOID) or reasons[Verdict.UNKNOWN]
    return Withheld(slug=exercise.slug, name=exercise.name, reason=because.reason, source=because.source)


def every_exercise(program: Program) -> Iterator[AnsweredExercise]:
    """Give each exercise that a program shows, the undecided ones last."""
    yield from (choice for slot in program.slots for choice in slot.choices)
    yield from program.undecided
