"""Mails of a message: to people who wait for a place, and examples for preview and test.

Those to people who booked are mails about their bookings (`mails.py`).
"""

from dataclasses import replace
from datetime import datetime

from coursebook.domain.booking import SeatState
from coursebook.domain.external_text import mail_address
from coursebook.domain.messaging.audience import Audience
from coursebook.mail import i18n
from coursebook.mail.facts import MessageText
from coursebook.mail.letter import Mail
from coursebook.mail.messages import message as write_message
from coursebook.mail.smtp import SmtpSender
from coursebook.persistence.messaging.audiences import AudienceRow
from coursebook.persistence.schema.tables import Booking, Course, OutboxMessage, User
from coursebook.persistence.unit_of_work import UnitOfWork, reading
from coursebook.services.bookings.calendar_files import EntryDetails, calendar_facts
from coursebook.services.context import Context
from coursebook.services.manage.school_settings import sender_of
from coursebook.services.outbox.mails import PermanentFailure, facts_about
from coursebook.services.outbox.message_recipients import words_of
from coursebook.services.outbox.recipients import for_recipient

MESSAGE_TEST = "message_test"
"""The kind of an outbox row that sends an example to whoever wrote the message."""
_NOBODY = "bkg_22222222222222222222"
"""The booking of somebody without one, which does not exist."""


async def example_mail(
    context: Context,
    work: UnitOfWork,
    course: Course,
    words: MessageText,
    person: AudienceRow | None,
    *,
    writer: tuple[str, str],
) -> Mail:
    """Return the mail that a person would get now.

    Without a person it is one to the writer (name and language), as if they had booked.
    """
    now = context.clock()
    if person is None:
        booking, user = _invented(course, *writer, now)
    else:
        found_user = await work.users.by_id(person.user_id)
        assert found_user is not None, "rows are never deleted"
        user = found_user
        booking = await _booking_of(work, person, course, now)
    meetings = await work.meetings.all_of(course.id)
    details = EntryDetails(await sender_of(context, work), meetings)
    entry = calendar_facts(context, booking, course, user, now, details=details)
    facts = facts_about(context, entry, booking, course, user, payload={})
    payload = {}
    if person is not None and person.participant_email:
        payload["recipient"] = {"name": person.participant_name, "email": person.participant_email}
    elif person is not None and person.booking_id is None:  # led to the course
        payload["recipient"] = {"name": person.name, "email": person.email}
    facts = for_recipient(facts, payload, booking, course, site=context.public_url)
    address = person.email if person else ""
    return write_message(replace(facts, message=words, student_email=address))


async def send_to_waiting(context: Context, sender: SmtpSender | None, row: OutboxMessage) -> bool:
    """Send a message to somebody who waits for a place; return False when it was stopped.

    Raises MailNotSent, PermanentFailure for a person without an address.
    """
    async with reading(context.database) as work:
        words = await words_of(work, row)
        user = await work.users.by_id(row.payload["user_id"])
        course = await work.courses.find(row.payload["course_id"])
        assert user is not None, "rows are never deleted"
        assert course is not None, "rows are never deleted"
        if sender is None or words is None:
            return False
        address = mail_address(user.email)
        if not address:
            raise PermanentFailure("we have no email address of this person")
        person = AudienceRow(None, user.id, user.name, address, "", "")
        mail = await example_mail(context, work, course, words, person, writer=("", ""))
    await sender.send(mail, key=row.dedupe_key)
    return True


async def _booking_of(
    work: UnitOfWork, person: AudienceRow, course: Course, now: datetime
) -> Booking:
    """Return the booking of a person, for somebody who waits one that is not stored."""
    if person.booking_id is None:
        return _unstored(course, person.user_id, SeatState.EXPIRED, now)
    booking = await work.bookings.find(person.booking_id)
    assert booking is not None, "rows are never deleted"
    return booking


def _invented(course: Course, name: str, language: str, now: datetime) -> tuple[Booking, User]:
    """Return a booking and a person that are not stored."""
    user = User(
        id="usr_example",
        subject="example",
        email="",
        name=name,
        language=language,
        timezone=course.timezone,
        created_at=now,
        seen_at=now,
    )
    booking = _unstored(course, user.id, SeatState.CONFIRMED, now)
    booking.confirmed_at = now
    return booking, user


def _unstored(course: Course, user_id: str, place: SeatState, now: datetime) -> Booking:
    return Booking(
        id=_NOBODY,
        user_id=user_id,
        course_id=course.id,
        place=place.value,
        price=course.price,
        currency=course.currency,
        created_at=now,
        updated_at=now,
    )


async def send_message_test(
    context: Context, sender: SmtpSender | None, row: OutboxMessage
) -> None:
    """Send an example to whoever asked for it, and to nobody else.

    Raises MailNotSent, PermanentFailure.
    """
    if sender is None:
        raise PermanentFailure("no mail server is set (SMTP_URL)")
    async with reading(context.database) as work:
        message = await work.messages.find(row.payload["message_id"])
        writer = await work.users.by_subject(row.payload["writer"])
        assert message is not None, "rows are never deleted"
        course = await work.courses.find(message.course_id)
        assert course is not None, "rows are never deleted"
        audience = Audience.of(message.audience)
        people = await work.audiences.people(course.id, audience, context.clock())
        name, language = (writer.name, writer.language) if writer else ("", "")
        words = MessageText(message.subject, message.body)
        person = people[0] if people else None
        mail = await example_mail(context, work, course, words, person, writer=(name, language))
    subject = i18n.of(language).text("message", "test", subject=mail.subject)
    mail = replace(mail, to=row.payload["email"], subject=subject)
    await sender.send(mail, key=row.dedupe_key)
