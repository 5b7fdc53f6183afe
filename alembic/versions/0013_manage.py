"""Courses that people edit: drafts, meetings, changes, old addresses, roles, settings.

Revision ID: 0013
Follows: 0012
"""

import sqlalchemy as sa
from alembic import op

from coursebook.persistence.schema.columns import UtcDateTime

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

COURSE_LIST = "ix_course_archived_at_status_starts_at_id"
BY_COURSE = "ix_audit_entry_course_id_id"


def upgrade() -> None:
    """Add columns and tables. Each course that is there has one meeting, from start to end."""
    for column in _course_columns():
        op.add_column("course", column)
    op.create_index(COURSE_LIST, "course", ["archived_at", "status", "starts_at", "id"])
    op.execute(sa.text("UPDATE course SET published_at = created_at WHERE status <> 'draft'"))
    op.add_column("booking", sa.Column("free_cancel_until", UtcDateTime(), nullable=True))
    _audit_columns()
    _course_tables()
    _team_tables()
    op.execute(
        sa.text(
            "INSERT INTO meeting (id, course_id, number, starts_at, ends_at) "
            "SELECT 'mtg_' || substr(id, 5), id, 1, starts_at, ends_at FROM course"
        )
    )


def _course_columns() -> list[sa.Column]:
    return [
        sa.Column("version", sa.Integer(), nullable=False, server_default=sa.text("1")),
        sa.Column("revision", sa.Integer(), nullable=False, server_default=sa.text("1")),
        sa.Column("is_open", sa.Boolean(), nullable=False, server_default=sa.true()),
        sa.Column("booking_closes_at", UtcDateTime(), nullable=True),
        sa.Column("published_at", UtcDateTime(), nullable=True),
        sa.Column("archived_at", UtcDateTime(), nullable=True),
        sa.Column("cancelled_at", UtcDateTime(), nullable=True),
        sa.Column("cancel_reason", sa.Text(), nullable=False, server_default=""),
        sa.Column("attendee_info", sa.Text(), nullable=False, server_default=""),
        sa.Column("internal_note", sa.Text(), nullable=False, server_default=""),
        sa.Column("unset", sa.JSON(), nullable=False, server_default=sa.text("'[]'")),
        sa.Column("created_by", sa.String(160), nullable=False, server_default=""),
        sa.Column("updated_by", sa.String(160), nullable=False, server_default=""),
    ]


def _audit_columns() -> None:
    # Without a foreign key: adding one would copy the whole table on SQLite.
    op.add_column("audit_entry", sa.Column("course_id", sa.String(40), nullable=True))
    op.add_column(
        "audit_entry", sa.Column("about", sa.String(20), nullable=False, server_default="")
    )
    op.create_index(BY_COURSE, "audit_entry", ["course_id", "id"])


def _course_id(**options: object) -> sa.Column:
    return sa.Column("course_id", sa.String(40), nullable=False, **options)


def _course_tables() -> None:
    op.create_table(
        "meeting",
        sa.Column("id", sa.String(40), nullable=False),
        _course_id(),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("starts_at", UtcDateTime(), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=False),
        sa.Column("place_name", sa.String(160), nullable=False, server_default=""),
        sa.Column("place_address", sa.String(300), nullable=False, server_default=""),
        sa.Column("join_url", sa.String(300), nullable=False, server_default=""),
        sa.Column("cancelled_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_meeting_ends_after_start")),
        sa.ForeignKeyConstraint(
            ["course_id"], ["course.id"], name=op.f("fk_meeting_course_id_course")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting")),
        sa.UniqueConstraint("course_id", "number", name=op.f("uq_meeting_course_id_number")),
    )
    op.create_index(op.f("ix_meeting_starts_at"), "meeting", ["starts_at"])
    op.create_table(
        "slug_redirect",
        sa.Column("slug", sa.String(120), nullable=False),
        _course_id(),
        sa.Column("until", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["course_id"], ["course.id"], name=op.f("fk_slug_redirect_course_id_course")
        ),
        sa.PrimaryKeyConstraint("slug", name=op.f("pk_slug_redirect")),
    )
    op.create_table(
        "course_teacher",
        _course_id(),
        sa.Column("user_id", sa.String(40), nullable=False),
        sa.Column("added_at", UtcDateTime(), nullable=False),
        sa.Column("added_by", sa.String(160), nullable=False),
        sa.ForeignKeyConstraint(
            ["course_id"], ["course.id"], name=op.f("fk_course_teacher_course_id_course")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_course_teacher_user_id_user_account")
        ),
        sa.PrimaryKeyConstraint("course_id", "user_id", name=op.f("pk_course_teacher")),
    )
    op.create_index(op.f("ix_course_teacher_user_id"), "course_teacher", ["user_id"])
    op.create_table(
        "course_change",
        sa.Column("id", sa.String(40), nullable=False),
        _course_id(),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("actor", sa.String(160), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False, server_default=""),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("after", sa.JSON(), nullable=False),
        sa.Column("told", sa.Integer(), nullable=False),
        sa.Column("free_cancel_until", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["course_id"], ["course.id"], name=op.f("fk_course_change_course_id_course")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course_change")),
    )
    op.create_index("ix_course_change_course_id_at", "course_change", ["course_id", "at"])


def _team_tables() -> None:
    op.create_table(
        "role_grant",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("user_id", sa.String(40), nullable=True),
        sa.Column("email", sa.String(320), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("course_ids", sa.JSON(), nullable=False, server_default=sa.text("'[]'")),
        sa.Column("invited_by", sa.String(160), nullable=False),
        sa.Column("invited_at", UtcDateTime(), nullable=False),
        sa.Column("code_hash", sa.String(64), nullable=True),
        sa.Column("expires_at", UtcDateTime(), nullable=True),
        sa.Column("accepted_at", UtcDateTime(), nullable=True),
        sa.Column("revoked_at", UtcDateTime(), nullable=True),
        sa.Column("revoked_by", sa.String(160), nullable=True),
        sa.CheckConstraint(
            "role IN ('owner', 'manager', 'teacher', 'accountant')",
            name=op.f("ck_role_grant_role_known"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_role_grant_user_id_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_grant")),
    )
    is_live = sa.text("revoked_at IS NULL")
    op.create_index(
        "uq_role_grant_live",
        "role_grant",
        ["user_id", "role"],
        unique=True,
        sqlite_where=is_live,
        postgresql_where=is_live,
    )
    op.create_index("uq_role_grant_code_hash", "role_grant", ["code_hash"], unique=True)
    op.create_table(
        "school_setting",
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.Column("changed_by", sa.String(160), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_school_setting")),
    )


def downgrade() -> None:
    for table in (
        "school_setting",
        "role_grant",
        "course_change",
        "course_teacher",
        "slug_redirect",
        "meeting",
    ):
        op.drop_table(table)
    op.drop_index(BY_COURSE, "audit_entry")
    for name in ("course_id", "about"):
        op.drop_column("audit_entry", name)
    op.drop_column("booking", "free_cancel_until")
    op.drop_index(COURSE_LIST, "course")
    for column in _course_columns():
        op.drop_column("course", column.name)
