"""The figure on the sheet: its parts, from the furthest to the nearest, each with its outline and its tint."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import sqrt

from seed_data.drawing.body import FLESH, SIDES, Flesh, Skeleton, covered, flesh
from seed_data.drawing.paint import LINE, ink
from seed_data.drawing.picture import Region
from seed_data.drawing.shapes import Camera, Outline, hull
from seed_data.drawing.vectors import Vector, add, dot, scale, subtract

HIDDEN = -0.04
"""Metres behind its bone at which a tint can't be seen."""

FACING = 0.2
"""Cosine of the angle between face and viewer from which the face is seen whole."""

TIE = 0.001
"""Metres by which a part must be nearer to count as nearer: the two sides of a symmetrical pose aren't, on any machine."""

CELL, BEADS = 0.02, 5
"""Metres between the places where two parts are compared, and into how many steps a limb is cut."""

Part = tuple[tuple[str, ...], ...]
"""Groups of balls; each group is drawn as the band that holds it together."""


def _limbs(side: str) -> dict[str, Part]:
    groups = {
        "upper-arm": (("shoulder", "biceps"), ("biceps", "elbow")),
        "forearm": (("elbow", "muscle-of-forearm"), ("muscle-of-forearm", "wrist")),
        "hand": (("wrist", "palm"), ("palm", "fingertips"), ("ball-of-thumb", "thumb")),
        "thigh": (("hip", "buttock-below", "mid-thigh"), ("mid-thigh", "knee")),
        "shank": (("knee", "calf"), ("calf", "ankle")),
        "foot": (("ankle", "heel", "sole"), ("sole", "toes", "big-toe")),
    }
    return {f"{side}-{name}": tuple(tuple(f"{side}-{ball}" for ball in group) for group in part) for name, part in groups.items()}


_SPINE = ("pelvis-below", "pelvis-above", *(f"lumbar-{n}" for n in range(1, 5)), *(f"thoracic-{n}" for n in range(1, 5)))
PARTS: dict[str, Part] = {
    "trunk": (
        *pairwise(_SPINE),
        ("pelvis-below", "pelvis-above", "left-buttock"),
        ("pelvis-below", "pelvis-above", "right-buttock"),
        ("thoracic-3", "thoracic-4", "nape"),
        ("thoracic-4", "nape", "left-shoulder"),
        ("thoracic-4", "nape", "right-shoulder"),
        ("nape", "throat"),
    ),
    "head": (("skull", "jaw"), ("nose",)),
    "hair": (("crown", "back-of-head"),),
    **_limbs("left"),
    **_limbs("right"),
}

# Where two parts grow together, no line is drawn between them: the ball at the joint, and the part on either side.
JOINTS: tuple[tuple[str, str, str], ...] = (
    ("throat", "trunk", "head"),
    *(
        (f"{side}-{ball}", inner if inner == "trunk" else f"{side}-{inner}", f"{side}-{outer}")
        for side in SIDES
        for ball, inner, outer in (
            ("shoulder", "trunk", "upper-arm"),
            ("elbow", "upper-arm", "forearm"),
            ("wrist", "forearm", "hand"),
            ("hip", "trunk", "thigh"),
            ("buttock-below", "trunk", "thigh"),
            ("knee", "thigh", "shank"),
            ("ankle", "shank", "foot"),
        )
    ),
)


@dataclass(frozen=True, slots=True)
class Patch:
    """A piece of the body that a tint covers: balls fixed to bones, as flesh is, drawn as the band that holds them together."""

    hosts: tuple[str, ...]
    """The parts of the body that take the tint."""
    balls: tuple[Flesh, ...]


def _back(*bones: str) -> tuple[Patch, ...]:
    """Follow the back along the spine."""
    balls = [Flesh(bone, (-0.085, 0, 0.03), (0.05, 0.095, 0.03)) for bone in bones]
    return tuple(Patch(("trunk",), pair) for pair in pairwise(balls))


