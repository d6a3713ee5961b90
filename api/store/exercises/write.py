"""Writing exercises whole, with everything that follows for their neighbours, in one transaction."""

from collections.abc import Container, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter

import sqlalchemy as sa
from sqlmodel import col

from api.library import derivation, places
from api.library.exercise import Exercise, Review
from api.library.exercise_draft import ExerciseDraft
from api.library.vocabulary import ChangeAction
from api.store import documents, images, index, tables
from api.store.documents import Document
from api.store.exercises import bequests, finish, read
from api.store.exercises.read import Stored
from api.store.journal import Entry, Journal

KIND = index.KIND
_table = tables.of(tables.Exercise)


def write(
    journal: Journal,
    drafts: Sequence[ExerciseDraft],
    besides: Container[str] = (),
    *,
    avoid_wins: bool = False,
    before: finish.Standing | None = None,
) -> dict[str, str]:
    """Write exercises that name only what is known; what follows for others is written too, besides those that the caller writes.

    A caller may know what is there `before`. Gives the JSON of each as it is stored now. Raises Contradiction where one is recommended
    and avoided for a type, or an avoid would turn into a recommendation, unless avoid wins; Duplicate where two claim one place.
    """
    found: dict[str, str] = {}
    for chunk in documents.chunks(_parents_first(drafts)):
        batch = finish.finished(journal.connection, chunk, journal.at, avoid_wins=avoid_wins, before=before)
        found |= _write(journal, batch, besides)
    return found


def _write(journal: Journal, batch: finish.Batch, besides: Container[str]) -> dict[str, str]:
    """Write finished exercises and what follows for others; give the JSON of each."""
    changed = _changed(journal, batch)
    ids, kept = _keep(journal, batch, changed)
    removed = {before.id: before.exercise for slug, before in batch.stored.items() if slug in changed and not before.is_retired}
    index.change(journal.connection, removed, {ids[slug]: exercise for slug, exercise in changed.items()})
    _write_documents(journal, batch.mates)
    is_variant = any(exercise.variant_of for exercise in batch.finished.values())
    if is_variant or any(before.is_retired or before.exercise.variant_of for before in batch.stored.values()):
        bequests.note(journal)
    stored = [(before, changed[slug]) for slug, before in batch.stored.items() if slug in changed]
    bequeathed = [before.id for before, after in stored if before.exercise.contraindications != after.contraindications]
    dependents = [draft for draft in read.variants_of(journal.connection, bequeathed) if draft.slug not in besides]
    write(journal, dependents, besides, avoid_wins=batch.avoid_wins)
    return {slug: kept[slug] if slug in kept else batch.stored[slug].document for slug in batch.finished}


def renew(journal: Journal) -> None:
    """Write every exercise as this version of the program does, from what its curators wrote; the index has to be made anew then."""
    for some in read.every(journal.connection):
        drafts = [derivation.authored(stored.exercise) for stored in some.values()]
        batch = finish.finished(journal.connection, drafts, journal.at, avoid_wins=True, anew=True)
        _keep(journal, batch, _changed(journal, batch))
    for some in read.every(journal.connection, retired=True):
        for slug, stored in some.items():
            _replace(journal, stored, stored.exercise.model_copy(update={"images": images.of(slug)}))


def warn(journal: Journal, draft: ExerciseDraft) -> None:
    """Give a retired exercise more avoids, which its variants inherit. It stays retired."""
    batch = finish.finished(journal.connection, [draft.model_copy(update={"recommendations": []})], journal.at, avoid_wins=True)
    stored, found = batch.stored[draft.slug], batch.finished[draft.slug]
    inherited = {name: getattr(found, name) for name in ("contraindications", "patterns", "variant_of")}
    _replace(journal, stored, stored.exercise.model_copy(update=inherited))
    bequests.note(journal)
    write(journal, read.variants_of(journal.connection, [stored.id]), avoid_wins=True)


def _replace(journal: Journal, retired: Stored, exercise: Exercise) -> None:
    """Change a retired exercise: no reader sees it, so there is nothing to note."""
    parents = read.ids(journal.connection, [exercise.variant_of] if exercise.variant_of else [])
    values = {"document": exercise.model_dump_json(), "variant_of_id": next(iter(parents.values()), None)}
    journal.connection.execute(sa.update(_table).where(_table.c.id == retired.id).values(values))


