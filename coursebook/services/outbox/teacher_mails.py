"""Mails to the teachers of a course, sent from the outbox."""

from typing import Any

from coursebook.domain.external_text import mail_address
from coursebook.mail import i18n
from coursebook.mail.facts import CourseChangeFacts
from coursebook.mail.smtp import MailNotSent, SmtpSender
from coursebook.mail.teachers import TeacherFacts, teacher_course_cancelled, teacher_course_changed
from coursebook.persistence.schema.tables import Course, OutboxMessage, User
from coursebook.persistence.unit_of_work import UnitOfWork, reading
from coursebook.services.context import Context
from coursebook.services.manage.course_changes import offer_of_course
from coursebook.services.manage.school_settings import sender_of
from coursebook.services.outbox.change_mails import dates_in, edit_facts, place_in
from coursebook.services.outbox.mails import PermanentFailure
from coursebook.services.outbox.told_teachers import TeacherMail

WRITERS = {
    TeacherMail.CHANGED: teacher_course_changed,
    TeacherMail.CANCELLED: teacher_course_cancelled,
}


async def send_teacher_mail(
    context: Context, sender: SmtpSender | None, message: OutboxMessage
) -> bool:
    """Send a mail to a teacher. Raises MailNotSent, PermanentFailure when it is refused.

    Return False when nothing was sent: the person no longer teaches the course or has no address,
    or there is no mail server. The message counts as done then.
    """
    payload = message.payload
    async with reading(context.database) as work:
        teachers = await work.course_teachers.in_office(payload["course_id"])
        teacher = next((user for user in teachers if user.id == payload["user_id"]), None)
        address = mail_address(teacher.email) if teacher else ""
        if sender is None or teacher is None or not address:
            return False
        facts = await _facts(context, work, message, teacher)
    mail = WRITERS[TeacherMail(message.kind)](address, facts)
    try:
        await sender.send(mail, key=message.dedupe_key)
    except MailNotSent as error:
        if error.permanent:
            raise PermanentFailure(f"{address}: {error}") from error
        raise
    return True


async def _facts(
    context: Context, work: UnitOfWork, message: OutboxMessage, teacher: User
) -> TeacherFacts:
    """Return the facts of a mail: the offer after the change, or that of the cancelled course."""
    payload, language = message.payload, i18n.of(teacher.language).language
    course = await work.courses.find(payload["course_id"])
    assert course is not None, "rows are never deleted"
    change: CourseChangeFacts | None = None
    if message.kind == TeacherMail.CHANGED:
        offer, reason, change = await _of_change(work, payload["occasion"], language)
    else:
        offer, reason = await _of_course(work, course), course.cancel_reason or ""
    return TeacherFacts(
        name=teacher.name,
        title=course.title,
        meetings=tuple(dates_in(offer)),
        timezone=offer["timezone"],
        place=place_in(offer, language),
        url=f"{context.public_url}/manage/courses/{course.id}/people",
        school=await sender_of(context, work),
        reason=reason,
        change=change,
        told=payload["told"],
        people=payload["people"],
        language=language,
        look=context.look,
    )


async def _of_change(
    work: UnitOfWork, change_id: str, language: str
) -> tuple[dict[str, Any], str, CourseChangeFacts]:
    """Return the offer after a change, its reason, and what differs."""
    change = await work.course_changes.find(change_id)
    assert change is not None, "rows are never deleted"
    return change.after, change.reason, edit_facts(change, language)


async def _of_course(work: UnitOfWork, course: Course) -> dict[str, Any]:
    return offer_of_course(course, await work.meetings.of_course(course.id)).to_json()
