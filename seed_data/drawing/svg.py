"""A picture as SVG: its moments on one card, with its words for those who don't see it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from html import escape
from math import atan2, cos, sin

from seed_data.drawing import person, props
from seed_data.drawing.body import FLESH, SPINE, Ball, flesh
from seed_data.drawing.paint import ink, style
from seed_data.drawing.picture import Arrow, Picture, View
from seed_data.drawing.props import Scene
from seed_data.drawing.settling import Settled, in_turn
from seed_data.drawing.shapes import Camera, Outline, Spot, bounds, written
from seed_data.drawing.vectors import Vector, add, dot, scale, subtract

MEDIA_TYPE = "image/svg+xml"
WIDTH = 960
UPRIGHT, LOW = 640, 400
"""The two heights of a card: for figures that stand or sit, and for those that lie or kneel."""

_MARGIN = 22.0
# Where on the card the moments have their middle: three are one, and the two ways that lead from it.
_PLACES = {2: ((0.25, 0.5), (0.75, 0.5)), 3: ((0.25, 0.5), (0.75, 0.25), (0.75, 0.75))}
_CHEVRONS = {2: ((0.5, 0.5, 0.0),), 3: ((0.5, 0.4, -0.6), (0.5, 0.6, 0.6))}
CAMERAS = {
    View.SIDE: Camera(9, 0),
    View.PROFILE: Camera(0, 0),
    View.FRONT: Camera(90, 8),
    View.BACK: Camera(-90, 0),
    View.OBLIQUE: Camera(84, 10),
    View.OBLIQUE_ABOVE: Camera(30, 25),
    View.ABOVE: Camera(0, 74),
}


@dataclass(frozen=True, slots=True)
class Drawing:
    """A drawn picture: its text and its size in units, which are pixels at full size."""

    svg: str
    width: int
    height: int


def write(picture: Picture, key: str = "fig") -> Drawing:
    """Draw a picture; `key` sets its names apart from those of other pictures on the same page."""
    scenes = _scenes(picture)
    cameras, height = _fitted(picture, scenes)
    panels = [part for n, scene in enumerate(scenes) for part in _panel(picture, scene, cameras[n], f"{key}-{n + 1}")]
    chevrons = [_chevron((WIDTH * x, height * y), way) for x, y, way in _CHEVRONS[len(scenes)]]
    return Drawing("\n".join([*_opening(picture, key, height), *panels, *chevrons, "</svg>", ""]), WIDTH, height)


def _opening(picture: Picture, key: str, height: int) -> list[str]:
    size = f'width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}"'
    return [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-labelledby="{key}-title {key}-desc">',
        f'<title id="{key}-title">{escape(picture.title)}</title>',
        f'<desc id="{key}-desc">{escape(picture.alt)}</desc>',
        style(),
        f'<rect {ink("card")} width="{WIDTH}" height="{height}" rx="18"/>',
    ]


def _chevron(middle: Spot, way: float) -> str:
    (x, y), points = middle, ((13.0, way - 1.97), (6.0, way), (13.0, way + 1.97))
    path = "M" + "L".join(written((x + r * cos(angle), y + r * sin(angle))) for r, angle in points)
    return f'<path {ink("faint")} fill="none" stroke-width="4" stroke-linecap="round" stroke-linejoin="round" d="{path}"/>'


def _scenes(picture: Picture) -> list[Scene]:
    figures = in_turn(picture.frames)
    balls = [flesh(settled.bones, name) for settled in figures for name in FLESH]
    left, right = _span(balls, (1.0, 0.0, 0.0), 0.05)
    rear, front = _span(balls, (0.0, 1.0, 0.0), 0.05)
    top = _span(balls, (0.0, 0.0, 1.0), 0.06)[1]
    breadth = (min(rear, -0.32), max(front, 0.32))
    return [Scene(frame, settled, figures[0], left, right, breadth, top) for frame, settled in zip(picture.frames, figures, strict=True)]


def _span(balls: Sequence[Ball], way: Vector, spare: float) -> tuple[float, float]:
    """Measure how far the figure reaches in a direction and against it, and a little more."""
    reaches = [(dot(ball.centre, way), ball.reach(way)) for ball in balls]
    return min(at - reach for at, reach in reaches) - spare, max(at + reach for at, reach in reaches) + spare


def _fitted(picture: Picture, scenes: Sequence[Scene]) -> tuple[list[Camera], int]:
    """Place the cameras so that each moment fits its part of the card at the same scale; smaller only if they must be."""
    views = [picture.seen_from(scene.frame) for scene in scenes]
    # Moments seen from the same place have the same frame, so that what moves is seen to move.
    alike = [[scene for scene, other in zip(scenes, views, strict=True) if other == view] for view in views]
    boxes = [bounds(_everything(picture, some, CAMERAS[view])) for some, view in zip(alike, views, strict=True)]
    wide, high = max(right - left for left, _, right, _ in boxes), max(bottom - top for _, top, _, bottom in boxes)
    places = _PLACES[len(scenes)]
    rows = len({y for x, y in places if x == places[-1][0]})
    part = min(1.0, (WIDTH / 2 - 2 * _MARGIN) / wide, (UPRIGHT / rows - 2 * _MARGIN) / high)
    height = LOW if high * part <= LOW / rows - 2 * _MARGIN else UPRIGHT
    cameras = []
    for (x, y), view, (left, _, right, bottom) in zip(places, views, boxes, strict=True):
        origin = (WIDTH * x - (left + right) / 2 * part, height * y + (high / 2 - bottom) * part)
        cameras.append(replace(CAMERAS[view], scale=CAMERAS[view].scale * part, origin=origin))
    return cameras, height


def _everything(picture: Picture, scenes: Sequence[Scene], camera: Camera) -> Iterator[Outline]:
    for scene in scenes:
        yield from person.outlines(scene.figure.bones, camera).values()
        for prop in (*picture.props, *scene.frame.props):
            yield from props.outlines(props.pieces(prop, scene), camera)
        for arrow in scene.frame.arrows:
            yield from (Outline(spot, (64.0, 0.0, 64.0)) for spot in _arrow_spots(arrow, scene.figure, camera))


def _panel(picture: Picture, scene: Scene, camera: Camera, key: str) -> Iterator[str]:
    around = [piece for prop in (*picture.props, *scene.frame.props) for piece in props.pieces(prop, scene)]
    nearer = [piece for piece in around if props.covers(piece, scene, camera)]
    yield from (props.draw(piece, camera) for piece in around if piece not in nearer)
    yield from person.draw(scene.figure.bones, camera, picture.tint, key)
    if picture.spine_line and picture.seen_from(scene.frame) is View.BACK:
        yield from _spine_line(scene.figure, camera)
    yield from (props.draw(piece, camera) for piece in nearer)
    if picture.pelvic_line:
        yield from _pelvic_line(scene.figure, camera)
    for arrow in scene.frame.arrows:
        yield from _arrow(arrow, scene.figure, camera)


def _spine_line(figure: Settled, camera: Camera) -> Iterator[str]:
    spots = [camera.spot(figure.bones[bone].at((-0.09, 0.0, 0.0))) for bone in SPINE]
    path = "M" + "L".join(map(written, spots))
    yield f'<path {ink("line")} fill="none" stroke-width="4" stroke-linecap="round" stroke-dasharray="2 10" d="{path}"/>'


def _pelvic_line(figure: Settled, camera: Camera) -> Iterator[str]:
    left, right = (flesh(figure.bones, f"{side}-outer-hip").centre for side in ("left", "right"))
    beyond = scale(subtract(left, right), 0.2)
    a, b = camera.spot(add(left, beyond)), camera.spot(subtract(right, beyond))
    yield from _stroked(f"M{written(a)}L{written(b)}", dashed=True)


def _stroked(path: str, *, dashed: bool = False) -> Iterator[str]:
    dash = ' stroke-dasharray="14 10"' if dashed else ""
    yield f'<path {ink("halo")} fill="none" stroke-width="14" stroke-linecap="round" d="{path}"/>'
    yield f'<path {ink("move")} fill="none" stroke-width="7" stroke-linecap="round"{dash} d="{path}"/>'


def _arrow_spots(arrow: Arrow, figure: Settled, camera: Camera) -> tuple[Spot, Spot, Spot]:
    """Find the beginning, the bow's handle and the point of an arrow."""
    x, y = camera.spot(flesh(figure.bones, arrow.at).centre)
    start, end = ((x + camera.scale * dx, y - camera.scale * dy) for dx, dy in (arrow.start, arrow.end))
    middle = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
    bow = (middle[0] + arrow.bend * (end[1] - start[1]), middle[1] - arrow.bend * (end[0] - start[0]))
    return start, bow, end


def _arrow(arrow: Arrow, figure: Settled, camera: Camera) -> Iterator[str]:
    start, bow, end = _arrow_spots(arrow, figure, camera)
    yield from _stroked(f"M{written(start)}Q{written(bow)} {written(end)}")
    yield _head(bow, end)
    if arrow.double:
        yield _head(bow, start)


def _head(behind: Spot, tip: Spot) -> str:
    """Draw an arrow's head around the end of its shaft."""
    way = atan2(tip[1] - behind[1], tip[0] - behind[0])
    points = [(tip[0] + r * cos(way + a), tip[1] + r * sin(way + a)) for r, a in ((19.0, 0.0), (15.0, 2.2), (15.0, -2.2))]
    path = "M" + "L".join(map(written, points)) + "Z"
    return f'<path {ink("head", "halo")} stroke-width="4" stroke-linejoin="round" paint-order="stroke" d="{path}"/>'
