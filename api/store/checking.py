"""Is the library whole? Every invariant, checked over every record, in words for whoever curates it."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

import sqlalchemy as sa
from pydantic import ValidationError
from pydantic_core import from_json
from sqlmodel import SQLModel, col, select

from api.errors import Contradiction, Refused, SchemaMismatch
from api.library import complaints, derivation
from api.library.condition import Condition, defaults
from api.library.exercise import Exercise
from api.library.history import differing
from api.library.record import Record, mentions
from api.library.spelling import reached_by
from api.store import headings, migrations, opening, reference, search, sqlite, tables
from api.store.exercises import finish, read, rows
from api.store.journal import revision
from api.store.reference import citations, edits
from api.store.reference.kinds import KINDS, Known, key_of


def wrong(connection: sa.Connection) -> Iterator[str]:
    """Yield everything that is wrong, a sentence each; checks that need what can't be read are skipped."""
    for checks in (
        (_schema,),
        (_engine, _revision, _readable),
        (_exercises, _sizes, _patterns, _citations, _deletions, _around, _accepted),
    ):
        found = [line for check in checks for line in check(connection)]
        yield from found
        if found:
            return


def _schema(connection: sa.Connection) -> Iterator[str]:
    try:
        migrations.refuse_behind(connection)
    except SchemaMismatch as mismatch:
        yield mismatch.detail
        return
    if not opening.is_prepared(connection):
        yield "Another version of the program brought this library up to date; run 'exercise-library migrate'."


def _engine(connection: sa.Connection) -> Iterator[str]:
    """Let SQLite check its own file; PostgreSQL offers no such check."""
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
    for kind, of in KINDS.items():
        for slug, document in connection.execute(select(of.table.slug, of.table.document)):
            yield from _unreadable(kind, slug, document, of.record)
    for some in read.every(connection, retired=None):
        for slug, stored in some.items():
            yield from _unreadable("exercise", slug, stored.document, Exercise)


def _unreadable(kind: str, slug: str, document: str, model: type[Record]) -> Iterator[str]:
    try:
        record = model.model_validate_json(document)
    except ValidationError as error:
        wrong_fields = ", ".join(sorted({".".join(map(str, fault["loc"])) or "all of it" for fault in error.errors()}))
        yield f"The {kind} '{slug}' can't be read; wrong is: {wrong_fields}."
    else:
        if key_of(record) != slug:
            yield f"The {kind} '{slug}' has the record of '{key_of(record)}'."


def _live(connection: sa.Connection) -> Iterator[Exercise]:
    return (stored.exercise for some in read.every(connection) for stored in some.values())


def _records(connection: sa.Connection) -> Iterator[tuple[str, str, Record]]:
    """Give every record that readers see, with its kind and its slug."""
    for kind in KINDS:
        yield from ((kind, slug, record) for slug, record in reference.records(connection, kind).items())
    yield from (("exercise", exercise.slug, exercise) for exercise in _live(connection))


def _exercises(connection: sa.Connection) -> Iterator[str]:
    known = reference.known(connection)
    uses = search.uses([])
    for some in read.every(connection, retired=None):
        live = {stored.id: stored.exercise for stored in some.values() if not stored.is_retired}
        uses.update(search.uses(live.values()))
        yield from _ties(connection, live)
        yield from _details(connection, {stored.id: slug for slug, stored in some.items()}, live)
        yield from _found(connection, live)
        yield from _sense(connection, list(live.values()), known)
    yield from _words(connection, uses)


def _ties(connection: sa.Connection, live: Mapping[int, Exercise]) -> Iterator[str]:
    """Check that each exercise is tied to what it is a variant of."""
    table = tables.of(tables.Exercise)
    parent = table.alias()
    tied = sa.select(table.c.id, parent.c.slug).join(parent, parent.c.id == table.c.variant_of_id).where(table.c.id.in_(live))
    parents = dict(connection.execute(tied).all())
    yield from (
        f"'{exercise.slug}' isn't tied to '{exercise.variant_of}'."
        for id_, exercise in live.items()
        if exercise.variant_of != parents.get(id_)
    )


def _details(connection: sa.Connection, slugs: Mapping[int, str], live: Mapping[int, Exercise]) -> Iterator[str]:
    """Compare what is stored to search and filter by with what follows from the records."""
    expected = {id_: rows.of(id_, exercise) for id_, exercise in live.items()}
    for table, detail in rows.DETAILS.items():
        columns = tables.of(table).c
        there: dict[int, list[str]] = {}
        for row in connection.execute(columns.exercise_id.table.select().where(columns.exercise_id.in_(slugs))).mappings():
            there.setdefault(row["exercise_id"], []).append(_shown(table, dict(row)))
        for id_, slug in slugs.items():
            wanted = sorted(_shown(table, row) for row in expected.get(id_, {}).get(table, ()))
            if sorted(there.get(id_, [])) != wanted:
                yield f"'{slug}': {detail.tells} is stored otherwise than its record says (in '{columns.exercise_id.table.name}')."


