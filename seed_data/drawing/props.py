"""What stands around the figure: floor, mat, wall, chair, ball, roller, cushion, rail."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import product
from math import sqrt

from api.errors import InvalidContent
from seed_data.drawing.body import FLESH, SIDES, Ball, flesh
from seed_data.drawing.paint import ink
from seed_data.drawing.picture import Frame, Prop, PropKind, Surface
from seed_data.drawing.settling import RAIL_HEIGHT, SEAT_HEIGHT, Settled, clearance, normal
from seed_data.drawing.shapes import Camera, Outline, hull
from seed_data.drawing.vectors import Vector, add, scale

EDGE = 3.0
_MAT = 0.03


@dataclass(frozen=True, slots=True)
class Scene:
    """A moment with its figure at rest, and how far the ground stretches."""

    frame: Frame
    figure: Settled
    first: Settled
    """The figure in the start position: furniture doesn't move with it."""
    left: float
    right: float
    breadth: tuple[float, float]
    top: float


@dataclass(frozen=True, slots=True)
class Piece:
    """One rounded body of a prop: the balls it holds together, and its colour."""

    balls: tuple[Ball, ...]
    colour: str = "prop"


def pieces(prop: Prop, scene: Scene) -> Iterable[Piece]:
    """Build a prop."""
    return _BUILT[prop.kind](prop, scene)


def draw(piece: Piece, camera: Camera) -> str:
    """Draw one piece."""
    path = hull([camera.outline(ball) for ball in piece.balls])
    return f'<path {ink(piece.colour, "edge")} stroke-width="{2 * EDGE:g}" stroke-linejoin="round" paint-order="stroke" d="{path}"/>'


def covers(piece: Piece, scene: Scene, camera: Camera) -> bool:
    """Say whether a rounded thing, such as a ball, lies between the viewer and the figure."""
    thing = piece.balls[0]
    depth = camera.depth(thing.centre) - camera.depth(scene.figure.root)
    return len(piece.balls) == 1 and depth > thing.reach(camera.towards)


def outlines(found: Iterable[Piece], camera: Camera) -> list[Outline]:
    """Project everything that a prop is made of."""
    return [camera.outline(ball) for piece in found for ball in piece.balls]


def ball(centre: Vector, x: float, y: float, z: float) -> Ball:
    """Make an upright ellipsoid."""
    return Ball(centre, ((x, 0.0, 0.0), (0.0, y, 0.0), (0.0, 0.0, z)))


def box(x: tuple[float, float], y: tuple[float, float], z: tuple[float, float], edge: float = 0.008) -> tuple[Ball, ...]:
    """Make a box with rounded edges."""
    across, deep, high = ((low + edge, top - edge) for low, top in (x, y, z))
    return tuple(ball(corner, edge, edge, edge) for corner in product(across, deep, high))


def _floor(prop: Prop, scene: Scene) -> Iterable[Piece]:
    yield Piece(box((scene.left - 0.03, scene.right + 0.03), prop.span or (-0.45, 0.45), (-0.022, 0.0), 0.004))


def _mat(prop: Prop, scene: Scene) -> Iterable[Piece]:
    yield Piece(box(prop.span or (scene.left, scene.right), scene.breadth, (-_MAT, 0.0)), "soft")


def _wall(prop: Prop, scene: Scene) -> Iterable[Piece]:
    del prop
    # Its edge and the outline of what leans on it are one line.
    yield Piece(box((-0.08, -0.014), (-0.09, -0.07), (-0.022, scene.top), 0.004))


