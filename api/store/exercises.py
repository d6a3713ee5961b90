"""Exercises: written whole, with everything that follows for their neighbours, in one transaction."""

from collections.abc import Collection, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from itertools import islice
from typing import NamedTuple, Protocol, TypeVar, cast

import sqlalchemy as sa
from sqlmodel import SQLModel, col, select

from api.errors import Complaint, Duplicate, InvalidContent
from api.library import derivation
from api.library.exercise import Dosage, Exercise, ExerciseDraft, Recommendation, Review
from api.library.matching import Suspects, possible_matches
from api.library.query import COUNTED
from api.library.record import Attribution
from api.library.reference import MovementPattern, TypeDraft
from api.library.vocabulary import ChangeAction, Tag, TermKind, Verdict
from api.store import asking, headings, images, references, search, tables
from api.store.journal import Entry, Journal
from api.store.references import Known
from api.store.suspects import suspects

BATCH = 500
_Item = TypeVar("_Item")
Place = tuple[str, int]
"""A type and a position in its list."""
Claim = tuple[str, int, int]
"""A place and a choice at it."""


_table: sa.Table = tables.Exercise.__table__  # type: ignore[attr-defined]
_ONE = sa.select(_table.c.document).where(_table.c.slug == sa.bindparam("wanted"), _table.c.retired_at.is_(None))


class _Sourced(Protocol):
    @property
    def source(self) -> Attribution: ...


class Stored(NamedTuple):
    """An exercise as it stands in the database."""

    id: int
    exercise: Exercise
    document: str
    is_retired: bool


@dataclass(slots=True)
class _Batch:
    """Exercises being written together, and what surrounds them."""

    journal: Journal
    tag_of: Mapping[str, Tag]
    patterns: Mapping[str, MovementPattern]
    stored: dict[str, Stored]
    parents: dict[str, Exercise]
    suspects: Suspects
    avoid_wins: bool
    """Whether an exercise loses a recommendation that meets an avoid, instead of being refused."""
    finished: dict[str, Exercise] = field(default_factory=dict)


def get(connection: sa.Connection, slug: str) -> str | None:
    """Give the JSON of one exercise; None where there is none."""
    document: str | None = asking.value(connection, _ONE, {"wanted": slug})
    return document


def load(connection: sa.Connection, slugs: Sequence[str]) -> dict[str, Stored]:
    """Give exercises as they stand, retired ones included."""
    table = tables.Exercise
    statement = select(table.id, table.document, table.retired_at).where(col(table.slug).in_(slugs))
    rows = connection.execute(statement)
    stored = [Stored(cast("int", id_), Exercise.model_validate_json(document), document, at is not None) for id_, document, at in rows]
    return {one.exercise.slug: one for one in stored}


def exist(connection: sa.Connection, slugs: Sequence[str]) -> set[str]:
    """Give those of the slugs that name an exercise, retired ones included."""
    found: set[str] = set()
    for chunk in _chunks(list(slugs)):
        found |= set(connection.execute(select(tables.Exercise.slug).where(col(tables.Exercise.slug).in_(chunk))).scalars())
    return found


def candidates(connection: sa.Connection) -> dict[str, Exercise | None]:
    """Give what may have been meant by a name that doesn't exist: as many slugs as are worth comparing, with some of the exercises."""
    table = tables.Exercise
    live = select(table.slug).where(col(table.retired_at).is_(None)).order_by(col(table.slug)).limit(COUNTED)
    slugs = list(connection.execute(live).scalars())
    return {**dict.fromkeys(slugs), **{slug: one.exercise for slug, one in load(connection, slugs[:BATCH]).items()}}


def write(
    journal: Journal, drafts: Sequence[ExerciseDraft], known: Known, besides: Container[str] = (), *, avoid_wins: bool = False
) -> None:
    """Write exercises that name only what is known; what follows for others is written too, besides those that the caller writes.

    Raises Contradiction where one is recommended and avoided for a type, unless avoid wins; Duplicate where two claim one place.
    """
    for chunk in _chunks(_parents_first(drafts)):
        changed = _write_batch(journal, chunk, known, avoid_wins=avoid_wins)
        dependents = [one for one in _variants_of(journal.connection, changed) if one.slug not in besides]
        if dependents:
            write(journal, dependents, known, besides, avoid_wins=avoid_wins)


def claims(drafts: Iterable[ExerciseDraft]) -> dict[Claim, str]:
    """Give the places that exercises claim, and who claims each first."""
    found: dict[Claim, str] = {}
    for draft in drafts:
        for one in draft.recommendations:
            found.setdefault((one.type, one.position, one.choice), draft.slug)
    return found


