"""An exercise in short: what a first screen needs, and nothing less than what keeps somebody safe."""

from collections.abc import Mapping

from pydantic_core import from_json, to_json

from api.library.exercise import Exercise, Image, PossibleMatch, Review, Suitability, picture_of
from api.library.exercise_draft import CautionSummary, Contraindication, Recommendation
from api.library.record import EquipmentSlug, Record, RegionSlug, Slug, Text
from api.library.vocabulary import ExerciseKind, Tag


class PictureSummary(Record):
    """One file of the exercise's own picture."""

    alt: Text
    """What is seen, in words."""
    url: Text
    """Where it is, path-absolute."""
    width: int
    """Width in pixels."""
    height: int
    """Height in pixels."""
    media_type: Text
    """`image/svg+xml` or `image/png`."""


class ExerciseSummary(Record):
    """An exercise in a list with `view=summary`. There is no free choice of fields, so nobody can drop a caution by accident."""

    slug: Slug
    """The name in URLs; never changes."""
    name: Text
    """What a person calls it."""
    kind: ExerciseKind | None
    """What sort of movement it is."""
    summary: Text | None
    """What it is, in a sentence."""
    tags: list[Tag]
    """The tags of the types it is recommended for: *for whom*, not what it does to everybody."""
    regions: list[RegionSlug]
    """Parts of the body it works on."""
    equipment: list[EquipmentSlug]
    """What it needs, all of it; empty where it needs nothing."""
    helpful: list[EquipmentSlug]
    """What makes it easier, or may serve instead."""
    suitability: Suitability | None
    """For the types asked together; null when no type was asked."""
    recommendations: list[Recommendation]
    """For whom it is recommended, and how."""
    contraindications: list[Contraindication]
    """Who should avoid it, and why."""
    cautions: list[CautionSummary]
    """Which groups should mind something, and what to do about it; each group and action once."""
    possible_match: list[PossibleMatch]
    """What it resembles among what some type avoids, as long as nobody has decided."""
    review: Review | None
    """The clinician's signature; null as long as nobody has signed the exercise as it stands."""
    image: PictureSummary | None
    """The picture of the exercise as it stands; null where there is none."""


def summarised(document: str) -> str:
    """Shorten the JSON of an exercise in an answer."""
    exercise = from_json(document)
    shortened = {"cautions": _cautions(exercise["cautions"]), "image": _picture(exercise["images"])}
    return to_json({name: shortened.get(name, exercise.get(name)) for name in ExerciseSummary.model_fields}).decode()


def summary(exercise: Exercise) -> ExerciseSummary:
    """Shorten an exercise that is in no answer."""
    return ExerciseSummary.model_validate_json(summarised(exercise.model_dump_json()))


def _cautions(cautions: list[Mapping[str, str]]) -> list[dict[str, str]]:
    """Say once what several cautions ask of one group: they may be about different variants."""
    pairs = dict.fromkeys((caution["group"], caution["action"]) for caution in cautions)
    return [{"group": group, "action": action} for group, action in pairs]


def _picture(images: list[Mapping[str, object]]) -> dict[str, object] | None:
    found = picture_of(map(Image.model_validate, images))
    return {"alt": found.alt, **found.best.model_dump(exclude={"sha256"})} if found else None
