"""The schema, as SQLModel tables.

A verdict belongs to the pair (exercise, type), and there is one row for a pair: `recommendation` and `contraindication` are its
two kinds of detail, tied to it by a foreign key that includes the verdict, so that no database can hold a pair that is both.
Inherited contraindications are rows too, so the same holds for what is avoided via a movement pattern or another exercise.

Each record also keeps its finished JSON (`document`), written in the same transaction by the same code: reads join nothing.
"""

from datetime import UTC, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from api.library.vocabulary import Action, ChangeAction, Channel, ExerciseKind, Intensity, Scope, Tag, TermKind, Verdict, ViaKind

SQLModel.model_config["defer_build"] = True
SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Instant(sa.TypeDecorator[datetime]):
    """A moment in UTC, with its time zone on both engines."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: sa.Dialect) -> datetime | None:
        """Store it in UTC: SQLite drops the zone."""
        return value.astimezone(UTC) if value else value

    def process_result_value(self, value: datetime | None, _dialect: sa.Dialect) -> datetime | None:
        """Give back the zone that SQLite drops, and that PostgreSQL turns into its session's."""
        return value.astimezone(UTC) if value and value.tzinfo else value and value.replace(tzinfo=UTC)


Slug = sa.String().with_variant(sa.String(collation="C"), "postgresql")
"""Text that sorts by code point on both engines, whatever the server's language."""


def of(table: type[SQLModel]) -> sa.Table:
    """Give the table itself, of which SQLModel says nothing to the type checker."""
    return SQLModel.metadata.tables[str(table.__tablename__)]


def _word(words: type[StrEnum], name: str) -> sa.Enum:
    """Store a word by its value (SQLModel would store the member's name) and let the database check it."""
    return sa.Enum(words, name=name, native_enum=False, create_constraint=True, length=40, values_callable=_values)


def _values(words: type[StrEnum]) -> list[str]:
    return [word.value for word in words]


def _partial_index(name: str, column: str, where: str, *, unique: bool = False) -> sa.Index:
    """Index the rows that meet a condition. The migrations make it: an engine's own option would import that engine, used or not."""
    return sa.Index(name, column, unique=unique, info={"where": where})


class Library(SQLModel, table=True):
    """The one row that says which library this is and how often it changed; every writer holds it until the commit."""

    __table_args__ = (sa.CheckConstraint("id = 1", name="one_row"),)

    id: int = Field(default=1, primary_key=True)
    library_id: str
    revision: int
    seed_digest: str | None = None


class ReferenceRecord(SQLModel):
    """What every record around the exercises has."""

    slug: str = Field(sa_type=Slug, primary_key=True)
    position: int
    document: str = Field(sa_type=sa.Text)
    revision: int


class Condition(ReferenceRecord, table=True):
    """A joint problem."""

    __table_args__ = (_partial_index("ix_condition_is_default", "is_default", "is_default", unique=True),)

    is_default: bool = Field(default=False, sa_column_kwargs={"server_default": sa.false()})


class DysfunctionType(ReferenceRecord, table=True):
    """A type of a condition; its slug is unique in the library."""

    __tablename__ = "dysfunction_type"

    condition: str = Field(sa_type=Slug, foreign_key="condition.slug")
    tag: Tag = Field(sa_type=_word(Tag, "tag"))


class Indicator(ReferenceRecord, table=True):
    """What makes a type likely."""

    type: str = Field(sa_type=Slug, foreign_key="dysfunction_type.slug")


class CautionGroup(ReferenceRecord, table=True):
    """People whom some cautions concern."""

    __tablename__ = "caution_group"


class RedFlag(ReferenceRecord, table=True):
    """What wants a clinician first."""

    __tablename__ = "red_flag"

    condition: str = Field(sa_type=Slug, foreign_key="condition.slug")
    caution_group: str | None = Field(sa_type=Slug, default=None, foreign_key="caution_group.slug")


class Source(ReferenceRecord, table=True):
    """A publication that statements name."""

    retired_at: datetime | None = Field(default=None, sa_type=Instant)


class Citation(SQLModel, table=True):
    """Which record names which source: what keeps a source in use from being retired."""

    kind: str = Field(primary_key=True)
    slug: str = Field(sa_type=Slug, primary_key=True)
    source: str = Field(sa_type=Slug, primary_key=True, foreign_key="source.slug", index=True)


class MovementPattern(ReferenceRecord, table=True):
    """A way of moving."""

    __tablename__ = "movement_pattern"


class PatternContraindication(SQLModel, table=True):
    """A movement pattern to be avoided for one type."""

    __tablename__ = "pattern_contraindication"

    pattern: str = Field(sa_type=Slug, primary_key=True, foreign_key="movement_pattern.slug")
    type: str = Field(sa_type=Slug, primary_key=True, foreign_key="dysfunction_type.slug")
    reason: str
    source: str = Field(sa_type=Slug, foreign_key="source.slug")
    quote: str | None = None


