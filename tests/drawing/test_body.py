"""The figure is a body: bones keep their lengths, joints their ranges, and what rests on the floor is on the floor."""

from collections.abc import Iterator
from math import dist, isfinite
from pathlib import Path

import pytest
import yaml
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import ValidationError

from api.errors import InvalidContent
from seed_data.drawing import body
from seed_data.drawing.picture import Contact, Frame, Leg, Picture, Pictures, Pose, PropKind, Surface, angles, posed
from seed_data.drawing.settling import TOLERANCE, Settled, clearance, in_turn, limits, normal, settle, solved

MADE_UP = """
exercise: made-up
pictures:
  - view: side
    title: Standing and bowing at a wall
    alt: A person stands at a wall, then bows.
    tint: [low-back, thoracic-spine, pelvis, buttocks, thighs]
    props: [{kind: floor}, {kind: wall}, {kind: ball, at: left-buttock, size: 0.09}]
    start:
      pose: {legs: {hip: 10, knee: 8}, arms: {shoulder: 25}, pelvis: {pitch: 8}}
      contacts:
        - {point: left-buttock, against: wall, gap: 0.08, slides: true}
        - {point: left-foot, against: floor}
        - {point: right-foot, against: floor}
    end:
      pose: {spine: {lumbar: 20}, left_arm: {elbow: 40}}
      arrows: [{at: skull, start: [0.1, 0.2], end: [0.3, 0.1], bend: 0.2, double: true}]
  - variant: lying
    view: oblique-above
    title: Lying with a strap
    alt: A person lies on the back, then raises one leg with a strap.
    tint: [left-buttock, right-buttock, left-hip, right-hip]
    props: [{kind: mat, span: [-1, 1]}, {kind: cushion, at: back-of-head}, {kind: roller, at: left-ankle}]
    start:
      pose: {pelvis: {pitch: -90}, spine: {neck: 20}, arms: {shoulder: 45, spread: -20, rotation: -40, elbow: 125}}
      contacts:
        - {point: left-buttock, against: floor, slides: true}
        - {point: thoracic-2, against: floor, slides: true}
        - {point: back-of-head, against: floor, gap: 0.05, slides: true}
        - {point: left-ankle, against: floor, gap: 0.12}
        - {point: right-heel, against: floor}
        - {point: right-palm, against: left-collar}
    end:
      pose: {left_leg: {hip: 60, knee: 90}, right_leg: {hip: 4}}
      props: [{kind: strap, at: left-thigh-behind}]
      contacts:
        - {point: left-buttock, against: floor, slides: true}
        - {point: thoracic-2, against: floor, slides: true}
        - {point: back-of-head, against: floor, gap: 0.05, slides: true}
        - {point: left-ankle, against: floor, gap: 0.12, slides: true}
        - {point: right-heel, against: floor, slides: true}
  - variant: front
    view: front
    title: Standing on one leg
    alt: A person stands, then lifts one foot.
    tint: [left-hip]
    props: [{kind: floor}, {kind: rail}]
    pelvic_line: true
    start:
      pose: {}
      contacts: [{point: left-foot, against: floor}, {point: right-foot, against: floor}]
      arrows: [{at: right-toes, start: [-0.1, 0], end: [-0.1, 0.1]}]
    end:
      pose: {pelvis: {list: -12}, spine: {side: -12}, left_leg: {spread: 12}}
      contacts: [{point: left-foot, against: floor}]
  - variant: sitting
    view: oblique
    title: Sitting
    alt: A person sits, then sits taller, seen by halves from the front.
    tint: [thighs]
    props: [{kind: chair}]
    start:
      pose: {legs: {hip: 90, knee: 90}}
      contacts: [{point: left-buttock, against: seat}, {point: left-foot, against: floor}, {point: right-foot, against: floor}]
    end: {}
"""


