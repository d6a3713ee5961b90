"""The figure's body: how long its bones are, how thick its flesh is, and where both come to lie in a pose.

The measures are those of an adult of 1.70 m in the usual anthropometric proportions; they are the same in every picture.
"""

from dataclasses import dataclass
from math import sqrt

from seed_data.drawing.picture import Angles
from seed_data.drawing.vectors import Axes, Vector, about_x, about_y, about_z, add, after, dot, length, scale, turn

SIDES = {"left": 1.0, "right": -1.0}
HIP_BREADTH, SHOULDER_BREADTH = 0.088, 0.165
THIGH, SHANK = 0.415, 0.40
UPPER_ARM, FOREARM = 0.29, 0.245
PELVIS_HEIGHT = 0.09
LUMBAR_LINKS, LUMBAR_LINK = 4, 0.045
THORACIC_LINKS, THORACIC_LINK = 4, 0.06
SHOULDER_DROP = 0.03
NECK = 0.085


@dataclass(frozen=True, slots=True)
class Bone:
    """A bone's near end and the way it lies."""

    origin: Vector
    axes: Axes

    def at(self, offset: Vector) -> Vector:
        """Find a point that is fixed to the bone."""
        return add(self.origin, turn(self.axes, offset))

    def joint(self, offset: Vector, bent: Axes) -> "Bone":
        """Give the next bone: joined at a point of this one and bent against it."""
        return Bone(self.at(offset), after(self.axes, bent))


@dataclass(frozen=True, slots=True)
class Ball:
    """A rounded piece of flesh: an ellipsoid with three half axes."""

    centre: Vector
    axes: Axes

    def reach(self, direction: Vector) -> float:
        """Say how far it reaches from its centre in a direction of length 1."""
        return sqrt(sum(dot(axis, direction) ** 2 for axis in self.axes))

    def thinnest(self) -> float:
        """Give its shortest half axis."""
        return min(map(length, self.axes))


@dataclass(frozen=True, slots=True)
class Flesh:
    """Where a ball sits: on which bone, where on it, and its three half axes."""

    bone: str
    offset: Vector
    size: Vector


def _round(bone: str, offset: Vector, radius: float) -> Flesh:
    return Flesh(bone, offset, (radius, radius, radius))


def _sided(side: str, sign: float) -> dict[str, Flesh]:
    """Give the balls of one side of the body; what lies to the outside is mirrored."""
    upper, forearm, hand = f"{side}-upper-arm", f"{side}-forearm", f"{side}-hand"
    thigh, shank, foot = f"{side}-thigh", f"{side}-shank", f"{side}-foot"
    return {
        f"{side}-shoulder": _round(upper, (0, 0, 0), 0.054),
        f"{side}-biceps": _round(upper, (0.004, 0, -0.12), 0.046),
        f"{side}-elbow": _round(forearm, (0, 0, 0), 0.037),
        f"{side}-muscle-of-forearm": _round(forearm, (0, 0, -0.07), 0.039),
        f"{side}-wrist": _round(hand, (0, 0, 0), 0.025),
        f"{side}-palm": Flesh(hand, (0, 0, -0.055), (0.019, 0.04, 0.045)),
        f"{side}-fingertips": Flesh(hand, (0, 0, -0.165), (0.011, 0.022, 0.014)),
        f"{side}-ball-of-thumb": _round(hand, (0.008, -sign * 0.028, -0.035), 0.017),
        f"{side}-thumb": _round(hand, (0.008, -sign * 0.068, -0.09), 0.012),
        f"{side}-hip": _round(thigh, (0, 0, 0), 0.092),
        f"{side}-mid-thigh": _round(thigh, (0.008, 0, -0.2), 0.077),
        f"{side}-knee": _round(shank, (0, 0, 0), 0.055),
        f"{side}-calf": _round(shank, (-0.014, 0, -0.12), 0.053),
        f"{side}-ankle": _round(foot, (0, 0, 0), 0.036),
        f"{side}-heel": _round(foot, (-0.045, 0, -0.04), 0.033),
        f"{side}-sole": Flesh(foot, (0.115, 0, -0.045), (0.028, 0.043, 0.028)),
        f"{side}-toes": Flesh(foot, (0.168, sign * 0.01, -0.055), (0.02, 0.034, 0.018)),
        f"{side}-big-toe": Flesh(foot, (0.183, -sign * 0.024, -0.055), (0.021, 0.017, 0.018)),
        f"{side}-buttock": Flesh("pelvis", (-0.045, sign * 0.073, -0.03), (0.08, 0.078, 0.09)),
        f"{side}-buttock-below": _round("pelvis", (-0.03, sign * 0.08, -0.05), 0.07),
        # Points without flesh, for hands and feet to rest at.
        f"{side}-thigh-behind": _round(thigh, (-0.08, sign * 0.045, -0.2), 0),
        f"{side}-thigh-inside": _round(thigh, (-0.08, -sign * 0.035, -0.19), 0),
        f"{side}-thigh-above": _round(thigh, (0.085, sign * 0.02, -0.27), 0),
        f"{side}-thigh-crossed": _round(thigh, (0.1, sign * 0.04, -0.325), 0),
        f"{side}-knee-inside": _round(shank, (0.06, -sign * 0.04, -0.05), 0),
        f"{side}-shin-inside": _round(shank, (0.05, -sign * 0.035, -0.25), 0),
        f"{side}-temple": _round("head", (0.0, sign * 0.075, 0.1), 0.004),
        f"{side}-collar": _round("thoracic-4", (0.085, sign * 0.09, -0.01), 0),
        f"{side}-low-back": _round("lumbar-2", (-0.076, sign * 0.075, 0.02), 0.006),
        f"{side}-buttock-behind": _round("pelvis", (-0.13, sign * 0.075, -0.03), 0.006),
        f"{side}-thigh-top": _round(thigh, (0.09, sign * 0.03, -0.1), 0),
        f"{side}-outer-hip": _round("pelvis", (0, sign * 0.15, 0.0), 0),
    }


