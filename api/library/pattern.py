"""Movement patterns, and what a type should avoid: a pattern or an exercise."""

from functools import cached_property

from api.library.exercise_draft import Via
from api.library.record import Attribution, Record, Slug, Text, TypeSlug
from api.library.vocabulary import SubjectKind


class PatternContraindication(Record):
    """A movement pattern is to be avoided for one type."""

    type: TypeSlug
    """The type that should avoid it."""
    reason: Text
    """Why, in a sentence for the reader."""
    source: Attribution
    """Who says so, and in which words."""


class MovementPattern(Record):
    """A way of moving that many exercises may share: not itself an exercise."""

    slug: Slug
    """The name, as an exercise's `patterns` lists it."""
    name: Text
    """What a person calls it."""
    aliases: list[Text] = []
    """Other names, and movements that are of this pattern."""
    contraindications: list[PatternContraindication] = []
    """Who should avoid it, and why."""
    source: Attribution
    """Where it comes from."""

    @property
    def avoidances(self) -> "list[Avoidance]":
        """What each type that it is contraindicated for should avoid."""
        return [
            Avoidance(kind=SubjectKind.MOVEMENT_PATTERN, slug=self.slug, name=self.name, via=None, **dict(against))
            for against in self.contraindications
        ]


class Avoidance(Record):
    """One thing that one type should avoid."""

    kind: SubjectKind
    """An exercise, or a movement pattern."""
    slug: Slug
    """Which one."""
    name: Text
    """What a person calls it."""
    type: TypeSlug
    """The type that should avoid it."""
    reason: Text
    """Why."""
    via: Via | None
    """Null where the source names it itself; else what it is inherited from."""
    source: Attribution
    """Who says so, and in which words."""

    @cached_property
    def document(self) -> str:
        """Its JSON."""
        return self.model_dump_json()
