"""JSON, which ends with a newline. Records are stored as finished JSON, so writing is joining."""

from collections.abc import Iterable

from pydantic_core import to_json

from api.library import wording
from api.library.listing import Avoided, Listing
from api.library.program import Printout
from api.library.serialised import SerialisedRecord, SerialisedRecords


def listing(answer: Listing, next_: str | None) -> bytes:
    """Write a page of the catalogue; what concerns types is null where none was asked."""
    return _object(
        items=_array(listed.parts_of(answer.view) for listed in answer.page.items),
        total=_value(answer.page.total),
        next=_value(next_),
        types=_value(answer.types or None),
        avoid=_array((item.document,) for item in answer.avoid.items) if answer.avoid else _value(None),
        avoid_total=_value(answer.avoid and answer.avoid.total),
        undecided=_array(item.parts_of(answer.view) for item in answer.undecided.items) if answer.undecided else _value(None),
        undecided_total=_value(answer.undecided and answer.undecided.total),
        disclaimer=_value(wording.DISCLAIMER),
    )


def avoided(answer: Avoided, next_: str | None) -> bytes:
    """Write a page of what types should avoid."""
    return _object(
        items=_array((item.document,) for item in answer.page.items),
        total=_value(answer.page.total),
        next=_value(next_),
        disclaimer=_value(wording.DISCLAIMER),
    )


def records(answer: SerialisedRecords, next_: str | None) -> bytes:
    """Write a list of records."""
    return _object(items=_array((document,) for document in answer.documents), total=_value(answer.total), next=_value(next_))


def record(answer: SerialisedRecord, _: str | None) -> bytes:
    """Write one record."""
    return f"{answer.document}\n".encode()


def program(answer: Printout, _: str | None) -> bytes:
    """Write a program; the edition is for people."""
    return f"{answer.program.model_dump_json()}\n".encode()


# An answer is put together once, from its parts: a page has tens of kilobytes.


def _object(**fields: list[str]) -> bytes:
    parts = [part for name, value in fields.items() for part in (f',"{name}":', *value)]
    return "".join(["{", parts[0][1:], *parts[1:], "}\n"]).encode()


def _array(values: Iterable[tuple[str, ...]]) -> list[str]:
    parts = [part for value in values for part in (",", *value)]
    return ["[", *parts[1:], "]"]


def _value(value: object) -> list[str]:
    return [to_json(value).decode()]
