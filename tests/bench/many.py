"""A catalogue of any size, always the same: exercises that nobody would do, as `write` would store them, written in bulk.

Every third is recommended for a stiff joint, every fourth for an unstable one, and of the others every fifth is to be avoided.
Nearly all of them are a *stretch*, three are a *heron*; both are found at any size.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime

import sqlalchemy as sa

from api.library import derivation
from api.library.condition import TypeDraft
from api.library.exercise import Exercise
from api.library.exercise_draft import Contraindication, ExerciseDraft, Recommendation
from api.library.record import Attribution
from api.library.vocabulary import Channel, ExerciseKind, Tag
from api.store import documents, headings, reference, search, tables
from api.store.documents import Document
from api.store.engine import Database
from api.store.exercises import rows, write
from api.store.journal import Author, Journal
from api.store.reference import citations

_table: sa.Table = tables.Exercise.__table__  # type: ignore[attr-defined]

AT = datetime(2026, 1, 1, tzinfo=UTC)
AUTHOR = Author(by="a benchmark", channel=Channel.IMPORT, reason="To see how it is with many.")
COMMON, RARE = "stretch", "heron"
HERONS = (7, 77, 777)
BATCH = 5_000
FIRST_POSITION = 1_000  # behind the seed's own

_SOURCE = Attribution(slug="common-knowledge")
_HOW = (
    "slow",
    "wide",
    "long",
    "small",
    "easy",
    "quiet",
    "steady",
    "early",
    "late",
    "round",
    "even",
    "plain",
    "brisk",
    "calm",
    "soft",
    "full",
)
_WHAT = (
    "bridge",
    "rock",
    "swing",
    "reach",
    "step",
    "turn",
    "sway",
    "roll",
    "press",
    "lift",
    "lean",
    "slide",
    "fold",
    "curl",
    "march",
    "hold",
)
_REGIONS = ("low-back", "pelvis", "hips", "thighs", "buttocks", "thoracic-spine")
_EQUIPMENT = ("wall", "mat", "chair", "cushion", "towel-or-strap")
_KINDS = tuple(ExerciseKind)


def draft(number: int) -> ExerciseDraft:
    """Make the exercise of a number."""
    mixed = number * 2_654_435_761 % 2**32
    how, what = _HOW[mixed % 16], _WHAT[mixed // 16 % 16]
    name = f"{how} {what} {'move' if number % 12 == 5 else COMMON}{f' {RARE}' if number in HERONS else ''}".capitalize()
    recommended = [
        Recommendation(type=type_, position=FIRST_POSITION + number, source=_SOURCE)
        for type_, every in (("stiff", 3), ("unstable", 4))
        if number % every == 0
    ]
    avoided = [] if recommended or number % 5 else [Contraindication(type="unstable", reason="It is made up.", source=_SOURCE)]
    return ExerciseDraft(
        slug=f"{how}-{what}-{number:07}",
        name=name,
        recommendations=recommended,
        contraindications=avoided,
        aliases=[f"{what} number {number % 100}"],
        kind=_KINDS[mixed // 256 % len(_KINDS)],
        summary=f"You {what} in a {how} way, as often as you like.",
        regions=[_REGIONS[mixed // 4096 % 6]],
        equipment=[] if mixed // 65_536 % 2 else [_EQUIPMENT[mixed // 131_072 % 5]],
        start="Stand with your feet parallel.",
        steps=[f"Begin to {what}.", "Go on, and breathe.", "Come back slowly."],
    )


def fill(database: Database, number: int) -> None:
    """Write so many exercises in one transaction, and let the engine look at what it has now."""
    with database.writing() as session:
        journal = Journal(session, AUTHOR, AT)
        tag_of = {slug: one.tag for slug, one in reference.records(journal.connection, "type").items() if isinstance(one, TypeDraft)}
        first = (journal.connection.execute(sa.select(sa.func.max(tables.Exercise.id))).scalar() or 0) + 1
        words: Counter[str] = Counter()
        for start in range(1, number + 1, BATCH):
            drafts = [draft(one) for one in range(start, min(start + BATCH, number + 1))]
            finished = [_finished(journal, one, tag_of) for one in drafts]
            _write(journal, first + start - 1, finished)
            headings.count(journal.connection, {}, dict(enumerate(finished)))
            words += search.uses(drafts)
        search._count(journal.connection, words, Counter())  # noqa: SLF001  (once for all, instead of for each batch)
    with database.writing() as session:
        session.connection().exec_driver_sql("ANALYZE")


def _finished(journal: Journal, one: ExerciseDraft, tag_of: dict[str, Tag]) -> Exercise:
    recommended = [each.model_copy(update={"purpose": tag_of[each.type]}) for each in one.recommendations]
    fields = {name: getattr(one, name) for name in ExerciseDraft.model_fields}
    derived = {"recommendations": recommended, "tags": derivation.tags(recommended, tag_of), "images": [], "possible_match": []}
    moment = {"review": None, "revision": journal.revision, "created_at": journal.at, "updated_at": journal.at}
    return Exercise.model_construct(**fields | derived | moment)


def _write(journal: Journal, first: int, finished: Sequence[Exercise]) -> None:
    connection = journal.connection
    numbered = dict(enumerate(finished, start=first))
    documents.write(journal, write.KIND, _table, [_document(id_, one) for id_, one in numbered.items()], {one.slug for one in finished})
    rows.change(connection, {}, numbered, {id_: rows.differing(None, one) for id_, one in numbered.items()})
    search.fill(connection, numbered)
    citations.write(connection, write.KIND, {one.slug: one for one in finished})


def _document(id_: int, one: Exercise) -> Document:
    columns = {name: getattr(one, name) for name in ("name", "kind", "created_at", "updated_at")}
    return Document(one.slug, one.model_dump_json(), None, {"id": id_, **columns})
