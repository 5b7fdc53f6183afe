"""The sums of money taken by hand, on the booking that they belong to.

Revision ID: 0017
Follows: 0016
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

SUMS = ("received_by_hand", "returned_by_hand", "expected_by_hand")


def upgrade() -> None:
    for name in SUMS:
        op.add_column(
            "booking", sa.Column(name, sa.Integer(), nullable=False, server_default=sa.text("0"))
        )
    op.execute(_filled("received_by_hand", "direction = 'in' AND state = 'received'"))
    op.execute(_filled("returned_by_hand", "direction = 'out' AND state <> 'void'"))
    op.execute(_filled("expected_by_hand", "direction = 'in' AND state = 'expected'"))


def _filled(name: str, rows: str) -> str:
    return (
        f"UPDATE booking SET {name} = (SELECT sum(amount) FROM offline_payment "  # noqa: S608
        f"WHERE booking_id = booking.id AND {rows}) "
        f"WHERE id IN (SELECT booking_id FROM offline_payment WHERE {rows})"
    )


def downgrade() -> None:
    for name in SUMS:
        op.drop_column("booking", name)
