"""The number of the receipt that Stripe mailed for a payment.

Revision ID: 0025
Follows: 0024
"""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

INDEX = "ix_payment_attempt_receipt_number"
KNOWN = sa.text("receipt_number IS NOT NULL")


def upgrade() -> None:
    op.add_column("payment_attempt", sa.Column("receipt_number", sa.String(40), nullable=True))
    op.create_index(
        INDEX,
        "payment_attempt",
        ["receipt_number"],
        sqlite_where=KNOWN,
        postgresql_where=KNOWN,
    )


def downgrade() -> None:
    op.drop_index(INDEX, "payment_attempt")
    op.drop_column("payment_attempt", "receipt_number")
