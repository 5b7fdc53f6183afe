"""Places that the school gives by hand, the money for them, guests, and notes about bookings.

Revision ID: 0015
Follows: 0014
"""

import sqlalchemy as sa
from alembic import op

from coursebook.persistence.schema.columns import UtcDateTime

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

ROSTER = "ix_booking_course_id_place_created_at_id"
ROSTER_COLUMNS = ["course_id", "place", "created_at", "id"]
BEFORE = "ix_booking_course_id_place"


def _booking_columns() -> list[sa.Column]:
    # `moved_from` has no foreign key: adding one would copy the whole table on SQLite.
    return [
        sa.Column("reserved_until", UtcDateTime(), nullable=True),
        sa.Column("source", sa.String(10), nullable=False, server_default="student"),
        sa.Column("participant_name", sa.String(200), nullable=False, server_default=""),
        sa.Column("participant_email", sa.String(320), nullable=False, server_default=""),
        sa.Column("note", sa.Text(), nullable=False, server_default=""),
        sa.Column("tags", sa.JSON(), nullable=False, server_default=sa.text("'[]'")),
        sa.Column("list_price", sa.Integer(), nullable=True),
        sa.Column("moved_from", sa.String(40), nullable=True),
    ]


def _user_columns() -> list[sa.Column]:
    return [
        sa.Column("is_guest", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("phone", sa.String(40), nullable=False, server_default=""),
    ]


def _refund_columns() -> list[sa.Column]:
    return [
        sa.Column("reason", sa.Text(), nullable=False, server_default=""),
        sa.Column("note", sa.Text(), nullable=False, server_default=""),
        sa.Column("asked_by", sa.String(160), nullable=False, server_default=""),
    ]


NEW_COLUMNS = {
    "booking": _booking_columns,
    "user_account": _user_columns,
    "refund": _refund_columns,
}


def upgrade() -> None:
    for table, columns in NEW_COLUMNS.items():
        for column in columns():
            op.add_column(table, column)
    op.create_index(ROSTER, "booking", ROSTER_COLUMNS)
    op.drop_index(BEFORE, "booking")
    _offline_payments()
    _claims()


def _offline_payments() -> None:
    op.create_table(
        "offline_payment",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("booking_id", sa.String(40), nullable=False),
        sa.Column("direction", sa.String(3), nullable=False),
        sa.Column("method", sa.String(10), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("received_on", sa.Date(), nullable=True),
        sa.Column("reference", sa.String(80), nullable=False, server_default=""),
        sa.Column("note", sa.Text(), nullable=False, server_default=""),
        sa.Column("void_reason", sa.Text(), nullable=False, server_default=""),
        sa.Column("recorded_by", sa.String(160), nullable=False),
        sa.Column("dedupe_key", sa.String(255), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_offline_payment_amount_positive")),
        sa.CheckConstraint(
            "direction IN ('in', 'out')", name=op.f("ck_offline_payment_direction_known")
        ),
        sa.CheckConstraint(
            "method IN ('cash', 'transfer', 'terminal', 'voucher', 'other')",
            name=op.f("ck_offline_payment_method_known"),
        ),
        sa.CheckConstraint(
            "state IN ('expected', 'received', 'void')",
            name=op.f("ck_offline_payment_state_known"),
        ),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["booking.id"], name=op.f("fk_offline_payment_booking_id_booking")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offline_payment")),
        sa.UniqueConstraint("dedupe_key", name=op.f("uq_offline_payment_dedupe_key")),
    )
    op.create_index(op.f("ix_offline_payment_booking_id"), "offline_payment", ["booking_id"])
    op.create_index(
        "ix_offline_payment_state_due_on_id", "offline_payment", ["state", "due_on", "id"]
    )


def _claims() -> None:
    op.create_table(
        "claim",
        sa.Column("code_hash", sa.String(64), nullable=False),
        sa.Column("user_id", sa.String(40), nullable=False),
        sa.Column("email", sa.String(320), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("used_at", UtcDateTime(), nullable=True),
        sa.Column("used_by", sa.String(40), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_claim_user_id_user_account")
        ),
        sa.PrimaryKeyConstraint("code_hash", name=op.f("pk_claim")),
    )
    op.create_index(op.f("ix_claim_user_id"), "claim", ["user_id"])


def downgrade() -> None:
    op.drop_table("claim")
    op.drop_table("offline_payment")
    op.create_index(BEFORE, "booking", ["course_id", "place"])
    op.drop_index(ROSTER, "booking")
    for table, columns in NEW_COLUMNS.items():
        for column in columns():
            op.drop_column(table, column.name)
