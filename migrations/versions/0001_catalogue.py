"""The catalogue: exercises, their verdicts, and all that they refer to.

Revision ID: 0001
Revises:
"""

from uuid import uuid4

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


SLUG = sa.String().with_variant(sa.String(collation="C"), "postgresql")

TABLES = [
    "api_key",
    "caution_group",
    "change",
    "condition",
    "exercise",
    "heading_size",
    "library",
    "movement_pattern",
    "seed",
    "source",
    "term",
    "word",
    "citation",
    "dosage",
    "dysfunction_type",
    "exercise_pattern",
    "exercise_term",
    "heading",
    "red_flag",
    "variant",
    "word_deletion",
    "caution",
    "indicator",
    "pattern_contraindication",
    "verdict",
    "contraindication",
    "recommendation",
]


def upgrade() -> None:
    """Create every table, the library's one row and each engine's own full-text index."""
    op.create_table(
        "api_key",
        sa.Column("name", SLUG, nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("scope", sa.Enum("edit", "review", name="scope", native_enum=False, create_constraint=True, length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_api_key")),
        sa.UniqueConstraint("hash", name=op.f("uq_api_key_hash")),
    )
    op.create_table(
        "caution_group",
        sa.Column("slug", SLUG, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("slug", name=op.f("pk_caution_group")),
    )
    op.create_table(
        "change",
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("slug", SLUG, nullable=False),
        sa.Column(
            "action",
            sa.Enum(
                "created",
                "updated",
                "retired",
                "revived",
                "reviewed",
                "revoked",
                name="action",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column(
            "channel",
            sa.Enum("http", "import", "seed", "shell", name="channel", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("before", sa.Text(), nullable=True),
        sa.Column("after", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("revision", "kind", "slug", name=op.f("pk_change")),
    )
    op.create_index("ix_change_kind_slug_revision", "change", ["kind", "slug", "revision"])

    op.create_table(
        "condition",
        sa.Column("slug", SLUG, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("slug", name=op.f("pk_condition")),
    )
    op.create_table(
        "exercise",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", SLUG, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "self-massage",
                "mobility",
                "stretch",
                "motor-control",
                "isometric",
                "strength",
                "cardio",
                "plyometric",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("variant_of_id", sa.Integer(), nullable=True),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["variant_of_id"], ["exercise.id"], name=op.f("fk_exercise_variant_of_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exercise")),
        sa.UniqueConstraint("slug", name=op.f("uq_exercise_slug")),
    )
    op.create_index(op.f("ix_exercise_variant_of_id"), "exercise", ["variant_of_id"])

    op.create_table(
        "heading_size",
        sa.Column("heading", SLUG, nullable=False),
        sa.Column("exercises", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("heading", name=op.f("pk_heading_size")),
    )
    op.create_table(
        "library",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("library_id", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("seed_digest", sa.String(), nullable=True),
        sa.CheckConstraint("id = 1", name=op.f("ck_library_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_library")),
    )
    op.create_table(
        "movement_pattern",
        sa.Column("slug", SLUG, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("slug", name=op.f("pk_movement_pattern")),
    )
    op.create_table(
        "seed",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("slug", SLUG, nullable=False),
        sa.Column("draft", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "slug", name=op.f("pk_seed")),
    )
    op.create_table(
        "source",
        sa.Column("slug", SLUG, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("slug", name=op.f("pk_source")),
    )
    op.create_table(
        "term",
        sa.Column("slug", SLUG, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("region", "equipment", "muscle", name="kind", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("slug", name=op.f("pk_term")),
    )
    op.create_table(
        "word",
        sa.Column("word", SLUG, nullable=False),
        sa.Column("uses", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("word", name=op.f("pk_word")),
    )
    op.create_table(
        "citation",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("slug", SLUG, nullable=False),
        sa.Column("source", SLUG, nullable=False),
        sa.ForeignKeyConstraint(["source"], ["source.slug"], name=op.f("fk_citation_source")),
        sa.PrimaryKeyConstraint("kind", "slug", "source", name=op.f("pk_citation")),
    )
    op.create_index(op.f("ix_citation_source"), "citation", ["source"])

    op.create_table(
        "dosage",
        sa.Column("exercise_id", sa.Integer(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("printed_for", sa.String(), nullable=False),
        sa.Column("sets_min", sa.Float(), nullable=True),
        sa.Column("sets_max", sa.Float(), nullable=True),
        sa.Column("reps_min", sa.Float(), nullable=True),
        sa.Column("reps_max", sa.Float(), nullable=True),
        sa.Column("hold_seconds_min", sa.Float(), nullable=True),
        sa.Column("hold_seconds_max", sa.Float(), nullable=True),
        sa.Column("sessions_per_day_min", sa.Float(), nullable=True),
        sa.Column("sessions_per_day_max", sa.Float(), nullable=True),
        sa.Column("per_side", sa.Boolean(), nullable=True),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("source", SLUG, nullable=False),
        sa.Column("quote", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["exercise_id"], ["exercise.id"], name=op.f("fk_dosage_exercise_id")),
        sa.ForeignKeyConstraint(["source"], ["source.slug"], name=op.f("fk_dosage_source")),
        sa.PrimaryKeyConstraint("exercise_id", "ordinal", name=op.f("pk_dosage")),
    )
    op.create_table(
        "dysfunction_type",
        sa.Column("slug", SLUG, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("condition", SLUG, nullable=False),
        sa.Column(
            "tag", sa.Enum("mobilize", "stabilize", name="tag", native_enum=False, create_constraint=True, length=40), nullable=False
        ),
        sa.ForeignKeyConstraint(["condition"], ["condition.slug"], name=op.f("fk_dysfunction_type_condition")),
        sa.PrimaryKeyConstraint("slug", name=op.f("pk_dysfunction_type")),
    )
    op.create_table(
        "exercise_pattern",
        sa.Column("exercise_id", sa.Integer(), nullable=False),
        sa.Column("pattern", SLUG, nullable=False),
        sa.ForeignKeyConstraint(["exercise_id"], ["exercise.id"], name=op.f("fk_exercise_pattern_exercise_id")),
        sa.ForeignKeyConstraint(["pattern"], ["movement_pattern.slug"], name=op.f("fk_exercise_pattern_pattern")),
        sa.PrimaryKeyConstraint("exercise_id", "pattern", name=op.f("pk_exercise_pattern")),
    )
    op.create_index(op.f("ix_exercise_pattern_pattern"), "exercise_pattern", ["pattern"])

    op.create_table(
        "exercise_term",
        sa.Column("exercise_id", sa.Integer(), nullable=False),
        sa.Column("term", SLUG, nullable=False),
        sa.ForeignKeyConstraint(["exercise_id"], ["exercise.id"], name=op.f("fk_exercise_term_exercise_id")),
        sa.ForeignKeyConstraint(["term"], ["term.slug"], name=op.f("fk_exercise_term_term")),
        sa.PrimaryKeyConstraint("exercise_id", "term", name=op.f("pk_exercise_term")),
    )
    op.create_index("ix_exercise_term_term_exercise_id", "exercise_term", ["term", "exercise_id"])

    op.create_table(
        "heading",
        sa.Column("exercise_id", sa.Integer(), nullable=False),
        sa.Column("heading", SLUG, nullable=False),
        sa.Column("slug", SLUG, nullable=False),
        sa.ForeignKeyConstraint(["exercise_id"], ["exercise.id"], name=op.f("fk_heading_exercise_id")),
        sa.PrimaryKeyConstraint("exercise_id", "heading", name=op.f("pk_heading")),
    )
    op.create_index("ix_heading_heading_slug_exercise_id", "heading", ["heading", "slug", "exercise_id"])

    op.create_table(
        "red_flag",
        sa.Column("slug", SLUG, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("condition", SLUG, nullable=False),
        sa.Column("caution_group", SLUG, nullable=True),
        sa.ForeignKeyConstraint(["caution_group"], ["caution_group.slug"], name=op.f("fk_red_flag_caution_group")),
        sa.ForeignKeyConstraint(["condition"], ["condition.slug"], name=op.f("fk_red_flag_condition")),
        sa.PrimaryKeyConstraint("slug", name=op.f("pk_red_flag")),
    )
    op.create_table(
        "variant",
        sa.Column("exercise_id", sa.Integer(), nullable=False),
        sa.Column("slug", SLUG, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("start", sa.String(), nullable=True),
        sa.Column("source", SLUG, nullable=False),
        sa.ForeignKeyConstraint(["exercise_id"], ["exercise.id"], name=op.f("fk_variant_exercise_id")),
        sa.ForeignKeyConstraint(["source"], ["source.slug"], name=op.f("fk_variant_source")),
        sa.PrimaryKeyConstraint("exercise_id", "slug", name=op.f("pk_variant")),
    )
    op.create_table(
        "word_deletion",
        sa.Column("deletion", SLUG, nullable=False),
        sa.Column("word", SLUG, nullable=False),
        sa.ForeignKeyConstraint(["word"], ["word.word"], name=op.f("fk_word_deletion_word")),
        sa.PrimaryKeyConstraint("deletion", "word", name=op.f("pk_word_deletion")),
    )
    op.create_index(op.f("ix_word_deletion_word"), "word_deletion", ["word"])

    op.create_table(
        "caution",
        sa.Column("exercise_id", sa.Integer(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("caution_group", SLUG, nullable=False),
        sa.Column(
            "action",
            sa.Enum("avoid", "modify", "ask-first", "note", name="action", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("variant", sa.String(), nullable=True),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("source", SLUG, nullable=False),
        sa.Column("quote", sa.String(), nullable=True),
        sa.CheckConstraint("(action = 'modify') = (variant IS NOT NULL)", name=op.f("ck_caution_modify_names_a_variant")),
        sa.ForeignKeyConstraint(["caution_group"], ["caution_group.slug"], name=op.f("fk_caution_caution_group")),
        sa.ForeignKeyConstraint(
            ["exercise_id", "variant"], ["variant.exercise_id", "variant.slug"], name=op.f("fk_caution_exercise_id_variant")
        ),
        sa.ForeignKeyConstraint(["exercise_id"], ["exercise.id"], name=op.f("fk_caution_exercise_id")),
        sa.ForeignKeyConstraint(["source"], ["source.slug"], name=op.f("fk_caution_source")),
        sa.PrimaryKeyConstraint("exercise_id", "ordinal", name=op.f("pk_caution")),
    )
    op.create_index(op.f("ix_caution_caution_group"), "caution", ["caution_group"])

    op.create_table(
        "indicator",
        sa.Column("slug", SLUG, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("type", SLUG, nullable=False),
        sa.ForeignKeyConstraint(["type"], ["dysfunction_type.slug"], name=op.f("fk_indicator_type")),
        sa.PrimaryKeyConstraint("slug", name=op.f("pk_indicator")),
    )
    op.create_table(
        "pattern_contraindication",
        sa.Column("pattern", SLUG, nullable=False),
        sa.Column("type", SLUG, nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("source", SLUG, nullable=False),
        sa.Column("quote", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["pattern"], ["movement_pattern.slug"], name=op.f("fk_pattern_contraindication_pattern")),
        sa.ForeignKeyConstraint(["source"], ["source.slug"], name=op.f("fk_pattern_contraindication_source")),
        sa.ForeignKeyConstraint(["type"], ["dysfunction_type.slug"], name=op.f("fk_pattern_contraindication_type")),
        sa.PrimaryKeyConstraint("pattern", "type", name=op.f("pk_pattern_contraindication")),
    )
    op.create_table(
        "verdict",
        sa.Column("exercise_id", sa.Integer(), nullable=False),
        sa.Column("type", SLUG, nullable=False),
        sa.Column(
            "verdict",
            sa.Enum("recommended", "avoid", "unknown", name="verdict", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.CheckConstraint("verdict <> 'unknown'", name=op.f("ck_verdict_known")),
        sa.ForeignKeyConstraint(["exercise_id"], ["exercise.id"], name=op.f("fk_verdict_exercise_id")),
        sa.ForeignKeyConstraint(["type"], ["dysfunction_type.slug"], name=op.f("fk_verdict_type")),
        sa.PrimaryKeyConstraint("exercise_id", "type", name=op.f("pk_verdict")),
        sa.UniqueConstraint("exercise_id", "type", "verdict", name=op.f("uq_verdict_exercise_id_type_verdict")),
    )
    op.create_index("ix_verdict_type_verdict_exercise_id", "verdict", ["type", "verdict", "exercise_id"])

    op.create_table(
        "contraindication",
        sa.Column("exercise_id", sa.Integer(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("type", SLUG, nullable=False),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column(
            "via_kind",
            sa.Enum("movement-pattern", "variant-of", name="via_kind", native_enum=False, create_constraint=True, length=40),
            nullable=True,
        ),
        sa.Column("via_slug", sa.String(), nullable=True),
        sa.Column("source", SLUG, nullable=False),
        sa.Column("quote", sa.String(), nullable=True),
        sa.CheckConstraint("verdict = 'avoid'", name=op.f("ck_contraindication_one_verdict")),
        sa.ForeignKeyConstraint(
            ["exercise_id", "type", "verdict"],
            ["verdict.exercise_id", "verdict.type", "verdict.verdict"],
            name=op.f("fk_contraindication_exercise_id_type_verdict"),
        ),
        sa.ForeignKeyConstraint(["source"], ["source.slug"], name=op.f("fk_contraindication_source")),
        sa.PrimaryKeyConstraint("exercise_id", "ordinal", name=op.f("pk_contraindication")),
    )
    op.create_index("ix_contraindication_type", "contraindication", ["type", "exercise_id", "ordinal"])

    op.create_table(
        "recommendation",
        sa.Column("exercise_id", sa.Integer(), nullable=False),
        sa.Column("type", SLUG, nullable=False),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("choice", sa.Integer(), nullable=False),
        sa.Column("intensity", sa.Enum("gentle", name="intensity", native_enum=False, create_constraint=True, length=40), nullable=True),
        sa.Column("intensity_note", sa.String(), nullable=True),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("source", SLUG, nullable=False),
        sa.Column("quote", sa.String(), nullable=True),
        sa.CheckConstraint("verdict = 'recommended'", name=op.f("ck_recommendation_one_verdict")),
        sa.CheckConstraint("position >= 1 AND choice >= 1", name=op.f("ck_recommendation_counted_from_one")),
        sa.ForeignKeyConstraint(
            ["exercise_id", "type", "verdict"],
            ["verdict.exercise_id", "verdict.type", "verdict.verdict"],
            name=op.f("fk_recommendation_exercise_id_type_verdict"),
        ),
        sa.ForeignKeyConstraint(["source"], ["source.slug"], name=op.f("fk_recommendation_source")),
        sa.PrimaryKeyConstraint("exercise_id", "type", name=op.f("pk_recommendation")),
        sa.UniqueConstraint("type", "position", "choice", name=op.f("uq_recommendation_type_position_choice")),
    )
    library = sa.table("library", sa.column("id"), sa.column("library_id"), sa.column("revision"))
    op.bulk_insert(library, [{"id": 1, "library_id": str(uuid4()), "revision": 0}])
    create_search()


def create_search() -> None:
    """Index names, aliases and search terms; the words come folded and split by the program, alike on both engines."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "CREATE VIRTUAL TABLE exercise_search USING fts5(name, alias, term, tokenize = 'unicode61 remove_diacritics 0', prefix = '1 2 3')"  # noqa: E501
        )
        return
    op.create_table(
        "exercise_search",
        sa.Column("rowid", sa.Integer(), sa.ForeignKey("exercise.id", name="fk_exercise_search_rowid"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("alias", sa.Text(), nullable=False),
        sa.Column("term", sa.Text(), nullable=False),
        sa.Column("words", postgresql.TSVECTOR(), nullable=False),
        sa.PrimaryKeyConstraint("rowid", name="pk_exercise_search"),
    )
    # A reader would have to go through what writers leave for later.
    now = {"fastupdate": "off"}
    op.create_index("ix_exercise_search_words", "exercise_search", ["words"], postgresql_using="gin", postgresql_with=now)


def downgrade() -> None:
    """Drop everything, the full-text index first."""
    op.drop_table("exercise_search")
    for table in reversed(TABLES):
        op.drop_table(table)
