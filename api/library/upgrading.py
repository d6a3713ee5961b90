"""What a record becomes when another version of it is shipped: a three-way merge, part by part.

`base` is the record as it was shipped last, `ours` as it stands now, `theirs` as it is shipped now. A part that was left as shipped
follows; an edited one stays; a new warning is added to an edited record, too; and no recommendation stands where there is an avoid.

Statements stay whole: an edited text never gets somebody else's source.
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from operator import attrgetter
from typing import TypeVar

from api.library.derivation import without_contradiction
from api.library.exercise_draft import Caution, ExerciseDraft, Recommendation, Variant
from api.library.record import Record
from api.library.screening_items import RedFlag

_Record = TypeVar("_Record", bound=Record)
_Key = Callable[[object], Hashable]


def upgraded(base: Record | None, ours: _Record, theirs: _Record) -> _Record:
    """Give what becomes of a record; without a base, what a curator wrote meets a record of the same name for the first time."""
    merged = _warned(ours, theirs) if base is None else _merged(base, ours, theirs)
    return _consistent(merged, (ours, theirs, base))


def warned(ours: ExerciseDraft, base: ExerciseDraft | None, theirs: ExerciseDraft) -> ExerciseDraft:
    """Give a retired exercise with the avoids that are new: its variants inherit them."""
    new = upgraded(base, ours, theirs)
    had = {contraindication.type for contraindication in ours.contraindications}
    avoids = [contraindication for contraindication in new.contraindications if contraindication.type not in had]
    patterns = [pattern for pattern in new.patterns if pattern not in ours.patterns]
    added = {"contraindications": [*ours.contraindications, *avoids], "patterns": [*ours.patterns, *patterns]}
    return ours.model_copy(update=added | {"variant_of": ours.variant_of or new.variant_of})


def kept(stored: _Record, given: _Record) -> _Record:
    """Give a record that an older version wrote, with what is stored in the fields that it doesn't know."""
    update = {
        name: _kept_within(name, getattr(stored, name), getattr(given, name)) if name in given.model_fields_set else getattr(stored, name)
        for name in type(given).model_fields
    }
    found = given.model_copy(update=update)
    return _with_variants(found, (stored,))


# How the parts of a list are told apart, the strictest way first; what is left over after one way is paired by the next.
_KEYS: dict[str, Sequence[_Key]] = {
    "recommendations": [attrgetter("type")],
    "contraindications": [attrgetter("type")],
    "sign_of": [attrgetter("type")],
    "variants": [attrgetter("slug")],
    "cautions": [attrgetter("group", "action", "for_variant"), attrgetter("group", "action")],
    "dosages": [attrgetter("source.slug", "printed_for", "for_variant"), attrgetter("source.slug", "printed_for")],
    "causes": [attrgetter("slug")],
    "pain_locations": [attrgetter("slug")],
    "normal_movements": [attrgetter("slug")],
    "codes": [attrgetter("system", "code")],
}
# Lists that only make sense as a whole.
_WHOLE = {"steps", "common_errors", "easier", "harder", "criteria"}
# What of a record belongs together: who edits one of it keeps all of it.
_TOGETHER: dict[type[Record], Sequence[Sequence[str]]] = {
    Recommendation: [("position", "choice"), ("intensity", "intensity_note", "note", "source")],
    Variant: [("start", "steps", "heeds", "source")],
    RedFlag: [("question", "criteria", "at_least", "source")],
}
# What is added to a record that was never shipped: each of them warns, and none permits.
WARNINGS = ("contraindications", "cautions", "patterns", "sign_of", "stop_rules")


def _merged(base: Record, ours: _Record, theirs: _Record) -> _Record:
    """Merge part by part."""
    together = _TOGETHER.get(type(ours), ())
    edited = {name for names in together for name in names if any(getattr(ours, field) != getattr(base, field) for field in names)}
    update = {
        name: getattr(ours, name) if name in edited else _merged_part(name, getattr(base, name), getattr(ours, name), getattr(theirs, name))
        for name in type(ours).model_fields
    }
    return ours.model_copy(update=update)


def _merged_part(name: str, base: object, ours: object, theirs: object) -> object:
    if ours == base:
        return theirs
    if not (isinstance(base, list) and isinstance(ours, list) and isinstance(theirs, list)) or name in _WHOLE:
        return ours
    return _merged_list(base, ours, theirs, _KEYS.get(name, ()))