def holders(connection: sa.Connection, places: Collection[Place]) -> dict[Claim, str]:
    """Give who is at these places."""
    table = tables.Recommendation
    found: dict[Claim, str] = {}
    for chunk in _chunks(sorted(places)):
        at = sa.select(col(tables.Exercise.slug), col(table.type), col(table.position), col(table.choice))
        mine = col(tables.Exercise.id) == table.exercise_id, _is_at(chunk)
        found |= {(type_, position, choice): slug for slug, type_, position, choice in connection.execute(at.where(*mine))}
    return found


def _is_at(places: Iterable[Place]) -> sa.ColumnElement[bool]:
    """Ask type by type: SQLite would look for pairs in the whole table."""
    positions: dict[str, list[int]] = {}
    for type_, position in places:
        positions.setdefault(type_, []).append(position)
    table = tables.Recommendation
    return sa.or_(*(sa.and_(col(table.type) == type_, col(table.position).in_(all_)) for type_, all_ in positions.items()))


def make_way(connection: sa.Connection, claimed: Mapping[Claim, str], moving: Container[str]) -> None:
    """Take those exercises that are about to move off the places that others claim."""
    table = tables.Recommendation
    for chunk in _chunks(sorted({(type_, position) for type_, position, _ in claimed})):
        held = holders(connection, chunk)
        leaving = [claim for claim, slug in held.items() if slug in moving and claimed.get(claim, slug) != slug]
        if leaving:
            claim = sa.tuple_(col(table.type), col(table.position), col(table.choice))
            connection.execute(sa.delete(table).where(_is_at(chunk), claim.in_(leaving)))


def retire(journal: Journal, stored: Stored) -> None:
    """Take an exercise out of the catalogue. Its history stays, and its variants go on inheriting what it is to be avoided for."""
    connection, exercise = journal.connection, stored.exercise
    _clear_details(connection, [stored.id])
    search.index(connection, {stored.id: exercise}, {})
    headings.count(connection, [exercise], [])
    references.uncite(connection, "exercise", [exercise.slug])
    values = {"retired_at": journal.at, "revision": journal.revision, "updated_at": journal.at}
    connection.execute(sa.update(tables.Exercise).where(col(tables.Exercise.id) == stored.id).values(values))
    journal.log([Entry("exercise", exercise.slug, ChangeAction.RETIRED, stored.document, None)])
    _write_documents(journal, _mates_without(connection, exercise))


def _mates_without(connection: sa.Connection, gone: Exercise) -> dict[str, Exercise]:
    """Give those who had the exercise as an alternative, without it."""

    def rest(exercise: Exercise) -> Exercise:
        recommended = [
            one.model_copy(update={"alternatives": [slug for slug in one.alternatives if slug != gone.slug]})
            for one in exercise.recommendations
        ]
        return exercise.model_copy(update={"recommendations": recommended})

    mates = load(connection, sorted({slug for one in gone.recommendations for slug in one.alternatives}))
    return {slug: rest(one.exercise) for slug, one in mates.items()}


def sign(journal: Journal, stored: Stored, review: Review) -> None:
    """Put a clinician's signature under an exercise as it stands."""
    _write_documents(journal, {stored.exercise.slug: stored.exercise.model_copy(update={"review": review})}, ChangeAction.REVIEWED)


def _chunks(values: Sequence[_Item]) -> Iterator[list[_Item]]:
    rest = iter(values)
    while chunk := list(islice(rest, BATCH)):
        yield chunk


def _parents_first(drafts: Sequence[ExerciseDraft]) -> list[ExerciseDraft]:
    by_slug = {draft.slug: draft for draft in drafts}
    graph: dict[str, set[str]] = {draft.slug: {draft.variant_of} & by_slug.keys() if draft.variant_of else set() for draft in drafts}
    try:
        return [by_slug[slug] for slug in TopologicalSorter(graph).static_order()]
    except CycleError as error:
        raise _circle(error.args[1]) from None


def _circle(slugs: Sequence[str]) -> InvalidContent:
    way = " → ".join(f"'{slug}'" for slug in slugs)
    message = f"An exercise can't be a variant of itself: {way}."
    return InvalidContent(message, complaints=(Complaint("variant_of", message),))