def _one(side: str, sign: float, hosts: tuple[str, ...], flesh_of: Flesh) -> Patch:
    x, y, z = flesh_of.offset
    return Patch(tuple(host.format(side) for host in hosts), (Flesh(flesh_of.bone.format(side), (x, sign * y, z), flesh_of.size),))


def _sides(hosts: tuple[str, ...], left: Flesh) -> dict[str, Patch]:
    return {side: _one(side, sign, hosts, left) for side, sign in SIDES.items()}


_BUTTOCK = _sides(("trunk", "{}-thigh"), Flesh("pelvis", (-0.08, 0.075, -0.03), (0.07, 0.085, 0.085)))
_OUTER_HIP = _sides(("trunk", "{}-thigh"), Flesh("pelvis", (0.0, 0.125, 0.01), (0.075, 0.06, 0.095)))
_THIGH = _sides(("{}-thigh",), Flesh("{}-thigh", (0.035, 0.0, -0.2), (0.055, 0.07, 0.13)))
TINTS: dict[Region, tuple[Patch, ...]] = {
    Region.LOW_BACK: _back("lumbar-1", "lumbar-2", "lumbar-3", "lumbar-4"),
    Region.THORACIC_SPINE: _back("lumbar-4", "thoracic-1", "thoracic-2", "thoracic-3", "thoracic-4"),
    Region.PELVIS: (Patch(("trunk", "left-thigh", "right-thigh"), (Flesh("pelvis", (0, 0, 0.03), (0.13, 0.17, 0.075)),)),),
    Region.BUTTOCKS: tuple(_BUTTOCK.values()),
    Region.LEFT_BUTTOCK: (_BUTTOCK["left"],),
    Region.RIGHT_BUTTOCK: (_BUTTOCK["right"],),
    Region.LEFT_HIP: (_OUTER_HIP["left"],),
    Region.RIGHT_HIP: (_OUTER_HIP["right"],),
    Region.THIGHS: tuple(_THIGH.values()),
}


def outlines(bones: Skeleton, camera: Camera) -> dict[str, Outline]:
    """Project every ball of the figure."""
    return {name: camera.outline(flesh(bones, name)) for name in FLESH}


def draw(bones: Skeleton, camera: Camera, tint: Sequence[Region], key: str) -> Iterator[str]:
    """Draw the figure from the furthest part to the nearest; `key` makes the names of its shapes its own."""
    seen = outlines(bones, camera)
    far = _far_parts(bones, camera)
    painted: list[str] = []
    for name in _order(bones, camera):
        path = "".join(hull([seen[ball] for ball in group]) for group in PARTS[name])
        yield _outlined(name, path, key, far=name in far)
        for ball, other in _grown_from(name, painted, far):
            shade = ink("far" if name in far else "near")
            yield _clipped(f"{key}-{ball}", [f"{key}-{other}"], shade, hull([seen[ball].grown(LINE * 1.4)]))
        painted.append(name)
        for n, patch in enumerate(_facing(name, bones, camera, tint)):
            hosts = [f"{key}-{host}" for host in patch.hosts if host in painted]
            path = hull([camera.outline(covered(bones, ball)) for ball in patch.balls])
            yield _clipped(f"{key}-{name}-tint-{n + 1}", hosts, ink("tint"), path)


def _facing(name: str, bones: Skeleton, camera: Camera, tint: Sequence[Region]) -> Iterator[Patch]:
    """Find the tints of a part that aren't hidden by the body itself."""
    for patch in (patch for region in tint for patch in TINTS[region] if name in patch.hosts):
        depth = max(camera.depth(subtract(bones[ball.bone].at(ball.offset), bones[ball.bone].origin)) for ball in patch.balls)
        if depth > HIDDEN:
            yield patch


def _outlined(name: str, path: str, key: str, *, far: bool) -> str:
    inks = ("hair", "line") if name == "hair" else ("far", "faint") if far else ("near", "line")
    # The outline lies outside the shape, so that shapes can be laid over each other without a line between them.
    stroke = f'stroke-width="{2 * LINE:g}" stroke-linejoin="round" paint-order="stroke"'
    return f'<path id="{key}-{name}" {ink(*inks)} {stroke} d="{path}"/>'


