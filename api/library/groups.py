"""Groups of people: which others they belong to, and what belonging to one is a sign of."""

from collections.abc import Iterable, Mapping

from api.library.screening_items import Group, RedFlag, Sign


def implied(groups: Iterable[str], known: Mapping[str, Group]) -> list[str]:
    """Add the groups that groups imply, in the order of the library."""
    found: set[str] = set()
    new = set(groups)
    while new:
        found |= new
        new = {other for group in new for other in known[group].implies} - found
    return [slug for slug in known if slug in found]


def signs(group: str, known: Mapping[str, Group]) -> list[Sign]:
    """Give what belonging to a group is a sign of, by itself or by the groups that it implies: each type once."""
    by_type: dict[str, Sign] = {}
    for slug in [group, *implied([group], known)]:
        for sign in known[slug].sign_of:
            by_type.setdefault(sign.type, sign)
    return list(by_type.values())


def types_of(groups: Iterable[str], known: Mapping[str, Group]) -> set[str]:
    """Give the types that belonging to these groups is a sign of."""
    return {sign.type for group in groups for sign in signs(group, known)}


def signs_of_types(known: Mapping[str, Group]) -> dict[str, list[Group]]:
    """Give the groups that are signs of each type."""
    types = dict.fromkeys(sign.type for group in known.values() for sign in group.sign_of)
    return {type_: [group for slug, group in known.items() if type_ in types_of([slug], known)] for type_ in types}


def in_force(flags: Iterable[RedFlag], groups: Iterable[str]) -> list[RedFlag]:
    """Give the red flags of everybody and of these groups."""
    minded = set(groups)
    return [flag for flag in flags if flag.group is None or flag.group in minded]