def _write_batch(journal: Journal, drafts: Sequence[ExerciseDraft], known: Known, *, avoid_wins: bool) -> list[int]:
    """Write some exercises; give the ids of those whose own contraindications changed."""
    connection = journal.connection
    batch = _Batch(
        journal=journal,
        tag_of={slug: one.tag for slug, one in known["type"].items() if isinstance(one, TypeDraft)},
        patterns={slug: one for slug, one in known["movement-pattern"].items() if isinstance(one, MovementPattern)},
        stored=load(connection, [draft.slug for draft in drafts]),
        parents=refuse_circles(connection, drafts),
        suspects=suspects(connection),
        avoid_wins=avoid_wins,
    )
    for draft in drafts:
        batch.finished[draft.slug] = _finish(batch, draft)
    mates = _settle_places(batch)
    changed = {slug: one for slug, one in batch.finished.items() if _differs(batch.stored.get(slug), one)}
    ids = _write_rows(batch, changed)
    _write_documents(journal, mates)
    return [
        ids[slug]
        for slug, one in changed.items()
        if slug in batch.stored and batch.stored[slug].exercise.contraindications != one.contraindications
    ]


def _parents(connection: sa.Connection, drafts: Sequence[ExerciseDraft]) -> dict[str, Exercise]:
    """Give what the drafts are variants of, all the way up."""
    found: dict[str, Exercise] = {}
    missing = {draft.variant_of for draft in drafts if draft.variant_of}
    while missing:
        found |= {slug: one.exercise for slug, one in load(connection, sorted(missing)).items()}
        missing = {one.variant_of for one in found.values() if one.variant_of} - found.keys()
    return found


def refuse_circles(connection: sa.Connection, drafts: Sequence[ExerciseDraft]) -> dict[str, Exercise]:
    """Refuse an exercise that would be a variant of itself; give what the drafts are variants of."""
    found = _parents(connection, drafts)
    mine = {draft.slug: draft.variant_of for draft in drafts}
    above = {slug: one.variant_of for slug, one in found.items()} | mine
    for slug in mine:
        chain = [slug]
        while parent := above.get(chain[-1]):
            if parent in chain:
                raise _circle([*chain, parent])
            chain.append(parent)
    return found


def _finish(batch: _Batch, draft: ExerciseDraft) -> Exercise:
    """Add to a draft all that follows from it, but for its alternatives."""
    before = batch.stored.get(draft.slug)
    parent = None
    if draft.variant_of:
        parent = batch.finished.get(draft.variant_of) or batch.parents[draft.variant_of]
    avoided = derivation.own(draft.contraindications) + derivation.inherited(draft, batch.patterns, parent)
    if batch.avoid_wins:
        draft = derivation.without_contradiction(draft, avoided)
    derivation.refuse_contradiction(draft.slug, draft.recommendations, avoided)
    recommended = [one.model_copy(update={"purpose": batch.tag_of[one.type], "alternatives": []}) for one in draft.recommendations]
    authored = {name: getattr(draft, name) for name in ExerciseDraft.model_fields}
    now = batch.journal.at
    after = Exercise.model_construct(
        **authored
        | {"recommendations": recommended, "contraindications": avoided, "tags": derivation.tags(recommended, batch.tag_of)}
        | {"images": images.of(draft.slug), "possible_match": possible_matches(draft, batch.suspects), "review": None}
        | {"revision": batch.journal.revision, "created_at": before.exercise.created_at if before else now, "updated_at": now}
    )
    if before and not before.is_retired and derivation.says_the_same(before.exercise, after):
        return after.model_copy(update={"review": before.exercise.review})
    return after


def _settle_places(batch: _Batch) -> dict[str, Exercise]:
    """Fill in who else is at each place; give the exercises outside the batch whose alternatives changed."""
    before = [one.exercise for one in batch.stored.values() if not one.is_retired]
    touched = {_place(one) for exercise in (*before, *batch.finished.values()) for one in exercise.recommendations}
    outside = _at_places(batch.journal.connection, touched, besides=batch.stored)
    all_of_them = {**outside, **batch.finished}
    at: dict[Place, dict[int, str]] = {}
    for slug, exercise in all_of_them.items():
        for one in exercise.recommendations:
            holder = at.setdefault(_place(one), {}).setdefault(one.choice, slug)
            if holder != slug:
                message = f"'{holder}' and '{slug}' both claim place {one.position}, choice {one.choice} for the type '{one.type}'."
                raise Duplicate(message, complaints=(Complaint("recommendations", message),))
    for slug, exercise in all_of_them.items():
        all_of_them[slug] = _with_alternatives(exercise, at)
    batch.finished = {slug: all_of_them[slug] for slug in batch.finished}
    return {slug: all_of_them[slug] for slug, one in outside.items() if all_of_them[slug] != one}


def _place(one: Recommendation) -> Place:
    return one.type, one.position


