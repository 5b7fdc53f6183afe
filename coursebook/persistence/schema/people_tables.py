"""Tables of money that the school takes by hand, of guests' links, and of the waiting list."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from coursebook.domain.booking_edits.offline_payment import Direction, Method, OfflineState
from coursebook.domain.waiting_list.entry import EntryState
from coursebook.persistence.schema.columns import ID_LENGTH, counted, moment, one_of, text


class OfflinePayment(SQLModel, table=True):
    """Money that does not pass through Stripe: expected, received, or void. Amounts never change.

    `direction`: `in` from the student, `out` back to them. `dedupe_key` makes a repeated call write
    one row. `void_reason`: why it is void, an operator's words or the cause that ended the place.
    """

    __tablename__ = "offline_payment"
    __table_args__ = (
        one_of("direction", Direction),
        one_of("method", Method),
        one_of("state", OfflineState),
        sa.CheckConstraint("amount > 0", name="amount_positive"),
        sa.Index("ix_offline_payment_state_due_on_id", "state", "due_on", "id"),
        sa.Index("ix_offline_payment_received_on_id", "received_on", "id"),
    )

    id: str = Field(primary_key=True, max_length=ID_LENGTH)
    booking_id: str = Field(foreign_key="booking.id", index=True, max_length=ID_LENGTH)
    direction: str = Field(max_length=3)
    method: str = Field(max_length=10)
    state: str = Field(max_length=10)
    amount: int
    currency: str = Field(max_length=3)
    due_on: date | None = None
    received_on: date | None = None
    reference: str = Field(default="", sa_column=text(80, server_default=""))
    note: str = Field(default="", sa_column=text(server_default=""))
    void_reason: str = Field(default="", sa_column=text(server_default=""))
    recorded_by: str = Field(max_length=160)
    dedupe_key: str = Field(unique=True, max_length=255)
    created_at: datetime = Field(sa_column=moment())
    changed_at: datetime = Field(sa_column=moment())


class Claim(SQLModel, table=True):
    """A mailed link that joins a guest's bookings to the account of whoever opens it.

    `user_id` is the guest, `used_by` the account. Only the SHA-256 of the code is stored.
    """

    __tablename__ = "claim"

    code_hash: str = Field(primary_key=True, max_length=64)
    user_id: str = Field(foreign_key="user_account.id", index=True, max_length=ID_LENGTH)
    email: str = Field(max_length=320)
    created_at: datetime = Field(sa_column=moment())
    expires_at: datetime = Field(sa_column=moment())
    used_at: datetime | None = Field(default=None, sa_column=moment(nullable=True))
    used_by: str | None = Field(default=None, max_length=ID_LENGTH)


class WaitingListEntry(SQLModel, table=True):
    """A person on the waiting list of a course. Change it only under the course's lock.

    Those who wait are served by `priority`, the highest first, then by `joined_at`. `booking_id` is
    the place that is, or was, offered until `offer_until`. `why`: why it ended, or was moved to the
    front. `note` is the person's own.
    """

    __tablename__ = "waiting_list_entry"
    __table_args__ = (
        one_of("state", EntryState),
        sa.Index(
            "uq_waiting_list_entry_live",
            "course_id",
            "user_id",
            unique=True,
            sqlite_where=sa.text("state IN ('waiting', 'offered')"),
            postgresql_where=sa.text("state IN ('waiting', 'offered')"),
        ),
        sa.Index(
            "ix_waiting_list_entry_order",
            "course_id",
            "state",
            "priority",
            "joined_at",
            "id",
        ),
    )

    id: str = Field(primary_key=True, max_length=ID_LENGTH)
    course_id: str = Field(foreign_key="course.id", max_length=ID_LENGTH)
    user_id: str = Field(foreign_key="user_account.id", index=True, max_length=ID_LENGTH)
    state: str = Field(max_length=10)
    priority: int = Field(default=0, sa_column=counted(0))
    joined_at: datetime = Field(sa_column=moment())
    booking_id: str | None = Field(
        default=None, foreign_key="booking.id", unique=True, max_length=ID_LENGTH
    )
    offered_at: datetime | None = Field(default=None, sa_column=moment(nullable=True))
    offer_until: datetime | None = Field(default=None, sa_column=moment(nullable=True))
    ended_at: datetime | None = Field(default=None, sa_column=moment(nullable=True))
    why: str = Field(default="", sa_column=text(60, server_default=""))
    note: str = Field(default="", sa_column=text(300, server_default=""))
