"""Each picture shows the exercise as its steps say it, as far as geometry can tell."""

from math import atan2, degrees

import pytest

from seed_data.drawing.body import FLESH, SIDES, Ball, Skeleton, flesh
from seed_data.drawing.picture import Surface, View
from seed_data.drawing.settling import clearance
from seed_data.drawing.vectors import subtract
from tests.drawing.test_body import EVERY, SETTLED

SQUATS = ("isometric-squats-itself", "isometric-squats-shallow")
ON_THE_WALL = (*SQUATS, "pelvic-tilts-standing-at-the-wall")
LEVEL = ("cat-cow-itself", "cat-cow-without-arching", "pelvic-tilts-all-fours")
FIGURE_4 = ("figure-4-stretch-itself", "figure-4-stretch-seated")


def moments(name: str) -> list[Skeleton]:
    return [settled.bones for settled in SETTLED[name]]


def first(name: str) -> Skeleton:
    return moments(name)[0]


def last(name: str) -> Skeleton:
    return moments(name)[-1]


def curve(bones: Skeleton) -> float:
    """Measure by how many degrees the low back is rounded, against that of somebody who stands; below 0 it is hollow."""
    return lean(bones, "lumbar-4") - lean(bones, "pelvis")


def lean(bones: Skeleton, bone: str) -> float:
    x, _, z = bones[bone].axes[2]
    return degrees(atan2(x, z))


@pytest.mark.parametrize("name", ON_THE_WALL)
def test_nothing_is_behind_the_wall_and_pelvis_and_back_touch_it(name: str) -> None:
    for bones in moments(name):
        touching = {point for point in FLESH if abs(clearance(bones, point, Surface.WALL)) < 0.006}
        assert {"left-buttock", "right-buttock", "thoracic-2"} <= touching
        assert min(clearance(bones, point, Surface.WALL) for point in FLESH) > -0.009


@pytest.mark.parametrize("name", [*SQUATS, "pelvic-tilts-standing-at-the-wall"])
def test_at_the_end_the_low_back_is_flat_on_the_wall(name: str) -> None:
    assert all(clearance(last(name), f"lumbar-{n}", Surface.WALL) < 0.012 for n in range(1, 5))


@pytest.mark.parametrize(("name", "bent"), [("isometric-squats-itself", (30, 45)), ("isometric-squats-shallow", (10, 20))])
def test_a_squat_ends_with_the_knees_over_the_ankles_and_bent_as_its_steps_say(name: str, bent: tuple[int, int]) -> None:
    pose = SETTLED[name][-1].pose
    assert bent[0] <= pose.left_leg.knee <= bent[1]
    for side in SIDES:
        assert last(name)[f"{side}-shank"].origin[0] == pytest.approx(last(name)[f"{side}-foot"].origin[0], abs=0.03)


def test_the_feet_of_a_squat_are_15_to_30_cm_from_the_wall() -> None:
    assert all(0.15 <= clearance(bones, f"{side}-heel", Surface.WALL) <= 0.30 for bones in moments(SQUATS[0]) for side in SIDES)


@pytest.mark.parametrize("name", [name for name in EVERY if not name.startswith(("made-up", "figure-4"))])
def test_feet_are_no_wider_than_the_hips(name: str) -> None:
    for bones in moments(name):
        if EVERY[name].view is not View.ABOVE:
            feet, hips = ((flesh(bones, f"left-{part}"), flesh(bones, f"right-{part}")) for part in ("sole", "hip"))
            assert breadth(*feet) <= breadth(*hips) + 0.005


def breadth(left: Ball, right: Ball) -> float:
    across = (0.0, 1.0, 0.0)
    return left.centre[1] - right.centre[1] + left.reach(across) + right.reach(across)


@pytest.mark.parametrize("name", LEVEL)
def test_on_all_fours_one_starts_level(name: str) -> None:
    back = [flesh(first(name), point) for point in ("right-buttock", "lumbar-2", "lumbar-4", "thoracic-2")]
    pelvis, *low, upper = (ball.centre[2] + ball.reach((0.0, 0.0, 1.0)) for ball in back)
    assert upper == pytest.approx(pelvis, abs=0.05)
    assert min(low) > pelvis - 0.03


def test_cat_cow_goes_from_level_to_round_to_a_little_hollow() -> None:
    level, rounded, hollow = map(curve, moments("cat-cow-itself"))
    assert rounded > level + 20
    assert level - 30 < hollow < level - 10


@pytest.mark.parametrize("name", ["cat-cow-without-arching", "cat-cow-on-forearms-or-fists", "cat-cow-seated"])
def test_the_other_cat_cows_only_round_the_back(name: str) -> None:
    assert curve(first(name)) > -15
    assert curve(last(name)) > curve(first(name)) + 20


@pytest.mark.parametrize("name", [name for name in EVERY if name.startswith("pelvic-tilts")])
def test_a_pelvic_tilt_flattens_the_low_back_and_moves_little_else(name: str) -> None:
    before, after = SETTLED[name]
    assert after.pose.spine.lumbar > before.pose.spine.lumbar + 15
    assert after.pose.spine.thoracic == pytest.approx(before.pose.spine.thoracic, abs=8)


@pytest.mark.parametrize("name", FIGURE_4)
def test_in_a_figure_4_the_ankle_lies_on_the_other_thigh_and_the_knee_points_out(name: str) -> None:
    bones = last(name)
    thigh, knee = bones["left-thigh"], flesh(bones, "right-knee").centre
    ankle = subtract(flesh(bones, "right-ankle").centre, thigh.origin)
    front, _, along = (sum(a * b for a, b in zip(ankle, axis, strict=True)) for axis in thigh.axes)
    assert 0.2 < -along < 0.37
    assert 0.08 < front < 0.12
    assert knee[1] < flesh(bones, "right-hip").centre[1] - 0.1


def test_both_hands_draw_the_thigh_of_a_figure_4_from_behind() -> None:
    bones = last("figure-4-stretch-itself")
    for side in SIDES:
        palm = subtract(flesh(bones, f"{side}-palm").centre, bones["left-thigh"].origin)
        assert sum(a * b for a, b in zip(palm, bones["left-thigh"].axes[0], strict=True)) < -0.05


def test_a_ball_or_a_hand_is_on_muscle_beside_the_spine() -> None:
    at = [prop.at for frame in EVERY["self-massage-at-the-wall"].frames for prop in frame.props if prop.at]
    assert at == ["right-buttock", "right-low-back"]
    for point in [*at, "right-buttock-behind"]:
        assert abs(FLESH[point].offset[1]) > 0.05
    wrist = flesh(first("self-massage-itself"), "right-fingertips").centre
    assert wrist[1] < flesh(first("self-massage-itself"), "lumbar-2").centre[1] - 0.05


@pytest.mark.parametrize("name", ["pelvic-list-itself", "pelvic-list-supported"])
def test_in_a_pelvic_list_the_other_side_rises_over_a_straight_leg(name: str) -> None:
    level, listed = SETTLED[name]
    assert (level.pose.pelvis.list, listed.pose.left_leg.knee) == (0, 0)
    hips = [flesh(listed.bones, f"{side}-hip").centre[2] for side in ("left", "right")]
    assert hips[1] > hips[0] + 0.02
    assert clearance(listed.bones, "right-sole", Surface.FLOOR) > 0.02