def _with_alternatives(exercise: Exercise, at: Mapping[Place, Mapping[int, str]]) -> Exercise:
    settled = [
        one.model_copy(update={"alternatives": [slug for _, slug in sorted(at[_place(one)].items()) if slug != exercise.slug]})
        if _place(one) in at
        else one
        for one in exercise.recommendations
    ]
    return exercise.model_copy(update={"recommendations": settled})


def _at_places(connection: sa.Connection, places: set[Place], besides: Mapping[str, Stored]) -> dict[str, Exercise]:
    """Give the other exercises that are at these places."""
    table = tables.Recommendation
    found: dict[str, Exercise] = {}
    for chunk in _chunks(sorted(places)):
        there = select(table.exercise_id).where(_is_at(chunk))
        statement = select(tables.Exercise.slug, tables.Exercise.document).where(col(tables.Exercise.id).in_(there))
        rows = connection.execute(statement)
        found |= {slug: Exercise.model_validate_json(document) for slug, document in rows if slug not in besides}
    return found


_BOOKKEEPING = {"revision", "created_at", "updated_at"}


def _differs(before: Stored | None, after: Exercise) -> bool:
    if before is None or before.is_retired:
        return True
    return before.exercise.model_dump(exclude=_BOOKKEEPING) != after.model_dump(exclude=_BOOKKEEPING)


def _write_rows(batch: _Batch, changed: Mapping[str, Exercise]) -> dict[str, int]:
    connection = batch.journal.connection
    new = [slug for slug in changed if slug not in batch.stored]
    first = (connection.execute(select(sa.func.max(tables.Exercise.id))).scalar() or 0) + 1 if new else 0
    ids = {slug: one.id for slug, one in batch.stored.items()} | {slug: id_ for id_, slug in enumerate(new, start=first)}
    retired = {slug for slug, one in batch.stored.items() if one.is_retired}
    _clear_details(connection, [ids[slug] for slug in changed if slug in batch.stored])
    documents = {slug: one.model_dump_json() for slug, one in changed.items()}
    parents = _ids(connection, [one.variant_of for one in changed.values() if one.variant_of]) | ids
    rows = [_row(ids[slug], one, documents[slug], parents) for slug, one in changed.items()]
    _insert(connection, tables.Exercise, [row for row in rows if row["slug"] in new])
    for row in rows:
        if row["slug"] not in new:
            connection.execute(sa.update(tables.Exercise).where(col(tables.Exercise.id) == row["id"]).values(row))
    rows_of = [details(ids[slug], one) for slug, one in changed.items()]
    for table in DETAILS:
        _insert(connection, table, [row for one in rows_of for row in one.get(table, ())])
    removed = {one.id: one.exercise for slug, one in batch.stored.items() if slug in changed and not one.is_retired}
    search.index(connection, removed, {ids[slug]: one for slug, one in changed.items()})
    headings.count(connection, removed.values(), changed.values())
    references.cite(connection, "exercise", changed)
    batch.journal.log(
        [
            Entry("exercise", slug, _action(slug, new, retired), _seen(batch.stored.get(slug)), document)
            for slug, document in documents.items()
        ]
    )
    return ids


def _seen(before: Stored | None) -> str | None:
    """Give what a reader saw before: nothing, where it is new or was retired."""
    return None if before is None or before.is_retired else before.document


def _action(slug: str, new: Sequence[str], retired: set[str]) -> ChangeAction:
    if slug in new:
        return ChangeAction.CREATED
    return ChangeAction.REVIVED if slug in retired else ChangeAction.UPDATED


def _write_documents(journal: Journal, changed: Mapping[str, Exercise], action: ChangeAction = ChangeAction.UPDATED) -> None:
    """Write the answers of exercises whose rows stay as they are."""
    stored = load(journal.connection, list(changed))
    entries = []
    for slug, exercise in changed.items():
        document = exercise.model_copy(update={"revision": journal.revision, "updated_at": journal.at}).model_dump_json()
        table = tables.Exercise
        values = {"document": document, "revision": journal.revision, "updated_at": journal.at}
        journal.connection.execute(sa.update(table).where(col(table.slug) == slug).values(values))
        entries.append(Entry("exercise", slug, action, stored[slug].document, document))
    journal.log(entries)


# Each after what it refers to.
DETAILS: tuple[type[SQLModel], ...] = (
    tables.PairVerdict,
    tables.Recommendation,
    tables.Contraindication,
    tables.ExercisePattern,
    tables.ExerciseTerm,
    tables.Heading,
    tables.Variant,
    tables.Caution,
    tables.Dosage,
)