def _merged_list(base: list[object], ours: list[object], theirs: list[object], keys: Sequence[_Key]) -> list[object]:
    shipped, followed = _paired(ours, base, keys), _paired(base, theirs, keys)
    merged = []
    for n, our_part in enumerate(ours):
        before = shipped.get(n)
        after = None if before is None else followed.get(before)
        if before is None or (after is None and our_part != base[before]):
            merged.append(our_part)  # the curator's own, or edited
        elif after is not None:
            merged.append(_merged_item(base[before], our_part, theirs[after]))
    new = [part for n, part in enumerate(theirs) if n not in followed.values()]
    return merged + _besides(new, merged, keys)


def _merged_item(base: object, ours: object, theirs: object) -> object:
    if ours == base:
        return theirs
    if isinstance(base, Record) and isinstance(ours, Recommendation | Variant) and isinstance(theirs, Recommendation | Variant):
        return _merged(base, ours, theirs)
    return ours


def _besides(new: list[object], there: list[object], keys: Sequence[_Key]) -> list[object]:
    """Give the parts that aren't there yet, by their keys; a caution is left out only for an equal one."""
    keys = () if new and isinstance(new[0], Caution) else keys
    known = _paired(new, there, keys)
    return [part for n, part in enumerate(new) if n not in known]


def _paired(ours: Sequence[object], theirs: Sequence[object], keys: Sequence[_Key]) -> dict[int, int]:
    """Pair the parts of two lists by number: equal ones first, then by each key."""
    found: dict[int, int] = {}
    for key in (_itself, *keys):
        free: dict[Hashable, list[int]] = {}
        for m, part in enumerate(theirs):
            if m not in found.values():
                free.setdefault(key(part), []).append(m)
        for n, part in enumerate(ours):
            if n not in found and free.get(key(part)):
                found[n] = free[key(part)].pop(0)
    return found


def _itself(part: object) -> Hashable:
    return part.model_dump_json() if isinstance(part, Record) else str(part)


def _warned(ours: _Record, theirs: _Record) -> _Record:
    names = [name for name in WARNINGS if name in type(ours).model_fields]
    added: dict[str, object] = {name: _merged_list([], getattr(ours, name), getattr(theirs, name), _KEYS.get(name, ())) for name in names}
    if isinstance(ours, ExerciseDraft) and isinstance(theirs, ExerciseDraft):
        added["variant_of"] = ours.variant_of or theirs.variant_of
    return ours.model_copy(update=added)


def _consistent(merged: _Record, others: Sequence[Record | None]) -> _Record:
    """Let avoid win, and bring the variants that are named."""
    if not isinstance(merged, ExerciseDraft):
        return merged
    return _with_variants(without_contradiction(merged, merged.contraindications), others)


def _with_variants(merged: _Record, others: Sequence[Record | None]) -> _Record:
    """Bring the variants that a caution or a dosage names, from the first that has them."""
    if not isinstance(merged, ExerciseDraft):
        return merged
    there = {variant.slug for variant in merged.variants}
    named = {slug for caution in merged.cautions for slug in (caution.variant, caution.for_variant)}
    named |= {dosage.for_variant for dosage in merged.dosages}
    missing = named - there - {None}
    known = {variant.slug: variant for other in reversed(others) if isinstance(other, ExerciseDraft) for variant in other.variants}
    return merged.model_copy(update={"variants": [*merged.variants, *(known[slug] for slug in known if slug in missing)]})


def _kept_within(name: str, stored: object, given: object) -> object:
    """Keep what parts of a list had in fields that the older version doesn't know."""
    if not isinstance(stored, list) or not isinstance(given, list) or not all(isinstance(part, Record) for part in given):
        return given
    ways: Mapping[str, Sequence[_Key]] = {
        "cautions": [attrgetter("group", "action", "text"), _KEYS["cautions"][1]],
        "dosages": [_KEYS["dosages"][1]],
    }
    there = _paired(given, stored, ways.get(name, _KEYS.get(name, ())))
    return [kept(stored[there[n]], part) if n in there else part for n, part in enumerate(given)]
