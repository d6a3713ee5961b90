"""Retired exercises that others are still variants of: not to be shown, but what they bequeath has to be known."""

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from api.library import derivation
from api.library.exercise_draft import ExerciseDraft, Judged
from api.library.vocabulary import ChangeAction
from api.store.journal import Entry, Journal
from api.store.tables import Change, Exercise

KIND = "retired-exercise"
"""What changes call them; the exercise itself is told as retired, without a record."""


def standing(connection: sa.Connection) -> dict[str, str]:
    """Give the JSON of what is left of each, by its slug."""
    child, parent = aliased(Exercise), aliased(Exercise)
    needed = select(child.variant_of_id).where(col(child.retired_at).is_(None), col(child.variant_of_id).is_not(None)).cte(recursive=True)
    above = select(parent.variant_of_id).where(col(parent.id) == needed.c.variant_of_id, col(parent.variant_of_id).is_not(None))
    retired = select(Exercise.document).where(col(Exercise.retired_at).is_not(None), col(Exercise.id).in_(sa.select(needed.union(above))))
    documents = connection.execute(retired.order_by(col(Exercise.slug))).scalars()
    left = [derivation.bequest(ExerciseDraft.model_validate_json(document, extra="ignore")) for document in documents]
    return {bequest.slug: bequest.model_dump_json() for bequest in left}


def resting_on(connection: sa.Connection, source: str) -> list[str]:
    """Name the retired exercises that bequeath an avoid which rests on a source: one may become a variant of them at any time."""
    named = col(Exercise.document).contains(f'"slug":"{source}"')
    statement = select(Exercise.document).where(col(Exercise.retired_at).is_not(None), named).order_by(col(Exercise.slug))
    retired = map(Judged.of, connection.execute(statement).scalars())
    return [judged.slug for judged in retired if any(avoided.source.slug == source for avoided in judged.contraindications)]


def note(journal: Journal) -> None:
    """Tell followers of the changes what is left of retired exercises, where it differs from what they were told."""
    told, now = _told(journal.connection), standing(journal.connection) if _any_retired(journal.connection) else {}
    entries = [Entry(KIND, slug, ChangeAction.RETIRED, told[slug], None) for slug in told.keys() - now.keys()]
    for slug, left in now.items():
        if told.get(slug) != left:
            entries.append(Entry(KIND, slug, ChangeAction.UPDATED if slug in told else ChangeAction.CREATED, told.get(slug), left))
    journal.log(sorted(entries))


def _any_retired(connection: sa.Connection) -> bool:
    return connection.execute(select(Exercise.id).where(col(Exercise.retired_at).is_not(None)).limit(1)).first() is not None


def _told(connection: sa.Connection) -> dict[str, str]:
    """Give what was told last of each, but for those told to be gone."""
    in_order = select(Change.slug, Change.after).where(col(Change.kind) == KIND).order_by(col(Change.revision))
    found: dict[str, str | None] = {row.slug: row.after for row in connection.execute(in_order)}  # the last one counts
    return {slug: after for slug, after in found.items() if after is not None}
