"""What each booking was promised, as moments; what stays with the school, and why; calendar files.

The promise of a booking that is there is made of its terms and the start of its course. What stayed
with the school after cancelling is counted as it was decided then: all went back when an operator
cancelled, else what the terms promised at that moment.

Revision ID: 0008
Follows: 0007
"""

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from alembic import op

from coursebook.persistence.schema.columns import UtcDateTime

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

AT_ONCE = 2000
STEP = {"huf": 100}
"""Minor units between two legal amounts, where it is not one."""


def _new_columns() -> list[sa.Column[Any]]:
    return [
        sa.Column("promise", sa.JSON(), nullable=False, server_default=sa.text("'[]'")),
        sa.Column("kept_amount", sa.Integer(), nullable=True),
        sa.Column("kept_why", sa.Text(), nullable=False, server_default=""),
        sa.Column("calendar_shows", sa.String(64), nullable=True),
        sa.Column("calendar_shown_at", sa.DateTime(timezone=True), nullable=True),
    ]


def _table(name: str, *columns: str, moments: tuple[str, ...] = ()) -> sa.TableClause:
    lists = {"terms", "promise"}
    return sa.table(
        name,
        *(sa.column(c, sa.JSON() if c in lists else None) for c in columns),
        *(sa.column(c, UtcDateTime()) for c in moments),
    )


BOOKING = _table(
    "booking",
    *("id", "course_id", "place", "price", "currency", "terms", "promise"),
    *("kept_amount", "kept_why"),
    moments=("confirmed_at", "cancelled_at"),
)
COURSE = _table("course", "id", moments=("starts_at",))
ATTEMPT = _table(
    "payment_attempt",
    *("id", "booking_id", "state", "amount", "currency", "received_amount"),
    moments=("updated_at",),
)
REFUND = _table("refund", "attempt_id", "state", "amount", "cause", moments=("created_at",))
AUDIT = _table("audit_entry", "booking_id", "event", "actor")


def upgrade() -> None:
    """Add the columns and fill them for the bookings that are there."""
    for column in _new_columns():
        op.add_column("booking", column)
    bind = op.get_bind()
    _fill(bind)
    op.drop_column("booking", "terms")


def downgrade() -> None:
    """Make terms of the promises again, counted back from the start of the course."""
    op.add_column(
        "booking", sa.Column("terms", sa.JSON(), nullable=False, server_default=sa.text("'[]'"))
    )
    bind = op.get_bind()
    query = sa.select(BOOKING.c.id, BOOKING.c.promise, COURSE.c.starts_at).join_from(
        BOOKING, COURSE, COURSE.c.id == BOOKING.c.course_id
    )
    rows = bind.execute(query).all()
    _write(bind, [{"key": r.id, "terms": _terms(r.promise, r.starts_at)} for r in rows], "terms")
    for column in _new_columns():
        op.drop_column("booking", column.name)


def _fill(bind: sa.Connection) -> None:
    query = sa.select(BOOKING, COURSE.c.starts_at).join_from(
        BOOKING, COURSE, COURSE.c.id == BOOKING.c.course_id
    )
    rows = bind.execute(query).all()
    promised = [{"key": r.id, "promise": _promise(r.terms, r.starts_at)} for r in rows]
    _write(bind, promised, "promise")
    stayed = _stayed(bind, [r for r in rows if r.place == "cancelled" and r.confirmed_at])
    kept = [
        {"key": key, "kept_amount": amount, "kept_why": "terms" if amount else ""}
        for key, amount in stayed.items()
    ]
    _write(bind, kept, "kept_amount", "kept_why")


def _promise(terms: list[dict[str, int]], starts_at: datetime) -> list[dict[str, Any]]:
    moments = [
        (starts_at.astimezone(UTC) - timedelta(hours=step["hours_before"]), step["percent"])
        for step in terms
    ]
    return [
        {"until": until.isoformat().replace("+00:00", "Z"), "percent": percent}
        for until, percent in sorted(set(moments))
    ]


def _terms(promise: list[dict[str, Any]], starts_at: datetime) -> list[dict[str, int]]:
    """Return steps that fall towards the start, as terms do."""
    steps: list[dict[str, int]] = []
    for share in reversed(promise):
        ahead = starts_at - datetime.fromisoformat(share["until"])
        hours, most = ahead // timedelta(hours=1), steps[-1]["percent"] if steps else -1
        if share["percent"] > most and hours >= 0:
            steps.append({"hours_before": hours, "percent": share["percent"]})
    return steps[::-1]


def _stayed(bind: sa.Connection, over: list[sa.Row[Any]]) -> dict[str, int]:
    """Return what was to stay with the school of each booking that was paid and cancelled."""
    had = _had(bind, {row.id: row for row in over})
    by_school = set(
        bind.scalars(
            sa.select(AUDIT.c.booking_id).where(
                AUDIT.c.event == "cancel", AUDIT.c.actor.like("operator %")
            )
        )
    )
    stayed = {}
    for row in over:
        shares = [
            step["percent"]
            for step in row.terms
            if row.cancelled_at <= row.starts_at - timedelta(hours=step["hours_before"])
        ]
        step = STEP.get(row.currency, 1)
        promised = row.price * max(shares, default=0) // 100 // step * step
        had_of_price = min(had[row.id], row.price)
        stayed[row.id] = 0 if row.id in by_school else max(0, had_of_price - promised)
    return stayed


def _had(bind: sa.Connection, over: dict[str, sa.Row[Any]]) -> dict[str, int]:
    """Return what we had of each booking's money when it was cancelled.

    What came later, or was not what was asked for, was never its price.
    """
    had: dict[str, int] = defaultdict(int)
    booking_of = {}
    for paid in bind.execute(sa.select(ATTEMPT).where(ATTEMPT.c.state == "succeeded")):
        row = over.get(paid.booking_id)
        if row is None or paid.received_amount is not None or paid.currency != row.currency:
            continue
        if paid.updated_at <= row.cancelled_at:
            had[row.id] += paid.amount
            booking_of[paid.id] = row
    counted = sa.select(REFUND).where(REFUND.c.state != "failed", REFUND.c.cause != "cancelled")
    for refund in bind.execute(counted):
        row = booking_of.get(refund.attempt_id)
        if row is not None and refund.created_at <= row.cancelled_at:
            had[row.id] -= refund.amount
    return had


def _write(bind: sa.Connection, values: list[dict[str, Any]], *names: str) -> None:
    given: dict[str, Any] = {name: sa.bindparam(name) for name in names}
    changed = sa.update(_plain(*names)).where(sa.column("id") == sa.bindparam("key")).values(given)
    for first in range(0, len(values), AT_ONCE):
        bind.execute(changed, values[first : first + AT_ONCE])


def _plain(*names: str) -> sa.TableClause:
    kinds: dict[str, Any] = {"kept_amount": sa.Integer(), "kept_why": sa.Text()}
    return sa.table(
        "booking", sa.column("id"), *(sa.column(n, kinds.get(n, sa.JSON())) for n in names)
    )
