"""Settling a figure: its root and the joints of its resting limbs are adjusted until all its contacts hold.

A curator writes angles that are near enough. Here the smallest change of them is sought (damped least squares) that puts
feet flat on the floor, hands where they belong and the back against the wall; a joint never leaves its range.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from api.errors import InvalidContent
from seed_data.drawing.body import FLESH, RESTS, Skeleton, flesh, skeleton
from seed_data.drawing.picture import Contact, Frame, Pose, Surface, angles, posed
from seed_data.drawing.vectors import Vector, dot, subtract

if TYPE_CHECKING:
    from pydantic import BaseModel

SEAT_HEIGHT, RAIL_HEIGHT = 0.44, 0.94
TOLERANCE = 0.004
"""Metres by which a contact may miss."""

_UP: Vector = (0.0, 0.0, 1.0)
_NORMALS: dict[str, Vector] = {Surface.FLOOR: _UP, Surface.SEAT: _UP, Surface.RAIL: _UP, Surface.WALL: (1.0, 0.0, 0.0)}
_HEIGHTS: dict[str, float] = {Surface.FLOOR: 0.0, Surface.SEAT: SEAT_HEIGHT, Surface.RAIL: RAIL_HEIGHT, Surface.WALL: 0.0}
_ROOT = ("x", "y", "z")
_STEPS = 60
_NUDGE = 1e-3
# Moving the whole figure by so many metres is worth bending a joint by a degree.
_DEGREE_IN_METRES = 0.02
_DAMPING = 1e-9
_LONGEST_STEP = 12.0
"""Degrees that a joint may turn at once: beyond that, the guess that limbs move in straight lines is worthless."""
_ON_THE_SIDE = 45
"""Degrees of the pelvis's list from which a figure lies on its side: what tips it there is the list."""

Values = dict[str, float]
"""The angles of a pose, and where the root is."""


@dataclass(frozen=True, slots=True)
class Settled:
    """A figure that rests on its contacts."""

    pose: Pose
    root: Vector
    bones: Skeleton


@dataclass(frozen=True, slots=True)
class Begin:
    """What a moment takes over from the one before it."""

    values: Mapping[str, float] = field(default_factory=dict)
    """The root and the angles to begin with where they are not the written ones."""
    planted: Mapping[str, Vector] = field(default_factory=dict)
    """Where the points are that may not slide."""


@dataclass(frozen=True, slots=True)
class Goal:
    """Contacts that are to hold."""

    contacts: Sequence[Contact]
    planted: Mapping[str, Vector]

    def misses(self, values: Values) -> list[float]:
        """List by how much each contact misses, in metres, one direction at a time."""
        bones = skeleton(values, (values["x"], values["y"], values["z"]))
        return [miss for contact in self.contacts for miss in self._miss(contact, bones)]

    def _miss(self, contact: Contact, bones: Skeleton) -> tuple[float, ...]:
        here = flesh(bones, contact.point).centre
        if contact.point in self.planted:
            return subtract(here, self.planted[contact.point])
        if contact.against in _NORMALS:
            return (clearance(bones, contact.point, contact.against) - contact.gap,)
        return subtract(here, flesh(bones, contact.against).centre)


def in_turn(frames: Sequence[Frame]) -> list[Settled]:
    """Settle the moments of a picture, with hands and feet in the same places."""
    start, *later = frames
    first = settle(start)
    return [first, *(settle(frame, _begin(start, first, frame)) for frame in later)]


def _begin(start: Frame, first: Settled, later: Frame) -> Begin:
    resting = {one.point for one in _single(start.contacts) if one.against in _NORMALS}
    staying = {one.point for one in _single(later.contacts) if one.against in _NORMALS and not one.slides}
    planted = {point: flesh(first.bones, point).centre for point in sorted(resting & staying)}
    return Begin(_carried_over(start, first, later), planted)


def settle(frame: Frame, begin: Begin | None = None) -> Settled:
    """Adjust the figure until its contacts hold, and refuse the frame if they can't."""
    begin = begin or Begin()
    contacts = list(_single(frame.contacts))
    written = angles(frame.pose)
    values: Values = {"x": 0.0, "y": 0.0, "z": 0.5, **written, **begin.values}
    # A hand follows the leg that it holds; it doesn't pull the leg out of its place.
    holding = [contact for contact in contacts if _limb(contact.point) == "arm" and contact.against not in _NORMALS]
    resting = [contact for contact in contacts if contact not in holding]
    _approach(Goal(resting, begin.planted), values, [*_ROOT, *_free(resting, written)])
    _approach(Goal(holding, begin.planted), values, _free(holding, written))
    _refuse_missed(contacts, begin, values)
    pose = posed({name: values[name] for name in written})
    root = (values["x"], values["y"], values["z"])
    return Settled(pose, root, skeleton(angles(pose), root))


def normal(surface: str) -> Vector:
    """Say which way a surface faces."""
    return _NORMALS[surface]


def clearance(bones: Skeleton, point: str, surface: str) -> float:
    """Say how far above a surface, or in front of it, a point's flesh ends; below 0 it has sunk in."""
    ball = flesh(bones, point)
    return dot(ball.centre, _NORMALS[surface]) - _HEIGHTS[surface] - ball.reach(_NORMALS[surface])


def limits() -> dict[str, tuple[float, float]]:
    """Give the range of every joint."""
    return {f"{limb}.{joint}": span for limb, part in Pose.model_fields.items() for joint, span in _spans(part.annotation)}


