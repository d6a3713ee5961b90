"""The rows of an exercise: what the database checks, orders and filters by. All of them follow from its record."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

import sqlalchemy as sa
from sqlmodel import SQLModel

from api.library.exercise import Exercise
from api.library.exercise_draft import Caution, Contraindication, Dosage, Recommendation
from api.library.term import needed, term_key
from api.library.vocabulary import TermKind, Verdict
from api.store import headings, tables

Row = dict[str, object]


def _verdicts(exercise: Exercise) -> list[Row]:
    verdicts = {recommendation.type: Verdict.RECOMMENDED for recommendation in exercise.recommendations}
    verdicts |= {contraindication.type: Verdict.AVOID for contraindication in exercise.contraindications}
    return [{"type": type_, "verdict": verdict} for type_, verdict in verdicts.items()]


def _recommendations(exercise: Exercise) -> list[Row]:
    return [
        {"verdict": Verdict.RECOMMENDED, **_stated(found, "type", "position", "choice", "intensity", "intensity_note", "note")}
        for found in exercise.recommendations
    ]


def _contraindications(exercise: Exercise) -> list[Row]:
    return [
        {"ordinal": n, "verdict": Verdict.AVOID, **_stated(avoided, "type", "reason")}
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


def _patterns(exercise: Exercise) -> list[Row]:
    return [{"pattern": slug} for slug in exercise.patterns]


def _headings(exercise: Exercise) -> list[Row]:
    return [{"heading": heading, "slug": exercise.slug} for heading in sorted(headings.of(exercise))]


def _variants(exercise: Exercise) -> list[Row]:
    return [{"slug": found.slug, "name": found.name, "start": found.start, "source": found.source.slug} for found in exercise.variants]


def _cautions(exercise: Exercise) -> list[Row]:
    return [
        {"ordinal": n, "caution_group": caution.group, **_stated(caution, "action", "text", "variant", "for_variant")}
        for n, caution in enumerate(exercise.cautions)
    ]


def _dosages(exercise: Exercise) -> list[Row]:
    return [
        {"ordinal": n, **_stated(dosage, "printed_for", "for_variant", "per_side", "note"), **_ranges(dosage)}
        for n, dosage in enumerate(exercise.dosages)
    ]


def _stated(statement: Recommendation | Contraindication | Caution | Dosage, *names: str) -> Row:
    """Give fields of a statement as they are, and its source."""
    fields = {name: getattr(statement, name) for name in names}
    return {**fields, "source": statement.source.slug, "quote": statement.source.quote}


def _ranges(dosage: Dosage) -> Row:
    ranges = {name: getattr(dosage, name) for name in ("sets", "reps", "hold_seconds", "sessions_per_day")}
    return {f"{name}_{end}": getattr(range_, end, None) for name, range_ in ranges.items() for end in ("min", "max")}


class Detail(NamedTuple):
    """The rows of one table."""

    of: Callable[[Exercise], list[Row]]
    fields: frozenset[str]
    """The only fields that they follow from, besides the slug, which never changes: where these are as before, so are the rows."""
    tells: str
    """What they say of an exercise."""


_VERDICTS = frozenset({"recommendations", "contraindications"})

# Each table after those that its rows refer to.
DETAILS: dict[type[SQLModel], Detail] = {
    tables.PairVerdict: Detail(_verdicts, _VERDICTS, "for which types it is recommended or to be avoided"),
    tables.Recommendation: Detail(_recommendations, frozenset({"recommendations"}), "its place in the lists of what is recommended"),
    tables.Contraindication: Detail(_contraindications, frozenset({"contraindications"}), "why it is to be avoided"),
    tables.ExercisePattern: Detail(_patterns, frozenset({"patterns"}), "which movement patterns it involves"),
    tables.ExerciseTerm: Detail(_terms, frozenset({"regions", "muscles", "equipment"}), "its regions, muscles or equipment"),
    tables.Heading: Detail(_headings, headings.FIELDS, "by which filters it is found"),
    tables.Variant: Detail(_variants, frozenset({"variants"}), "its starting positions"),
    tables.Caution: Detail(_cautions, frozenset({"cautions"}), "what to mind"),
    tables.Dosage: Detail(_dosages, frozenset({"dosages"}), "how much of it sources print"),
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
        before, after = (of(id_, some.get(id_), touched) for some in (removed, added))
        for table in _with_their_kind({table for table in touched if before.get(table) != after.get(table)}):
            if before.get(table):
                stale.setdefault(table, []).append(id_)
            new.setdefault(table, []).extend(after.get(table, ()))
    for table in reversed(DETAILS):
        if table in stale:
            connection.execute(sa.delete(table).where(tables.of(table).c.exercise_id.in_(stale[table])))
    for table in DETAILS:
        if new.get(table):
            connection.execute(sa.insert(table), new[table])


def _with_their_kind(changed: set[type[SQLModel]]) -> set[type[SQLModel]]:
    return changed.union(*(tables_ for tables_ in _TOGETHER if tables_ & changed))


def of(id_: int, exercise: Exercise | None, wanted: Iterable[type[SQLModel]] = tuple(DETAILS)) -> dict[type[SQLModel], list[Row]]:
    """Give the rows of an exercise, table by table; none where there is no exercise."""
    return {} if exercise is None else {table: [{"exercise_id": id_, **row} for row in DETAILS[table].of(exercise)] for table in wanted}
