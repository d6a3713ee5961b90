"""A program: what people of these types and groups can do, and what was left out and why."""

from collections.abc import Iterator
from typing import NamedTuple

from api.library.condition import StopRule
from api.library.exercise import AnsweredExercise
from api.library.exercise_draft import Caution
from api.library.pattern import Avoidance
from api.library.record import Attribution, ExerciseSlug, GroupSlug, Position, Record, Slug, Text, TypeSlug
from api.library.screening_items import RedFlag
from api.library.source import Source
from api.library.vocabulary import Basis, Edition


class ProgramExercise(AnsweredExercise):
    """An exercise in a program, done as the groups given need it."""

    variant: Slug | None
    """The variant that a caution asks for: how it is done, what it needs, its doses and pictures are then the variant's, and the
    easier and harder forms of the exercise as it stands are left out. Null: as it stands."""
    variant_name: Text | None
    """What a person calls that variant."""
    heed: list[Caution]
    """The cautions of the groups given that fit how it is done here, to be read first; `cautions` has those of every group."""


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
    cautions: list[Caution]
    """The cautions of the groups given that leave it out; empty where a type does, or the lack of a verdict."""


class GroupQuestion(Record):
    """A group, and how to ask somebody about it."""

    slug: Slug
    """Which group."""
    name: Text
    """What the group is called."""
    question: Text
    """The plain question that finds out."""


class NotFor(Record):
    """A type that the program isn't for, and that should avoid something in it."""

    type: TypeSlug
    """The type."""
    name: Text
    """What a patient reads."""
    exercises: list[ExerciseSlug]
    """What of `slots` it should avoid."""
    signs: list[GroupQuestion]
    """The groups that are signs of it."""


class ProgramCaution(Caution):
    """A caution that this program acts on."""

    exercise: ExerciseSlug
    """The exercise it concerns."""


class Program(Record):
    """What somebody of these types and groups can do, to be printed and handed over."""

    title: Text
    """What it is for, in the patient's words: the joint, and what it is likely like."""
    types: list[TypeSlug]
    """The types that it is safe for: those asked, and those that the groups given are signs of."""
    groups: list[GroupSlug]
    """The groups that it minds, implied ones included."""
    type_names: dict[str, Text]
    """What a patient calls each of `types`."""
    group_names: dict[str, Text]
    """What each of `groups` is called."""
    groups_asked: bool
    """Whether the person was asked about groups. False: nobody knows, and `unasked` would change the program."""
    unasked: list[GroupQuestion]
    """The groups that would change the program; empty where the person was asked."""
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
    """The cautions printed at the exercises in `slots`, each with its exercise."""
    not_for: list[NotFor]
    """Types that should avoid something in `slots`, though the program isn't for them, and the groups that are signs of them."""
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


class Printout(NamedTuple):
    """A program to be printed, and for whom."""

    program: Program
    edition: Edition = Edition.PATIENT


def every_exercise(program: Program) -> Iterator[AnsweredExercise]:
    """Give each exercise that a program shows, the undecided ones last."""
    yield from (choice for slot in program.slots for choice in slot.choices)
    yield from program.undecided
