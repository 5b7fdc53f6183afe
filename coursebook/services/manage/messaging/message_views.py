"""What the operator's side shows of messages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from coursebook.domain.messaging.audience import Audience, AudienceKind
from coursebook.domain.messaging.message_state import MessageState, RecipientState
from coursebook.domain.texts.markdown import Block
from coursebook.persistence.schema.tables import Course, Message, MessageRecipient


@dataclass(frozen=True)
class RecipientCounts:
    """How many recipients are in each state."""

    queued: int = 0
    sent: int = 0
    failed: int = 0
    skipped: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return self.queued + self.sent + self.failed + self.skipped


@dataclass(frozen=True)
class MessageView:
    """One message. `planned_for` is the moment at which a planned one begins, as of now.

    `minutes_before`: planned by the start of the course; None for a moment of its own. `recipients`
    are zero until it begins (`sent_at`).
    """

    id: str
    course_id: str
    course_title: str
    course_starts_at: datetime
    timezone: str
    audience: Audience
    subject: str
    body: str
    state: MessageState
    planned_for: datetime | None
    minutes_before: int | None
    keeps_open: bool
    revision: int
    created_at: datetime
    changed_at: datetime
    sent_at: datetime | None
    recipients: RecipientCounts


@dataclass(frozen=True)
class MessagePage:
    """One page of messages."""

    items: tuple[MessageView, ...]
    next_cursor: str | None


@dataclass(frozen=True)
class RecipientView:
    """One person. `email` is None without the right to see contacts; `reason` why it failed."""

    booking_id: str | None
    name: str
    email: str | None
    state: RecipientState
    reason: str
    at: datetime


@dataclass(frozen=True)
class RecipientPage:
    """One page of the log of a message."""

    items: tuple[RecipientView, ...]
    next_cursor: str | None


@dataclass(frozen=True)
class Reader:
    """The person whose mail a preview shows. `email` is None without the right to see contacts."""

    name: str
    email: str | None


@dataclass(frozen=True)
class MessagePreview:
    """What would be sent now: how many people, and the mail of the one with this `number`.

    `counts` has the people of each rule that the person may use. `reader` is None when nobody is
    meant; the mail is then one to a person who does not exist. `number` counts from 1. `blocks` is
    what was written, without the frame of the mail.
    """

    people: int
    counts: Mapping[AudienceKind, int]
    number: int
    reader: Reader | None
    reply_to: str
    subject: str
    text: str
    html: str
    blocks: tuple[Block, ...] = ()


def message_view(
    message: Message, course: Course, counts: Mapping[RecipientState, int]
) -> MessageView:
    """Return the view of a message."""
    return MessageView(
        id=message.id,
        course_id=course.id,
        course_title=course.title,
        course_starts_at=course.starts_at,
        timezone=course.timezone,
        audience=Audience.of(message.audience),
        subject=message.subject,
        body=message.body,
        state=MessageState(message.state),
        planned_for=planned_moment(message.send_at, message.relative_minutes, course.starts_at),
        minutes_before=message.relative_minutes,
        keeps_open=message.keeps_open,
        revision=message.revision,
        created_at=message.created_at,
        changed_at=message.changed_at,
        sent_at=message.sent_at,
        recipients=RecipientCounts(**{state.value: number for state, number in counts.items()}),
    )


def planned_moment(
    send_at: datetime | None, minutes_before: int | None, starts_at: datetime
) -> datetime | None:
    """Return when a planned message begins; it moves with the start of the course."""
    if minutes_before is not None:
        return starts_at - timedelta(minutes=minutes_before)
    return send_at


def recipient_views(
    rows: Sequence[tuple[MessageRecipient, str]], *, sees_contacts: bool
) -> tuple[RecipientView, ...]:
    """Return the log. The answer of a mail server may have an address in it."""
    return tuple(
        RecipientView(
            booking_id=row.booking_id,
            name=row.name,
            email=row.email if sees_contacts else None,
            state=RecipientState(row.state),
            reason=reason if sees_contacts and row.state == RecipientState.FAILED.value else "",
            at=row.at,
        )
        for row, reason in rows
    )
