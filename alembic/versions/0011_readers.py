"""The language and the time zone of a person, for mails.

Revision ID: 0011
Follows: 0010
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name, length in (("language", 35), ("timezone", 64)):
        column = sa.Column(name, sa.String(length), nullable=False, server_default="")
        op.add_column("user_account", column)


def downgrade() -> None:
    op.drop_column("user_account", "timezone")
    op.drop_column("user_account", "language")