def make_way(connection: sa.Connection, claimed: Mapping[places.Claim, str], moving: Container[str]) -> None:
    """Take exercises that are about to move off the places that others claim."""
    table = tables.Recommendation
    for chunk in documents.chunks(sorted({(type_, position) for type_, position, _ in claimed})):
        held = read.holders(connection, chunk)
        leaving = [claim for claim, slug in held.items() if slug in moving and claimed.get(claim, slug) != slug]
        if leaving:
            claim = sa.tuple_(col(table.type), col(table.position), col(table.choice))
            connection.execute(sa.delete(table).where(read.is_at(chunk), claim.in_(leaving)))


def retire(journal: Journal, stored: Stored) -> None:
    """Take an exercise out of the catalogue. Its history stays, and its variants go on inheriting its avoids."""
    exercise = stored.exercise
    index.change(journal.connection, {stored.id: exercise}, {})
    values = {"retired_at": journal.at, "revision": journal.revision, "updated_at": journal.at}
    journal.connection.execute(sa.update(_table).where(_table.c.id == stored.id).values(values))
    journal.log([Entry(KIND, exercise.slug, ChangeAction.RETIRED, stored.document, None)])
    mates = read.load(journal.connection, sorted({slug for place in exercise.recommendations for slug in place.alternatives}))
    _write_documents(journal, {slug: (mate, places.without(mate.exercise, exercise.slug)) for slug, mate in mates.items()})
    bequests.note(journal)


def sign(journal: Journal, stored: Stored, review: Review) -> str:
    """Put a clinician's signature under an exercise as it stands; give its JSON."""
    signed = stored.exercise.model_copy(update={"review": review})
    [document] = _write_documents(journal, {signed.slug: (stored, signed)}, ChangeAction.REVIEWED)
    return document


def _parents_first(drafts: Sequence[ExerciseDraft]) -> list[ExerciseDraft]:
    by_slug = {draft.slug: draft for draft in drafts}
    graph: dict[str, set[str]] = {draft.slug: {draft.variant_of} & by_slug.keys() if draft.variant_of else set() for draft in drafts}
    try:
        return [by_slug[slug] for slug in TopologicalSorter(graph).static_order()]
    except CycleError as error:
        raise finish.circle(error.args[1]) from None


def _changed(journal: Journal, batch: finish.Batch) -> dict[str, Exercise]:
    """Give those that differ from what is stored, if only in the form that another version wrote, as of this revision."""
    changed = {}
    for slug, after in batch.finished.items():
        before = read.live(batch.stored.get(slug))
        if before is None or before.document != after.model_dump_json():
            changed[slug] = after.model_copy(update={"revision": journal.revision, "updated_at": journal.at})
    return changed


def _keep(journal: Journal, batch: finish.Batch, changed: Mapping[str, Exercise]) -> tuple[dict[str, int], dict[str, str]]:
    """Keep exercises' documents; give their numbers, and the JSON of those that changed."""
    new = [slug for slug in changed if slug not in batch.stored]
    first = (journal.connection.execute(sa.select(sa.func.max(_table.c.id))).scalar() or 0) + 1 if new else 0
    ids = {slug: before.id for slug, before in batch.stored.items()} | {slug: id_ for id_, slug in enumerate(new, start=first)}
    above = {slug: parent.id for slug, parent in batch.parents.items()} | ids
    seen = {slug: before.document for slug, before in batch.stored.items() if not before.is_retired}
    found = [Document(slug, after.model_dump_json(), seen.get(slug), _columns(ids[slug], after, above)) for slug, after in changed.items()]
    documents.write(journal, KIND, _table, found, set(new))
    return ids, {document.slug: document.text for document in found}


def _columns(id_: int, exercise: Exercise, ids: Mapping[str, int]) -> dict[str, object]:
    columns = {name: getattr(exercise, name) for name in ("name", "kind", "created_at", "updated_at")}
    return {"id": id_, **columns, "variant_of_id": ids[exercise.variant_of] if exercise.variant_of else None, "retired_at": None}


def _write_documents(
    journal: Journal, changed: Mapping[str, tuple[Stored, Exercise]], action: ChangeAction = ChangeAction.UPDATED
) -> list[str]:
    """Write the answers of exercises whose rows stay as they are; give their JSON."""
    found = []
    for slug, (before, exercise) in changed.items():
        text = exercise.model_copy(update={"revision": journal.revision, "updated_at": journal.at}).model_dump_json()
        found.append(Document(slug, text, before.document, {"updated_at": journal.at}))
    documents.write(journal, KIND, _table, found, (), action)
    return [document.text for document in found]
