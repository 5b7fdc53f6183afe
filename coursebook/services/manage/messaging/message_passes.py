"""Sending messages: who is meant is written down once, and each person gets one mail.

There is no list in memory. What is left to do are planned messages whose moment has come, open
messages with people who booked later, and messages whose last mail has an end.
"""

from collections.abc import Sequence
from datetime import datetime

import structlog

from coursebook.domain.actor import WORKER, Actor
from coursebook.domain.external_text import mail_address
from coursebook.domain.messaging.audience import Audience
from coursebook.domain.messaging.message_state import (
    MessageAct,
    MessageState,
    RecipientState,
    after,
)
from coursebook.live import topics
from coursebook.log import current_request_id
from coursebook.mail.kinds import MailKind
from coursebook.persistence.course_search.courses import state_of
from coursebook.persistence.messaging.audiences import AudienceRow
from coursebook.persistence.messaging.message_rows import ActiveMessage
from coursebook.persistence.repositories.audit import Change
from coursebook.persistence.repositories.outbox import Lane, OutboxDraft
from coursebook.persistence.schema.columns import new_id
from coursebook.persistence.schema.tables import Course, Message, MessageRecipient
from coursebook.persistence.unit_of_work import UnitOfWork, reading, writing
from coursebook.services.context import Context
from coursebook.services.locked_booking import MAIL
from coursebook.services.manage.messaging.message_views import planned_moment

log = structlog.get_logger("coursebook.messages")


async def begin(work: UnitOfWork, message: Message, actor: Actor, now: datetime) -> int:
    """Write down the recipients of a locked message, and queue their mails; return how many."""
    audience = Audience.of(message.audience)
    people = await work.audiences.people(message.course_id, audience, now)
    before = message.state
    message.state, message.sent_at, message.changed_at = MessageState.SENDING.value, now, now
    await _queue(work, message, people, now)
    note(work, message, "begun", before, actor=actor, now=now, people=len(people))
    log.info("message.begun", message=message.id, people=len(people))
    return len(people)


def note(
    work: UnitOfWork,
    message: Message,
    event: str,
    before: str | None,
    *,
    actor: Actor,
    now: datetime,
    **data: object,
) -> None:
    """Write an audit row about a message, and wake the pages that show it.

    `before`: the state that it had, None for a new one.
    """
    change = Change(
        booking_id=None,
        subject=f"message {message.id}",
        event=event,
        from_state=before,
        to_state=message.state,
        data=data,
        course_id=message.course_id,
        about="message",
    )
    work.audit.write(change, actor=actor, request_id=current_request_id(), now=now)
    work.mark_changed(topics.roster(message.course_id))


class MessagePasses:
    """What the worker does for messages in each round."""

    def __init__(self, context: Context) -> None:
        self._context = context

    async def run(self) -> None:
        """Begin what is due, add who booked later, and end what has reached everybody."""
        async with reading(self._context.database) as work:
            active = await work.messages.active()
        for message in active:
            await self._go_on(message)

    async def _go_on(self, active: ActiveMessage) -> None:
        now = self._context.clock()
        if active.state is MessageState.PLANNED:
            at = planned_moment(active.send_at, active.relative_minutes, active.starts_at)
            if at is None or at > now:
                return
        async with writing(self._context.database) as work:
            message = await work.messages.lock(active.id)
            course = await work.courses.find(message.course_id) if message else None
            if message is None or course is None or message.state != active.state.value:
                return
            if active.state is MessageState.PLANNED:
                await _begin_if_due(work, message, course, now)
            else:
                await _add_later(work, message, course, now)


async def _begin_if_due(work: UnitOfWork, message: Message, course: Course, now: datetime) -> None:
    at = planned_moment(message.send_at, message.relative_minutes, course.starts_at)
    if at is not None and at <= now:
        assert after(MessageState(message.state), MessageAct.BEGIN), "the state was checked"
        await begin(work, message, WORKER, now)


async def _add_later(work: UnitOfWork, message: Message, course: Course, now: datetime) -> None:
    """Queue mails to people who came under the rule since, or end the message."""
    if message.keeps_open and not state_of(course).has_begun(now):
        audience = Audience.of(message.audience)
        people = await work.audiences.people(
            message.course_id, audience, now, without_recipients_of=message.id
        )
        if people:
            await _queue(work, message, people, now)
            work.mark_changed(topics.roster(message.course_id))
            log.info("message.extended", message=message.id, people=len(people))
        return
    if not await work.messages.has_queued(message.id):
        before, message.state = message.state, MessageState.SENT.value
        note(work, message, "finished", before, actor=WORKER, now=now)
        log.info("message.finished", message=message.id)


async def _queue(
    work: UnitOfWork, message: Message, people: Sequence[AudienceRow], now: datetime
) -> None:
    """Write down recipients, and their mails in the bulk lane. Who has no address is skipped."""
    recipients, drafts = [], []
    for person in people:
        has_address = bool(mail_address(person.email))
        outbox_id = new_id("out") if has_address else None
        state = RecipientState.QUEUED if has_address else RecipientState.SKIPPED
        recipients.append(
            MessageRecipient(
                message_id=message.id,
                user_id=person.user_id,
                booking_id=person.booking_id,
                name=person.participant_name or person.name,
                email=person.email,
                state=state.value,
                outbox_id=outbox_id,
                at=now,
            )
        )
        if outbox_id is not None:
            drafts.append(_draft(message, person, outbox_id))
    await work.flush()
    await work.messages.add_recipients(recipients)
    await work.outbox.enqueue_all(drafts, now, Lane.BULK)


def _draft(message: Message, person: AudienceRow, outbox_id: str) -> OutboxDraft:
    payload: dict[str, object] = {
        "booking_id": person.booking_id,
        "course_id": message.course_id,
        "message_id": message.id,
        "user_id": person.user_id,
    }
    if person.participant_email:
        name, email = person.participant_name, person.participant_email
        payload["recipient"] = {"name": name, "email": email}
    key = f"{MAIL}{person.booking_id or person.user_id}:{MailKind.MESSAGE}:{message.id}"
    return OutboxDraft(f"{MAIL}{MailKind.MESSAGE}", key, payload, person.booking_id, id=outbox_id)
