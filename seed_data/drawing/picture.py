"""A picture as a curator writes it: two poses of one figure, joint by joint, and what is around it."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, JsonValue, model_validator

from api.library.record import Record, Slug, Text

Metres = Annotated[float, Field(ge=-3, le=3)]
Point = tuple[Metres, Metres]
"""To the right and up, as seen in the picture."""


class Pelvis(Record):
    """How the pelvis, and the figure with it, is turned; its place follows from what the figure rests on."""

    pitch: Annotated[float, Field(ge=-120, le=120)] = 0
    """Degrees tipped forwards: 0 upright, 90 face down, -90 on the back."""
    list: Annotated[float, Field(ge=-100, le=100)] = 0
    """Degrees by which the left side is higher: 90 lies on the right side."""
    turn: Annotated[float, Field(ge=-180, le=180)] = 0
    """Degrees turned to the left about the upright."""


class Spine(Record):
    """How the back and the neck are bent, against a straight line; a back at rest is a little hollow below, round above."""

    lumbar: Annotated[float, Field(ge=-45, le=50)] = -18
    """Degrees that the low back is rounded; below 0 it is hollow."""
    thoracic: Annotated[float, Field(ge=-10, le=60)] = 22
    """Degrees that the upper back is rounded; a ribcage hardly hollows."""
    side: Annotated[float, Field(ge=-30, le=30)] = 0
    """Degrees that the low back is bent to the left."""
    neck: Annotated[float, Field(ge=-60, le=50)] = 4
    """Degrees that the neck is bent forwards."""
    head: Annotated[float, Field(ge=-35, le=30)] = -8
    """Degrees that the head nods on the neck."""


class Arm(Record):
    """The joints of one arm; at 0 it hangs straight, the palm to the back."""

    shoulder: Annotated[float, Field(ge=-55, le=180)] = 0
    """Degrees the upper arm is raised forwards."""
    spread: Annotated[float, Field(ge=-40, le=120)] = 6
    """Degrees it is led away from the body."""
    rotation: Annotated[float, Field(ge=-80, le=80)] = 0
    """Degrees it is turned outwards about its length."""
    elbow: Annotated[float, Field(ge=0, le=145)] = 12
    """Degrees the elbow is bent; an elbow doesn't bend backwards."""
    forearm: Annotated[float, Field(ge=-90, le=90)] = 0
    """Degrees the hand is turned outwards about the forearm."""
    wrist: Annotated[float, Field(ge=-80, le=88)] = 0
    """Degrees the hand is bent back, as when leaning on it."""


class Leg(Record):
    """The joints of one leg; at 0 it stands straight, the foot forwards and flat."""

    hip: Annotated[float, Field(ge=-20, le=130)] = 0
    """Degrees the thigh is raised forwards."""
    spread: Annotated[float, Field(ge=-30, le=50)] = 0
    """Degrees it is led away from the other."""
    rotation: Annotated[float, Field(ge=-45, le=82)] = 0
    """Degrees it is turned outwards about its length; more than 50 only with the thigh raised and led away, as a tailor sits."""
    knee: Annotated[float, Field(ge=0, le=150)] = 0
    """Degrees the knee is bent; a knee doesn't bend forwards."""
    ankle: Annotated[float, Field(ge=-60, le=35)] = 0
    """Degrees the foot is drawn up; below 0 it points."""

    @model_validator(mode="after")
    def turns_out_no_further_than_it_can(self) -> Self:
        """Refuse a leg that is turned out as only a raised thigh that is led away can be."""
        straight, raised, away = 50, 60, 15
        if self.rotation > straight and (self.hip < raised or self.spread < away):
            msg = f"'rotation' beyond {straight} degrees needs 'hip' of {raised} or more and 'spread' of {away} or more"
            raise ValueError(msg)
        return self


class Pose(Record):
    """Every joint of the figure. `arms` and `legs` write both sides at once; a side's own keys go before them."""

    pelvis: Pelvis = Pelvis()
    """The pelvis."""
    spine: Spine = Spine()
    """The back, the neck and the head."""
    left_arm: Arm = Arm()
    """The left arm."""
    right_arm: Arm = Arm()
    """The right arm."""
    left_leg: Leg = Leg()
    """The left leg."""
    right_leg: Leg = Leg()
    """The right leg."""

    @model_validator(mode="before")
    @classmethod
    def has_two_sides(cls, written: JsonValue) -> JsonValue:
        """Write what stands under `arms` or `legs` for each side."""
        if not isinstance(written, dict):
            return written
        limbs = {f"{side}_{limb}": written[f"{limb}s"] for limb in ("arm", "leg") if f"{limb}s" in written for side in ("left", "right")}
        return merged(limbs, {key: value for key, value in written.items() if key not in ("arms", "legs")})


class Surface(StrEnum):
    """What a figure can rest on."""

    FLOOR = "floor"
    WALL = "wall"
    SEAT = "seat"
    RAIL = "rail"


class Contact(Record):
    """A point of the figure that rests on something. The figure is settled until all its contacts hold."""

    point: Slug
    """A landmark such as `left-heel`; `left-foot`, `left-hand`, `left-forearm`, `left-shin` stand for all the points they rest on."""
    against: Slug
    """`floor`, `wall`, `seat`, `rail`, or another landmark."""
    gap: Annotated[float, Field(ge=-0.05, le=0.5)] = 0
    """Metres between the two, taken up by a ball, a roller or a cushion; below 0 where flesh gives way."""
    slides: bool = False
    """Whether the point may be elsewhere on the surface in the end position; feet and hands don't slide."""


