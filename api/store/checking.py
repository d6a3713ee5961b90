"""Is the library whole? Every invariant, checked over every record, in words for whoever curates it."""

from collections.abc import Callable, Iterator, Sequence

import sqlalchemy as sa
from pydantic import ValidationError
from sqlmodel import SQLModel, col, select

from api.errors import Contradiction
from api.library import derivation
from api.library.exercise import Exercise
from api.library.record import references as names
from api.library.reference import MovementPattern
from api.store import exercises, migrations, references, search, seeding, tables
from api.store.journal import revision

_CHUNK = 500
Check = Callable[[sa.Connection], Iterator[str]]


def wrong(connection: sa.Connection) -> Iterator[str]:
    """Yield everything that is wrong, one sentence each."""
    schema = list(_schema(connection))
    yield from schema
    for check in () if schema else (_engine, _revision, _exercises, _patterns, _vocabulary):
        yield from check(connection)


def edited(connection: sa.Connection) -> Iterator[str]:
    """Yield how the library differs from the seed data that it last got: edits, which are nobody's fault."""
    before = seeding.last_shipped(connection)
    now = seeding.stored(connection, list(before))
    for (kind, slug), draft in before.items():
        current = now.get((kind, slug))
        if current is None:
            yield f"The {kind} '{slug}' was retired."
        elif current.model_dump_json() != draft:
            fields = _differing(current.model_dump(), type(current).model_validate_json(draft).model_dump())
            yield f"The {kind} '{slug}' was edited: {', '.join(fields)}."
    slugs = select(tables.Exercise.slug).where(col(tables.Exercise.retired_at).is_(None)).order_by(col(tables.Exercise.slug))
    added = [slug for slug in connection.execute(slugs).scalars() if ("exercise", slug) not in before]
    if added:
        yield f"{len(added)} exercises were added: {', '.join(added[:10])}{' …' if len(added) > 10 else ''}."  # noqa: PLR2004


def _differing(one: dict[str, object], other: dict[str, object]) -> list[str]:
    return [name for name in one if one[name] != other.get(name)]


def _schema(connection: sa.Connection) -> Iterator[str]:
    at, wanted = migrations.current(connection), migrations.newest()
    if at != wanted:
        yield f"The database has the schema '{at}', this version needs '{wanted}'; run 'exercise-library migrate'."


def _engine(connection: sa.Connection) -> Iterator[str]:
    """Ask the engine itself; PostgreSQL keeps its own promises and has no such question."""
    if connection.dialect.name != "sqlite":
        return
    for (answer,) in connection.exec_driver_sql("PRAGMA integrity_check"):
        if answer != "ok":
            yield f"SQLite says that its file is damaged: {answer}."
    for table, *_ in connection.exec_driver_sql("PRAGMA foreign_key_check"):
        yield f"The table '{table}' has a row that names what isn't there."


def _revision(connection: sa.Connection) -> Iterator[str]:
    logged = connection.execute(select(sa.func.max(tables.Change.revision))).scalar() or 0
    if logged != revision(connection):
        yield f"The library is at revision {revision(connection)}, its history ends at {logged}."


def _exercises(connection: sa.Connection) -> Iterator[str]:
    known = references.known(connection)
    patterns = {slug: one for slug, one in known["movement-pattern"].items() if isinstance(one, MovementPattern)}
    table, last = tables.Exercise, 0
    statement = select(table.id, table.slug, table.document, table.retired_at).order_by(col(table.id)).limit(_CHUNK)
    while rows := connection.execute(statement.where(col(table.id) > last)).all():
        last = rows[-1].id
        records: dict[int, Exercise] = {}
        for row in rows:
            try:
                records[row.id] = Exercise.model_validate_json(row.document)
            except ValidationError:
                yield f"'{row.slug}': its record can't be read."
        live = {row.id: records[row.id] for row in rows if row.retired_at is None and row.id in records}
        yield from _details(connection, [row.id for row in rows], live)
        yield from _sense(connection, list(live.values()), patterns, known)


def _details(connection: sa.Connection, ids: Sequence[int], live: dict[int, Exercise]) -> Iterator[str]:
    """Compare what is stored to search and filter by with what follows from the records."""
    expected = {id_: exercises.details(id_, one) for id_, one in live.items()}
    for table in exercises.DETAILS:
        columns = table.__table__.c  # type: ignore[attr-defined]
        there: dict[int, list[str]] = {}
        for row in connection.execute(columns.exercise_id.table.select().where(columns.exercise_id.in_(ids))).mappings():
            there.setdefault(row["exercise_id"], []).append(_shown(table, dict(row)))
        for id_ in ids:
            wanted = sorted(_shown(table, row) for row in expected.get(id_, {}).get(table, ()))
            if sorted(there.get(id_, [])) != wanted:
                name = f"'{live[id_].slug}'" if id_ in live else "A retired exercise"
                yield f"{name}: the table '{columns.exercise_id.table.name}' doesn't say what its record says."


def _shown(table: type[SQLModel], row: dict[str, object]) -> str:
    values = (row.get(column) for column in table.__table__.c.keys())  # type: ignore[attr-defined]  # noqa: SIM118
    return str([float(value) if isinstance(value, int | float) else str(value) for value in values])


def _sense(
    connection: sa.Connection, live: Sequence[Exercise], patterns: dict[str, MovementPattern], known: references.Known
) -> Iterator[str]:
    """Check what each record says against the others."""
    parents = exercises.load(connection, sorted({one.variant_of for one in live if one.variant_of}))
    everything = {**known, "exercise": dict.fromkeys(parents)}
    for one in live:
        missing = {f"{name.kind} '{name.slug}'" for name in names(one) if name.slug not in everything[name.kind]}
        if missing:
            yield f"'{one.slug}' names what there isn't: {', '.join(sorted(missing))}."
            continue
        parent = parents[one.variant_of].exercise if one.variant_of else None
        inherited = derivation.inherited(one, patterns, parent)
        if [why for why in one.contraindications if why.via] != inherited:
            yield f"'{one.slug}' should inherit what to avoid from its patterns and from what it is a variant of, and doesn't."
        try:
            derivation.refuse_contradiction(one.slug, one.recommendations, [*derivation.own(one.contraindications), *inherited])
        except Contradiction as error:
            yield error.detail


def _patterns(connection: sa.Connection) -> Iterator[str]:
    table = tables.PatternContraindication
    there = set(connection.execute(select(table.pattern, table.type)).all())
    for one in references.read(connection, "movement-pattern").values():
        if isinstance(one, MovementPattern) and {(one.slug, why.type) for why in one.contraindications} != {
            tuple(row) for row in there if row[0] == one.slug
        }:
            yield f"The movement pattern '{one.slug}': its table doesn't say what its record says."


def _vocabulary(connection: sa.Connection) -> Iterator[str]:
    """Check that a search knows the words of the exercises, and no others."""
    table, last = tables.Exercise, 0
    statement = select(table.id, table.document).where(col(table.retired_at).is_(None)).order_by(col(table.id)).limit(_CHUNK)
    uses = search.uses([])
    while rows := connection.execute(statement.where(col(table.id) > last)).all():
        last = rows[-1].id
        uses.update(search.uses([Exercise.model_validate_json(row.document) for row in rows]))
    stored = dict(connection.execute(select(tables.Word.word, tables.Word.uses)).all())
    if stored != dict(uses):
        words = sorted(word for word in {*stored, *uses} if stored.get(word) != uses.get(word))
        yield f"The search index miscounts {len(words)} words, such as '{words[0]}'."
