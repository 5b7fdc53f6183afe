"""All tables except those about money, which are in `money_tables.py`.

Constraints enforce the most important rules in the database itself.
"""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from coursebook.domain.booking import NUMBER_LETTERS, BookingSource, SeatState
from coursebook.domain.check_in.ticket_code import new_ticket_code
from coursebook.domain.course_edits.course_state import CourseStatus
from coursebook.persistence.schema.attendance_tables import Attendance, AttendanceLine
from coursebook.persistence.schema.columns import (
    ID_LENGTH,
    IS_ARCHIVED,
    IS_IN_SERIES,
    IS_LONG_COURSE,
    counted,
    due_index,
    json,
    json_list,
    json_object,
    lane,
    listed_by,
    moment,
    one_of,
    partly_listed_by,
    price_check,
    switch,
    text,
)
from coursebook.persistence.schema.manage_tables import (
    CourseCancellation,
    CourseChange,
    CourseTeacher,
    Meeting,
    Reminder,
    RoleGrant,
    SchoolSetting,
    Series,
    SlugRedirect,
)
from coursebook.persistence.schema.message_tables import Message, MessageRecipient
from coursebook.persistence.schema.money_tables import (
    Dispute,
    MoneyInboxEntry,
    PaymentAttempt,
    Payout,
    Reconciliation,
    Refund,
)
from coursebook.persistence.schema.people_tables import (
    Claim,
    OfflinePayment,
    WaitingListEntry,
)

__all__ = [
    "Attendance",
    "AttendanceLine",
    "AuditEntry",
    "Booking",
    "Claim",
    "Course",
    "CourseCancellation",
    "CourseChange",
    "CourseStatus",
    "CourseTeacher",
    "Dispute",
    "IdempotentReply",
    "InstallationRow",
    "Meeting",
    "Message",
    "MessageRecipient",
    "MoneyInboxEntry",
    "OfflinePayment",
    "OutboxMessage",
    "PaymentAttempt",
    "Payout",
    "Pulse",
    "Reconciliation",
    "Refund",
    "Reminder",
    "RoleGrant",
    "SQLModel",
    "SchoolSetting",
    "Series",
    "SlugRedirect",
    "User",
    "WaitingListEntry",
    "WebhookEvent",
]


