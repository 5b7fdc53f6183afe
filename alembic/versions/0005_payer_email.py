"""The address that a payer typed on the payment page.

Revision ID: 0005
Follows: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("payment_attempt", sa.Column("payer_email", sa.String(320), nullable=True))


def downgrade() -> None:
    op.drop_column("payment_attempt", "payer_email")
