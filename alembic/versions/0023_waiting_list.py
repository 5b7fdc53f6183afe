"""The waiting list: its entries, and on the course its switch, its length and the length of a turn.

Revision ID: 0023
Follows: 0022
"""

import sqlalchemy as sa
from alembic import op

from coursebook.persistence.schema.columns import UtcDateTime

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

LIVE = sa.text("state IN ('waiting', 'offered')")
SOMEBODY_WAITS = sa.text("waiting > 0")
COUNTED = (
    "ALTER TABLE course ADD COLUMN waiting INTEGER DEFAULT 0 NOT NULL "
    "CONSTRAINT ck_course_waiting_counted CHECK (waiting >= 0)"
)


def upgrade() -> None:
    switch = sa.Column("has_waiting_list", sa.Boolean(), nullable=False, server_default=sa.true())
    op.add_column("course", switch)
    op.execute(COUNTED)
    op.add_column("course", sa.Column("offer_minutes", sa.Integer(), nullable=True))
    op.create_index(
        "ix_course_somebody_waits",
        "course",
        ["id"],
        sqlite_where=SOMEBODY_WAITS,
        postgresql_where=SOMEBODY_WAITS,
    )
    _entries()


def _entries() -> None:
    table = "waiting_list_entry"
    op.create_table(
        table,
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("course_id", sa.String(40), nullable=False),
        sa.Column("user_id", sa.String(40), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False, server_default=sa.text("0")),
        sa.Column("joined_at", UtcDateTime(), nullable=False),
        sa.Column("booking_id", sa.String(40), nullable=True),
        sa.Column("offered_at", UtcDateTime(), nullable=True),
        sa.Column("offer_until", UtcDateTime(), nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("why", sa.String(60), nullable=False, server_default=""),
        sa.Column("note", sa.String(300), nullable=False, server_default=""),
        sa.CheckConstraint(
            "state IN ('waiting', 'offered', 'taken', 'lapsed', 'declined', 'left', 'closed')",
            name=op.f("ck_waiting_list_entry_state_known"),
        ),
        sa.ForeignKeyConstraint(
            ["course_id"], ["course.id"], name=op.f("fk_waiting_list_entry_course_id_course")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user_account.id"],
            name=op.f("fk_waiting_list_entry_user_id_user_account"),
        ),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["booking.id"], name=op.f("fk_waiting_list_entry_booking_id_booking")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waiting_list_entry")),
        sa.UniqueConstraint("booking_id", name=op.f("uq_waiting_list_entry_booking_id")),
    )
    op.create_index(
        "uq_waiting_list_entry_live",
        table,
        ["course_id", "user_id"],
        unique=True,
        sqlite_where=LIVE,
        postgresql_where=LIVE,
    )
    op.create_index(
        "ix_waiting_list_entry_order",
        table,
        ["course_id", "state", "priority", "joined_at", "id"],
    )
    op.create_index(op.f("ix_waiting_list_entry_user_id"), table, ["user_id"])


def downgrade() -> None:
    op.drop_table("waiting_list_entry")
    op.drop_index("ix_course_somebody_waits", "course")
    for name in ("offer_minutes", "waiting", "has_waiting_list"):
        op.drop_column("course", name)
