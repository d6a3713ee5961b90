"""JSON. Records are stored as finished JSON, so writing is joining."""

from collections.abc import Iterable
from json import dumps

from pydantic_core import to_json

from api.library.listing import Listed, Listing, Page
from api.library.program import Program
from api.library.records import One, Records
from api.library.reference import Avoidance


def listing(answer: Listing, next_: str | None) -> bytes:
    """Write a page of the catalogue; what concerns types is null where none was asked."""
    fields = {
        "items": _array(one.json for one in answer.page.items),
        "total": dumps(answer.page.total),
        "next": dumps(next_),
        "types": dumps(list(answer.types)) if answer.types else "null",
        "avoid": _avoid(answer.avoid),
        "avoid_total": dumps(answer.avoid.total if answer.avoid else None),
        "undecided": _undecided(answer.undecided),
        "undecided_total": dumps(answer.undecided.total if answer.undecided else None),
    }
    return _object(fields)


def records(answer: Records, next_: str | None) -> bytes:
    """Write a list of records."""
    return _object({"items": _array(answer.documents), "total": dumps(answer.total), "next": dumps(next_)})


def one(answer: One, _: str | None) -> bytes:
    """Write one record."""
    return answer.document.encode()


def program(answer: Program, _: str | None) -> bytes:
    """Write a program."""
    return answer.model_dump_json().encode()


def _avoid(page: Page[Avoidance] | None) -> str:
    return to_json(page.items).decode() if page else "null"


def _undecided(page: Page[Listed] | None) -> str:
    return _array(one.json for one in page.items) if page else "null"


def _array(parts: Iterable[str]) -> str:
    return f"[{','.join(parts)}]"


def _object(fields: dict[str, str]) -> bytes:
    return f"{{{','.join(f'{dumps(name)}:{value}' for name, value in fields.items())}}}".encode()
