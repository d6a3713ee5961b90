"""Answers about many exercises: what is found, what to avoid, what nobody has decided."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Generic, NamedTuple, TypeVar

from api.library.exercise import Exercise, Suitability
from api.library.pattern import Avoidance
from api.library.screening_items import Group
from api.library.summary import summarised
from api.library.vocabulary import View

Item = TypeVar("Item")


@dataclass(frozen=True)
class Listed:
    """An exercise in an answer: its finished JSON, and its suitability for the types asked."""

    document: str
    suitability: Suitability | None

    @cached_property
    def exercise(self) -> Exercise:
        """The record that the JSON is of."""
        return Exercise.model_validate_json(self.document)

    @property
    def json(self) -> str:
        """The JSON of the exercise with its suitability."""
        return "".join(self.parts)

    @property
    def parts(self) -> tuple[str, ...]:
        """The parts of its JSON, which are joined once for a whole page: an exercise has ten kilobytes."""
        return self.document[:-1], ',"suitability":', self.suitability.document if self.suitability else "null", "}"

    def parts_of(self, view: View) -> tuple[str, ...]:
        """Give the parts of its JSON in a list of this view."""
        return (summarised(self.json),) if view is View.SUMMARY else self.parts


class Page(NamedTuple, Generic[Item]):
    """One page of a list."""

    items: list[Item]
    total: int | None
    """How many there are in all; None where more match than are worth counting."""
    last: tuple[str | int, ...] | None
    """The key of the last item, where more follow."""


class Listing(NamedTuple):
    """One page of the catalogue, with what to avoid and what nobody has decided for the types asked."""

    page: Page[Listed]
    types: tuple[str, ...]
    avoid: Page[Avoidance] | None
    undecided: Page[Listed] | None
    signs: Mapping[str, Sequence[Group]] = {}
    """The groups that are signs of each type: for formats that people read, where types were asked."""
    view: View = View.FULL
    """How much of each exercise is answered."""


class Avoided(NamedTuple):
    """One page of what types should avoid."""

    page: Page[Avoidance]
    types: tuple[str, ...]
    """The types asked; empty where all are meant."""
