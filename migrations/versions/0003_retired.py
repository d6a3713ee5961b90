"""What is retired and was to be avoided still makes suspects: find it without reading the whole catalogue.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Index the few exercises that are retired."""
    is_retired = sa.text("retired_at IS NOT NULL")
    op.create_index("ix_exercise_retired", "exercise", ["id"], sqlite_where=is_retired, postgresql_where=is_retired)


def downgrade() -> None:
    """Drop the index."""
    op.drop_index("ix_exercise_retired", "exercise")
