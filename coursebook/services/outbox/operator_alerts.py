"""Mails to operators about new entries of the money inbox."""

from collections.abc import Sequence

from coursebook.domain.amount_text import money_text
from coursebook.domain.booking import number_of
from coursebook.domain.inbox import InboxKind
from coursebook.mail import i18n
from coursebook.mail.facts import School
from coursebook.mail.operators import EntryFacts, inbox_entry
from coursebook.mail.smtp import MailNotSent, SmtpSender
from coursebook.persistence.schema.tables import MoneyInboxEntry, OutboxMessage
from coursebook.persistence.unit_of_work import UnitOfWork, reading
from coursebook.services.context import Context
from coursebook.services.manage.school_settings import sender_of
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
        school = await sender_of(context, work)
        languages = {address: await _language_of(work, address) for address in operators}
    if sender is None or entry is None or entry.resolved_at is not None:
        return
    errors: list[MailNotSent] = []
    for address, language in languages.items():
        mail = inbox_entry(address, _facts(context, entry, school, language))
        try:
            await sender.send(mail, key=f"{message.dedupe_key}:{address}")
        except MailNotSent as error:
            errors.append(error)
    temporary = [error for error in errors if not error.permanent]
    if temporary:
        raise temporary[0]
    if errors:
        raise PermanentFailure(str(errors[0]))


async def _language_of(work: UnitOfWork, address: str) -> str:
    """Return the language of the operator's own account, "" when it is unknown."""
    return next((user.language for user in await work.users.by_email(address)), "")


def _amount(entry: MoneyInboxEntry, language: str) -> str:
    if entry.amount is None or not entry.currency:
        return ""
    return money_text(entry.amount, entry.currency, language)


def _facts(context: Context, entry: MoneyInboxEntry, school: School, language: str) -> EntryFacts:
    return EntryFacts(
        kind=InboxKind(entry.kind),
        detail=entry.detail,
        amount=_amount(entry, i18n.of(language).language),
        number=number_of(entry.booking_id) if entry.booking_id else "",
        entry_url=f"{context.public_url}/manage/inbox/{entry.id}",
        school_name=school.name,
        language=language,
        look=context.look,
    )
