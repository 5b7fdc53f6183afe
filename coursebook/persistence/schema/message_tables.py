"""The tables of messages to the people of a course."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from coursebook.domain.messaging.message_state import MessageState, RecipientState
from coursebook.persistence.schema.columns import ID_LENGTH, json, moment, one_of, text

ACTIVE = "state IN ('planned', 'sending')"
"""The condition of a partial index: messages that the worker looks at."""


class Message(SQLModel, table=True):
    """A message of the school to people of one course.

    `audience` is the rule (`domain.messaging.audience`); who it means is written down as recipients
    when sending begins (`sent_at`). A planned message begins at `send_at`, or `relative_minutes`
    before the course starts. `revision` grows with every edit and guards against another editor.
    """

    __tablename__ = "message"
    __table_args__ = (
        one_of("state", MessageState),
        sa.CheckConstraint("revision >= 1", name="revision_positive"),
        sa.CheckConstraint("relative_minutes > 0", name="relative_minutes_positive"),
        sa.Index("ix_message_changed_at_id", "changed_at", "id"),
        sa.Index("ix_message_course_id_changed_at", "course_id", "changed_at"),
        sa.Index(
            "ix_message_active",
            "state",
            sqlite_where=sa.text(ACTIVE),
            postgresql_where=sa.text(ACTIVE),
        ),
    )

    id: str = Field(primary_key=True, max_length=ID_LENGTH)
    course_id: str = Field(foreign_key="course.id", max_length=ID_LENGTH)
    audience: dict[str, Any] = Field(sa_column=json())
    subject: str = Field(max_length=200)
    body: str = Field(sa_column=text())
    state: str = Field(max_length=10)
    send_at: datetime | None = Field(default=None, sa_column=moment(nullable=True))
    relative_minutes: int | None = None
    keeps_open: bool
    revision: int
    created_by: str = Field(max_length=160)
    created_at: datetime = Field(sa_column=moment())
    changed_at: datetime = Field(sa_column=moment())
    sent_at: datetime | None = Field(default=None, sa_column=moment(nullable=True))


class MessageRecipient(SQLModel, table=True):
    """One person whom a message goes to, once. `name` and `email` are as of when it was queued.

    `outbox_id`: the mail in the outbox; None for somebody without an address.
    """

    __tablename__ = "message_recipient"
    __table_args__ = (
        one_of("state", RecipientState),
        sa.Index("ix_message_recipient_message_id_state", "message_id", "state"),
    )

    message_id: str = Field(primary_key=True, foreign_key="message.id", max_length=ID_LENGTH)
    user_id: str = Field(
        primary_key=True, foreign_key="user_account.id", index=True, max_length=ID_LENGTH
    )
    booking_id: str | None = Field(
        default=None, foreign_key="booking.id", index=True, max_length=ID_LENGTH
    )
    name: str = Field(max_length=200)
    email: str = Field(max_length=320)
    state: str = Field(max_length=10)
    outbox_id: str | None = Field(default=None, max_length=ID_LENGTH)
    at: datetime = Field(sa_column=moment())
