"""Composes a safe, ordered program for types and groups, which says what it withheld and why."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import NamedTuple

from api.library import wording
from api.library.condition import Condition, StopRule, TypeDraft
from api.library.exercise import AnsweredExercise, Exercise, Suitability, role_of
from api.library.fitting import Fit, fit
from api.library.pattern import Avoidance
from api.library.program import GroupQuestion, NotFor, Program, ProgramCaution, ProgramExercise, Slot, Withheld
from api.library.record import mentions
from api.library.screening_items import Group, RedFlag, implied, in_force, signs_of_types, types_of
from api.library.source import Source
from api.library.suitability import explain, verdict
from api.library.vocabulary import Basis, Verdict


class Reach(NamedTuple):
    """The types that a program has to be safe for."""

    types: Sequence[str]
    """Those that it must be safe for."""
    beyond: Sequence[str]
    """Those of other conditions that groups are signs of: only what they avoid counts."""

    @property
    def all(self) -> tuple[str, ...]:
        """Every type whose avoids count."""
        return (*self.types, *self.beyond)


class Ingredients(NamedTuple):
    """All that a program is made from: what the catalogue says for the types, in its order."""

    reach: Reach
    groups: Sequence[str] | None
    """The groups given, implied ones included; None: nobody was asked."""
    recommended: Sequence[tuple[Exercise, Suitability]]
    """What every type recommends."""
    undecided: Sequence[tuple[Exercise, Suitability]]
    avoided: Sequence[Exercise]
    """What one of the types avoids; other types may recommend it."""
    avoid: Sequence[Avoidance]
    avoid_total: int | None
    only: Sequence[Exercise]
    """The exercises that the program was asked to be limited to; empty: no limit."""
    conditions: Sequence[Condition]
    """Those of the types that the program must be safe for."""
    red_flags: Sequence[RedFlag]
    sources: Mapping[str, Source]
    known_types: Mapping[str, TypeDraft]
    known_groups: Mapping[str, Group]
    revision: int


def reach(types: Sequence[str], groups: Iterable[str], known_types: Mapping[str, TypeDraft], known_groups: Mapping[str, Group]) -> Reach:
    """Add the types that the groups are signs of; those of conditions that weren't asked stay apart."""
    conditions = {known_types[type_].condition for type_ in types}
    signed = types_of(groups, known_groups)
    added = [slug for slug in known_types if slug in signed and slug not in types]
    within = [slug for slug in added if known_types[slug].condition in conditions]
    return Reach([*types, *within], [slug for slug in added if slug not in within])


def compose(of: Ingredients) -> Program:
    """Make the program: only what every type recommends, no type avoids and no group forbids."""
    groups = of.groups or ()
    fitted = [(exercise, read, fit(exercise, groups)) for exercise, read in _wanted(of.recommended, of) if not _is_avoided(exercise, of)]
    slots = _slots([_adapted(exercise, read, how) for exercise, read, how in fitted if not how.withheld_by])
    shown = [choice for slot in slots for choice in slot.choices]
    draft = Program(
        title=_title(of),
        types=list(of.reach.types),
        groups=list(groups),
        type_names={type_: of.known_types[type_].plain_name for type_ in of.reach.types},
        group_names={group: of.known_groups[group].name for group in groups},
        groups_asked=of.groups is not None,
        unasked=_unasked(shown, of) if of.groups is None else [],
        red_flags=in_force(of.red_flags, groups),
        slots=slots,
        avoid=list(of.avoid),
        avoid_total=of.avoid_total,
        undecided=_undecided(of),
        withheld=[*(_forbidden(exercise, how) for exercise, _, how in fitted if how.withheld_by), *_unsuitable(of)],
        cautions=[ProgramCaution(exercise=exercise.slug, **dict(caution)) for exercise in shown for caution in exercise.heed],
        not_for=_not_for(shown, of),
        stop_rules=[rule for rule in _stop_rules(of) if rule.group in {None, *groups}],
        sources=[],
        revision=of.revision,
        basis=Basis.SOURCE if len(of.reach.all) == 1 else Basis.PROJECT_RULE,
        disclaimer=wording.DISCLAIMER,
    )
    named = {mention.slug for mention in mentions(draft) if mention.kind == "source"}
    return draft.model_copy(update={"sources": [source for slug, source in of.sources.items() if slug in named]})


def _title(of: Ingredients) -> str:
    """Name each joint and what it is likely like: "Exercises for a … joint that is likely …"."""
    return f"Exercises for {' and '.join(_joint(condition, of) for condition in of.conditions)}"


def _joint(condition: Condition, of: Ingredients) -> str:
    types = [of.known_types[type_] for type_ in of.reach.types]
    likely = " or ".join(known.plain_name[:1].lower() + known.plain_name[1:] for known in types if known.condition == condition.slug)
    return f"{condition.joint} that is {likely}" if condition.joint else f"{condition.name} ({likely})"


def _wanted(read: Iterable[tuple[Exercise, Suitability]], of: Ingredients) -> list[tuple[Exercise, Suitability]]:
    wanted = {exercise.slug for exercise in of.only}
    return [(exercise, suitability) for exercise, suitability in read if not wanted or exercise.slug in wanted]