class Course(SQLModel, table=True):
    """One course on one date, with its seats. Lock this row to change `held` or `confirmed`.

    `extra` has the values of `domain.course_fields`, also of fields that are no longer declared.
    `version` counts saves, `revision` only changes of what people are promised. `unset` names the
    columns of a draft that have no value yet: the row has a placeholder there. Courses with one
    `series_id` are dates of one series. `waiting` counts who is on the waiting list without an
    offer, under the lock of this row. `offer_minutes`: the length of a turn, None for the default.
    `reminder_minutes`: how long before the start people are reminded; 0 never, None as the school.
    """

    __tablename__ = "course"
    __table_args__ = (
        sa.CheckConstraint("capacity >= 1", name="capacity_positive"),
        sa.CheckConstraint(
            "held >= 0 AND confirmed >= 0 AND held + confirmed <= capacity", name="seats_within"
        ),
        sa.CheckConstraint("waiting >= 0", name="waiting_counted"),
        sa.CheckConstraint("ends_at > starts_at", name="ends_after_start"),
        sa.CheckConstraint("length(title) >= 1", name="title_given"),
        price_check(),
        one_of("status", CourseStatus),
        *map(listed_by, ("starts_at", "price", "title", "created_at")),
        listed_by("category", "starts_at"),
        listed_by("level", "starts_at"),
        listed_by("currency", "price"),
        listed_by("instructor", "starts_at"),
        sa.Index(
            "ix_course_somebody_waits",
            "id",
            sqlite_where=sa.text("waiting > 0"),
            postgresql_where=sa.text("waiting > 0"),
        ),
        partly_listed_by("archived", "starts_at", of=IS_ARCHIVED),
        sa.Index(
            "ix_course_series_starts_at_id",
            "series_id",
            "starts_at",
            "id",
            sqlite_where=IS_IN_SERIES["sqlite"],
            postgresql_where=IS_IN_SERIES["postgresql"],
        ),
        partly_listed_by("long", "archived_at", "status", "starts_at", of=IS_LONG_COURSE),
        sa.Index(
            "ix_course_archived_at_status_starts_at_id",
            "archived_at",
            "status",
            "starts_at",
            "id",
        ),
    )

    id: str = Field(primary_key=True, max_length=ID_LENGTH)
    slug: str = Field(unique=True, max_length=120)
    series_id: str | None = Field(default=None, max_length=ID_LENGTH)
    title: str = Field(max_length=160)
    summary: str = Field(max_length=400)
    description: str = Field(sa_column=text())
    category: str = Field(max_length=60)
    level: str = Field(max_length=30)
    instructor: str = Field(max_length=120)
    is_online: bool
    place_name: str = Field(max_length=160)
    place_address: str = Field(default="", max_length=300)
    join_url: str = Field(default="", sa_column=text(300, server_default=""))
    image: str = Field(default="", max_length=200)
    timezone: str = Field(max_length=64)
    starts_at: datetime = Field(sa_column=moment())
    ends_at: datetime = Field(sa_column=moment())
    price: int
    currency: str = Field(max_length=3)
    terms: list[dict[str, int]] = Field(sa_column=json())
    extra: dict[str, Any] = Field(default_factory=dict, sa_column=json_object())
    capacity: int
    held: int = 0
    confirmed: int = 0
    has_waiting_list: bool = Field(default=True, sa_column=switch())
    waiting: int = Field(default=0, sa_column=counted(0))
    offer_minutes: int | None = None
    status: str = Field(default=CourseStatus.PUBLISHED.value, max_length=20)
    version: int = Field(default=1, sa_column=counted(1))
    revision: int = Field(default=1, sa_column=counted(1))
    is_open: bool = Field(default=True, sa_column=switch())
    booking_closes_at: datetime | None = Field(default=None, sa_column=moment(nullable=True))
    published_at: datetime | None = Field(default=None, sa_column=moment(nullable=True))
    archived_at: datetime | None = Field(default=None, sa_column=moment(nullable=True))
    cancelled_at: datetime | None = Field(default=None, sa_column=moment(nullable=True))
    cancel_reason: str = Field(default="", sa_column=text(server_default=""))
    attendee_info: str = Field(default="", sa_column=text(server_default=""))
    internal_note: str = Field(default="", sa_column=text(server_default=""))
    reminder_minutes: int | None = None
    unset: list[str] = Field(default_factory=list, sa_column=json_list())
    created_by: str = Field(default="", sa_column=text(160, server_default=""))
    updated_by: str = Field(default="", sa_column=text(160, server_default=""))
    created_at: datetime = Field(sa_column=moment())
    updated_at: datetime = Field(sa_column=moment())


class User(SQLModel, table=True):
    """A person, created at their first signed-in call. `subject` is Clerk's user id.

    `language` and `timezone` are those of the browser that booked last, "" when unknown
    (`domain.reader`). A guest was entered by the school and has no account: `subject` is
    `guest:` with the id.
    """

    __tablename__ = "user_account"

    id: str = Field(primary_key=True, max_length=ID_LENGTH)
    subject: str = Field(unique=True, max_length=120)
    email: str = Field(default="", max_length=320)
    name: str = Field(default="", max_length=200)
    language: str = Field(default="", sa_column=text(35, server_default=""))
    timezone: str = Field(default="", sa_column=text(64, server_default=""))
    is_guest: bool = Field(default=False, sa_column_kwargs={"server_default": sa.false()})
    phone: str = Field(default="", sa_column=text(40, server_default=""))
    created_at: datetime = Field(sa_column=moment())
    seen_at: datetime = Field(sa_column=moment())