class Term(ReferenceRecord, table=True):
    """A word for a region, a piece of equipment or a muscle; its slug is `region/low-back`."""

    kind: TermKind = Field(sa_type=_word(TermKind, "kind"))


class Exercise(SQLModel, table=True):
    """An exercise; its details are in the tables below and, finished, in `document`."""

    __table_args__ = (_partial_index("ix_exercise_retired", "id", "retired_at IS NOT NULL"),)

    id: int | None = Field(default=None, primary_key=True)
    slug: str = Field(sa_type=Slug, unique=True)
    name: str
    kind: ExerciseKind | None = Field(default=None, sa_type=_word(ExerciseKind, "kind"))
    variant_of_id: int | None = Field(default=None, foreign_key="exercise.id", index=True)
    document: str = Field(sa_type=sa.Text)
    revision: int
    created_at: datetime = Field(sa_type=Instant)
    updated_at: datetime = Field(sa_type=Instant)
    retired_at: datetime | None = Field(default=None, sa_type=Instant)


class PairVerdict(SQLModel, table=True):
    """The verdict of one pair (exercise, type). No row means unknown."""

    __tablename__ = "verdict"
    __table_args__ = (
        sa.UniqueConstraint("exercise_id", "type", "verdict"),
        sa.CheckConstraint(f"verdict <> '{Verdict.UNKNOWN}'", name="known"),
        sa.Index("ix_verdict_type_verdict_exercise_id", "type", "verdict", "exercise_id"),
    )

    exercise_id: int = Field(primary_key=True, foreign_key="exercise.id")
    type: str = Field(sa_type=Slug, primary_key=True, foreign_key="dysfunction_type.slug")
    verdict: Verdict = Field(sa_type=_word(Verdict, "verdict"))


def _detail_of(verdict: Verdict) -> tuple[sa.schema.SchemaItem, ...]:
    """Tie a detail to the verdict of its pair, so that a pair with the other verdict can't have it."""
    return (
        sa.CheckConstraint(f"verdict = '{verdict}'", name="one_verdict"),
        sa.ForeignKeyConstraint(["exercise_id", "type", "verdict"], ["verdict.exercise_id", "verdict.type", "verdict.verdict"]),
    )


class Recommendation(SQLModel, table=True):
    """How an exercise is recommended for one type."""

    __table_args__ = (
        *_detail_of(Verdict.RECOMMENDED),
        sa.UniqueConstraint("type", "position", "choice"),
        sa.CheckConstraint("position >= 1 AND choice >= 1", name="counted_from_one"),
    )

    exercise_id: int = Field(primary_key=True)
    type: str = Field(sa_type=Slug, primary_key=True)
    verdict: str = Verdict.RECOMMENDED.value
    position: int
    choice: int
    intensity: Intensity | None = Field(default=None, sa_type=_word(Intensity, "intensity"))
    intensity_note: str | None = None
    note: str | None = None
    source: str = Field(sa_type=Slug, foreign_key="source.slug")
    quote: str | None = None


class Contraindication(SQLModel, table=True):
    """Why an exercise is to be avoided for one type, stated of itself or inherited."""

    __table_args__ = (*_detail_of(Verdict.AVOID), sa.Index("ix_contraindication_type", "type", "exercise_id", "ordinal"))

    exercise_id: int = Field(primary_key=True)
    ordinal: int = Field(primary_key=True)
    type: str = Field(sa_type=Slug)
    verdict: str = Verdict.AVOID.value
    reason: str
    via_kind: ViaKind | None = Field(default=None, sa_type=_word(ViaKind, "via_kind"))
    via_slug: str | None = None
    source: str = Field(sa_type=Slug, foreign_key="source.slug")
    quote: str | None = None


class ExercisePattern(SQLModel, table=True):
    """Doing the exercise involves the movement pattern."""

    __tablename__ = "exercise_pattern"

    exercise_id: int = Field(primary_key=True, foreign_key="exercise.id")
    pattern: str = Field(sa_type=Slug, primary_key=True, foreign_key="movement_pattern.slug", index=True)


class ExerciseTerm(SQLModel, table=True):
    """The exercise works on the region or muscle, or needs the equipment; `equipment/none` where it needs nothing."""

    __tablename__ = "exercise_term"
    __table_args__ = (sa.Index("ix_exercise_term_term_exercise_id", "term", "exercise_id"),)

    exercise_id: int = Field(primary_key=True, foreign_key="exercise.id")
    term: str = Field(primary_key=True, sa_type=Slug, foreign_key="term.slug")