class PropKind(StrEnum):
    """What may stand around the figure."""

    FLOOR = "floor"
    MAT = "mat"
    WALL = "wall"
    CHAIR = "chair"
    BALL = "ball"
    ROLLER = "roller"
    CUSHION = "cushion"
    RAIL = "rail"
    STRAP = "strap"


class Prop(Record):
    """A thing around the figure."""

    kind: PropKind
    """Which thing."""
    at: Slug | None = None
    """The landmark that a ball, a roller or a cushion lies at, between it and the surface it rests on; or that a strap goes around."""
    span: tuple[Metres, Metres] | None = None
    """From where to where a mat (forwards), a rail or the floor (to the left) goes, in metres; null where it suits the figure."""
    size: Annotated[float, Field(gt=0, le=0.5)] | None = None
    """A ball's diameter in metres when nothing presses on it; null where it isn't pressed."""


class Arrow(Record):
    """An arrow for the movement, placed by a landmark so that it follows the figure."""

    at: Slug
    """The landmark it is near."""
    start: Point
    """Where it begins, in metres to the right of the landmark and above it, as seen in the picture."""
    end: Point
    """Where it points to, likewise."""
    bend: Annotated[float, Field(ge=-1.5, le=1.5)] = 0
    """How far it bows to its left, as a part of its length."""
    double: bool = False
    """Whether it points both ways: to and fro."""


class View(StrEnum):
    """From where the figure is seen."""

    SIDE = "side"
    """From the right, a little from the front, so that both legs are seen."""
    PROFILE = "profile"
    """Straight from the right: what leans on a wall meets its edge."""
    FRONT = "front"
    BACK = "back"
    OBLIQUE = "oblique"
    OBLIQUE_ABOVE = "oblique-above"
    ABOVE = "above"


class Frame(Record):
    """One moment: a pose and what it rests on."""

    pose: Pose
    """The joints, near enough: those of a limb with contacts are adjusted until it rests on them."""
    contacts: Annotated[list[Contact], Field(min_length=1, max_length=20)]
    """What the figure rests on; nothing floats."""
    props: list[Prop] = []
    """Things that are there only in this moment, besides the picture's own."""
    arrows: list[Arrow] = []
    """Arrows drawn in this moment."""
    view: View | None = None
    """From where this moment is seen; null: as the picture is."""


class Region(StrEnum):
    """Parts of the body that can be tinted: those of the vocabulary, by side where there are two."""

    LOW_BACK = "low-back"
    THORACIC_SPINE = "thoracic-spine"
    PELVIS = "pelvis"
    BUTTOCKS = "buttocks"
    LEFT_BUTTOCK = "left-buttock"
    RIGHT_BUTTOCK = "right-buttock"
    LEFT_HIP = "left-hip"
    RIGHT_HIP = "right-hip"
    THIGHS = "thighs"


class Picture(Record):
    """The picture of an exercise or of one of its variants: its moments side by side, two or three."""

    variant: Slug | None = None
    """The variant it shows; null for the exercise as it is first described."""
    view: View
    """From where it is seen."""
    title: Text
    """What it is a picture of."""
    alt: Text
    """What is seen, in words, for those who don't see it."""
    tint: list[Region]
    """The working region."""
    props: list[Prop] = []
    """What stands around the figure."""
    pelvic_line: bool = False
    """Whether a line through both hip bones shows how level the pelvis is."""
    spine_line: bool = False
    """Whether a line along the spine, seen from behind, shows what lies beside it."""
    start: Frame
    """Where the movement begins."""
    middle: Frame | None = None
    """A moment between the two, where the movement goes two ways; only what differs from the start is written."""
    end: Frame
    """Where it ends, or the position that is held; only what differs from the start is written."""

    @model_validator(mode="before")
    @classmethod
    def ends_where_it_began(cls, written: JsonValue) -> JsonValue:
        """Fill later moments up from the start, except for what is only there at the start."""
        begun = written.get("start") if isinstance(written, dict) else None
        if not isinstance(written, dict) or not isinstance(begun, dict):
            return written
        start: JsonValue = {key: value for key, value in begun.items() if key not in {"arrows", "props", "view"}}
        later = {key: merged(start, written.get(key) or {}) for key in ("middle", "end") if key == "end" or written.get(key)}
        return {**written, **later}

    @property
    def frames(self) -> list[Frame]:
        """Its moments, in order."""
        return [self.start, *([self.middle] if self.middle else []), self.end]

    def seen_from(self, frame: Frame) -> View:
        """Say from where one of its moments is seen."""
        return frame.view or self.view


class Pictures(Record):
    """All the pictures of one exercise."""

    exercise: Slug
    """The exercise's slug."""
    pictures: list[Picture]
    """One for the exercise itself and one for each variant that has one."""


Angles = Mapping[str, float]
"""A pose as numbers: `left_leg.knee` and so on, in degrees."""


def angles(pose: Pose) -> dict[str, float]:
    """List the angles of a pose by name."""
    return {f"{limb}.{joint}": angle for limb, joints in pose.model_dump().items() for joint, angle in joints.items()}


def posed(by_name: Angles) -> Pose:
    """Make the pose that has these angles, and refuse it if a joint can't bend so."""
    limbs: dict[str, dict[str, float]] = {}
    for name, angle in by_name.items():
        limb, joint = name.split(".")
        limbs.setdefault(limb, {})[joint] = angle
    return Pose.model_validate(limbs)


def merged(under: JsonValue, over: JsonValue) -> JsonValue:
    """Lay one written record over another, key by key."""
    if not isinstance(under, dict) or not isinstance(over, dict):
        return over
    return {**under, **{key: merged(under[key], value) if key in under else value for key, value in over.items()}}
