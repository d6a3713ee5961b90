"""The words that filters take or answers use, and how often each occurs."""

from collections import Counter
from collections.abc import Mapping

import sqlalchemy as sa
from sqlmodel import col, select

from api.library.screening_items import RedFlag
from api.library.term import CountedTerm, Term, Vocabulary, term_key
from api.library.vocabulary import Level, Tag, TermKind, Verdict, Word
from api.store import reference
from api.store.tables import DysfunctionType, Exercise, ExerciseTerm, PairVerdict, Recommendation


def vocabulary(connection: sa.Connection) -> Vocabulary:
    """Give all the words with their counts."""
    return Vocabulary(
        regions=_terms(connection, TermKind.REGION),
        equipment=_terms(connection, TermKind.EQUIPMENT),
        muscles=_terms(connection, TermKind.MUSCLE),
        tags=_closed(Tag, _tags(connection)),
        levels=_closed(Level, Counter(flag.level for flag in reference.records_as(connection, "red-flag", RedFlag).values())),
        verdicts=_closed(Verdict, _verdicts(connection)),
    )


def _terms(connection: sa.Connection, kind: TermKind) -> list[CountedTerm]:
    counted = select(ExerciseTerm.term, sa.func.count()).group_by(col(ExerciseTerm.term))
    counts = dict(connection.execute(counted).all())
    terms = [term for term in reference.records(connection, "term").values() if isinstance(term, Term) and term.kind is kind]
    return [CountedTerm(slug=term.slug, label=term.label, count=counts.get(term_key(kind, term.slug), 0)) for term in terms]


def _closed(words: type[Word], counts: Mapping[str, int]) -> list[CountedTerm]:
    return [CountedTerm(slug=word.value, label=word.label, count=counts.get(word, 0)) for word in words]


def _tags(connection: sa.Connection) -> dict[str, int]:
    exercises = sa.func.count(sa.distinct(col(Recommendation.exercise_id)))
    statement = select(DysfunctionType.tag, exercises).join(Recommendation, col(Recommendation.type) == col(DysfunctionType.slug))
    return {str(tag): count for tag, count in connection.execute(statement.group_by(col(DysfunctionType.tag)))}


def _verdicts(connection: sa.Connection) -> dict[str, int]:
    """Count pairs of exercise and type; a pair without a row is unknown."""
    statement = select(PairVerdict.verdict, sa.func.count()).group_by(col(PairVerdict.verdict))
    judged = {str(verdict): count for verdict, count in connection.execute(statement)}
    exercises = connection.execute(select(sa.func.count()).select_from(Exercise).where(col(Exercise.retired_at).is_(None))).scalar_one()
    pairs = exercises * len(reference.slugs(connection, "type"))
    return judged | {Verdict.UNKNOWN: pairs - sum(judged.values())}
