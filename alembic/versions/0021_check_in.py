"""Check-in: ticket codes of bookings, and who came to which meeting.

Revision ID: 0021
Follows: 0020
"""

import sqlalchemy as sa
from alembic import op

from coursebook.domain.check_in.ticket_code import new_ticket_code
from coursebook.persistence.schema.columns import UtcDateTime

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

BATCH = 2000
TICKETS = "ticket_code_of_booking"
STATES = "state IN ('present', 'absent', 'excused', 'undone')"
WAYS = "how IN ('name', 'scan', 'offline', 'import', 'worker')"
ANSWERS = "answer IN ('done', 'already', 'unknown', 'not_allowed')"


def upgrade() -> None:
    op.add_column("booking", sa.Column("ticket_code", sa.String(24), nullable=True))
    fill(op.get_bind())
    op.create_index("uq_booking_ticket_code", "booking", ["ticket_code"], unique=True)
    op.create_table(
        "attendance",
        sa.Column("booking_id", sa.String(40), nullable=False),
        sa.Column("meeting_id", sa.String(40), nullable=False),
        sa.Column("seat", sa.Integer(), autoincrement=False, nullable=False),
        *_what_happened(),
        sa.Column("client_id", sa.String(40), nullable=False),
        *_rules("attendance"),
        sa.PrimaryKeyConstraint("booking_id", "meeting_id", "seat", name=op.f("pk_attendance")),
        sa.UniqueConstraint("client_id", name=op.f("uq_attendance_client_id")),
    )
    op.create_index("ix_attendance_meeting_id", "attendance", ["meeting_id"])
    op.create_table(
        "attendance_line",
        sa.Column("client_id", sa.String(40), nullable=False),
        sa.Column("booking_id", sa.String(40), nullable=False),
        sa.Column("meeting_id", sa.String(40), nullable=False),
        sa.Column("answer", sa.String(12), nullable=False),
        *_what_happened(),
        *_rules("attendance_line"),
        sa.CheckConstraint(ANSWERS, name=op.f("ck_attendance_line_answer_known")),
        sa.PrimaryKeyConstraint("client_id", name=op.f("pk_attendance_line")),
    )
    op.create_index(
        "ix_attendance_line_booking_id_meeting_id", "attendance_line", ["booking_id", "meeting_id"]
    )


def _what_happened() -> list[sa.Column]:
    return [
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("phone_at", UtcDateTime(), nullable=True),
        sa.Column("by", sa.String(160), nullable=False),
        sa.Column("how", sa.String(10), nullable=False),
    ]


def _rules(table: str) -> list[sa.Constraint]:
    return [
        sa.CheckConstraint(STATES, name=op.f(f"ck_{table}_state_known")),
        sa.CheckConstraint(WAYS, name=op.f(f"ck_{table}_how_known")),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["booking.id"], name=op.f(f"fk_{table}_booking_id_booking")
        ),
    ]


def fill(connection: sa.Connection) -> None:
    """Give a code to every booking without one. The codes are random, so they come from Python."""
    query = sa.text("SELECT id FROM booking WHERE ticket_code IS NULL")
    ids = list(connection.scalars(query))
    if not ids:
        return
    tickets = sa.Table(
        TICKETS,
        sa.MetaData(),
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("code", sa.String(24)),
        prefixes=["TEMPORARY"],
    )
    tickets.create(connection)
    for start in range(0, len(ids), BATCH):
        rows = [{"id": id_, "code": new_ticket_code()} for id_ in ids[start : start + BATCH]]
        connection.execute(sa.insert(tickets), rows)
    connection.execute(
        sa.text(
            f"UPDATE booking SET ticket_code = (SELECT code FROM {TICKETS} "  # noqa: S608
            f"WHERE {TICKETS}.id = booking.id) WHERE ticket_code IS NULL"
        )
    )
    tickets.drop(connection)


def downgrade() -> None:
    op.drop_table("attendance_line")
    op.drop_table("attendance")
    op.drop_index("uq_booking_ticket_code", "booking")
    op.drop_column("booking", "ticket_code")