class Booking(SQLModel, table=True):
    """One student's seat on one course, with the price and the terms promised at booking.

    `promise` is the list of `domain.promise`. `kept_amount` is the amount that the school keeps by
    decision, None before one; `kept_why` is the reason: `terms`, or an operator's own words.
    `end_cause` is an `EndCause` once the seat has ended; None for rows older than this column
    whose audit trail does not tell.
    `calendar_…`: a digest of the last calendar file, and its time.
    `reserved_until`: until then the place stays held without a payment page. `participant_…`: who
    takes part, empty when it is the payer. `note` and `tags` are the school's own and never reach
    the student. `list_price`: the price of the course when the school gave another one.
    `moved_from`: the course that the booking was on before. `…_by_hand`: the sums of its rows in
    `offline_payment`: received from the student, given back or to be given back, still expected.
    `number_end`: the end of the id, by which people look for the booking. `ticket_code`: what is
    shown at check-in.
    """

    __tablename__ = "booking"
    __table_args__ = (
        one_of("place", SeatState),
        sa.CheckConstraint("price >= 0", name="price_not_negative"),
        sa.Index(
            "uq_booking_live",
            "user_id",
            "course_id",
            unique=True,
            sqlite_where=sa.text("place IN ('held', 'confirmed')"),
            postgresql_where=sa.text("place IN ('held', 'confirmed')"),
        ),
        sa.Index("ix_booking_user_id_created_at_id", "user_id", "created_at", "id"),
        sa.Index(
            "ix_booking_course_id_place_created_at_id", "course_id", "place", "created_at", "id"
        ),
        sa.Index("ix_booking_place_hold_expires_at", "place", "hold_expires_at"),
        sa.Index("ix_booking_created_at_id", "created_at", "id"),
        sa.Index("ix_booking_number_end", "number_end"),
        sa.Index("uq_booking_ticket_code", "ticket_code", unique=True),
    )

    id: str = Field(primary_key=True, max_length=ID_LENGTH)
    user_id: str = Field(foreign_key="user_account.id", max_length=ID_LENGTH)
    course_id: str = Field(foreign_key="course.id", max_length=ID_LENGTH)
    place: str = Field(max_length=20)
    price: int
    currency: str = Field(max_length=3)
    promise: list[dict[str, Any]] = Field(default_factory=list, sa_column=json_list())
    kept_amount: int | None = None
    kept_why: str = Field(default="", sa_column=text(server_default=""))
    free_cancel_until: datetime | None = Field(default=None, sa_column=moment(nullable=True))
    reserved_until: datetime | None = Field(default=None, sa_column=moment(nullable=True))
    source: str = Field(
        default=BookingSource.STUDENT.value, sa_column=text(10, server_default="student")
    )
    participant_name: str = Field(default="", sa_column=text(200, server_default=""))
    participant_email: str = Field(default="", sa_column=text(320, server_default=""))
    note: str = Field(default="", sa_column=text(server_default=""))
    tags: list[str] = Field(default_factory=list, sa_column=json_list())
    list_price: int | None = None
    moved_from: str | None = Field(default=None, max_length=ID_LENGTH)
    received_by_hand: int = Field(default=0, sa_column=counted(0))
    returned_by_hand: int = Field(default=0, sa_column=counted(0))
    expected_by_hand: int = Field(default=0, sa_column=counted(0))
    number_end: str = Field(default="", sa_column=text(NUMBER_LETTERS, server_default=""))
    ticket_code: str | None = Field(default_factory=new_ticket_code, max_length=24)
    hold_expires_at: datetime | None = Field(default=None, sa_column=moment(nullable=True))
    confirmed_at: datetime | None = Field(default=None, sa_column=moment(nullable=True))
    cancelled_at: datetime | None = Field(default=None, sa_column=moment(nullable=True))
    end_cause: str | None = Field(default=None, max_length=20)
    calendar_sequence: int = 0
    calendar_shows: str | None = Field(default=None, max_length=64)
    calendar_shown_at: datetime | None = Field(default=None, sa_column=moment(nullable=True))
    created_at: datetime = Field(sa_column=moment())
    updated_at: datetime = Field(sa_column=moment())


class WebhookEvent(SQLModel, table=True):
    """An event that Stripe sent, stored under its own id before it is answered with 200."""

    __tablename__ = "webhook_event"
    __table_args__ = (
        due_index("webhook_event", waiting="handled_at IS NULL"),
        sa.Index("ix_webhook_event_received_at", "received_at"),
    )

    id: str = Field(primary_key=True, max_length=255)
    type: str = Field(max_length=120)
    object_id: str = Field(default="", max_length=255)
    payment_intent_id: str | None = Field(default=None, max_length=255)
    livemode: bool
    payload: dict[str, Any] = Field(sa_column=json())
    outcome: str | None = Field(default=None, sa_column=text(nullable=True))
    tries: int = 0
    next_try_at: datetime = Field(sa_column=moment())
    received_at: datetime = Field(sa_column=moment())
    handled_at: datetime | None = Field(default=None, sa_column=moment(nullable=True))


