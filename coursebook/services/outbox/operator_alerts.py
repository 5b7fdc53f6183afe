"""Mails to operators about new entries of the money inbox."""

from collections.abc import Sequence

from coursebook.domain.amount_text import money_in_words
from coursebook.domain.inbox import ACTION, CAUSE, MONEY, InboxKind
from coursebook.mail.operators import EntryFacts, inbox_entry
from coursebook.mail.smtp import MailNotSent, SmtpSender
from coursebook.persistence.schema.tables import MoneyInboxEntry, OutboxMessage
from coursebook.persistence.unit_of_work import reading
from coursebook.services.context import Context
from coursebook.services.outbox.mails import PermanentFailure


async def send_alert(
    context: Context, sender: SmtpSender | None, operators: Sequence[str], message: OutboxMessage
) -> None:
    """Send a mail to every operator. Raises MailNotSent, PermanentFailure.

    Nothing is sent without operators, without a mail server, or when the entry has been closed. An
    address that fails does not stop the mails to the others.
    """
    async with reading(context.database) as work:
        entry = await work.inbox.find(message.payload["entry_id"])
    if sender is None or entry is None or entry.resolved_at is not None:
        return
    facts = _facts(context, entry)
    errors: list[MailNotSent] = []
    for address in operators:
        try:
            await sender.send(inbox_entry(address, facts), key=f"{message.dedupe_key}:{address}")
        except MailNotSent as error:
            errors.append(error)
    temporary = [error for error in errors if not error.permanent]
    if temporary:
        raise temporary[0]
    if errors:
        raise PermanentFailure(str(errors[0]))


def _amount(entry: MoneyInboxEntry) -> str:
    if entry.amount is None or not entry.currency:
        return ""
    return money_in_words(entry.amount, entry.currency)


def _facts(context: Context, entry: MoneyInboxEntry) -> EntryFacts:
    kind = InboxKind(entry.kind)
    return EntryFacts(
        cause=CAUSE[kind],
        money=MONEY[kind],
        detail=entry.detail,
        amount=_amount(entry),
        action=ACTION[kind],
        booking_id=entry.booking_id or "",
        entry_url=f"{context.public_url}/manage/inbox/{entry.id}",
    )
