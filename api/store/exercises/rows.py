"""The rows of an exercise: what the database checks, orders and filters by. All of them follow from its record."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import NamedTuple, Protocol

import sqlalchemy as sa
from sqlmodel import SQLModel

from api.library.exercise import Exercise
from api.library.exercise_draft import Dosage
from api.library.record import Attribution, Record
from api.library.term import needed, term_key
from api.library.vocabulary import TermKind, Verdict
from api.store import headings, tables

Row = dict[str, object]


class _Sourced(Protocol):
    @property
    def source(self) -> Attribution: ...


def _verdicts(exercise: Exercise) -> list[Row]:
    verdicts = {recommendation.type: Verdict.RECOMMENDED for recommendation in exercise.recommendations}
    verdicts |= {contraindication.type: Verdict.AVOID for contraindication in exercise.contraindications}
    return [{"type": type_, "verdict": verdict} for type_, verdict in verdicts.items()]


def _recommendations(exercise: Exercise) -> list[Row]:
    return [
        {"verdict": Verdict.RECOMMENDED, **_sourced(recommendation)}
        | _columns(recommendation, "type", "position", "choice", "intensity", "intensity_note", "note")
        for recommendation in exercise.recommendations
    ]


def _contraindications(exercise: Exercise) -> list[Row]:
    return [
        {"ordinal": n, "verdict": Verdict.AVOID, **_columns(avoided, "type", "reason"), **_sourced(avoided)}
        | {"via_kind": avoided.via.kind if avoided.via else None, "via_slug": avoided.via.slug if avoided.via else None}
        for n, avoided in enumerate(exercise.contraindications)
    ]


def _terms(exercise: Exercise) -> list[Row]:
    terms = {
        *(term_key(TermKind.REGION, slug) for slug in exercise.regions),
        *(term_key(TermKind.MUSCLE, slug) for slug in exercise.muscles),
        *needed(exercise.equipment),
    }
    return [{"term": term} for term in sorted(terms)]


def _cautions(exercise: Exercise) -> list[Row]:
    return [
        {"ordinal": n, "caution_group": caution.group, **_columns(caution, "action", "text", "variant", "for_variant"), **_sourced(caution)}
        for n, caution in enumerate(exercise.cautions)
    ]


def _dosages(exercise: Exercise) -> list[Row]:
    return [
        {"ordinal": n, **_columns(dosage, "printed_for", "for_variant", "per_side", "note"), **_ranges(dosage), **_sourced(dosage)}
        for n, dosage in enumerate(exercise.dosages)
    ]


def _columns(record: Record, *names: str) -> Row:
    return {name: getattr(record, name) for name in names}


def _sourced(record: _Sourced) -> Row:
    return {"source": record.source.slug, "quote": record.source.quote}


def _ranges(dosage: Dosage) -> Row:
    ranges = {name: getattr(dosage, name) for name in ("sets", "reps", "hold_seconds", "sessions_per_day")}
    return {f"{name}_{end}": getattr(range_, end, None) for name, range_ in ranges.items() for end in ("min", "max")}


def _headings(exercise: Exercise) -> list[Row]:
    return [{"heading": heading, "slug": exercise.slug} for heading in sorted(headings.of(exercise))]


def _variants(exercise: Exercise) -> list[Row]:
    return [{**_columns(variant, "slug", "name", "start"), "source": variant.source.slug} for variant in exercise.variants]


class Detail(NamedTuple):
    """The rows of one table."""

    of: Callable[[Exercise], list[Row]]
    fields: frozenset[str]
    """The only fields that they follow from, besides the slug, which never changes: where these are as before, so are the rows."""


# Each table after those that its rows refer to.
DETAILS: Mapping[type[SQLModel], Detail] = {
    tables.PairVerdict: Detail(_verdicts, frozenset({"recommendations", "contraindications"})),
    tables.Recommendation: Detail(_recommendations, frozenset({"recommendations"})),
    tables.Contraindication: Detail(_contraindications, frozenset({"contraindications"})),
    tables.ExercisePattern: Detail(lambda exercise: [{"pattern": slug} for slug in exercise.patterns], frozenset({"patterns"})),
    tables.ExerciseTerm: Detail(_terms, frozenset({"regions", "muscles", "equipment"})),
    tables.Heading: Detail(_headings, headings.FIELDS),
    tables.Variant: Detail(_variants, frozenset({"variants"})),
    tables.Caution: Detail(_cautions, frozenset({"cautions"})),
    tables.Dosage: Detail(_dosages, frozenset({"dosages"})),
}
# A row can't go before those that refer to it, so these are written anew together.
_TOGETHER: Sequence[set[type[SQLModel]]] = (
    {tables.PairVerdict, tables.Recommendation, tables.Contraindication},
    {tables.Variant, tables.Caution, tables.Dosage},
)


def differing(before: Exercise | None, after: Exercise | None) -> frozenset[str]:
    """Give the fields in which an exercise differs from what it was: all of them where it comes or goes."""
    if before is None or after is None:
        return frozenset(Exercise.model_fields)
    return frozenset(name for name in Exercise.model_fields if getattr(before, name) != getattr(after, name))


def change(
    connection: sa.Connection, removed: Mapping[int, Exercise], added: Mapping[int, Exercise], fields: Mapping[int, frozenset[str]]
) -> None:
    """Write anew those rows of exercises that follow from fields that differ."""
    stale: dict[type[SQLModel], list[int]] = {}
    new: dict[type[SQLModel], list[Row]] = {}
    for id_, differing_ in fields.items():
        touched = _with_their_kind({table for table, detail in DETAILS.items() if differing_ & detail.fields})
        if not touched:
            continue
        before, after = _details(removed.get(id_), touched), _details(added.get(id_), touched)
        for table in _with_their_kind({table for table in touched if before.get(table) != after.get(table)}):
            if before.get(table):
                stale.setdefault(table, []).append(id_)
            new.setdefault(table, []).extend({"exercise_id": id_, **row} for row in after.get(table, ()))
    for table in reversed(tuple(DETAILS)):
        if table in stale:
            connection.execute(sa.delete(table).where(_exercise_id(table).in_(stale[table])))
    for table in DETAILS:
        if new.get(table):
            connection.execute(sa.insert(table), new[table])


def _details(exercise: Exercise | None, touched: Collection[type[SQLModel]]) -> dict[type[SQLModel], list[Row]]:
    return {} if exercise is None else {table: DETAILS[table].of(exercise) for table in touched}


def _with_their_kind(changed: set[type[SQLModel]]) -> set[type[SQLModel]]:
    return changed.union(*(tables_ for tables_ in _TOGETHER if tables_ & changed))


def clear(connection: sa.Connection) -> None:
    """Take every row away."""
    for table in reversed(tuple(DETAILS)):
        connection.execute(sa.delete(table))


def of(id_: int, exercise: Exercise) -> dict[type[SQLModel], list[Row]]:
    """Give the rows of an exercise, table by table."""
    return {table: [{"exercise_id": id_, **row} for row in rows] for table, rows in _details(exercise, DETAILS).items()}


def _exercise_id(table: type[SQLModel]) -> sa.ColumnElement[int]:
    column: sa.Column[int] = tables.of(table).c.exercise_id
    return column
