"""Indexes for the lists of courses on the operator's side.

Revision ID: 0014
Follows: 0013
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

BY_TEACHER = "ix_course_status_instructor_starts_at_id"
ARCHIVED = "ix_course_archived_starts_at_id"
LONG = "ix_course_long_archived_at_status_starts_at_id"
IS_LONG = {
    "sqlite": "julianday(ends_at) - julianday(starts_at) > 2",
    "postgresql": "ends_at - starts_at > interval '2 days'",
}


FIRST_WITH_STATISTICS = (14,)
"""The PostgreSQL that knows statistics of an expression."""


def upgrade() -> None:
    op.create_index(BY_TEACHER, "course", ["status", "instructor", "starts_at", "id"])
    is_archived = sa.text("archived_at IS NOT NULL")
    op.create_index(
        ARCHIVED,
        "course",
        ["starts_at", "id"],
        sqlite_where=is_archived,
        postgresql_where=is_archived,
    )
    op.create_index(
        LONG,
        "course",
        ["archived_at", "status", "starts_at", "id"],
        sqlite_where=sa.text(IS_LONG["sqlite"]),
        postgresql_where=sa.text(IS_LONG["postgresql"]),
    )
    if _knows_statistics():
        # Without them PostgreSQL takes a third of all courses for long ones, and walks through all.
        op.execute("CREATE STATISTICS course_length ON (ends_at - starts_at) FROM course")


def _knows_statistics() -> bool:
    dialect = op.get_bind().dialect
    version = dialect.server_version_info or ()
    return dialect.name == "postgresql" and version >= FIRST_WITH_STATISTICS


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP STATISTICS IF EXISTS course_length")
    for name in (LONG, ARCHIVED, BY_TEACHER):
        op.drop_index(name, "course")
