"""Is the library whole? Every invariant, checked over every record, in words for whoever curates it."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from pydantic import ValidationError
from sqlmodel import SQLModel, col, select

from api.errors import Contradiction, SchemaMismatch
from api.library import derivation
from api.library.exercise import Exercise
from api.library.record import Record
from api.library.record import references as names
from api.library.reference import MovementPattern
from api.library.spelling import deletions
from api.library.vocabulary import ChangeAction, Channel
from api.store import exercises, headings, migrations, references, search, seeding, sqlite, tables
from api.store.content import key_of
from api.store.journal import revision

_CHUNK = 500
_NAMED = 10
"""How many are named where there are many."""


def wrong(connection: sa.Connection) -> Iterator[str]:
    """Yield everything that is wrong, one sentence each; what can't be read stops what has to read it."""
    for checks in ((_schema,), (_engine, _revision, _readable), (_exercises, _sizes, _patterns, _citations, _deletions)):
        found = [line for check in checks for line in check(connection)]
        yield from found
        if found:
            return


def edited(connection: sa.Connection) -> Iterator[str]:
    """Yield how the library differs from the seed data that it last got: edits, which are nobody's fault."""
    before = seeding.last_shipped(connection)
    now = seeding.stored(connection, list(before))
    warned = _warned(connection)
    for (kind, slug), draft in before.items():
        current = now.get((kind, slug))
        if current is None:
            yield f"The {kind} '{slug}' was retired."
        elif current.model_dump_json() != draft:
            fields = _differing(current.model_dump(), type(current).model_validate_json(draft).model_dump())
            also = f" A later version of the seed data added to it, at revision {warned[kind, slug]}." if (kind, slug) in warned else ""
            yield f"The {kind} '{slug}' was edited: {', '.join(fields)}.{also}"
    yield from _added(connection, before)


def _added(connection: sa.Connection, before: Mapping[seeding.Key, str]) -> Iterator[str]:
    exercise = tables.Exercise
    live = select(exercise.slug).where(col(exercise.retired_at).is_(None)).order_by(col(exercise.slug))
    there = {kind: references.read(connection, kind).keys() for kind in references.KINDS} | {"exercise": connection.execute(live).scalars()}
    for kind, slugs in there.items():
        added = [slug for slug in slugs if (kind, slug) not in before]
        if added:
            yield f"{len(added)} records of the kind '{kind}' were added: {', '.join(added[:_NAMED])}{' …' if len(added) > _NAMED else ''}."


def _warned(connection: sa.Connection) -> dict[seeding.Key, int]:
    """Give the records that the seed changed after it had brought them, and when it last did."""
    change = tables.Change
    by_the_seed = col(change.channel) == Channel.SEED, col(change.action) == ChangeAction.UPDATED
    rows = connection.execute(
        select(change.kind, change.slug, sa.func.max(change.revision)).where(*by_the_seed).group_by(change.kind, change.slug)
    )
    return {(kind, slug): revision_ for kind, slug, revision_ in rows}


def _differing(one: dict[str, object], other: dict[str, object]) -> list[str]:
    return [name for name in one if one[name] != other.get(name)]


def _schema(connection: sa.Connection) -> Iterator[str]:
    try:
        migrations.refuse_behind(connection)
    except SchemaMismatch as mismatch:
        yield mismatch.detail


def _engine(connection: sa.Connection) -> Iterator[str]:
    """Ask the engine itself; PostgreSQL keeps its own promises and has no such question."""
    if connection.dialect.name != "sqlite":
        return
    for damage in sqlite.damages(str(connection.engine.url.database)):
        yield f"SQLite says that its file is damaged: {damage}."
    for table, *_ in connection.exec_driver_sql("PRAGMA foreign_key_check"):
        yield f"The table '{table}' has a row that names what isn't there."


def _revision(connection: sa.Connection) -> Iterator[str]:
    of = tables.Change.revision
    last, number = connection.execute(select(sa.func.max(of), sa.func.count(col(of).distinct()))).one()
    if (last or 0) != revision(connection):
        yield f"The library is at revision {revision(connection)}, its history ends at {last or 0}."
    elif number != (last or 0):
        yield f"The history has gaps: of {last} revisions it knows {number}."


def _readable(connection: sa.Connection) -> Iterator[str]:
    """Check that every record is one."""
    for kind, of in references.KINDS.items():
        for slug, document in connection.execute(select(of.table.slug, of.table.document)):
            yield from _unreadable(kind, slug, document, of.record)
    for rows in _chunks(connection):
        for row in rows:
            yield from _unreadable("exercise", row.slug, row.document, Exercise)


def _unreadable(kind: str, slug: str, document: str, model: type[Record]) -> Iterator[str]:
    try:
        record = model.model_validate_json(document)
    except ValidationError as error:
        wrong_fields = ", ".join(sorted({".".join(map(str, one["loc"])) or "all of it" for one in error.errors()}))
        yield f"The {kind} '{slug}' can't be read; wrong is: {wrong_fields}."
    else:
        if key_of(record) != slug:
            yield f"The {kind} '{slug}' has the record of '{key_of(record)}'."


class _Kept(NamedTuple):
    """What is stored of an exercise."""

    id: int
    slug: str
    document: str
    retired_at: datetime | None
    parent: str | None


def _chunks(connection: sa.Connection) -> Iterator[list[_Kept]]:
    """Read the exercises some at a time, retired ones included, each with what it is a variant of."""
    table: sa.Table = tables.Exercise.__table__  # type: ignore[attr-defined]
    parent, last = table.alias(), 0
    statement = (
        sa.select(table.c.id, table.c.slug, table.c.document, table.c.retired_at, parent.c.slug.label("parent"))
        .select_from(table.outerjoin(parent, parent.c.id == table.c.variant_of_id))
        .order_by(table.c.id)
        .limit(_CHUNK)
    )
    while rows := connection.execute(statement.where(table.c.id > last)).all():
        last = rows[-1].id
        yield [_Kept(*row) for row in rows]


