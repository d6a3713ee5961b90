"""What stands on a program's sheet of paper: words and numbers, in order. Every format that a person reads writes this sheet."""

from collections.abc import Sequence
from dataclasses import dataclass

UNVERIFIED = "†"


@dataclass(frozen=True, slots=True)
class Said:
    """A statement, the number of its source, and the clause it rests on."""

    text: str
    ref: str
    quote: str | None


@dataclass(frozen=True, slots=True)
class Flag:
    """A question that comes before the first exercise."""

    question: str
    criteria: Sequence[str]
    at_least: int | None
    ref: str


@dataclass(frozen=True, slots=True)
class Flags:
    """The red flags that ask for the same thing to be done, of the same people."""

    what_to_do: str
    group: str | None
    flags: Sequence[Flag]


@dataclass(frozen=True, slots=True)
class Urgency:
    """The red flags of one level."""

    label: str
    meaning: str
    asks: Sequence[Flags]


@dataclass(frozen=True, slots=True)
class Heed:
    """What somebody reads before doing the exercise: a caution of a group that was given, or who should leave it out."""

    group: str
    action: str | None
    said: Said


@dataclass(frozen=True, slots=True)
class Printed:
    """How much one source prints, and for whom."""

    amount: str
    printed_for: str
    by: str
    ref: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawing, to be set into a page."""

    svg: str
    alt: str
    """What is seen, in words."""


@dataclass(frozen=True, slots=True)
class Exercised:
    """An exercise with all that is needed to do it."""

    name: str
    intensity: str | None
    variant: str | None
    heed: Sequence[Heed]
    not_for: Sequence[Heed]
    """Who should leave it out, of those that the program isn't for."""
    notes: Sequence[Said]
    """How to do it, where the source of the recommendation says so."""
    clauses: Sequence[Said]
    """The clauses that recommend it; clinicians' edition only."""
    start: str | None
    steps: Sequence[str]
    errors: Sequence[str]
    easier: Sequence[str]
    described_by: Sequence[str]
    printed: Sequence[Printed]
    """What others print as doses; clinicians' edition only."""
    evidence: Sequence[Said]
    """What studies say of it; clinicians' edition only."""
    reviewed: str | None
    picture: Picture | None
    """How it looks; none where the exercise as it is done here was not drawn."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the program; one of its exercises is done."""

    number: int
    exercises: Sequence[Exercised]


@dataclass(frozen=True, slots=True)
class Named:
    """Something that is named with what is said of it."""

    name: str
    about: str | None
    said: Sequence[Said]


@dataclass(frozen=True, slots=True)
class Cited:
    """A publication under the number by which the sheet names it."""

    number: int
    citation: str
    address: str | None
    unverified: bool


@dataclass(frozen=True, slots=True)
class Sheet:
    """The program as it stands on paper."""

    title: str
    about: str
    """The groups that it minds; empty where none was given."""
    size: str
    """How much there is to set: `few`, `some`, `many` or `most`. The less, the larger."""
    refer: str
    notices: Sequence[str]
    unasked: str
    """The groups that would change the program, where nobody was asked about them."""
    red_flags: Sequence[Urgency]
    equipment: str
    places: Sequence[Place]
    avoid: Sequence[Named]
    avoid_more: int
    nothing_named: str
    undecided: Sequence[Named]
    withheld: Sequence[Named]
    stop_rules: Sequence[Said]
    closing: str
    """What the sheet rests on, and what it is not."""
    sources: Sequence[Cited]
    """Clinicians' edition only."""
    footer: str