def _is_avoided(exercise: Exercise, of: Ingredients) -> bool:
    return verdict(exercise, of.reach.all) is Verdict.AVOID


def _undecided(of: Ingredients) -> list[AnsweredExercise]:
    judged = [(exercise, read) for exercise, read in _wanted(of.undecided, of) if not _is_avoided(exercise, of)]
    return [AnsweredExercise.model_construct(**dict(exercise), suitability=read) for exercise, read in judged]


def _stop_rules(of: Ingredients) -> list[StopRule]:
    return [rule for condition in of.conditions for rule in condition.stop_rules]


_AS_IT_STANDS = ("easier", "harder")
"""Forms of the exercise as it stands: beside a variant they could undo it."""


def _adapted(exercise: Exercise, read: Suitability, how: Fit) -> ProgramExercise:
    """Show the exercise as it is done here; it keeps its slug."""
    swapped = how.variant
    shown = swapped.slug if swapped else None
    instead: dict[str, object] = {name: [] for name in _AS_IT_STANDS} if swapped else {}
    if swapped:
        instead |= {name: getattr(swapped, name) for name in ("start", "steps", "equipment", "helpful")}
    fitting = {
        "dosages": [dosage for dosage in exercise.dosages if dosage.for_variant == shown],
        "images": [image for image in exercise.images if image.role == role_of(shown)],
    }
    named = {"variant": shown, "variant_name": swapped.name if swapped else None, "heed": list(how.cautions)}
    return ProgramExercise.model_construct(**{**dict(exercise), **instead, **fitting, **named, "suitability": read})


def _slots(exercises: Sequence[ProgramExercise]) -> list[Slot]:
    def place(exercise: ProgramExercise) -> int:
        return (exercise.suitability.position if exercise.suitability else None) or 0

    def order(exercise: ProgramExercise) -> tuple[int, int, str]:
        return place(exercise), (exercise.suitability.choice if exercise.suitability else None) or 0, exercise.slug

    return [Slot.model_construct(position=at, choices=list(choices)) for at, choices in groupby(sorted(exercises, key=order), place)]


def _forbidden(exercise: Exercise, how: Fit) -> Withheld:
    """Name every caution that rules it out."""
    texts = list(dict.fromkeys(caution.text for caution in how.withheld_by))
    reason = texts[0] if len(texts) == 1 else " ".join([wording.NO_VARIANT_FOLLOWS, *texts])
    first = how.withheld_by[0].source
    return Withheld(slug=exercise.slug, name=exercise.name, reason=reason, source=first, cautions=list(how.withheld_by))


def _unsuitable(of: Ingredients) -> list[Withheld]:
    """Give what one type recommends and another avoids, and what was asked for by name and isn't recommended by all of them."""
    read = [exercise for exercise, _ in [*_wanted(of.recommended, of), *_wanted(of.undecided, of)]]
    torn = [exercise for exercise in [*read, *of.avoided] if _is_avoided(exercise, of) and _is_recommended(exercise, of)]
    offered = {exercise.slug for exercise, _ in of.recommended}
    asked = [exercise for exercise in of.only if exercise.slug not in offered]
    wanted = {exercise.slug for exercise in of.only}
    found = {exercise.slug: exercise for exercise in [*torn, *asked] if not wanted or exercise.slug in wanted}
    return [_judged(exercise, of.reach.all) for exercise in found.values()]


def _is_recommended(exercise: Exercise, of: Ingredients) -> bool:
    return any(recommendation.type in of.reach.types for recommendation in exercise.recommendations)


def _judged(exercise: Exercise, types: Sequence[str]) -> Withheld:
    """Say why an exercise doesn't suit the types: the weightiest reason first."""
    reasons = {reason.verdict: reason for reason in reversed(explain(exercise, types).because)}
    because = reasons.get(Verdict.AVOID) or reasons[Verdict.UNKNOWN]
    return Withheld(slug=exercise.slug, name=exercise.name, reason=because.reason, source=because.source, cautions=[])


def _not_for(shown: Sequence[Exercise], of: Ingredients) -> list[NotFor]:
    avoiding = {contraindication.type for exercise in shown for contraindication in exercise.contraindications}
    signed = signs_of_types(of.known_groups)
    return [
        NotFor(
            type=slug,
            name=known.plain_name,
            exercises=[exercise.slug for exercise in shown if verdict(exercise, [slug]) is Verdict.AVOID],
            signs=[_asking(group) for group in signed.get(slug, [])],
        )
        for slug, known in of.known_types.items()
        if slug in avoiding
    ]


def _unasked(shown: Sequence[Exercise], of: Ingredients) -> list[GroupQuestion]:
    """Give the groups that would change the program."""
    mattering = {caution.group for exercise in shown for caution in exercise.cautions}
    mattering |= {flag.group for flag in of.red_flags if flag.group} | {rule.group for rule in _stop_rules(of) if rule.group}

    def changes(group: str) -> bool:
        new = types_of([group], of.known_groups) - {*of.reach.types}
        return bool(new or mattering & {*implied([group], of.known_groups)})

    return [_asking(asked) for slug, asked in of.known_groups.items() if changes(slug)]


def _asking(group: Group) -> GroupQuestion:
    return GroupQuestion(slug=group.slug, name=group.name, question=group.question)
