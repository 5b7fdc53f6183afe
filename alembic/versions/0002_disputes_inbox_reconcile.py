"""Disputes, what the money inbox says and does, and how far a reconciliation has come.

Revision ID: 0002
Follows: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

INBOX = "money_inbox_entry"
ATTEMPT = "payment_attempt"
OPEN, CLOSED = sa.text("resolved_at IS NULL"), sa.text("resolved_at IS NOT NULL")
NEW_IN_INBOX = (
    ("attempt_id", sa.String(40)),
    ("subject_id", sa.String(255)),
    ("amount", sa.Integer()),
    ("currency", sa.String(3)),
    ("acted_at", sa.DateTime(timezone=True)),
    ("acted_by", sa.String(160)),
    ("resolution", sa.String(20)),
    ("note", sa.Text()),
)
NEW_IN_ATTEMPT = (
    ("received_amount", sa.Integer()),
    ("received_currency", sa.String(3)),
    ("reconciled_at", sa.DateTime(timezone=True)),
)


def upgrade() -> None:
    for table, columns in ((INBOX, NEW_IN_INBOX), (ATTEMPT, NEW_IN_ATTEMPT)):
        for name, kind in columns:
            op.add_column(table, sa.Column(name, kind, nullable=True))
    op.drop_index("ix_money_inbox_entry_resolved_at_created_at", INBOX)
    for name, where in (("open", OPEN), ("closed", CLOSED)):
        op.create_index(
            f"ix_money_inbox_entry_{name}",
            INBOX,
            ["created_at", "id"],
            sqlite_where=where,
            postgresql_where=where,
        )
    op.create_index("ix_payment_attempt_created_at_id", ATTEMPT, ["created_at", "id"])
    _dispute()
    _reconciliation()


def downgrade() -> None:
    op.drop_table("reconciliation")
    op.drop_table("dispute")
    op.drop_index("ix_payment_attempt_created_at_id", ATTEMPT)
    for name in ("open", "closed"):
        op.drop_index(f"ix_money_inbox_entry_{name}", INBOX)
    op.create_index(
        "ix_money_inbox_entry_resolved_at_created_at", INBOX, ["resolved_at", "created_at"]
    )
    for table, columns in ((INBOX, NEW_IN_INBOX), (ATTEMPT, NEW_IN_ATTEMPT)):
        for name, _kind in columns:
            op.drop_column(table, name)


def _dispute() -> None:
    op.create_table(
        "dispute",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("booking_id", sa.String(40), nullable=False),
        sa.Column("attempt_id", sa.String(40), nullable=False),
        sa.Column("stripe_dispute_id", sa.String(255), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("reason", sa.String(60), nullable=False),
        sa.Column("answer_by", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state IN ('inquiry', 'open', 'won', 'lost', 'closed')",
            name=op.f("ck_dispute_state_known"),
        ),
        sa.ForeignKeyConstraint(
            ["attempt_id"],
            ["payment_attempt.id"],
            name=op.f("fk_dispute_attempt_id_payment_attempt"),
        ),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["booking.id"], name=op.f("fk_dispute_booking_id_booking")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dispute")),
        sa.UniqueConstraint("stripe_dispute_id", name=op.f("uq_dispute_stripe_dispute_id")),
    )
    for name in ("attempt_id", "booking_id", "state"):
        op.create_index(op.f(f"ix_dispute_{name}"), "dispute", [name])


def _reconciliation() -> None:
    op.create_table(
        "reconciliation",
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stage", sa.String(20), nullable=False),
        sa.Column("cursor", sa.String(255), nullable=True),
        sa.Column("looked_at", sa.Integer(), nullable=False),
        sa.Column("found", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_reconciliation")),
    )