def _chair(_: Prop, scene: Scene) -> Iterable[Piece]:
    x = scene.first.root[0]
    back, front, side = x - 0.25, x + 0.2, 0.21
    for at, y in product((back, front - 0.04), (side - 0.04, -side)):
        yield Piece(box((at, at + 0.04), (y, y + 0.04), (0.0, SEAT_HEIGHT - 0.02)))
    for y in (side - 0.04, -side):
        yield Piece(box((back, back + 0.035), (y, y + 0.04), (SEAT_HEIGHT - 0.02, SEAT_HEIGHT + 0.42)))
    yield Piece(box((back, back + 0.035), (-side, side), (SEAT_HEIGHT + 0.24, SEAT_HEIGHT + 0.42)))
    yield Piece(box((back, front), (-side, side), (SEAT_HEIGHT - 0.04, SEAT_HEIGHT)))


def _rail(prop: Prop, _: Scene) -> Iterable[Piece]:
    near, far = prop.span or (0.3, 0.6)
    middle = (near + far) / 2
    yield Piece(box((-0.02, 0.02), (middle - 0.02, middle + 0.02), (0.0, RAIL_HEIGHT - 0.02)))
    yield Piece(box((-0.12, 0.12), (middle - 0.09, middle + 0.09), (0.0, 0.025)))
    yield Piece(box((-0.02, 0.02), (near, far), (RAIL_HEIGHT - 0.04, RAIL_HEIGHT), 0.018))


def _between(prop: Prop, scene: Scene) -> tuple[Vector, float]:
    """Find the middle between a landmark and the surface it rests on, and half the way between them."""
    point = _named(prop)
    against = next((contact.against for contact in scene.frame.contacts if contact.point == point), Surface.FLOOR)
    gap = clearance(scene.figure.bones, point, against)
    if gap <= 0:
        raise InvalidContent(f"there is no room for a {prop.kind} between '{point}' and the {against}")
    resting, up = flesh(scene.figure.bones, point), normal(against)
    return add(resting.centre, scale(up, -resting.reach(up) - gap / 2)), gap / 2


def _ball(prop: Prop, scene: Scene) -> Iterable[Piece]:
    centre, radius = _between(prop, scene)
    # What is pressed flat goes to the sides: the ball keeps its volume.
    wide = sqrt((prop.size / 2) ** 3 / radius) if prop.size else radius
    leaning = any(contact.point == prop.at and contact.against == Surface.WALL for contact in scene.frame.contacts)
    yield Piece((ball(centre, radius if leaning else wide, wide, wide if leaning else radius),), "soft")


def _roller(prop: Prop, scene: Scene) -> Iterable[Piece]:
    centre, radius = _between(prop, scene)
    yield Piece(tuple(ball(add(centre, (0.0, y, 0.0)), radius, radius, radius) for y in (-0.2, 0.2)), "soft")


def _cushion(prop: Prop, scene: Scene) -> Iterable[Piece]:
    centre, height = _between(prop, scene)
    x, y, _ = centre
    yield Piece(box((x - 0.16, x + 0.13), (y - 0.18, y + 0.18), (0.0, 2 * height), min(height, 0.025)))


def _strap(prop: Prop, scene: Scene) -> Iterable[Piece]:
    around = flesh(scene.figure.bones, _named(prop)).centre
    for side in SIDES:
        hand = flesh(scene.figure.bones, f"{side}-palm").centre
        yield Piece((ball(hand, 0.012, 0.012, 0.012), ball(around, 0.012, 0.012, 0.012)), "soft")


def _named(prop: Prop) -> str:
    """Give the landmark that a prop is at."""
    if prop.at not in FLESH:
        raise InvalidContent(f"a {prop.kind} needs an 'at': the landmark of the figure that it is at")
    return prop.at


_BUILT: dict[PropKind, Callable[[Prop, Scene], Iterable[Piece]]] = {
    PropKind.FLOOR: _floor,
    PropKind.MAT: _mat,
    PropKind.WALL: _wall,
    PropKind.CHAIR: _chair,
    PropKind.BALL: _ball,
    PropKind.ROLLER: _roller,
    PropKind.CUSHION: _cushion,
    PropKind.RAIL: _rail,
    PropKind.STRAP: _strap,
}