def pictures() -> Iterator[tuple[str, Picture]]:
    """Give every picture of the seed data, and some that show what those don't."""
    files = sorted((Path(__file__).parents[2] / "seed_data" / "pictures").glob("*.yaml"))
    for written in [MADE_UP, *(file.read_text(encoding="utf-8") for file in files)]:
        found = Pictures.model_validate(yaml.safe_load(written))
        for picture in found.pictures:
            yield f"{found.exercise}-{picture.variant or 'itself'}", picture


EVERY = dict(pictures())
SETTLED = {name: in_turn(picture.frames) for name, picture in EVERY.items()}
every_picture = pytest.mark.parametrize("name", list(EVERY))
joints = pytest.mark.parametrize("joint", list(limits()))


def moments(name: str) -> list[tuple[Frame, Settled]]:
    return list(zip(EVERY[name].frames, SETTLED[name], strict=True))


@st.composite
def allowed_angles(draw: st.DrawFn) -> dict[str, float]:
    drawn = {joint: draw(st.floats(low, high)) for joint, (low, high) in limits().items()}
    try:
        return angles(posed(drawn))
    except ValidationError:
        assume(False)  # noqa: FBT003  (hypothesis takes no keyword here)
        raise


BONES = [
    (f"{side}-{near}", f"{side}-{far}", length)
    for side in body.SIDES
    for near, far, length in (
        ("thigh", "shank", body.THIGH),
        ("shank", "foot", body.SHANK),
        ("upper-arm", "forearm", body.UPPER_ARM),
        ("forearm", "hand", body.FOREARM),
    )
] + [
    ("neck", "head", body.NECK),
    ("pelvis", "lumbar-1", body.PELVIS_HEIGHT),
    *((f"lumbar-{n}", f"lumbar-{n + 1}", body.LUMBAR_LINK) for n in range(1, 4)),
    *((f"thoracic-{n}", f"thoracic-{n + 1}", body.THORACIC_LINK) for n in range(1, 4)),
]


def assert_is_a_body(bones: body.Skeleton) -> None:
    for near, far, length in BONES:
        assert dist(bones[near].origin, bones[far].origin) == pytest.approx(length), (near, far)
    for side in body.SIDES:
        assert dist(bones["pelvis"].origin, bones[f"{side}-thigh"].origin) == pytest.approx(body.HIP_BREADTH)


@every_picture
def test_limbs_are_as_long_in_every_picture(name: str) -> None:
    for _, settled in moments(name):
        assert_is_a_body(settled.bones)


@given(allowed_angles())
def test_limbs_are_as_long_in_every_pose(pose: dict[str, float]) -> None:
    bones = body.skeleton(pose, (0.0, 0.0, 0.0))
    assert_is_a_body(bones)
    assert all(isfinite(place) for name in body.FLESH for place in body.flesh(bones, name).centre)


@joints
def test_no_joint_leaves_its_range(joint: str) -> None:
    low, high = limits()[joint]
    for beyond in (low - 1, high + 1):
        with pytest.raises(ValidationError):
            posed({joint: beyond})


def test_knees_and_elbows_bend_one_way_only() -> None:
    assert limits()["left_leg.knee"][0] == limits()["right_arm.elbow"][0] == 0


def test_a_straight_leg_turns_out_less_than_a_tailors() -> None:
    assert Leg(hip=90, spread=30, rotation=75).rotation == 75
    for leg in ({"hip": 0, "spread": 30}, {"hip": 90, "spread": 0}):
        with pytest.raises(ValidationError, match="rotation"):
            Leg.model_validate({**leg, "rotation": 75})


def test_a_raised_knee_is_in_front_and_a_bent_one_sends_the_foot_back() -> None:
    bones = body.skeleton(angles(Pose.model_validate({"left_leg": {"hip": 90}, "right_leg": {"knee": 90}})), (0.0, 0.0, 0.0))
    assert bones["left-shank"].origin[0] == pytest.approx(body.THIGH)
    assert bones["right-foot"].origin[0] == pytest.approx(-body.SHANK)


