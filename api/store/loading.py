"""Loading files into the library: all or nothing, and nothing that names what doesn't exist."""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import cast

import sqlalchemy as sa
from sqlmodel import select

from api.errors import Complaint, Contradiction, Duplicate, InvalidContent, Refused
from api.library import complaints, derivation
from api.library.exercise import ExerciseDraft
from api.library.record import Record
from api.library.reference import Term, TypeDraft
from api.library.vocabulary import Channel
from api.store import exercises, references, tables
from api.store.content import Written, placed, read_folder, refuse
from api.store.journal import Author, Journal
from api.store.migrations import shipped

SEED_AUTHOR = Author(by="exercise-library", channel=Channel.SEED, reason="The seed data of this version.")


def key(one: Written) -> tuple[str, str]:
    """Give the kind and the slug under which a record is stored."""
    slug = f"{one.record.kind}/{one.record.slug}" if isinstance(one.record, Term) else one.record.slug  # type: ignore[attr-defined]
    return one.kind, slug


def load(journal: Journal, content: Sequence[Written]) -> None:
    """Write records of any kind; refuse all of them if one is wrong."""
    refuse(_repeated(content))
    before = references.known(journal.connection)
    after = _with(before, content)
    refuse(_clashes(before, content))
    refuse(_unknown(journal.connection, after, content))
    by_kind: dict[str, list[Record]] = {}
    for one in content:
        by_kind.setdefault(one.kind, []).append(one.record)
    references.write(journal, by_kind, after)
    drafts = {one.slug: one for one in cast("list[ExerciseDraft]", by_kind.get("exercise", []))}
    affected = {one.slug: one for one in references.affected_exercises(journal.connection, before, after)}
    try:
        exercises.write(journal, [*(affected | drafts).values()], after)
    except (Contradiction, Duplicate, InvalidContent) as error:
        raise _placed(error, content) from None


def _repeated(content: Sequence[Written]) -> list[Complaint]:
    first: dict[tuple[str, str], Written] = {}
    wrong = []
    for one in content:
        other = first.setdefault(key(one), one)
        if other is not one:
            wrong.append(Complaint(f"{one.where(('slug',))}: slug", f"'{key(one)[1]}' stands already in {other.where(('slug',))}."))
    return wrong


def _with(before: references.Known, content: Sequence[Written]) -> dict[str, dict[str, Record]]:
    """Give what is known once the content is written."""
    after = {kind: dict(records) for kind, records in before.items()}
    for one in content:
        kind, slug = key(one)
        after.setdefault(kind, {})[slug] = one.record
    return references.with_terms_apart(after)


def _clashes(before: references.Known, content: Sequence[Written]) -> list[Complaint]:
    """Complain of a type whose slug another condition has: new data never changes what a type means."""
    return [
        placed(one, ("slug",), Complaint("slug", f"The type '{new.slug}' belongs to the condition '{old.condition}' already."))
        for one in content
        if isinstance(new := one.record, TypeDraft)
        and isinstance(old := before["type"].get(new.slug), TypeDraft)
        and old.condition != new.condition
    ]


def _unknown(connection: sa.Connection, after: Mapping[str, Mapping[str, Record]], content: Sequence[Written]) -> list[Complaint]:
    drafts = [one.record for one in content if isinstance(one.record, ExerciseDraft)]
    stored = exercises.exist(connection, [draft.variant_of for draft in drafts if draft.variant_of])
    known = {**after, "exercise": dict.fromkeys(stored | {draft.slug for draft in drafts})}
    return [placed(one, location, complaint) for one in content for location, complaint in complaints.of_references(one.record, known)]


def _placed(error: Refused, content: Sequence[Written]) -> Refused:
    """Say which file a refused exercise stands in, where it is one of the content's."""
    place = next((one.where(("slug",)) for one in content if one.kind == "exercise" and f"'{key(one)[1]}'" in error.detail), None)
    return type(error)(f"{place}: {error.detail}" if place else error.detail, complaints=error.complaints)


def seed(journal: Journal) -> None:
    """Load the seed data of this version; what was edited since an earlier version loaded it keeps its edit."""
    content = read_folder(shipped("seed_data"))
    digest = _digest("".join(one.kind + one.record.model_dump_json() for one in content))
    if journal.connection.execute(select(tables.Library.seed_digest)).scalar_one() == digest:
        return
    edited = _edited(journal.connection)
    load(journal, [one for one in content if key(one) not in edited])
    journal.connection.execute(sa.update(tables.Library).values(seed_digest=digest))
    _remember(journal.connection, content)


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def _edited(connection: sa.Connection) -> set[tuple[str, str]]:
    """Give the records that differ from what the seed last shipped, retired ones among them."""
    statement = select(tables.Seed.kind, tables.Seed.slug, tables.Seed.digest)
    shipped_then = {(kind, slug): digest for kind, slug, digest in connection.execute(statement)}
    known = references.known(connection) if shipped_then else {}
    stored = exercises.load(connection, [slug for kind, slug in shipped_then if kind == "exercise"])
    now = {("exercise", slug): derivation.authored(one.exercise) for slug, one in stored.items() if not one.is_retired}
    now |= {(kind, slug): _as_written(kind, record) for kind in references.KINDS for slug, record in known.get(kind, {}).items()}
    return {one for one, digest in shipped_then.items() if one not in now or _digest(now[one].model_dump_json()) != digest}


def _as_written(kind: str, record: Record) -> Record:
    draft = references.KINDS[kind].draft
    return draft.model_validate({name: getattr(record, name) for name in draft.model_fields})


def _remember(connection: sa.Connection, content: Sequence[Written]) -> None:
    connection.execute(sa.delete(tables.Seed))
    rows = [{"kind": kind, "slug": slug, "digest": _digest(one.record.model_dump_json())} for one in content for kind, slug in [key(one)]]
    connection.execute(sa.insert(tables.Seed), rows)
