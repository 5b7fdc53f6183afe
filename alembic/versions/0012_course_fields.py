"""Values of the fields that a school adds to its courses.

Revision ID: 0012
Follows: 0011
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    column = sa.Column("extra", sa.JSON(), nullable=False, server_default=sa.text("'{}'"))
    op.add_column("course", column)


def downgrade() -> None:
    op.drop_column("course", "extra")