def _clear_details(connection: sa.Connection, ids: Sequence[int]) -> None:
    for table in reversed(DETAILS) if ids else ():
        connection.execute(sa.delete(table).where(table.__table__.c.exercise_id.in_(ids)))  # type: ignore[attr-defined]


def _insert(connection: sa.Connection, table: type[SQLModel], rows: Sequence[Mapping[str, object]]) -> None:
    if rows:
        connection.execute(sa.insert(table), rows)


def _ids(connection: sa.Connection, slugs: Sequence[str]) -> dict[str, int]:
    statement = select(tables.Exercise.slug, tables.Exercise.id).where(col(tables.Exercise.slug).in_(slugs))
    return {slug: cast("int", id_) for slug, id_ in connection.execute(statement)} if slugs else {}


def _row(id_: int, exercise: Exercise, document: str, ids: Mapping[str, int]) -> dict[str, object]:
    parent = ids[exercise.variant_of] if exercise.variant_of else None
    columns = {name: getattr(exercise, name) for name in ("slug", "name", "kind", "revision", "created_at", "updated_at")}
    return {"id": id_, **columns, "variant_of_id": parent, "document": document, "retired_at": None}


def details(id_: int, exercise: Exercise) -> dict[type[SQLModel], list[dict[str, object]]]:
    """Give the rows that the database checks, orders and filters by."""
    verdicts = {one.type: Verdict.RECOMMENDED for one in exercise.recommendations}
    verdicts |= {one.type: Verdict.AVOID for one in exercise.contraindications}
    terms = {
        *(f"{TermKind.REGION}/{slug}" for slug in exercise.regions),
        *(f"{TermKind.MUSCLE}/{slug}" for slug in exercise.muscles),
        *(f"{TermKind.EQUIPMENT}/{slug}" for slug in exercise.equipment or ["none"]),
    }
    rows: dict[type[SQLModel], list[dict[str, object]]] = {
        tables.PairVerdict: [{"type": type_, "verdict": verdict} for type_, verdict in verdicts.items()],
        tables.Recommendation: [
            {"verdict": Verdict.RECOMMENDED, **one.model_dump(exclude={"purpose", "alternatives", "source"}), **_sourced(one)}
            for one in exercise.recommendations
        ],
        tables.Contraindication: [
            {"ordinal": n, "verdict": Verdict.AVOID, "type": one.type, "reason": one.reason, **_sourced(one)}
            | {"via_kind": one.via.kind if one.via else None, "via_slug": one.via.slug if one.via else None}
            for n, one in enumerate(exercise.contraindications)
        ],
        tables.ExercisePattern: [{"pattern": slug} for slug in exercise.patterns],
        tables.ExerciseTerm: [{"term": term} for term in sorted(terms)],
        tables.Heading: [{"heading": heading, "slug": exercise.slug} for heading in sorted(headings.of(exercise))],
        tables.Variant: [{"slug": one.slug, "name": one.name, "start": one.start, "source": one.source.slug} for one in exercise.variants],
        tables.Caution: [
            {"ordinal": n, "caution_group": one.group, "action": one.action, "variant": one.variant, "text": one.text, **_sourced(one)}
            for n, one in enumerate(exercise.cautions)
        ],
        tables.Dosage: [
            {"ordinal": n, "printed_for": one.printed_for, "per_side": one.per_side, "note": one.note, **_ranges(one), **_sourced(one)}
            for n, one in enumerate(exercise.dosages)
        ],
    }
    return {table: [{"exercise_id": id_, **row} for row in all_] for table, all_ in rows.items()}


def _sourced(one: _Sourced) -> dict[str, object]:
    return {"source": one.source.slug, "quote": one.source.quote}


def _ranges(one: Dosage) -> dict[str, object]:
    ranges = {name: getattr(one, name) for name in ("sets", "reps", "hold_seconds", "sessions_per_day")}
    return {f"{name}_{end}": getattr(range_, end, None) for name, range_ in ranges.items() for end in ("min", "max")}


def _variants_of(connection: sa.Connection, ids: Sequence[int]) -> list[ExerciseDraft]:
    """Give the variants of these exercises: what theirs are to be avoided for, they inherit."""
    found: list[ExerciseDraft] = []
    for chunk in _chunks(list(ids)):
        statement = select(tables.Exercise.document).where(
            col(tables.Exercise.variant_of_id).in_(chunk), col(tables.Exercise.retired_at).is_(None)
        )
        found += [ExerciseDraft.model_validate_json(one, extra="ignore") for one in connection.execute(statement).scalars()]
    return found
