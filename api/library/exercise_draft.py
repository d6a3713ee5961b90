"""An exercise as a curator writes it: how it is done, and what is stated of it for each type."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from api.library.record import (
    Attribution,
    EquipmentSlug,
    ExerciseSlug,
    GroupSlug,
    MuscleSlug,
    PatternSlug,
    Position,
    Range,
    Record,
    RegionSlug,
    Slug,
    Statement,
    Text,
    TypeSlug,
)
from api.library.vocabulary import Action, ExerciseKind, Intensity, Tag, ViaKind


class Recommendation(Record):
    """A source recommends the exercise for one type."""

    type: TypeSlug
    """The type it is recommended for."""
    purpose: Tag | None = None
    """What it is for: the tag its type works by (derived)."""
    position: Position
    """The place in the type's list, counted from 1; gaps are allowed, and no sequence is claimed."""
    choice: Position = 1
    """Who is named first where a place offers an 'A or B', counted from 1."""
    alternatives: list[Slug] = []
    """The other exercises at the same place of the same type, in the order they are named (derived)."""
    intensity: Intensity | None = None
    """How hard, where the source says so; null means that it doesn't say."""
    intensity_note: Text | None = None
    """The intensity in the source's own word, such as `GENTLE`."""
    note: Text | None = None
    """How to do it, where the source says so."""
    source: Attribution
    """Who recommends it, and in which words."""


class Via(Record):
    """The way by which a contraindication reaches an exercise that it doesn't name."""

    kind: ViaKind
    """By a movement pattern, or as a variant of another exercise."""
    slug: Slug
    """Which pattern or exercise."""


class Contraindication(Record):
    """The exercise is to be avoided for one type."""

    type: TypeSlug
    """The type that should avoid it."""
    reason: Text
    """Why, in a sentence for the reader."""
    via: Via | None = None
    """Null where the source names the exercise itself; else what it is inherited from (derived)."""
    source: Attribution
    """Who says so, and in which words."""


class CautionSummary(Record):
    """Whom a caution concerns and what it asks for; the exercise itself has its words and its source."""

    group: GroupSlug
    """The group it concerns."""
    action: Action
    """What to do about it."""


class Caution(CautionSummary):
    """What people of one group should mind, whatever their type."""

    variant: Slug | None = None
    """The variant of this exercise to do instead; set exactly where `action` is `modify`."""
    for_variant: Slug | None = None
    """The variant it is about; null: it holds however the exercise is done."""
    text: Text
    """The caution, in a sentence for the reader."""
    source: Attribution
    """Who says so."""

    @model_validator(mode="after")
    def names_its_variant(self) -> Self:
        """Refuse a `modify` that names no variant, and a variant without a `modify`."""
        if (self.action is Action.MODIFY) != (self.variant is not None):
            msg = "'variant' goes with the action 'modify', and only with it"
            raise ValueError(msg)
        return self


class Dosage(Record):
    """How much one source prints: shown as that source's, never merged with another's and never ours."""

    printed_for: Text
    """Whom or what the source printed it for."""
    for_variant: Slug | None = None
    """The variant it is about; null: only the exercise as it stands."""
    sets: Range | None = None
    """Number of sets."""
    reps: Range | None = None
    """Repetitions in a set."""
    hold_seconds: Range | None = None
    """Seconds that one repetition, or the position, is held."""
    sessions_per_day: Range | None = None
    """Sessions a day."""
    per_side: bool | None = None
    """Whether the numbers are for each side; null where the source doesn't say."""
    note: Text | None = None
    """What the source adds that no number holds."""
    source: Attribution
    """Who prints it."""


class Variant(Record):
    """The same exercise from another starting position, with steps of its own."""

    slug: Slug
    """Unique within the exercise."""
    name: Text
    """What a person calls it."""
    start: Text | None = None
    """The starting position."""
    steps: list[Text] = []
    """What to do, in order."""
    equipment: list[EquipmentSlug] = []
    """What it needs, all of it; empty where it needs nothing."""
    helpful: list[EquipmentSlug] = []
    """What makes it easier, or may serve instead."""
    heeds: list[GroupSlug] = []
    """The groups whose cautions it already follows."""
    source: Attribution
    """Where the variant is described."""


class Provenance(Record):
    """Where the descriptive fields of an exercise come from."""

    fields: list[Text]
    """Names of the fields that rest on this source."""
    source: Attribution
    """The source."""