def _shown(table: type[SQLModel], row: dict[str, object]) -> str:
    values = (row.get(column.key) for column in tables.of(table).columns)
    return str([float(value) if isinstance(value, int | float) else str(value) for value in values])


def _found(connection: sa.Connection, live: Mapping[int, Exercise]) -> Iterator[str]:
    """Check that a search finds each exercise by what its record says."""
    there = search.found_by(connection, list(live))
    for id_, exercise in live.items():
        if there.get(id_) != search.to_be_found_by(exercise):
            yield f"'{exercise.slug}': a search doesn't find it by its names as they are now."


def _sense(connection: sa.Connection, live: Sequence[Exercise], known: Known) -> Iterator[str]:
    """Check what each record says against the others."""
    parents = read.load(connection, sorted({exercise.variant_of for exercise in live if exercise.variant_of}))
    everything = {**known, "exercise": dict.fromkeys(parents)}
    patterns, sound = reference.patterns(connection), []
    for exercise in live:
        missing = {f"{name.kind} '{name.slug}'" for name in mentions(exercise) if name.slug not in everything[name.kind]}
        if missing:
            yield f"'{exercise.slug}' names what there isn't: {', '.join(sorted(missing))}."
            continue
        inherited = derivation.inherited(exercise, patterns, parents[exercise.variant_of].exercise if exercise.variant_of else None)
        if [why for why in exercise.contraindications if why.via] != inherited:
            yield f"'{exercise.slug}' should inherit what to avoid from its patterns and from what it is a variant of, and doesn't."
            continue
        try:
            derivation.refuse_contradiction(
                exercise.slug, exercise.recommendations, [*derivation.own(exercise.contraindications), *inherited]
            )
            sound.append(exercise)
        except Contradiction as error:
            yield error.detail
    yield from _derived(connection, sound)


def _derived(connection: sa.Connection, live: Sequence[Exercise]) -> Iterator[str]:
    """Compare each record with what follows from what its curator wrote; its `possible_match` dates from when it was written."""
    drafts = [derivation.authored(exercise) for exercise in live]
    try:
        batch = finish.finished(connection, drafts, datetime.now(UTC), avoid_wins=True)
    except Refused as refused:
        yield refused.detail
        return
    for exercise in live:
        wanted = batch.finished[exercise.slug].model_copy(update={"possible_match": exercise.possible_match, "review": exercise.review})
        text = batch.stored[exercise.slug].document
        if wanted.model_dump_json() != text:
            fields = differing(from_json(text), from_json(wanted.model_dump_json())) or ["the form"]
            yield f"'{exercise.slug}': stored otherwise than it follows from its record: {', '.join(fields)}."


def _patterns(connection: sa.Connection) -> Iterator[str]:
    table = tables.PatternContraindication
    there = set(connection.execute(select(table.pattern, table.type)).all())
    for pattern in reference.patterns(connection).values():
        if {(pattern.slug, why.type) for why in pattern.contraindications} != {tuple(row) for row in there if row[0] == pattern.slug}:
            yield f"The movement pattern '{pattern.slug}': its table doesn't say what its record says."


def _citations(connection: sa.Connection) -> Iterator[str]:
    """Check that the citations are complete: a source in use can't be retired."""
    table = tables.Citation
    there = {tuple(row) for row in connection.execute(select(table.kind, table.slug, table.source))}
    wanted = {(kind, slug, source) for kind, slug, record in _records(connection) for source in citations.cited(record)}
    for kind, slug, source in sorted(there ^ wanted):
        yield f"The {kind} '{slug}': whether it names the source '{source}' is stored otherwise than its record says."


def _sizes(connection: sa.Connection) -> Iterator[str]:
    """Check the number of exercises under each heading."""
    sizes = headings.sizes(_live(connection))
    size = tables.HeadingSize
    said = connection.execute(select(size.heading, size.exercises).where(col(size.exercises) != 0))
    for name in sorted({heading for heading, _ in sizes.items() ^ {(heading, number) for heading, number in said}}):
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
    words = sorted(word for word in connection.execute(select(tables.Word.word)).scalars() if there.get(word, 0) != len(reached_by(word)))
    if words:
        yield f"The search doesn't forgive every slip in {len(words)} words, such as '{words[0]}'."


def _around(connection: sa.Connection) -> Iterator[str]:
    """Check the records around the exercises: each as this version writes it, and one condition the default."""
    for kind in KINDS:
        for text, (slug, record) in zip(reference.documents_of(connection, kind), edits.finished(connection, kind).items(), strict=True):
            if record.model_dump_json() != text:
                yield f"The {kind} '{slug}' is stored otherwise than it follows from its record."
    default = defaults(reference.records_as(connection, "condition", Condition).values())
    if len(default) != 1:
        yield f"Exactly one condition is the default; here it is {' and '.join(default) or 'none'}."


def _accepted(connection: sa.Connection) -> Iterator[str]:
    """Name the texts that were accepted once and wouldn't be now, such as invisible ones."""
    for kind, slug, record in _records(connection):
        yield from (f"The {kind} '{slug}': {complaint}" for _, complaint in complaints.of_input(record))