def test_left_is_left() -> None:
    bones = body.skeleton(angles(Pose.model_validate({"legs": {"spread": 20}, "pelvis": {"list": 10}})), (0.0, 0.0, 0.0))
    assert bones["left-foot"].origin[1] > body.HIP_BREADTH
    assert bones["right-foot"].origin[1] < -body.HIP_BREADTH
    assert bones["left-thigh"].origin[2] > bones["right-thigh"].origin[2]


@every_picture
def test_what_rests_on_something_rests_on_it(name: str) -> None:
    for frame, settled in moments(name):
        for contact in frame.contacts:
            for point in body.RESTS.get(contact.point, (contact.point,)):
                if contact.against in list(Surface):
                    assert clearance(settled.bones, point, contact.against) == pytest.approx(contact.gap, abs=TOLERANCE), point
                else:
                    here, there = (body.flesh(settled.bones, end).centre for end in (point, contact.against))
                    assert dist(here, there) < 2 * TOLERANCE, point


@every_picture
def test_nothing_sinks_into_the_floor_or_the_wall(name: str) -> None:
    walls = [Surface.WALL] if any(prop.kind is PropKind.WALL for prop in EVERY[name].props) else []
    for _, settled in moments(name):
        for surface in [Surface.FLOOR, *walls]:
            deepest, point = min((clearance(settled.bones, point, surface), point) for point in body.FLESH)
            assert deepest > -0.012, point


@every_picture
def test_hands_and_feet_stay_where_they_are(name: str) -> None:
    (start, first), *later = moments(name)
    staying = [
        (point, last)
        for frame, last in later
        for contact in frame.contacts
        if contact in start.contacts and contact.against in list(Surface) and not contact.slides
        for point in body.RESTS.get(contact.point, (contact.point,))
    ]
    for point, last in staying:
        before, after = (body.flesh(settled.bones, point).centre for settled in (first, last))
        assert dist(before, after) < 2 * TOLERANCE, point


def test_a_contact_out_of_reach_is_refused() -> None:
    contacts = [Contact(point="left-foot", against="floor"), Contact(point="left-palm", against="right-toes")]
    with pytest.raises(InvalidContent, match="'left-palm' doesn't rest on 'right-toes'"):
        settle(Frame(pose=Pose(), contacts=contacts))


@pytest.mark.parametrize(("point", "against"), [("left-wing", "floor"), ("left-foot", "ceiling")])
def test_an_unknown_landmark_is_refused(point: str, against: str) -> None:
    with pytest.raises(InvalidContent, match=r"left-wing|ceiling"):
        settle(Frame(pose=Pose(), contacts=[Contact(point=point, against=against)]))


def test_one_side_goes_before_both() -> None:
    pose = Pose.model_validate({"arms": {"elbow": 30, "wrist": 5}, "left_arm": {"elbow": 60}})
    assert (pose.left_arm.elbow, pose.left_arm.wrist, pose.right_arm.elbow) == (60, 5, 30)


@pytest.mark.parametrize("record", [Pose, Picture])
def test_what_is_no_record_is_refused(record: type[Pose | Picture]) -> None:
    with pytest.raises(ValidationError):
        record.model_validate(3)


def test_the_end_is_the_start_with_what_differs() -> None:
    picture = EVERY["made-up-itself"]
    assert picture.end.contacts == picture.start.contacts
    assert picture.end.pose.left_leg == picture.start.pose.left_leg
    assert picture.end.pose.left_arm.elbow == 40


def test_surfaces_face_the_figure() -> None:
    assert normal(Surface.WALL) == (1, 0, 0)
    assert normal(Surface.SEAT) == normal(Surface.FLOOR)


def test_equations_are_solved() -> None:
    assert solved([[0.0, 2.0], [4.0, 1.0]], [2.0, 9.0]) == pytest.approx([2.0, 1.0])
