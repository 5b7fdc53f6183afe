"""Reminders of courses, and an index of mails that could not be sent.

Revision ID: 0024
Follows: 0023
"""

import sqlalchemy as sa
from alembic import op

from coursebook.persistence.schema.columns import UtcDateTime

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

DEAD = "ix_outbox_message_dead"
IS_DEAD = {"sqlite_where": sa.text("is_dead = 1"), "postgresql_where": sa.text("is_dead")}


def upgrade() -> None:
    op.add_column("course", sa.Column("reminder_minutes", sa.Integer(), nullable=True))
    op.create_table(
        "reminder",
        sa.Column("course_id", sa.String(40), nullable=False),
        sa.Column("starts_at", UtcDateTime(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("mails", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["course_id"], ["course.id"], name=op.f("fk_reminder_course_id_course")
        ),
        sa.PrimaryKeyConstraint("course_id", "starts_at", name=op.f("pk_reminder")),
    )
    op.create_index(DEAD, "outbox_message", ["booking_id"], **IS_DEAD)


def downgrade() -> None:
    op.drop_index(DEAD, "outbox_message")
    op.drop_table("reminder")
    op.drop_column("course", "reminder_minutes")
