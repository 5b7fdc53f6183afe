"""Examples of the mails of a message: for its preview, and as a test to whoever wrote it."""

from dataclasses import replace
from datetime import datetime

from coursebook.domain.booking import SeatState
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
from coursebook.services.outbox.recipients import for_recipient

MESSAGE_TEST = "message_test"
"""The kind of an outbox row that sends an example to whoever wrote the message."""
_NOBODY = "bkg_22222222222222222222"
"""The booking of an example for a course that nobody has booked; it does not exist."""


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
        found_booking = await work.bookings.find(person.booking_id)
        found_user = await work.users.by_id(person.user_id)
        assert found_booking is not None, "rows are never deleted"
        assert found_user is not None, "rows are never deleted"
        booking, user = found_booking, found_user
    meetings = await work.meetings.all_of(course.id)
    details = EntryDetails(await sender_of(context, work), meetings)
    entry = calendar_facts(context, booking, course, user, now, details=details)
    facts = facts_about(context, entry, booking, course, user, payload={})
    payload = {}
    if person is not None and person.participant_email:
        payload["recipient"] = {"name": person.participant_name, "email": person.participant_email}
    facts = for_recipient(facts, payload, booking, course, site=context.public_url)
    address = person.email if person else ""
    return write_message(replace(facts, message=words, student_email=address))


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
    booking = Booking(
        id=_NOBODY,
        user_id=user.id,
        course_id=course.id,
        place=SeatState.CONFIRMED.value,
        price=course.price,
        currency=course.currency,
        confirmed_at=now,
        created_at=now,
        updated_at=now,
    )
    return booking, user


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
