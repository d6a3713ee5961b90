"""Shapes on the sheet: what a camera sees of rounded bodies, as SVG path data."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import atan2, cos, degrees, hypot, pi, radians, sin, sqrt

from seed_data.drawing.body import Ball
from seed_data.drawing.vectors import Vector, dot

Spot = tuple[float, float]
"""A place on the sheet, in its units; y counts downwards."""

DIRECTIONS = 120
_EQUAL = 1e-6
"""What differs by less is the same: how it is rounded depends on the machine."""


@dataclass(frozen=True, slots=True)
class Camera:
    """From where the figure is seen, without perspective: so that a limb is as long at the back as in front."""

    azimuth: float
    """Degrees from the figure's right side towards its front."""
    elevation: float
    """Degrees from above."""
    scale: float = 300.0
    """Units of the sheet for a metre."""
    origin: Spot = (0.0, 0.0)
    """Where the world's origin is on the sheet."""

    @property
    def towards(self) -> Vector:
        """Point from the figure to the viewer."""
        a, e = radians(self.azimuth), radians(self.elevation)
        return (sin(a) * cos(e), -cos(a) * cos(e), sin(e))

    @property
    def across(self) -> Vector:
        """Point to the right of the sheet."""
        a = radians(self.azimuth)
        return (cos(a), sin(a), 0.0)

    @property
    def upwards(self) -> Vector:
        """Point to the top of the sheet."""
        a, e = radians(self.azimuth), radians(self.elevation)
        return (-sin(a) * sin(e), cos(a) * sin(e), cos(e))

    def spot(self, point: Vector) -> Spot:
        """Find a point of the world on the sheet."""
        return (self.origin[0] + self.scale * dot(point, self.across), self.origin[1] - self.scale * dot(point, self.upwards))

    def depth(self, point: Vector) -> float:
        """Say how near a point is to the viewer, in metres."""
        return dot(point, self.towards)

    def outline(self, ball: Ball) -> "Outline":
        """Project a ball: an ellipse."""
        rows = [(self.scale * dot(axis, self.across), -self.scale * dot(axis, self.upwards)) for axis in ball.axes]
        return Outline(self.spot(ball.centre), (sum(x * x for x, _ in rows), sum(x * y for x, y in rows), sum(y * y for _, y in rows)))


@dataclass(frozen=True, slots=True)
class Outline:
    """An ellipse on the sheet, by its centre and the squares of its spread."""

    centre: Spot
    spread: tuple[float, float, float]

    def reach(self, direction: Spot) -> float:
        """Say how far it reaches in a direction of length 1, from its centre."""
        (x, y), (xx, xy, yy) = direction, self.spread
        return sqrt(max(0.0, xx * x * x + 2 * xy * x * y + yy * y * y))

    def extent(self, direction: Spot) -> float:
        """Say how far it reaches in a direction, from the sheet's origin."""
        return self.centre[0] * direction[0] + self.centre[1] * direction[1] + self.reach(direction)

    def edge(self, direction: Spot) -> Spot:
        """Find the point of its edge that is furthest in a direction."""
        reach = self.reach(direction) or 1.0
        (x, y), (xx, xy, yy) = direction, self.spread
        return (self.centre[0] + (xx * x + xy * y) / reach, self.centre[1] + (xy * x + yy * y) / reach)

    def grown(self, by: float) -> "Outline":
        """Make it larger all round."""
        xx, xy, yy = self.spread
        mean = sqrt(max(1e-9, (xx + yy) / 2))
        more = ((mean + by) / mean) ** 2
        return Outline(self.centre, (xx * more, xy * more, yy * more))

    def axes(self) -> tuple[float, float, float]:
        """Give both half axes and the angle of the longer one in degrees."""
        xx, xy, yy = self.spread
        middle, half = (xx + yy) / 2, hypot((xx - yy) / 2, xy)
        # A circle's longer axis would be chance.
        tilt = degrees(atan2(2 * xy, xx - yy)) / 2 if half > _EQUAL * middle else 0.0
        return sqrt(max(0.0, middle + half)), sqrt(max(0.0, middle - half)), round(tilt, 1) % 180


def hull(outlines: Sequence[Outline]) -> str:
    """Draw the band that would hold these ellipses together, as arcs and straight lines."""
    around = [2 * pi * n / DIRECTIONS for n in range(DIRECTIONS)]
    turns = [(cos(angle), sin(angle)) for angle in around]
    furthest = [_furthest(outlines, way) for way in turns]
    first = next((n for n in range(DIRECTIONS) if furthest[n] != furthest[n - 1]), None)
    if first is None:
        return ellipse(outlines[furthest[0]])
    order = [(first + n) % DIRECTIONS for n in range(DIRECTIONS)]
    runs = [(which, list(run)) for which, run in groupby(order, key=lambda n: furthest[n])]
    steps = [_run(outlines[which], [turns[n] for n in run]) for which, run in runs]
    return "M" + "L".join(steps) + "Z"


def _furthest(outlines: Sequence[Outline], way: Spot) -> int:
    """Say which ellipse reaches furthest; of two that reach equally far, the first, on every machine."""
    reached = [outline.extent(way) for outline in outlines]
    enough = max(reached) - _EQUAL
    return next(n for n, extent in enumerate(reached) if extent > enough)


def _run(outline: Outline, ways: list[Spot]) -> str:
    """Go along an ellipse's edge from the first direction to the last."""
    start, end = outline.edge(ways[0]), outline.edge(ways[-1])
    if hypot(end[0] - start[0], end[1] - start[1]) < 0.1:  # noqa: PLR2004
        return written(start)
    long, short, tilt = outline.axes()
    large = int(len(ways) - 1 > DIRECTIONS / 2)
    return f"{written(start)}A{number(long)} {number(short)} {number(tilt)} {large} 1 {written(end)}"


def ellipse(outline: Outline) -> str:
    """Draw one whole ellipse."""
    long, short, tilt = outline.axes()
    right, left = outline.edge((1.0, 0.0)), outline.edge((-1.0, 0.0))
    arc = f"A{number(long)} {number(short)} {number(tilt)} 1 1 "
    return f"M{written(right)}{arc}{written(left)}{arc}{written(right)}Z"


def bounds(outlines: Iterable[Outline]) -> tuple[float, float, float, float]:
    """Give the left, top, right and bottom of everything."""
    every = list(outlines)
    ways = ((-1.0, 0.0), (0.0, -1.0), (1.0, 0.0), (0.0, 1.0))
    left, top, right, bottom = (max(outline.extent(way) for outline in every) for way in ways)
    return -left, -top, right, bottom


def number(value: float) -> str:
    """Write a number with one decimal at most, so that two machines write the same."""
    text = f"{value:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text


def written(spot: Spot) -> str:
    """Write a place."""
    return f"{number(spot[0])} {number(spot[1])}"
