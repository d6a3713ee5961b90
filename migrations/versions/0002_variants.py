"""Which variant a caution or a dosage is about, and which condition is the default.

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ABOUT_A_VARIANT = ("caution", "dosage")


def upgrade() -> None:
    """Add the columns; the database checks that there is such a variant, and no second default."""
    for table in ABOUT_A_VARIANT:
        with op.batch_alter_table(table) as batch:
            batch.add_column(sa.Column("for_variant", sa.String(), nullable=True))
            batch.create_foreign_key(
                op.f(f"fk_{table}_exercise_id_for_variant"), "variant", ["exercise_id", "for_variant"], ["exercise_id", "slug"]
            )
    op.add_column("condition", sa.Column("is_default", sa.Boolean(), nullable=False, server_default=sa.false()))
    only = sa.text("is_default")
    op.create_index("ix_condition_is_default", "condition", ["is_default"], unique=True, sqlite_where=only, postgresql_where=only)


def downgrade() -> None:
    """Drop the columns."""
    op.drop_index("ix_condition_is_default", "condition")
    op.drop_column("condition", "is_default")
    for table in reversed(ABOUT_A_VARIANT):
        with op.batch_alter_table(table) as batch:
            batch.drop_constraint(op.f(f"fk_{table}_exercise_id_for_variant"), type_="foreignkey")
            batch.drop_column("for_variant")
