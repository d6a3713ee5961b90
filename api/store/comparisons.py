"""What exercises are compared with: those of another catalogue with ours by their names, each exercise with what some type avoids."""

from collections.abc import Sequence
from functools import lru_cache

import sqlalchemy as sa
from sqlmodel import col, select

from api.library.comparing import ForeignExercise, Known, Named, by_name
from api.library.exercise_draft import ExerciseDraft, Judged
from api.library.matching import Suspect, Suspects
from api.library.pattern import MovementPattern
from api.library.vocabulary import SubjectKind
from api.store import asking, reference, search
from api.store.documents import chunks, read
from api.store.tables import Contraindication, Exercise

MOST = 500
"""How many exercises are compared, the oldest first: a bound, so that a write costs no more in a large library."""


def known(connection: sa.Connection, theirs: Sequence[ForeignExercise], types: Sequence[str]) -> Known:
    """Give our exercises that have a name of theirs, and what the types avoid."""
    found = search.called(connection, (name for exercise in theirs for name in exercise.names))
    named: list[Named] = []
    for chunk in chunks(found):
        for id_, document in connection.execute(select(Exercise.id, Exercise.document).where(col(Exercise.id).in_(chunk))):
            named.append(Named(Judged.of(document), frozenset((found[id_].name, *found[id_].aliases)) - {""}))
    return Known(by_name(named), suspects(connection).of(types))


def suspects(connection: sa.Connection) -> Suspects:
    """Give the patterns and exercises that are to be avoided for themselves, not by inheritance, retired exercises included."""
    documents = asking.values(connection, _STANDING) + asking.values(connection, _RETIRED)
    return _of(tuple(documents), tuple(reference.documents_of(connection, "movement-pattern")))


@lru_cache(2)  # they seldom change, and each write asks for them
def _of(documents: tuple[str, ...], patterns: tuple[str, ...]) -> Suspects:
    exercises = [read(ExerciseDraft, document) for document in documents]
    avoided = [exercise for exercise in exercises if any(why.via is None for why in exercise.contraindications)]
    avoiding = [pattern for pattern in (read(MovementPattern, text) for text in patterns) if pattern.contraindications]
    named = [_suspect(SubjectKind.MOVEMENT_PATTERN, pattern, ()) for pattern in avoiding]
    return Suspects(named + [_suspect(SubjectKind.EXERCISE, exercise, exercise.search_terms) for exercise in avoided])


def _suspect(kind: SubjectKind, avoided: MovementPattern | ExerciseDraft, search_terms: Sequence[str]) -> Suspect:
    types = frozenset(why.type for why in avoided.contraindications)
    return Suspect(kind, avoided.slug, types, (avoided.name, *avoided.aliases), tuple(search_terms))


_id = col(Contraindication.exercise_id)
_avoided = select(_id).where(col(Contraindication.via_kind).is_(None)).distinct().order_by(_id).limit(MOST).subquery()
_STANDING = select(Exercise.document).join(_avoided, col(Exercise.id) == _avoided.c.exercise_id).order_by(col(Exercise.id))
# An exercise that is retired has no rows of its own any more, so its document is asked.
_avoids = col(Exercise.retired_at).is_not(None), col(Exercise.document).not_like('%"contraindications":[]%')
_RETIRED = select(Exercise.document).where(*_avoids).order_by(col(Exercise.id)).limit(MOST)
