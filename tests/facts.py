"""What the source says, written down a second time and by hand: tests compare the program with this, not with itself."""

RECOMMENDED = {
    "stiff": ["self-massage", "cat-cow", "pelvic-tilts", "figure-4-stretch"],
    "unstable": ["self-massage", "pelvic-tilts", "cat-cow", "pelvic-list", "isometric-squats"],
}
"""In the source's order: 'A or B' in the order in which they are named."""

AVOIDED: dict[str, list[str]] = {"stiff": [], "unstable": ["wide-legs", "figure-4-stretch"]}
"""Movement patterns first."""

EXERCISES = ["cat-cow", "figure-4-stretch", "isometric-squats", "pelvic-list", "pelvic-tilts", "self-massage"]

FILTERS = {
    "tag": ["mobilize", "stabilize"],
    "region": ["low-back", "thoracic-spine", "pelvis", "buttocks", "hips", "thighs"],
    "equipment": ["none", "massage-ball", "foam-roller", "wall", "rail", "mat", "cushion", "towel-or-strap", "chair"],
    "condition": ["si-joint-dysfunction"],
}
"""Every filter that goes together with `type`, and every value it takes."""

PAGE_SIZES = [1, 2, 3, 4, 5, 6, 7, 100]


def is_avoided(slug: str, *types: str) -> bool:
    """Say whether any of the types should avoid an exercise."""
    return any(slug in AVOIDED[one] for one in types)


def is_recommended(slug: str, *types: str) -> bool:
    """Say whether all of the types recommend an exercise, and none avoids it."""
    return all(slug in RECOMMENDED[one] for one in types) and not is_avoided(slug, *types)
