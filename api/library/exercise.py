"""An exercise as the library answers it: the draft, and what is derived from it or kept beside it."""

from collections.abc import Iterable
from datetime import datetime
from functools import cached_property

from pydantic import JsonValue
from pydantic_core import from_json

from api.library.exercise_draft import Contraindication, ExerciseDraft
from api.library.record import ExerciseSlug, PatternSlug, Record, Slug, Text
from api.library.vocabulary import Intensity, SubjectKind, Tag, Verdict

SVG = "image/svg+xml"


class ImageFile(Record):
    """One file of a picture."""

    url: Text
    """Where it is, path-absolute."""
    media_type: Text
    """`image/svg+xml` or `image/png`."""
    width: int
    """Width in pixels."""
    height: int
    """Height in pixels."""
    sha256: Text
    """SHA-256 of the file's bytes, in hexadecimal."""


class Image(Record):
    """A picture of the exercise."""

    role: Text
    """What it shows: `exercise`, or `variant:` and the variant's slug."""
    alt: Text
    """What is seen, in words."""
    licence: Text
    """The licence it may be used under."""
    credit: Text
    """Who drew it."""
    files: list[ImageFile]
    """The same picture in several formats and sizes, the scalable one first."""

    @property
    def best(self) -> ImageFile:
        """The file to show where any can be shown: the scalable one, else the largest."""
        return min(self.files, key=lambda file: (file.media_type != SVG, -file.width))


def role_of(variant: str | None) -> str:
    """Name the role of a variant's picture, or of that of the exercise as it stands."""
    return f"variant:{variant}" if variant else "exercise"


def picture_of(images: Iterable[Image], variant: str | None = None) -> Image | None:
    """Choose the picture of a variant, or of the exercise as it stands; none is better than that of another starting position."""
    return next((image for image in images if image.role == role_of(variant)), None)


class PossibleMatch(Record):
    """An exercise or pattern that an imported exercise resembles; unresolved, it is a warning."""

    kind: SubjectKind
    """What it resembles."""
    slug: Slug
    """Which one."""
    words: list[Text]
    """The words that both have."""

    @classmethod
    def all_in(cls, document: str) -> "list[PossibleMatch]":
        """Read them out of a finished exercise."""
        return [cls.model_validate(match) for match in from_json(document)["possible_match"]]


class Review(Record):
    """A clinician's signature under the exercise as it stands."""

    by: Text
    """Who signed."""
    role: Text | None = None
    """The clinician's profession, such as `physiotherapist`; null where it wasn't given."""
    note: Text | None = None
    """What the clinician added."""
    at: datetime
    """When, in UTC."""


class SignOff(Record):
    """What a reviewer sends to sign an exercise off."""

    by: Text | None = None
    """The clinician's name; null: the key's name."""
    role: Text | None = None
    """The clinician's profession, such as `physiotherapist`."""
    note: Text | None = None
    """What the clinician adds."""


class Bequest(Record):
    """A retired exercise as far as its variants inherit from it."""

    slug: Slug
    """Its name in URLs, which it keeps."""
    name: Text
    """What a person called it."""
    patterns: list[PatternSlug]
    """Movement patterns that doing it involves."""
    variant_of: ExerciseSlug | None
    """The exercise of which it was a variant itself."""
    contraindications: list[Contraindication]
    """Who should avoid it, and why."""


class ExerciseEdit(ExerciseDraft):
    """An exercise as a caller writes it back: what was read, edited. Derived fields may stay in it; they are recomputed."""

    tags: JsonValue = None
    """Derived; ignored."""
    images: JsonValue = None
    """Drawn by this project; ignored."""
    possible_match: JsonValue = None
    """Derived; ignored."""
    review: JsonValue = None
    """Signed at `/exercises/{slug}/review`; ignored."""
    revision: JsonValue = None
    """Set by the library; ignored."""
    created_at: JsonValue = None
    """Set by the library; ignored."""
    updated_at: JsonValue = None
    """Set by the library; ignored."""
    suitability: JsonValue = None
    """Derived; ignored."""


class Exercise(ExerciseDraft):
    """An exercise as the library answers it."""

    tags: list[Tag] = []
    """The tags of the types it is recommended for: *for whom*, not what it does to everybody (derived)."""
    images: list[Image] = []
    """Pictures, drawn by this project."""
    possible_match: list[PossibleMatch] = []
    """What it resembles among exercises and patterns that some type avoids, as long as nobody has decided."""
    review: Review | None = None
    """The clinician's signature; null as long as nobody has signed the exercise as it stands."""
    revision: int = 0
    """The library's revision at which this record last changed."""
    created_at: datetime
    """When it was first stored, in UTC."""
    updated_at: datetime
    """When it last changed, in UTC."""


class Suitability(Record):
    """What is known of one exercise for all the types asked together."""

    verdict: Verdict
    """`avoid` if any type avoids it, `recommended` if all recommend it, else `unknown`."""
    intensity: Intensity | None
    """The gentlest that any of the types asks for."""
    intensity_note: Text | None
    """That intensity in the source's word."""
    position: int | None
    """The lowest place it has in any of the types; null unless recommended."""
    choice: int | None
    """Who is named first at that place; null where the types disagree."""
    alternatives: list[Slug]
    """Exercises at the same place for every type asked."""

    @cached_property
    def document(self) -> str:
        """Its JSON."""
        return self.model_dump_json()


class AnsweredExercise(Exercise):
    """An exercise in an answer: with its suitability for the types asked."""

    suitability: Suitability | None
    """For the types asked together; null when no type was asked."""