def _clipped(name: str, within: Sequence[str], inks: str, path: str) -> str:
    """Draw a shape as far as it lies within others."""
    uses = "".join(f'<use href="#{shape}"/>' for shape in within)
    return f'<clipPath id="{name}">{uses}</clipPath><path {inks} clip-path="url(#{name})" d="{path}"/>'


def _grown_from(name: str, painted: Sequence[str], far: set[str]) -> Iterator[tuple[str, str]]:
    """Find the joints, and the painted parts beyond them, towards which no line is to remain."""
    for ball, inner, outer in JOINTS:
        other = inner if name == outer else outer if name == inner else None
        if other is not None and other in painted and (other in far) == (name in far):
            yield ball, other


def _far_parts(bones: Skeleton, camera: Camera) -> set[str]:
    """Name the limbs on the side that is turned away: they are drawn lighter."""
    across = subtract(bones["left-thigh"].origin, bones["right-thigh"].origin)
    apart = camera.depth(across) - camera.depth((0.0, 0.0, 0.0))
    if abs(apart) < 0.16:  # noqa: PLR2004
        return set()
    side = "left" if apart < 0 else "right"
    return {name for name in PARTS if name.startswith(side)}


def _order(bones: Skeleton, camera: Camera) -> list[str]:
    """Sort the parts from the furthest to the nearest, judged where two of them overlap."""
    seen = {name: _surface(name, bones, camera) for name in PARTS}
    mean = {name: round(sum(surface.values()) / len(surface) / TIE) for name, surface in seen.items()}
    behind = {name: {other for other in PARTS if _is_behind(seen[other], seen[name])} for name in PARTS}
    # The head sits on the neck, however it is turned.
    behind["trunk"] -= {"head", "hair"}
    behind["head"].add("trunk")
    behind["hair"].add("trunk")
    # Hair goes before the skull that it grows on, except where one looks the figure in the face.
    first, second = ("hair", "head") if camera.depth(bones["head"].axes[0]) > FACING else ("head", "hair")
    behind[first].discard(second)
    behind[second].add(first)
    order: list[str] = []
    waiting = sorted(PARTS, key=lambda name: (mean[name], name))
    while waiting:
        free = next((name for name in waiting if not behind[name] & set(waiting)), waiting[0])
        waiting.remove(free)
        order.append(free)
    return order


Surface = dict[tuple[int, int], float]
"""How near a part comes to the viewer, in metres, in each cell of the sheet where it is seen."""


def _surface(name: str, bones: Skeleton, camera: Camera) -> Surface:
    """Find the side of a part that is turned to the viewer, as if it were made of round beads."""
    surface: Surface = {}
    for group in PARTS[name]:
        for first, second in zip(group, group[1:] or group, strict=False):
            a, b = flesh(bones, first), flesh(bones, second)
            for n in range(BEADS + 1):
                centre = add(a.centre, scale(subtract(b.centre, a.centre), n / BEADS))
                thick = (a.thinnest() * (BEADS - n) + b.thinnest() * n) / BEADS
                for cell, depth in _bead(camera, centre, thick):
                    surface[cell] = max(depth, surface.get(cell, depth))
    return surface


def _bead(camera: Camera, centre: Vector, radius: float) -> Iterator[tuple[tuple[int, int], float]]:
    x, y, depth = dot(centre, camera.across) / CELL, dot(centre, camera.upwards) / CELL, camera.depth(centre)
    wide = radius / CELL
    for column in range(round(x - wide), round(x + wide) + 1):
        for row in range(round(y - wide), round(y + wide) + 1):
            rise = wide**2 - (column - x) ** 2 - (row - y) ** 2
            if rise >= 0 or (column, row) == (round(x), round(y)):
                yield (column, row), depth + CELL * sqrt(max(0.0, rise))


def _is_behind(these: Surface, those: Surface) -> bool:
    """Say whether the first part is further away in most cells where both are seen."""
    apart = [those[cell] - these[cell] for cell in these.keys() & those.keys()]
    return sum(nearer > TIE for nearer in apart) > sum(nearer < TIE for nearer in apart)
