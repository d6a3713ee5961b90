"""Every picture is a well-formed, self-contained SVG that says what is seen and comes out the same each time."""

import re
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings

from api.errors import InvalidContent
from seed_data.drawing import body, person, svg
from seed_data.drawing.paint import style
from seed_data.drawing.picture import Picture, Region, View
from seed_data.drawing.shapes import Camera, Outline, hull, number
from seed_data.drawing.vectors import length, subtract
from tests.drawing.test_body import EVERY, allowed_angles, every_picture

NAMESPACE = "{http://www.w3.org/2000/svg}"
DRAWN = {name: svg.write(picture, name) for name, picture in EVERY.items()}
views = pytest.mark.parametrize("view", list(View))


def root(name: str) -> ET.Element:
    return ET.fromstring(DRAWN[name].svg)  # noqa: S314  (our own text)


def text(name: str, tag: str) -> str | None:
    found = root(name).find(NAMESPACE + tag)
    return None if found is None else found.text


@every_picture
def test_a_picture_says_what_is_seen(name: str) -> None:
    assert text(name, "title") == EVERY[name].title
    assert text(name, "desc") == EVERY[name].alt
    assert root(name).get("role") == "img"
    assert root(name).get("aria-labelledby") == f"{name}-title {name}-desc"


@every_picture
def test_a_picture_stands_alone(name: str) -> None:
    drawn = DRAWN[name].svg
    own = {f"#{shape.get('id')}" for shape in root(name).iter() if shape.get("id")}
    assert set(re.findall(r'href="([^"]*)"', drawn)) <= own
    assert set(re.findall(r"url\(([^)]*)\)", drawn)) <= own
    assert "//" not in drawn.replace("http://www.w3.org/2000/svg", "")
    assert not re.search(r"<script|<image|<foreignObject|<text|@import|\bon\w+=", drawn)


@every_picture
def test_names_within_a_picture_are_its_own(name: str) -> None:
    names = [shape.get("id") for shape in root(name).iter() if shape.get("id")]
    assert len(names) == len(set(names))
    assert all(str(one).startswith(name) for one in names)


@every_picture
def test_a_picture_comes_out_the_same_each_time(name: str) -> None:
    assert svg.write(EVERY[name], name) == DRAWN[name]


@every_picture
def test_everything_drawn_is_on_the_card(name: str) -> None:
    drawn = DRAWN[name]
    assert (drawn.width, drawn.height) in {(svg.WIDTH, svg.UPRIGHT), (svg.WIDTH, svg.LOW)}
    places = re.findall(r"[ML](-?[\d.]+) (-?[\d.]+)", " ".join(path.get("d", "") for path in root(name).iter(NAMESPACE + "path")))
    assert places
    assert all(0 <= float(x) <= drawn.width and 0 <= float(y) <= drawn.height for x, y in places)


@every_picture
def test_a_picture_is_right_without_its_style(name: str) -> None:
    assert all(shape.get("fill") for shape in root(name).iter(NAMESPACE + "path") if shape.get("class"))


def test_the_style_is_for_dark_screens_only() -> None:
    assert re.fullmatch(r"<style>@media screen and \(prefers-color-scheme:dark\)\{(\.fig-\w+\{(fill|stroke):#\w{6}\})+\}</style>", style())


@views
@given(pose=allowed_angles())
@settings(max_examples=8, deadline=None)
def test_every_allowed_pose_can_be_drawn(view: View, pose: dict[str, float]) -> None:
    bones = body.skeleton(pose, (0.0, 0.0, 1.0))
    drawn = "".join(person.draw(bones, svg.CAMERAS[view], list(Region), "any"))
    assert "nan" not in drawn
    assert "inf" not in drawn
    assert drawn.count('id="any-') > len(person.PARTS)


@views
def test_a_view_neither_stretches_nor_mirrors(view: View) -> None:
    camera = svg.CAMERAS[view]
    assert [length(way) for way in (camera.towards, camera.across, camera.upwards)] == pytest.approx([1, 1, 1])
    (ax, ay, az), (bx, by, bz) = camera.across, camera.upwards
    crossed = (ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx)
    assert length(subtract(crossed, camera.towards)) == pytest.approx(0, abs=1e-9)


def test_from_the_front_the_left_hand_is_on_the_right() -> None:
    assert svg.CAMERAS[View.FRONT].spot((0, 1, 0))[0] > svg.CAMERAS[View.FRONT].spot((0, -1, 0))[0]


@pytest.mark.parametrize(("prop", "says"), [({"kind": "ball"}, "needs an 'at'"), ({"kind": "cushion", "at": "left-heel"}, "no room")])
def test_a_prop_without_its_place_is_refused(prop: dict[str, str], says: str) -> None:
    picture = EVERY["made-up-front"].model_dump(mode="json")
    with pytest.raises(InvalidContent, match=says):
        svg.write(Picture.model_validate({**picture, "props": [prop]}))


def test_a_wide_picture_is_drawn_smaller() -> None:
    picture = EVERY["made-up-lying"].model_dump(mode="json")
    wide = Picture.model_validate({**picture, "props": [{"kind": "mat", "span": [-2.5, 2.5]}]})
    assert svg.write(wide).width == svg.WIDTH


def test_titles_are_escaped() -> None:
    picture = EVERY["made-up-front"].model_copy(update={"title": "<b> & co"})
    assert '<title id="fig-title">&lt;b&gt; &amp; co</title>' in svg.write(picture).svg


def test_two_balls_are_joined_by_straight_lines() -> None:
    small, large = (Outline((x, 0.0), (r * r, 0.0, r * r)) for x, r in ((0.0, 10.0), (50.0, 20.0)))
    joined = hull([small, large])
    assert (joined.count("M"), joined.count("A"), joined.count("L"), joined[-1]) == (1, 2, 1, "Z")


def test_a_ball_within_another_isnt_seen() -> None:
    large, within = (Outline((0.0, 0.0), (r * r, 0.0, r * r)) for r in (20.0, 1.0))
    assert hull([within, large]) == hull([large])


def test_a_point_has_an_edge() -> None:
    assert Outline((1.0, 2.0), (0.0, 0.0, 0.0)).edge((1.0, 0.0)) == (1.0, 2.0)


def test_numbers_are_short() -> None:
    assert [number(value) for value in (1.0, -0.04, 2.25, 10.0)] == ["1", "0", "2.2", "10"]


def test_a_ball_is_as_large_as_it_is() -> None:
    camera = Camera(30, 20, scale=100)
    ball = body.Ball((0, 0, 0), ((0.1, 0, 0), (0, 0.1, 0), (0, 0, 0.1)))
    assert camera.outline(ball).axes()[:2] == pytest.approx((10, 10))