_TRUNK = {
    "pelvis-below": Flesh("pelvis", (0, 0, -0.01), (0.095, 0.15, 0.085)),
    "pelvis-above": Flesh("pelvis", (0, 0, PELVIS_HEIGHT), (0.09, 0.14, 0.07)),
    "lumbar-1": Flesh("lumbar-1", (0, 0, LUMBAR_LINK), (0.087, 0.13, 0.07)),
    "lumbar-2": Flesh("lumbar-2", (0, 0, LUMBAR_LINK), (0.086, 0.122, 0.07)),
    "lumbar-3": Flesh("lumbar-3", (0, 0, LUMBAR_LINK), (0.089, 0.124, 0.07)),
    "lumbar-4": Flesh("lumbar-4", (0, 0, LUMBAR_LINK), (0.095, 0.13, 0.075)),
    "thoracic-1": Flesh("thoracic-1", (0, 0, THORACIC_LINK), (0.103, 0.14, 0.09)),
    "thoracic-2": Flesh("thoracic-2", (0, 0, THORACIC_LINK), (0.108, 0.148, 0.09)),
    "thoracic-3": Flesh("thoracic-3", (0, 0, THORACIC_LINK), (0.098, 0.145, 0.08)),
    "thoracic-4": Flesh("thoracic-4", (0, 0, THORACIC_LINK - 0.03), (0.075, 0.11, 0.05)),
    "nape": _round("neck", (0, 0, 0), 0.054),
    "throat": _round("neck", (0.008, 0, NECK - 0.01), 0.05),
    "skull": Flesh("head", (0.008, 0, 0.105), (0.096, 0.076, 0.098)),
    "jaw": Flesh("head", (0.05, 0, 0.028), (0.042, 0.045, 0.036)),
    "nose": _round("head", (0.108, 0, 0.075), 0.014),
    "crown": Flesh("head", (0.002, 0, 0.15), (0.088, 0.08, 0.06)),
    "back-of-head": Flesh("head", (-0.05, 0, 0.085), (0.048, 0.066, 0.06)),
}

FLESH: dict[str, Flesh] = {**_TRUNK, **_sided("left", 1.0), **_sided("right", -1.0)}

