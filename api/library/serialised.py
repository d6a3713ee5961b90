"""Records as the JSON that they are stored or answered as: a list of them, or one. Writing JSON is joining these texts."""

from collections.abc import Sequence
from typing import NamedTuple

from api.library.record import Record


class SerialisedRecords(NamedTuple):
    """Records of one kind in their order, each as its JSON."""

    model: type[Record]
    documents: Sequence[str]
    total: int | None

    @property
    def records(self) -> list[Record]:
        """The records that the JSON is of."""
        return [self.model.model_validate_json(document) for document in self.documents]


class SerialisedRecord(NamedTuple):
    """One record, or one finished answer, as its JSON."""

    model: type[Record]
    document: str

    @property
    def record(self) -> Record:
        """The record that the JSON is of."""
        return self.model.model_validate_json(self.document)


# Some formats are offered for these alone.


class SerialisedExercise(SerialisedRecord):
    """One exercise."""


class SerialisedForm(SerialisedRecord):
    """The questions of a screening."""


class SerialisedSources(SerialisedRecords):
    """Every source."""