class AuditEntry(SQLModel, table=True):
    """One change of state: actor, from, to, cause and time. Rows are only ever added."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        sa.Index("ix_audit_entry_booking_id_id", "booking_id", "id"),
        sa.Index("ix_audit_entry_course_id_id", "course_id", "id"),
        sa.Index("ix_audit_entry_at", "at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(sa_column=moment())
    booking_id: str | None = Field(default=None, foreign_key="booking.id", max_length=ID_LENGTH)
    course_id: str | None = Field(default=None, max_length=ID_LENGTH)
    about: str = Field(default="", sa_column=text(20, server_default=""))
    subject: str = Field(max_length=120)
    actor: str = Field(max_length=160)
    event: str = Field(max_length=60)
    from_state: str | None = Field(default=None, max_length=30)
    to_state: str | None = Field(default=None, max_length=30)
    cause: str = Field(default="", sa_column=text())
    request_id: str = Field(default="", max_length=64)
    data: dict[str, Any] = Field(sa_column=json())


class Picture(SQLModel, table=True):
    """A picture of courses: two WebP files, under the hash of the large one."""

    __tablename__ = "picture"

    id: str = Field(primary_key=True, max_length=32)
    large: bytes = Field(sa_column=sa.Column(sa.LargeBinary(), nullable=False))
    small: bytes = Field(sa_column=sa.Column(sa.LargeBinary(), nullable=False))
    width: int
    height: int
    created_at: datetime = Field(sa_column=moment())
    created_by: str = Field(max_length=160)


class OutboxMessage(SQLModel, table=True):
    """A job stored together with a change of state: a mail, a refund, a session to close.

    `lane`: lower ones go first (`repositories.outbox.Lane`).
    """

    __tablename__ = "outbox_message"
    __table_args__ = (
        due_index("outbox_message", "lane", "next_try_at", waiting="done_at IS NULL"),
        sa.Index(
            "ix_outbox_message_dead",
            "booking_id",
            sqlite_where=sa.text("is_dead = 1"),
            postgresql_where=sa.text("is_dead"),
        ),
    )

    id: str = Field(primary_key=True, max_length=ID_LENGTH)
    kind: str = Field(max_length=60)
    dedupe_key: str = Field(unique=True, max_length=255)
    booking_id: str | None = Field(
        default=None, foreign_key="booking.id", index=True, max_length=ID_LENGTH
    )
    payload: dict[str, Any] = Field(sa_column=json())
    lane: int = Field(default=0, sa_column=lane())
    tries: int = 0
    next_try_at: datetime = Field(sa_column=moment())
    created_at: datetime = Field(sa_column=moment())
    done_at: datetime | None = Field(default=None, sa_column=moment(nullable=True))
    is_dead: bool = False
    last_error: str | None = Field(default=None, sa_column=text(nullable=True))


class IdempotentReply(SQLModel, table=True):
    """The reply to a POST with an `Idempotency-Key`, sent again on a replay."""

    __tablename__ = "idempotent_reply"
    __table_args__ = (sa.Index("ix_idempotent_reply_created_at", "created_at"),)

    subject: str = Field(primary_key=True, max_length=120)
    key: str = Field(primary_key=True, max_length=255)
    request_hash: str = Field(max_length=64)
    status: int | None = None
    body: dict[str, Any] | None = Field(default=None, sa_column=json(nullable=True))
    created_at: datetime = Field(sa_column=moment())


class InstallationRow(SQLModel, table=True):
    """The installation that this database belongs to: one row, created at the first start.

    `has_keys`: it was used with real keys at `public_address`, which then must not change
    silently. `copied_from`: the id of the installation that this database was copied from.
    """

    __tablename__ = "installation"
    __table_args__ = (sa.CheckConstraint("number = 1", name="only_one"),)

    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    id: str = Field(max_length=ID_LENGTH)
    public_address: str = Field(max_length=300)
    has_keys: bool
    copied_from: str | None = Field(default=None, max_length=ID_LENGTH)
    created_at: datetime = Field(sa_column=moment())
    updated_at: datetime = Field(sa_column=moment())


class Pulse(SQLModel, table=True):
    """The last run of a periodic job."""

    __tablename__ = "pulse"

    name: str = Field(primary_key=True, max_length=60)
    at: datetime = Field(sa_column=moment())
