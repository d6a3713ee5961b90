"""Which picture is shown: that of the starting position, or none."""

import pytest

from api.library.exercise import Image, picture_of, role_of

IMAGES = [Image(role=role, alt=role, licence="MIT", credit="us", files=[]) for role in ("variant:seated", "exercise", "variant:side")]


@pytest.mark.parametrize(("variant", "shown"), [(None, "exercise"), ("seated", "variant:seated"), ("side", "variant:side")])
def test_a_starting_position_has_its_own_picture(variant: str | None, shown: str) -> None:
    found = picture_of(IMAGES, variant)
    assert found is not None
    assert found.role == shown == role_of(variant)


def test_no_picture_is_better_than_that_of_another_starting_position() -> None:
    assert picture_of(IMAGES, "standing") is None
    assert picture_of([], None) is None
