"""The mails of a message in the outbox: what to write to a recipient, and what became of it."""

from datetime import datetime

from coursebook.domain.messaging.message_state import RecipientState
from coursebook.live import topics
from coursebook.mail.facts import MessageText
from coursebook.mail.kinds import MailKind
from coursebook.persistence.schema.tables import OutboxMessage
from coursebook.persistence.unit_of_work import UnitOfWork
from coursebook.services.locked_booking import MAIL

MESSAGE_MAIL = f"{MAIL}{MailKind.MESSAGE}"


async def words_of(work: UnitOfWork, row: OutboxMessage) -> MessageText | None:
    """Return what to write to a recipient, None for one who is not to get it any more.

    It is empty for mails of another kind.
    """
    if row.kind != MESSAGE_MAIL:
        return MessageText()
    message = await work.messages.find(row.payload["message_id"])
    recipient = await work.messages.recipient(row.payload["message_id"], row.payload["user_id"])
    if message is None or recipient is None or recipient.state != RecipientState.QUEUED.value:
        return None
    return MessageText(message.subject, message.body)


async def note_outcome(
    work: UnitOfWork, row: OutboxMessage, state: RecipientState, now: datetime
) -> None:
    """Write down what became of the mail to one recipient. Mails of another kind have none."""
    if row.kind != MESSAGE_MAIL:
        return
    payload = row.payload
    await work.messages.set_outcome(payload["message_id"], payload["user_id"], state, now)
    work.mark_changed(topics.roster(payload["course_id"]))