class Judged(Record):
    """An exercise as far as it is judged: what `library/suitability.py` decides from."""

    slug: Slug
    """The name in URLs; never changes."""
    name: Text
    """What a person calls it."""
    recommendations: list[Recommendation] = []
    """For whom it is recommended, and how."""
    contraindications: list[Contraindication] = []
    """Who should avoid it, and why; inherited ones have a `via`."""

    @classmethod
    def of(cls, document: str) -> "Judged":
        """Read a finished exercise as far as it is judged."""
        return Judged.model_validate_json(Judged.part_of(document), extra="ignore")

    @staticmethod
    def part_of(document: str) -> str:
        """Cut off what isn't needed to judge a finished exercise: verdicts come first, and most of the JSON comes after them."""
        end = document.find(_AFTER_JUDGED)
        return document if end < 0 else document[:end] + "}"


# Quotes within texts are escaped, so no text can contain this.
_AFTER_JUDGED = ',"aliases":['


class ExerciseDraft(Judged):
    """An exercise as a curator writes it. Derived parts may be present and are recomputed."""

    aliases: Annotated[list[Text], Field(max_length=200)] = []
    """Other names of the same exercise."""
    search_terms: Annotated[list[Text], Field(max_length=200)] = []
    """Words that should find it, though they aren't its name."""
    kind: ExerciseKind | None = None
    """What sort of movement it is."""
    summary: Text | None = None
    """What it is, in a sentence."""
    patterns: Annotated[list[PatternSlug], Field(max_length=100)] = []
    """Movement patterns that doing it involves; it inherits what they are contraindicated for."""
    variant_of: ExerciseSlug | None = None
    """The exercise of which this one is a variant; what that one is to be avoided for, so is this."""
    regions: Annotated[list[RegionSlug], Field(max_length=100)] = []
    """Parts of the body it works on; `/vocabulary` has their labels."""
    muscles: Annotated[list[MuscleSlug], Field(max_length=100)] = []
    """Muscles it works."""
    equipment: Annotated[list[EquipmentSlug], Field(max_length=100)] = []
    """What it needs, all of it; empty where it needs nothing."""
    helpful: Annotated[list[EquipmentSlug], Field(max_length=100)] = []
    """What makes it easier, or may serve instead; it can be done without."""
    start: Text | None = None
    """The starting position."""
    steps: Annotated[list[Text], Field(max_length=100)] = []
    """What to do, in order."""
    common_errors: Annotated[list[Text], Field(max_length=100)] = []
    """What often goes wrong."""
    easier: Annotated[list[Text], Field(max_length=100)] = []
    """Ways to make it easier."""
    harder: Annotated[list[Text], Field(max_length=100)] = []
    """Ways to make it harder."""
    variants: Annotated[list[Variant], Field(max_length=50)] = []
    """Other starting positions, with steps of their own."""
    cautions: Annotated[list[Caution], Field(max_length=100)] = []
    """What people of particular groups should mind."""
    dosages: Annotated[list[Dosage], Field(max_length=100)] = []
    """How much each source prints; the text behind the recommendations gives none."""
    evidence: Annotated[list[Statement], Field(max_length=100)] = []
    """What studies say of it, for and against."""
    provenance: Annotated[list[Provenance], Field(max_length=100)] = []
    """Where the descriptive fields come from."""

    @model_validator(mode="after")
    def repeats_nothing(self) -> Self:
        """Refuse the same thing twice: two verdicts for one type, two variants of one slug, two cautions for one group and action."""
        keys = {
            "recommendations": [recommendation.type for recommendation in self.recommendations],
            "contraindications": [contraindication.type for contraindication in self.contraindications if contraindication.via is None],
            "variants": [variation.slug for variation in self.variants],
            **{name: getattr(self, name) for name in ("aliases", "patterns", "regions", "muscles", "equipment", "helpful")},
        }
        for name, values in keys.items():
            twice = next((value for n, value in enumerate(values) if value in values[:n]), None)
            if twice is not None:
                msg = f"'{name}' has '{twice}' twice"
                raise ValueError(msg)
        named = [("cautions", slug) for caution in self.cautions for slug in (caution.variant, caution.for_variant)]
        named += [("dosages", dosage.for_variant) for dosage in self.dosages]
        for name, variant in named:
            if variant is not None and variant not in keys["variants"]:
                msg = f"'{name}' names the variant '{variant}', which 'variants' doesn't have"
                raise ValueError(msg)
        return self
