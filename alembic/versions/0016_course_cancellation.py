"""Cancelling a whole course, and lanes of the outbox.

Revision ID: 0016
Follows: 0015
"""

import sqlalchemy as sa
from alembic import op

from coursebook.persistence.schema.columns import UtcDateTime

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

DUE = "ix_outbox_message_due"
WAITING = sa.text("done_at IS NULL")
OPEN = sa.text("finished_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "course_cancellation",
        sa.Column("course_id", sa.String(40), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("actor", sa.String(160), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False, server_default=""),
        sa.Column("percent", sa.Integer(), nullable=False),
        sa.Column("counted", sa.JSON(), nullable=False),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "percent >= 0 AND percent <= 100", name=op.f("ck_course_cancellation_percent_within")
        ),
        sa.ForeignKeyConstraint(
            ["course_id"], ["course.id"], name=op.f("fk_course_cancellation_course_id_course")
        ),
        sa.PrimaryKeyConstraint("course_id", name=op.f("pk_course_cancellation")),
    )
    op.create_index(
        "ix_course_cancellation_open",
        "course_cancellation",
        ["course_id"],
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )
    lane = sa.Column("lane", sa.SmallInteger(), nullable=False, server_default=sa.text("0"))
    op.add_column("outbox_message", lane)
    _due_index("lane", "next_try_at")


def _due_index(*columns: str) -> None:
    op.drop_index(DUE, "outbox_message")
    op.create_index(
        DUE, "outbox_message", list(columns), sqlite_where=WAITING, postgresql_where=WAITING
    )


def downgrade() -> None:
    _due_index("next_try_at")
    op.drop_column("outbox_message", "lane")
    op.drop_table("course_cancellation")
