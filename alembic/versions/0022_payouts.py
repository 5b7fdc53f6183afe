"""Fees of payments, payouts, and the indexes that the ledger is read by.

Revision ID: 0022
Follows: 0021
"""

import sqlalchemy as sa
from alembic import op

from coursebook.persistence.schema.columns import UtcDateTime

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

STATES = ("pending", "in_transit", "paid", "failed", "canceled")
TAKEN = "state = 'succeeded'"
PARTIAL = {
    "ix_payment_attempt_taken": (("taken_at", "id"), TAKEN),
    "ix_payment_attempt_unpriced": (
        ("balance_asked_at",),
        f"{TAKEN} AND balance_id IS NULL AND payment_intent_id IS NOT NULL",
    ),
    "ix_payment_attempt_payout_id": (("payout_id",), "payout_id IS NOT NULL"),
    "ix_refund_unpriced": (
        ("balance_asked_at",),
        "state <> 'failed' AND balance_id IS NULL AND stripe_refund_id IS NOT NULL",
    ),
    "ix_refund_payout_id": (("payout_id",), "payout_id IS NOT NULL"),
}
NEW_COLUMNS = {
    "payment_attempt": (
        ("fee", sa.Integer()),
        ("net", sa.Integer()),
        ("balance_id", sa.String(255)),
        ("available_on", UtcDateTime()),
        ("payout_id", sa.String(255)),
        ("balance_asked_at", UtcDateTime()),
    ),
    "refund": (
        ("fee", sa.Integer()),
        ("balance_id", sa.String(255)),
        ("payout_id", sa.String(255)),
        ("balance_asked_at", UtcDateTime()),
    ),
    "dispute": (("fee", sa.Integer()),),
}


def upgrade() -> None:
    for table, columns in NEW_COLUMNS.items():
        for name, kind in columns:
            op.add_column(table, sa.Column(name, kind, nullable=True))
    # Older payments have no moment of their own. That of their page is at most a day before it.
    op.execute(
        "UPDATE payment_attempt SET taken_at = created_at "  # noqa: S608 - a constant
        f"WHERE {TAKEN} AND taken_at IS NULL AND payment_intent_id IS NOT NULL"
    )
    op.create_table(
        "payout",
        sa.Column("id", sa.String(255), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("is_automatic", sa.Boolean(), nullable=False, server_default=sa.true()),
        sa.Column("arrives_on", UtcDateTime(), nullable=False),
        sa.Column("other_net", sa.Integer(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("looked_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            f"state IN ({', '.join(repr(state) for state in STATES)})",
            name=op.f("ck_payout_state_known"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payout")),
    )
    op.create_index("ix_payout_created_at_id", "payout", ["created_at", "id"])
    op.create_index("ix_refund_created_at_id", "refund", ["created_at", "id"])
    op.create_index("ix_offline_payment_received_on_id", "offline_payment", ["received_on", "id"])
    for name, (columns, condition) in PARTIAL.items():
        where = sa.text(condition)
        op.create_index(
            name, _table_of(name), list(columns), sqlite_where=where, postgresql_where=where
        )


def _table_of(index: str) -> str:
    return "payment_attempt" if index.startswith("ix_payment_attempt") else "refund"


def downgrade() -> None:
    for name in PARTIAL:
        op.drop_index(name, _table_of(name))
    op.drop_index("ix_offline_payment_received_on_id", "offline_payment")
    op.drop_index("ix_refund_created_at_id", "refund")
    op.drop_table("payout")
    for table, columns in NEW_COLUMNS.items():
        for name, _ in reversed(columns):
            op.drop_column(table, name)