# What a hand or a foot as a whole rests on.
RESTS = {
    f"{side}-{limb}": tuple(f"{side}-{point}" for point in points)
    for side in SIDES
    for limb, points in {
        "foot": ("heel", "sole"),
        "hand": ("palm", "fingertips"),
        "forearm": ("elbow", "palm"),
        "shin": ("knee", "toes"),
    }.items()
}

SPINE = ("pelvis", *(f"lumbar-{n + 1}" for n in range(LUMBAR_LINKS)), *(f"thoracic-{n + 1}" for n in range(THORACIC_LINKS)))
"""The bones of the back, from below."""

Skeleton = dict[str, Bone]


def skeleton(pose: Angles, root: Vector) -> Skeleton:
    """Lay out the bones of a pose, the middle between the hips at `root`."""
    way = after(after(about_z(pose["pelvis.turn"]), about_y(pose["pelvis.pitch"])), about_x(pose["pelvis.list"]))
    bones = {"pelvis": Bone(root, way)}
    _add_spine(bones, pose)
    for side, sign in SIDES.items():
        _add_arm(bones, pose, side, sign)
        _add_leg(bones, pose, side, sign)
    return bones


def flesh(bones: Skeleton, name: str) -> Ball:
    """Find one ball of the body on the laid-out bones."""
    return covered(bones, FLESH[name])


def covered(bones: Skeleton, kind: Flesh) -> Ball:
    """Find a ball of flesh on the laid-out bones."""
    bone = bones[kind.bone]
    x, y, z = (scale(axis, size) for axis, size in zip(bone.axes, kind.size, strict=True))
    return Ball(bone.at(kind.offset), (x, y, z))


def _add_spine(bones: Skeleton, pose: Angles) -> None:
    lumbar = after(about_y(pose["spine.lumbar"] / LUMBAR_LINKS), about_x(-pose["spine.side"] / LUMBAR_LINKS))
    thoracic = about_y(pose["spine.thoracic"] / THORACIC_LINKS)
    bone, rise = bones["pelvis"], PELVIS_HEIGHT
    for name, count, link, bent in (("lumbar", LUMBAR_LINKS, LUMBAR_LINK, lumbar), ("thoracic", THORACIC_LINKS, THORACIC_LINK, thoracic)):
        for n in range(count):
            bone = bones[f"{name}-{n + 1}"] = bone.joint((0, 0, rise), bent)
            rise = link
    bones["neck"] = bone.joint((0, 0, rise), about_y(pose["spine.neck"]))
    bones["head"] = bones["neck"].joint((0, 0, NECK), about_y(pose["spine.head"]))


def _add_arm(bones: Skeleton, pose: Angles, side: str, sign: float) -> None:
    arm = f"{side}_arm."
    shoulder = (0, sign * SHOULDER_BREADTH, THORACIC_LINK - SHOULDER_DROP)
    upper = bones[f"thoracic-{THORACIC_LINKS}"].joint(shoulder, _ball_joint(pose, arm, "shoulder", sign))
    elbow = after(about_y(-pose[arm + "elbow"]), about_z(sign * pose[arm + "forearm"]))
    forearm = upper.joint((0, 0, -UPPER_ARM), elbow)
    bones[f"{side}-upper-arm"] = upper
    bones[f"{side}-forearm"] = forearm
    bones[f"{side}-hand"] = forearm.joint((0, 0, -FOREARM), about_y(-pose[arm + "wrist"]))


def _add_leg(bones: Skeleton, pose: Angles, side: str, sign: float) -> None:
    leg = f"{side}_leg."
    thigh = bones["pelvis"].joint((0, sign * HIP_BREADTH, 0), _ball_joint(pose, leg, "hip", sign))
    shank = thigh.joint((0, 0, -THIGH), about_y(pose[leg + "knee"]))
    bones[f"{side}-thigh"] = thigh
    bones[f"{side}-shank"] = shank
    bones[f"{side}-foot"] = shank.joint((0, 0, -SHANK), about_y(-pose[leg + "ankle"]))


def _ball_joint(pose: Angles, limb: str, raised: str, sign: float) -> Axes:
    """Raise a limb forwards, then lead it away, then turn it about its length."""
    away = after(about_y(-pose[limb + raised]), about_x(sign * pose[limb + "spread"]))
    return after(away, about_z(sign * pose[limb + "rotation"]))
