"""Series: courses that are dates of one another.

Revision ID: 0020
Follows: 0019
"""

import sqlalchemy as sa
from alembic import op

from coursebook.persistence.schema.columns import UtcDateTime

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

BY_SERIES = "ix_course_series_starts_at_id"


def upgrade() -> None:
    op.create_table(
        "series",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("slug", sa.String(120), nullable=False),
        sa.Column("title", sa.String(160), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("archived_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_series")),
        sa.UniqueConstraint("slug", name=op.f("uq_series_slug")),
    )
    # Without a foreign key: adding one would copy the whole table on SQLite.
    op.add_column("course", sa.Column("series_id", sa.String(40), nullable=True))
    is_in_series = sa.text("series_id IS NOT NULL")
    op.create_index(
        BY_SERIES,
        "course",
        ["series_id", "starts_at", "id"],
        sqlite_where=is_in_series,
        postgresql_where=is_in_series,
    )


def downgrade() -> None:
    op.drop_index(BY_SERIES, "course")
    op.drop_column("course", "series_id")
    op.drop_table("series")
