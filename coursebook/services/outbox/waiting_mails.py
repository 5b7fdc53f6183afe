"""Mails to people on a waiting list, sent from the outbox."""

from collections.abc import Callable

from coursebook.domain.amount_text import money_text
from coursebook.domain.external_text import mail_address
from coursebook.domain.waiting_list.entry import EntryState
from coursebook.mail import i18n
from coursebook.mail.letter import Mail
from coursebook.mail.smtp import SmtpSender
from coursebook.mail.waiting_list import (
    WaitingFacts,
    waiting_joined,
    waiting_offer,
    waiting_over,
)
from coursebook.persistence.schema.tables import OutboxMessage
from coursebook.persistence.unit_of_work import reading
from coursebook.services.context import Context
from coursebook.services.manage.school_settings import sender_of
from coursebook.services.outbox.mails import PermanentFailure, picture_url
from coursebook.services.presenters import location_view
from coursebook.services.waiting_list.mail_kinds import WaitingMail

WRITERS: dict[WaitingMail, Callable[[str, WaitingFacts], Mail]] = {
    WaitingMail.JOINED: waiting_joined,
    WaitingMail.OFFER: waiting_offer,
    WaitingMail.OVER: waiting_over,
}


async def send_waiting_mail(
    context: Context, sender: SmtpSender | None, message: OutboxMessage
) -> None:
    """Send a mail about an entry of a waiting list, unless it is no longer true.

    Raises MailNotSent, and PermanentFailure when the person has no address.
    """
    kind, payload = WaitingMail(message.kind), message.payload
    async with reading(context.database) as work:
        entry = await work.waiting_list.find(payload["entry_id"])
        assert entry is not None, "rows are never deleted"
        course = await work.courses.find(entry.course_id)
        user = await work.users.by_id(entry.user_id)
        booking = await work.bookings.find(entry.booking_id) if entry.booking_id else None
        school = await sender_of(context, work)
    assert course is not None, "rows are never deleted"
    assert user is not None, "rows are never deleted"
    if sender is None or _is_void(kind, EntryState(entry.state)):
        return
    language = i18n.of(user.language).language
    price, currency = (booking or course).price, (booking or course).currency
    location = location_view(course)
    is_offer = kind is WaitingMail.OFFER
    path = f"bookings/{entry.booking_id}" if is_offer else f"courses/{course.slug}"
    facts = WaitingFacts(
        name=user.name,
        title=course.title,
        starts_at=course.starts_at,
        ends_at=course.ends_at,
        timezone=course.timezone,
        place=i18n.of(user.language).text("frame", "online")
        if location.kind == "online"
        else ", ".join(filter(None, (location.name, location.address))),
        url=f"{context.public_url}/{path}",
        price=money_text(price, currency, language) if price else "",
        school=school,
        position=payload.get("position", 0),
        offer_until=entry.offer_until,
        why=payload.get("why", ""),
        language=user.language,
        picture_url=picture_url(context, course),
        look=context.look,
    )
    address = mail_address(user.email)
    if not address:
        raise PermanentFailure("we have no email address of this person")
    await sender.send(WRITERS[kind](address, facts), key=message.dedupe_key)


def _is_void(kind: WaitingMail, state: EntryState) -> bool:
    """Whether a mail is no longer true: the place that it offers was taken, or has ended."""
    match kind:
        case WaitingMail.OFFER:
            return state is not EntryState.OFFERED
        case WaitingMail.JOINED:
            return state is EntryState.LEFT
        case WaitingMail.OVER:
            return False
