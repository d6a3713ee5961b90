"""Which groups follow from which, and what belonging to them is a sign of."""

from api.library.screening_items import Group, implied, types_of

SOURCE = {"slug": "book"}


def group(slug: str, *implies: str, sign_of: tuple[str, ...] = ()) -> Group:
    signs = [{"type": one, "source": SOURCE} for one in sign_of]
    return Group.model_validate(
        {"slug": slug, "name": slug, "question": "Are you?", "implies": list(implies), "sign_of": signs, "source": SOURCE}
    )


KNOWN = {
    one.slug: one for one in (group("late", "early"), group("early", "expecting"), group("expecting", sign_of=("loose",)), group("other"))
}


def test_a_group_implies_what_those_that_it_implies_do() -> None:
    assert implied(["late"], KNOWN) == ["late", "early", "expecting"]
    assert implied(["expecting", "other"], KNOWN) == ["expecting", "other"]


def test_what_a_group_implies_is_a_sign_of_the_same_types() -> None:
    assert types_of(["late"], KNOWN) == {"loose"}
    assert types_of(["other"], KNOWN) == set()
