"""Answers about records that are not exercises: a list of them, or one."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from api.library.record import Record


class Records(NamedTuple):
    """Records of one kind in their order, each as its finished JSON."""

    model: type[Record]
    documents: Sequence[str]
    total: int | None

    @property
    def records(self) -> list[Record]:
        """The records that the JSON is of."""
        return [self.model.model_validate_json(one) for one in self.documents]


class One(NamedTuple):
    """One record, or one finished answer, as its JSON."""

    model: type[Record]
    document: str

    @property
    def record(self) -> Any:  # noqa: ANN401  (the model says which)
        """The record that the JSON is of."""
        return self.model.model_validate_json(self.document)


class WholeExercise(One):
    """One exercise."""


class ScreeningForm(One):
    """The questions of a screening."""


class Publications(Records):
    """Every source."""
