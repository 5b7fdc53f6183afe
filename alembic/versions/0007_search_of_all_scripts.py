"""The search: how words are made plain has changed, so every course is indexed again.

Revision ID: 0007
Follows: 0006
"""

from datetime import UTC

import sqlalchemy as sa
from alembic import op

from coursebook.persistence.course_search.index import INDEXED_COLUMNS, index_course
from coursebook.persistence.schema.columns import UtcDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _index_courses_again()


def downgrade() -> None:
    """Index again with the rules of the program that runs; an older one searches these as well."""
    _index_courses_again()


def _index_courses_again() -> None:
    bind = op.get_bind()
    bind.execute(sa.text("DELETE FROM search_spelling"))
    columns = [
        sa.column(name, UtcDateTime()) if name == "starts_at" else sa.column(name)
        for name in INDEXED_COLUMNS
    ]
    for row in bind.execute(sa.select(sa.table("course", *columns))).mappings().all():
        index_course(bind, {**row, "starts_at": row["starts_at"].astimezone(UTC)})
