"""Rows, words and headings are left alone where the fields that they follow from are as before: those fields have to be all of them."""

from collections.abc import Callable

import pytest

from api.library.exercise import Exercise
from api.library.record import mentioning
from api.store import headings, search
from api.store.engine import Database
from api.store.exercises import read, rows
from api.store.reference import citations

DERIVED: dict[str, tuple[Callable[[Exercise], object], frozenset[str]]] = {
    **{table.__name__: (detail.of, detail.fields) for table, detail in rows.DETAILS.items()},
    "words": (search.to_be_found_by, search.FIELDS),
    "headings": (headings.of, headings.FIELDS),
    "citations": (citations.cited, mentioning(Exercise)),
}
EMPTY: dict[str, list[object]] = {
    name: [] for name in Exercise.model_fields if name not in {"slug", "name", "revision", "created_at", "updated_at"}
}


@pytest.mark.parametrize("derived", DERIVED)
def test_nothing_is_derived_from_a_field_that_is_not_named(shared: Database, derived: str) -> None:
    of, fields = DERIVED[derived]
    with shared.reading() as connection:
        shipped = [one.exercise.model_copy(update={"patterns": ["wide-legs"]}) for some in read.every(connection) for one in some.values()]
    assert any(of(one) for one in shipped)
    for one in shipped:
        for name in Exercise.model_fields.keys() - fields - {"slug"}:
            other: object = "another" if name == "name" else EMPTY.get(name, 0)
            assert of(one.model_copy(update={name: other})) == of(one), name
