"""Messages to the people of a course, and what became of them for each person.

Revision ID: 0019
Follows: 0018
"""

import sqlalchemy as sa
from alembic import op

from coursebook.persistence.schema.columns import UtcDateTime

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

ACTIVE = sa.text("state IN ('planned', 'sending')")


def upgrade() -> None:
    op.create_table(
        "message",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("course_id", sa.String(40), nullable=False),
        sa.Column("audience", sa.JSON(), nullable=False),
        sa.Column("subject", sa.String(200), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("send_at", UtcDateTime(), nullable=True),
        sa.Column("relative_minutes", sa.Integer(), nullable=True),
        sa.Column("keeps_open", sa.Boolean(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_by", sa.String(160), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.Column("sent_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "state IN ('draft', 'planned', 'sending', 'sent', 'stopped')",
            name=op.f("ck_message_state_known"),
        ),
        sa.CheckConstraint("revision >= 1", name=op.f("ck_message_revision_positive")),
        sa.CheckConstraint(
            "relative_minutes > 0", name=op.f("ck_message_relative_minutes_positive")
        ),
        sa.ForeignKeyConstraint(
            ["course_id"], ["course.id"], name=op.f("fk_message_course_id_course")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
    )
    op.create_index("ix_message_changed_at_id", "message", ["changed_at", "id"])
    op.create_index("ix_message_course_id_changed_at", "message", ["course_id", "changed_at"])
    op.create_index(
        "ix_message_active", "message", ["state"], sqlite_where=ACTIVE, postgresql_where=ACTIVE
    )
    _recipients()


def _recipients() -> None:
    table = "message_recipient"
    op.create_table(
        table,
        sa.Column("message_id", sa.String(40), nullable=False),
        sa.Column("user_id", sa.String(40), nullable=False),
        sa.Column("booking_id", sa.String(40), nullable=True),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("email", sa.String(320), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("outbox_id", sa.String(40), nullable=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "state IN ('queued', 'sent', 'failed', 'skipped')",
            name=op.f("ck_message_recipient_state_known"),
        ),
        sa.ForeignKeyConstraint(
            ["message_id"], ["message.id"], name=op.f("fk_message_recipient_message_id_message")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_message_recipient_user_id_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["booking.id"], name=op.f("fk_message_recipient_booking_id_booking")
        ),
        sa.PrimaryKeyConstraint("message_id", "user_id", name=op.f("pk_message_recipient")),
    )
    op.create_index("ix_message_recipient_message_id_state", table, ["message_id", "state"])
    op.create_index("ix_message_recipient_user_id", table, ["user_id"])
    op.create_index("ix_message_recipient_booking_id", table, ["booking_id"])


def downgrade() -> None:
    op.drop_table("message_recipient")
    op.drop_table("message")