class Heading(SQLModel, table=True):
    """What the exercise is looked up under; see `headings.py`. Its slug, which never changes, is here for the order."""

    __table_args__ = (sa.Index("ix_heading_heading_slug_exercise_id", "heading", "slug", "exercise_id"),)

    exercise_id: int = Field(primary_key=True, foreign_key="exercise.id")
    heading: str = Field(primary_key=True, sa_type=Slug)
    slug: str = Field(sa_type=Slug)


class HeadingSize(SQLModel, table=True):
    """How many exercises stand under a heading."""

    __tablename__ = "heading_size"

    heading: str = Field(sa_type=Slug, primary_key=True)
    exercises: int


class Variant(SQLModel, table=True):
    """Another starting position of an exercise."""

    exercise_id: int = Field(primary_key=True, foreign_key="exercise.id")
    slug: str = Field(sa_type=Slug, primary_key=True)
    name: str
    start: str | None = None
    source: str = Field(sa_type=Slug, foreign_key="source.slug")


class Caution(SQLModel, table=True):
    """What people of one group should mind in an exercise."""

    __table_args__ = (
        sa.ForeignKeyConstraint(["exercise_id", "variant"], ["variant.exercise_id", "variant.slug"]),
        sa.ForeignKeyConstraint(["exercise_id", "for_variant"], ["variant.exercise_id", "variant.slug"]),
        sa.CheckConstraint(f"(action = '{Action.MODIFY}') = (variant IS NOT NULL)", name="modify_names_a_variant"),
    )

    exercise_id: int = Field(primary_key=True, foreign_key="exercise.id")
    ordinal: int = Field(primary_key=True)
    caution_group: str = Field(sa_type=Slug, foreign_key="caution_group.slug", index=True)
    action: Action = Field(sa_type=_word(Action, "action"))
    variant: str | None = None
    for_variant: str | None = None
    text: str
    source: str = Field(sa_type=Slug, foreign_key="source.slug")
    quote: str | None = None


class Dosage(SQLModel, table=True):
    """How much one source prints."""

    __table_args__ = (sa.ForeignKeyConstraint(["exercise_id", "for_variant"], ["variant.exercise_id", "variant.slug"]),)

    exercise_id: int = Field(primary_key=True, foreign_key="exercise.id")
    ordinal: int = Field(primary_key=True)
    printed_for: str
    for_variant: str | None = None
    sets_min: float | None = None
    sets_max: float | None = None
    reps_min: float | None = None
    reps_max: float | None = None
    hold_seconds_min: float | None = None
    hold_seconds_max: float | None = None
    sessions_per_day_min: float | None = None
    sessions_per_day_max: float | None = None
    per_side: bool | None = None
    note: str | None = None
    source: str = Field(sa_type=Slug, foreign_key="source.slug")
    quote: str | None = None


class Word(SQLModel, table=True):
    """A word by which some exercise is found, and by how many."""

    word: str = Field(sa_type=Slug, primary_key=True)
    uses: int


class WordDeletion(SQLModel, table=True):
    """A word with one letter missing, or itself: the index that finds what a slip was meant to be."""

    __tablename__ = "word_deletion"

    deletion: str = Field(sa_type=Slug, primary_key=True)
    word: str = Field(sa_type=Slug, primary_key=True, foreign_key="word.word", index=True)


class Seed(SQLModel, table=True):
    """What the seed last shipped of a record: by this an upgrade tells an edited record from an untouched one."""

    kind: str = Field(primary_key=True)
    slug: str = Field(sa_type=Slug, primary_key=True)
    draft: str = Field(sa_type=sa.Text)


class Change(SQLModel, table=True):
    """One committed change of one record."""

    __table_args__ = (sa.Index("ix_change_kind_slug_revision", "kind", "slug", "revision"),)

    revision: int = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    slug: str = Field(sa_type=Slug, primary_key=True)
    action: ChangeAction = Field(sa_type=_word(ChangeAction, "action"))
    at: datetime = Field(sa_type=Instant)
    by: str
    channel: Channel = Field(sa_type=_word(Channel, "channel"))
    reason: str | None = None
    before: str | None = Field(default=None, sa_type=sa.Text)
    after: str | None = Field(default=None, sa_type=sa.Text)


class ApiKey(SQLModel, table=True):
    """A key that opens the writing half of the API. Only its hash is here."""

    __tablename__ = "api_key"

    name: str = Field(primary_key=True, sa_type=Slug)
    hash: str = Field(unique=True)
    scope: Scope = Field(sa_type=_word(Scope, "scope"))
    created_at: datetime = Field(sa_type=Instant)
    expires_at: datetime | None = Field(default=None, sa_type=Instant)
    revoked_at: datetime | None = Field(default=None, sa_type=Instant)
    last_used_at: datetime | None = Field(default=None, sa_type=Instant)