def _exercises(connection: sa.Connection) -> Iterator[str]:
    known = references.known(connection)
    patterns = {slug: one for slug, one in known["movement-pattern"].items() if isinstance(one, MovementPattern)}
    uses = search.uses([])
    for rows in _chunks(connection):
        live = {row.id: Exercise.model_validate_json(row.document) for row in rows if row.retired_at is None}
        uses.update(search.uses(live.values()))
        yield from (f"'{row.slug}' isn't tied to '{live[row.id].variant_of}'." for row in rows if _is_untied(row, live))
        yield from _details(connection, {row.id: row.slug for row in rows}, live)
        yield from _found(connection, live)
        yield from _sense(connection, list(live.values()), patterns, known)
    yield from _words(connection, uses)


def _is_untied(row: _Kept, live: Mapping[int, Exercise]) -> bool:
    return row.id in live and live[row.id].variant_of != row.parent


def _details(connection: sa.Connection, slugs: Mapping[int, str], live: Mapping[int, Exercise]) -> Iterator[str]:
    """Compare what is stored to search and filter by with what follows from the records."""
    expected = {id_: exercises.details(id_, one) for id_, one in live.items()}
    for table in exercises.DETAILS:
        columns = table.__table__.c  # type: ignore[attr-defined]
        there: dict[int, list[str]] = {}
        for row in connection.execute(columns.exercise_id.table.select().where(columns.exercise_id.in_(slugs))).mappings():
            there.setdefault(row["exercise_id"], []).append(_shown(table, dict(row)))
        for id_, slug in slugs.items():
            wanted = sorted(_shown(table, row) for row in expected.get(id_, {}).get(table, ()))
            if sorted(there.get(id_, [])) != wanted:
                yield f"'{slug}': {_TELLS[table]} is stored otherwise than its record says (in '{columns.exercise_id.table.name}')."


_TELLS: dict[type[SQLModel], str] = {
    tables.PairVerdict: "for which types it is recommended or to be avoided",
    tables.Recommendation: "its place in the lists of what is recommended",
    tables.Contraindication: "why it is to be avoided",
    tables.ExercisePattern: "which movement patterns it involves",
    tables.ExerciseTerm: "its regions, muscles or equipment",
    tables.Heading: "by which filters it is found",
    tables.Variant: "its starting positions",
    tables.Caution: "what to mind",
    tables.Dosage: "how much of it sources print",
}


def _shown(table: type[SQLModel], row: dict[str, object]) -> str:
    values = (row.get(column) for column in table.__table__.c.keys())  # type: ignore[attr-defined]  # noqa: SIM118
    return str([float(value) if isinstance(value, int | float) else str(value) for value in values])


def _found(connection: sa.Connection, live: Mapping[int, Exercise]) -> Iterator[str]:
    """Check that a search finds each exercise by what its record says."""
    there = search.found_by(connection, list(live))
    for id_, one in live.items():
        if there.get(id_) != search.to_be_found_by(one):
            yield f"'{one.slug}': a search doesn't find it by its names as they are now."


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


def _citations(connection: sa.Connection) -> Iterator[str]:
    """Check that it is known which source each record names: what is named can't be retired."""
    table = tables.Citation
    there = {tuple(row) for row in connection.execute(select(table.kind, table.slug, table.source))}
    wanted = {
        (kind, slug, name.slug)
        for kind in references.KINDS
        for slug, one in references.read(connection, kind).items()
        for name in names(one)
        if name.kind == "source"
    }
    for rows in _chunks(connection):
        live = [Exercise.model_validate_json(row.document) for row in rows if row.retired_at is None]
        wanted |= {("exercise", one.slug, name.slug) for one in live for name in names(one) if name.kind == "source"}
    for kind, slug, source in sorted(there ^ wanted):
        yield f"The {kind} '{slug}': whether it names the source '{source}' is stored otherwise than its record says."


def _sizes(connection: sa.Connection) -> Iterator[str]:
    """Check how many exercises are said to stand under each heading."""
    sizes: Counter[str] = Counter()
    for rows in _chunks(connection):
        sizes += headings.sizes(Exercise.model_validate_json(row.document) for row in rows if row.retired_at is None)
    size = tables.HeadingSize
    said = connection.execute(select(size.heading, size.exercises).where(col(size.exercises) != 0))
    for name in sorted({one for one, _ in sizes.items() ^ {(heading, number) for heading, number in said}}):
        yield f"It isn't known how many exercises stand under the heading '{name}'."


def _words(connection: sa.Connection, uses: Mapping[str, int]) -> Iterator[str]:
    """Check that a search knows the words of the exercises, and no others."""
    stored = dict(connection.execute(select(tables.Word.word, tables.Word.uses)).all())
    if stored != dict(uses):
        words = sorted(word for word in {*stored, *uses} if stored.get(word) != uses.get(word))
        yield f"The search index miscounts {len(words)} words, such as '{words[0]}'."


def _deletions(connection: sa.Connection) -> Iterator[str]:
    """Check that slips are forgiven in every word."""
    table = tables.WordDeletion
    there = dict(connection.execute(select(table.word, sa.func.count()).group_by(table.word)).all())
    words = sorted(word for word in connection.execute(select(tables.Word.word)).scalars() if there.get(word) != len(deletions(word)))
    if words:
        yield f"The search doesn't forgive every slip in {len(words)} words, such as '{words[0]}'."
