"""Messages and their recipients."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from coursebook.domain.messaging.message_state import MessageState, RecipientState
from coursebook.persistence.schema.insert import insert_all_once
from coursebook.persistence.schema.keyset import Key, below
from coursebook.persistence.schema.message_tables import Message, MessageRecipient
from coursebook.persistence.schema.tables import Course, OutboxMessage

BEGUN = (MessageState.SENDING, MessageState.SENT, MessageState.STOPPED)
STOPPED = "The message was stopped."

IS_ACTIVE = sa.text("message.state IN ('planned', 'sending')")
"""The condition of the partial index of messages that are planned or being sent."""


@dataclass(frozen=True)
class MessageFilter:
    """Which messages a list shows. None does not narrow; `courses` are those one may see."""

    course_id: str | None = None
    states: tuple[MessageState, ...] = ()
    courses: Collection[str] | None = None


@dataclass(frozen=True)
class ActiveMessage:
    """A message that the worker looks at, and the start of its course."""

    id: str
    state: MessageState
    send_at: datetime | None
    relative_minutes: int | None
    keeps_open: bool
    starts_at: datetime


class Messages:
    """The tables `message` and `message_recipient`."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    def add(self, message: Message) -> None:
        """Add a draft."""
        self._session.add(message)

    async def find(self, message_id: str) -> Message | None:
        """Return a message."""
        return await self._session.get(Message, message_id)

    async def lock(self, message_id: str) -> Message | None:
        """Return a message, locked until the transaction ends."""
        query = sa.select(Message).where(col(Message.id) == message_id).with_for_update()
        query = query.execution_options(populate_existing=True)
        return (await self._session.scalars(query)).first()

    async def page(
        self, chosen: MessageFilter, after: Key | None, limit: int
    ) -> list[tuple[Message, Course]]:
        """Return messages with their courses, changed last first; at most `limit`."""
        query = sa.select(Message, Course).join(Course, col(Course.id) == col(Message.course_id))
        if chosen.course_id is not None:
            query = query.where(col(Message.course_id) == chosen.course_id)
        if chosen.states:
            query = query.where(col(Message.state).in_([state.value for state in chosen.states]))
        if chosen.courses is not None:
            query = query.where(col(Message.course_id).in_(chosen.courses))
        if after is not None:
            query = query.where(below(Message.changed_at, Message.id, after))
        query = query.order_by(col(Message.changed_at).desc(), col(Message.id).desc()).limit(limit)
        rows = (await self._session.execute(query)).all()
        return [(message, course) for message, course in rows]

    async def count_of(self, course_id: str) -> int:
        """Return how many messages a course has."""
        query = sa.select(sa.func.count()).where(col(Message.course_id) == course_id)
        return int(await self._session.scalar(query) or 0)

    async def active(self) -> list[ActiveMessage]:
        """Return every planned message and every one that is being sent."""
        query = (
            sa.select(
                *(col(Message.id), col(Message.state), col(Message.send_at)),
                *(col(Message.relative_minutes), col(Message.keeps_open), col(Course.starts_at)),
            )
            .join(Course, col(Course.id) == col(Message.course_id))
            .where(IS_ACTIVE)
            .order_by(col(Message.id))
        )
        rows = await self._session.execute(query)
        return [ActiveMessage(row[0], MessageState(row[1]), *row[2:]) for row in rows]

    async def begun_between(self, course_id: str, since: datetime, until: datetime) -> int:
        """Return how many messages of a course began to be sent at that time."""
        query = sa.select(sa.func.count()).where(
            col(Message.course_id) == course_id,
            col(Message.state).in_([state.value for state in BEGUN]),
            col(Message.sent_at) >= since,
            col(Message.sent_at) < until,
        )
        return int(await self._session.scalar(query) or 0)

    async def planned_of(self, course_id: str) -> list[Message]:
        """Return the planned messages of a course."""
        query = sa.select(Message).where(
            col(Message.course_id) == course_id,
            col(Message.state) == MessageState.PLANNED.value,
        )
        return list((await self._session.scalars(query)).all())

    # recipients

    async def add_recipients(self, recipients: Sequence[MessageRecipient]) -> None:
        """Write down recipients, each person once for a message."""
        rows = [recipient.model_dump() for recipient in recipients]
        await insert_all_once(self._session, MessageRecipient, rows, ["message_id", "user_id"])

    async def recipient(self, message_id: str, user_id: str) -> MessageRecipient | None:
        """Return one recipient of a message."""
        return await self._session.get(MessageRecipient, (message_id, user_id))

    async def recipients(
        self,
        message_id: str,
        states: Collection[RecipientState],
        after: tuple[str, str] | None,
        limit: int,
    ) -> list[tuple[MessageRecipient, str]]:
        """Return recipients by name with the last error of their mail, after a key (name, id)."""
        name = sa.func.lower(col(MessageRecipient.name))
        error = sa.func.coalesce(col(OutboxMessage.last_error), "")
        query = (
            sa.select(MessageRecipient, error)
            .outerjoin(OutboxMessage, col(OutboxMessage.id) == col(MessageRecipient.outbox_id))
            .where(col(MessageRecipient.message_id) == message_id)
            .order_by(name, col(MessageRecipient.user_id))
            .limit(limit)
        )
        if states:
            known = [state.value for state in states]
            query = query.where(col(MessageRecipient.state).in_(known))
        if after is not None:
            values = sa.tuple_(*(sa.literal(value, sa.String()) for value in after))
            query = query.where(sa.tuple_(name, col(MessageRecipient.user_id)) > values)
        rows = (await self._session.execute(query)).all()
        return [(recipient, reason) for recipient, reason in rows]

    async def counts(self, message_ids: Collection[str]) -> dict[str, dict[RecipientState, int]]:
        """Return how many recipients of each message are in each state, in one query."""
        counts: dict[str, dict[RecipientState, int]] = {id_: {} for id_ in message_ids}
        columns = col(MessageRecipient.message_id), col(MessageRecipient.state)
        query = (
            sa.select(*columns, sa.func.count())
            .where(columns[0].in_(message_ids))
            .group_by(*columns)
        )
        for message_id, state, number in await self._session.execute(query):
            counts[message_id][RecipientState(state)] = int(number)
        return counts

    async def has_queued(self, message_id: str) -> bool:
        """Whether a mail of a message is still to be sent."""
        query = sa.select(col(MessageRecipient.user_id)).where(
            col(MessageRecipient.message_id) == message_id,
            col(MessageRecipient.state) == RecipientState.QUEUED.value,
        )
        return (await self._session.scalars(query.limit(1))).first() is not None

    async def skip_queued(self, message_id: str, now: datetime) -> int:
        """Skip everybody whom a message has not reached, and close their mails; return how many.

        The outbox comes first, as when a mail was sent: two transactions never wait for each other.
        """
        is_queued = sa.and_(
            col(MessageRecipient.message_id) == message_id,
            col(MessageRecipient.state) == RecipientState.QUEUED.value,
        )
        mails = sa.select(col(MessageRecipient.outbox_id)).where(is_queued)
        close = (
            sa.update(OutboxMessage)
            .where(col(OutboxMessage.id).in_(mails), col(OutboxMessage.done_at).is_(None))
            .values(done_at=now, last_error=STOPPED)
        )
        await self._session.execute(close)
        skip = sa.update(MessageRecipient).where(is_queued)
        skipped = await self._session.execute(
            skip.values(state=RecipientState.SKIPPED.value, at=now)
        )
        return int(skipped.rowcount)  # type: ignore[attr-defined]

    async def set_outcome(
        self, message_id: str, user_id: str, state: RecipientState, now: datetime
    ) -> None:
        """Write down what became of a mail. What was sent is sent, also after a stop."""
        query = sa.update(MessageRecipient).where(
            col(MessageRecipient.message_id) == message_id,
            col(MessageRecipient.user_id) == user_id,
        )
        if state is not RecipientState.SENT:
            query = query.where(col(MessageRecipient.state) == RecipientState.QUEUED.value)
        await self._session.execute(query.values(state=state.value, at=now))