def _spans(limb: object) -> Iterator[tuple[str, tuple[float, float]]]:
    for joint, part in cast("type[BaseModel]", limb).model_fields.items():
        low, high = (next(getattr(mark, side) for mark in part.metadata if hasattr(mark, side)) for side in ("ge", "le"))
        yield joint, (low, high)


_LIMITS = limits()


def _single(contacts: Iterable[Contact]) -> Iterator[Contact]:
    """Write a whole foot or hand as the points that it rests on."""
    for contact in contacts:
        for point in RESTS.get(contact.point, (contact.point,)):
            if point not in FLESH:
                raise InvalidContent(f"'{point}' is no landmark of the figure")
            if contact.against not in FLESH and contact.against not in _NORMALS:
                raise InvalidContent(f"'{contact.against}' is neither a surface nor a landmark of the figure")
            yield contact.model_copy(update={"point": point})


def _carried_over(start: Frame, first: Settled, end: Frame) -> Values:
    """Begin where the start ended up: with its root, and with every joint for which the end position has no other angle."""
    written, settled, wanted = angles(start.pose), angles(first.pose), angles(end.pose)
    return {**dict(zip(_ROOT, first.root, strict=True)), **{name: settled[name] for name in wanted if wanted[name] == written[name]}}


def _free(contacts: list[Contact], written: Mapping[str, float]) -> list[str]:
    """Name the joints that may be adjusted: those between the pelvis and a point that rests on something."""
    chains = {_chain(FLESH[contact.point].bone) for contact in contacts}
    limbs = [name for name in written if name.partition(".")[0] in chains - {"pelvis"}]
    head = ["spine.neck", "spine.head"] if "head" in chains else []
    back = ["spine.lumbar"] if any(contact.point.startswith("lumbar") for contact in contacts) else []
    on_the_side = abs(written["pelvis.list"]) >= _ON_THE_SIDE
    return [*limbs, *head, *back, *(["pelvis.list" if on_the_side else "pelvis.pitch"] if _holds_the_trunk(contacts) else [])]


def _holds_the_trunk(contacts: list[Contact]) -> bool:
    """Say whether two places, such as shoulders and pelvis or hands and knees, decide how far the trunk is tipped."""
    places = {(_limb(one.point), one.point.removeprefix("left-").removeprefix("right-")) for one in contacts if one.against in _NORMALS}
    limbs = [limb for limb, _ in places]
    return limbs.count("trunk") + limbs.count("pelvis") > 1 or {"arm", "leg"} <= set(limbs)


def _limb(point: str) -> str:
    """Name the limb that a landmark belongs to, whichever side it is on."""
    return _chain(FLESH[point].bone).rpartition("_")[2]


def _chain(bone: str) -> str:
    """Name the limb that a bone belongs to, as a pose does."""
    side, _, part = bone.partition("-")
    limb = {"upper-arm": "arm", "forearm": "arm", "hand": "arm", "thigh": "leg", "shank": "leg", "foot": "leg"}.get(part)
    if limb:
        return f"{side}_{limb}"
    return bone if bone in {"pelvis", "head"} else "trunk"


def _approach(goal: Goal, values: Values, free: list[str]) -> None:
    """Change what is free, step by step, until the contacts hold or no more steps are left."""
    for _ in range(_STEPS):
        misses = goal.misses(values)
        if not misses or max(map(abs, misses)) < TOLERANCE / 20:
            break
        _improve(goal, values, free, misses)


def _improve(goal: Goal, values: Values, free: list[str], misses: list[float]) -> None:
    """Take the shortest step that would mend all misses if limbs moved in straight lines."""
    units = {name: _DEGREE_IN_METRES if name in _ROOT else 1.0 for name in free}
    slopes = {name: _slope(goal, values, name, units[name], misses) for name in free}
    count = range(len(misses))
    together = [[sum(slope[i] * slope[j] for slope in slopes.values()) + (i == j) * _DAMPING for j in count] for i in count]
    pulls = solved(together, misses)
    steps = {name: -sum(slope[i] * pulls[i] for i in count) for name, slope in slopes.items()}
    part = min(1.0, _LONGEST_STEP / max(1e-9, *map(abs, steps.values())))
    for name, step in steps.items():
        low, high = _LIMITS.get(name, (-9.0, 9.0))
        values[name] = min(high, max(low, values[name] + part * units[name] * step))


def _slope(goal: Goal, values: Values, name: str, unit: float, misses: list[float]) -> list[float]:
    """Say how fast each miss grows with one value."""
    nudged = goal.misses({**values, name: values[name] + _NUDGE * unit})
    return [(after - before) / _NUDGE for after, before in zip(nudged, misses, strict=True)]


def solved(rows: list[list[float]], right: list[float]) -> list[float]:
    """Solve a system of linear equations, each with a row of factors and a right side."""
    table = [[*row, value] for row, value in zip(rows, right, strict=True)]
    for n in range(len(table)):
        # The largest factor goes first: dividing by a small one would blow up what was rounded off.
        _, best = max((abs(table[row][n]), -row) for row in range(n, len(table)))
        best = -best
        table[n], table[best] = table[best], table[n]
        table[n] = [value / table[n][n] for value in table[n]]
        for row in range(len(table)):
            if row != n and table[row][n]:
                times = table[row][n]
                table[row] = [value - times * pivot for value, pivot in zip(table[row], table[n], strict=True)]
    return [row[-1] for row in table]


def _refuse_missed(contacts: list[Contact], begin: Begin, values: Values) -> None:
    for contact in contacts:
        far = max(map(abs, Goal([contact], begin.planted).misses(values)))
        if far > TOLERANCE:
            raise InvalidContent(f"'{contact.point}' doesn't rest on '{contact.against}': it misses by {far * 100:.1f} cm")
