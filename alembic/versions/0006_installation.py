"""Which installation a database belongs to, and which attempts another one made.

Revision ID: 0006
Follows: 0005
"""

import sqlalchemy as sa
from alembic import op

from coursebook.persistence.schema.columns import UtcDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table without its row: the first start makes it, so that no two share an id."""
    op.create_table(
        "installation",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("public_address", sa.String(300), nullable=False),
        sa.Column("has_keys", sa.Boolean(), nullable=False),
        sa.Column("copied_from", sa.String(40), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("number = 1", name=op.f("ck_installation_only_one")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_installation")),
    )
    op.add_column(
        "payment_attempt",
        sa.Column("is_foreign", sa.Boolean(), nullable=False, server_default=sa.false()),
    )


def downgrade() -> None:
    op.drop_column("payment_attempt", "is_foreign")
    op.drop_table("installation")
