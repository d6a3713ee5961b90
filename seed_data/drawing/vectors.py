"""Vectors and turns in space: x points forwards, y to the left, z up; lengths in metres, angles in degrees."""

from math import cos, hypot, radians, sin

Vector = tuple[float, float, float]
Axes = tuple[Vector, Vector, Vector]
"""Where a turn takes the three axes."""

UPRIGHT: Axes = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))


def add(a: Vector, b: Vector) -> Vector:
    """Give the sum of two vectors."""
    return (a[0] + b[0], a[1] + b[1], a[2] + b[2])


def subtract(a: Vector, b: Vector) -> Vector:
    """Give the vector that leads from b to a."""
    return (a[0] - b[0], a[1] - b[1], a[2] - b[2])


def scale(a: Vector, by: float) -> Vector:
    """Stretch a vector."""
    return (a[0] * by, a[1] * by, a[2] * by)


def dot(a: Vector, b: Vector) -> float:
    """Say how far one vector reaches along the other."""
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


def length(a: Vector) -> float:
    """Measure a vector."""
    return hypot(*a)


def turn(axes: Axes, v: Vector) -> Vector:
    """Take a vector from the turned axes into the world's."""
    a, b, c = axes
    return (
        a[0] * v[0] + b[0] * v[1] + c[0] * v[2],
        a[1] * v[0] + b[1] * v[1] + c[1] * v[2],
        a[2] * v[0] + b[2] * v[1] + c[2] * v[2],
    )


def after(first: Axes, then: Axes) -> Axes:
    """Combine two turns: `then` is meant in the axes that `first` has turned."""
    return (turn(first, then[0]), turn(first, then[1]), turn(first, then[2]))


def about_x(degrees: float) -> Axes:
    """Turn so that the left side rises."""
    c, s = cos(radians(degrees)), sin(radians(degrees))
    return ((1.0, 0.0, 0.0), (0.0, c, s), (0.0, -s, c))


def about_y(degrees: float) -> Axes:
    """Turn so that what is above comes forwards."""
    c, s = cos(radians(degrees)), sin(radians(degrees))
    return ((c, 0.0, -s), (0.0, 1.0, 0.0), (s, 0.0, c))


def about_z(degrees: float) -> Axes:
    """Turn so that what is in front goes to the left."""
    c, s = cos(radians(degrees)), sin(radians(degrees))
    return ((c, s, 0.0), (-s, c, 0.0), (0.0, 0.0, 1.0))
