"""What is wrong with content, field by field, in words for whoever wrote it."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from unicodedata import category

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from api.errors import Complaint
from api.library.record import SLUG, AskedOfInput, Location, Mention, marked, mentions, models_in
from api.library.spelling import fold, nearest, words
from api.library.term import NOTHING_NEEDED, term_key
from api.library.vocabulary import NO_EQUIPMENT

_QUOTED = re.compile(r"'([^']+)'")
_SHOWN = 100
_NAMES = ("name", "plain_name", "label", "other_names", "aliases")
"""The fields that say what a record is called."""


def path(location: Location) -> str:
    """Write a place in a record as `cautions[0].group`."""
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in location)
    return "".join(parts).removeprefix(".")


def of_validation(error: ValidationError, model: type[BaseModel]) -> list[tuple[Location, Complaint]]:
    """Turn pydantic's errors into complaints with the nearest right word, one for each place."""
    found = {_place(fault): fault for fault in error.errors()}
    return [(location, _complaint(location, complaint, model)) for location, complaint in found.items()]


def _place(error: ErrorDetails) -> Location:
    """Leave out which member of `int | float` complains: the last one speaks for both."""
    location: Location = tuple(error["loc"])
    return location[:-1] if location[-1:] in (("int",), ("float",)) else location


def _complaint(location: Location, error: ErrorDetails, model: type[BaseModel]) -> Complaint:
    if error["type"] == "extra_forbidden":
        allowed = _keys(model, location[:-1])
        return Complaint(path(location), "There is no such field.", tuple(allowed), nearest(str(location[-1]), allowed))
    if error["type"] == "enum":
        given, allowed = error["input"], _QUOTED.findall(error["ctx"]["expected"])
        return Complaint(path(location), f"'{given}' is not one of its words.", tuple(allowed), nearest(str(given), allowed))
    return Complaint(path(location), sentence(error), did_you_mean=_as_slug(error))


def _as_slug(error: ErrorDetails) -> str | None:
    """Write as a slug what should have been one: `Cat/Cow` → `cat-cow`."""
    slug = "-".join(words(str(error["input"]))) if error["type"] == "string_pattern_mismatch" else ""
    return slug if SLUG.fullmatch(slug) and SLUG.pattern in error["ctx"]["pattern"] else None


# Every kind of error that a caller can cause: pydantic's own messages are for Python programmers.
_SENTENCES = {
    "missing": "{it} is required.",
    "string_type": "{it} has to be text; put it in quotes.",
    "string_too_short": "{it} can't be empty.",
    "string_too_long": "{it} can have at most {max_length} characters.",
    **dict.fromkeys(("int_type", "int_parsing", "int_parsing_size", "int_from_float"), "{it} has to be a whole number, such as 1."),
    **dict.fromkeys(("float_type", "float_parsing", "finite_number"), "{it} has to be a number in decimal digits, such as 10 or 2.5."),
    **dict.fromkeys(("bool_type", "bool_parsing"), "{it} has to be true or false."),
    "list_type": "{it} has to be a list, even where it has one entry.",
    **dict.fromkeys(("model_type", "model_attributes_type"), "{it} has to be an object with fields of its own."),
    "enum": "{it} has to be {expected}.",
    "too_long": "{it} can have at most {max_length} entries.",
    "too_short": "{it} has to have at least {min_length} entries.",
    "greater_than_equal": "{it} has to be {ge} or more.",
    "less_than_equal": "{it} can be {le} at most.",
    "value_error": "{error}.",
}


def sentence(error: Mapping[str, object], it: str = "It") -> str:
    """Say in a sentence what is wrong with a value."""
    if error["type"] == "string_pattern_mismatch":
        return _unmatched(str(error["input"]), it)
    context = error.get("ctx")
    said = _SENTENCES.get(str(error["type"]), f"{{it}}: {error['msg']}.").format(it=it, **(context if isinstance(context, dict) else {}))
    return said[:1].upper() + said[1:]


def _unmatched(given: str, it: str) -> str:
    """Say what a text or a slug can't have in it."""
    control = next((character for character in given if category(character) == "Cc" and character not in "\t\n"), None)
    if control:
        return f"{it} has the control character U+{ord(control):04X} in it, which no text needs; take it out."
    return f"{it} has to be a slug: lower-case letters a to z, digits and single hyphens, such as 'cat-cow'."


def _keys(model: type[BaseModel], location: Location) -> list[str]:
    """Give the fields that the model at this place has."""
    for part in location:
        fields = {field.alias or name: field for name, field in model.model_fields.items()}
        if part in fields:
            model = next(iter(models_in(fields[str(part)].annotation)), model)
    return [field.alias or name for name, field in model.model_fields.items()]


def of_input(record: BaseModel) -> Iterable[tuple[Location, Complaint]]:
    """Complain of every text that was once accepted and no longer is."""
    return [
        (location, Complaint(path(location), f"It {fault}."))
        for location, asked, part in marked(record, AskedOfInput)
        if isinstance(part, str) and not (asked.is_plain and asked.is_plain(part)) and (fault := asked.fault(part))
    ]


def of_mentions(record: BaseModel, known: Mapping[str, Collection[str]]) -> Iterable[tuple[Location, Complaint]]:
    """Complain of every mention of a record that doesn't exist."""
    for mention in mentions(record):
        allowed = known[mention.kind]
        if mention.slug not in allowed:
            yield mention.location, _unknown_mention(mention, allowed)


def _unknown_mention(mention: Mention, allowed: Collection[str]) -> Complaint:
    if term_key(mention.kind, mention.slug) == NOTHING_NEEDED:
        return Complaint(path(mention.location), f"Leave '{NO_EQUIPMENT}' out: an empty list says that nothing is needed.")
    return unknown(path(mention.location), mention.kind, mention.slug, allowed)


def unknown(field: str, kind: str, given: str, allowed: Collection[str], called: Mapping[str, str] | None = None) -> Complaint:
    """Say that there is no such thing, what exists, and what was probably meant.

    What things are called besides their slugs is `called`, or follows from `allowed` where that has the records.
    """
    meant = _meant(given, allowed, other_names(allowed) if called is None else called)
    return Complaint(field, f"There is no {kind.replace('-', ' ')} '{given}'.", shown(allowed), meant)


def shown(allowed: Collection[str]) -> tuple[str, ...]:
    """Give the values that exist, as many as are worth reading."""
    return tuple(sorted(allowed)[:_SHOWN])


def other_names(records: Collection[str]) -> dict[str, str]:
    """Give what records are called besides their slugs, folded, with the slug of each; nothing where only slugs are known.

    A name that two records share names neither.
    """
    if not isinstance(records, Mapping):
        return {}
    called = [(name, slug) for slug, record in records.items() for name in {*_names(record)}]
    often = Counter(name for name, _ in called)
    return {name: slug for name, slug in called if often[name] == 1}


def _names(record: object) -> Iterator[str]:
    for field in _NAMES:
        value = getattr(record, field, None) or []
        yield from map(fold, [value] if isinstance(value, str) else value)


def _meant(given: str, allowed: Collection[str], called: Mapping[str, str]) -> str | None:
    """Prefer an exact name, then the nearest spelling, then the only record with these words in a name."""
    named = {name: slug for name, slug in called.items() if slug in allowed}
    exact = named.get(fold(given).strip())
    if exact:
        return exact
    near = nearest(given, {**dict.fromkeys(allowed), **named})
    if near is not None:
        return named.get(near, near)
    asked = set(words(given))
    having = {slug for name, slug in named.items() if asked and asked <= set(words(name))}
    return having.pop() if len(having) == 1 else None
