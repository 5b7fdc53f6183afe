"""Why a place ended, and Stripe's moment of a payment.

Revision ID: 0004
Follows: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

CAUSES = {
    "Cancelled by the student.": "student",
    "Cancelled by the operator.": "operator",
    "The time to pay ran out; no session can be paid.": "page_expired",
    "Stripe says: the payment page has expired, nothing was paid.": "page_expired",
    "Stripe says: the bank did not carry out the payment.": "payment_failed",
    "Stripe made no payment page.": "refused",
}
"""What the audit trail says of an end, and the word for it."""


def upgrade() -> None:
    op.add_column("booking", sa.Column("end_cause", sa.String(20), nullable=True))
    op.add_column(
        "payment_attempt", sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True)
    )
    _read_the_audit_trail()


def downgrade() -> None:
    op.drop_column("payment_attempt", "taken_at")
    op.drop_column("booking", "end_cause")


def _read_the_audit_trail() -> None:
    booking = sa.table("booking", *map(sa.column, ("id", "place", "end_cause")))
    audit = sa.table(
        "audit_entry", *map(sa.column, ("id", "booking_id", "subject", "to_state", "cause"))
    )
    last = (
        sa.select(audit.c.cause)
        .where(
            audit.c.booking_id == booking.c.id,
            audit.c.subject == "booking",
            audit.c.to_state == booking.c.place,
        )
        .order_by(audit.c.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    word = sa.case(CAUSES, value=last)
    op.get_bind().execute(
        sa.update(booking)
        .where(booking.c.place.in_(("expired", "cancelled")))
        .values(end_cause=word)
    )
