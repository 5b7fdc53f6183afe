"""The calendar file of a booking, for download by its student; mails have the same entry."""

import hashlib
import json
from datetime import datetime

from coursebook.domain.booking import SeatState
from coursebook.domain.external_text import clean_id
from coursebook.errors import BookingNotFound
from coursebook.identity.principal import Principal
from coursebook.mail import i18n
from coursebook.mail.calendar import download
from coursebook.mail.facts import CalendarFacts, School
from coursebook.persistence.schema.columns import ID_LENGTH
from coursebook.persistence.schema.tables import Booking, Course, User
from coursebook.persistence.unit_of_work import reading, writing
from coursebook.services.context import Context
from coursebook.services.locked_booking import later_stamp
from coursebook.services.manage.school_settings import sender_of
from coursebook.services.presenters import location_view, room_view
from coursebook.services.views import CalendarFile

NOT_COUNTED = (
    *("booking_id", "sequence", "written_at", "student_name", "student_email", "language"),
    "room",  # a cancelled entry does not show it
)
"""Facts without effect on the digest: the owner and their language, the stamps, and the room."""
NO_ENTRY = "This booking is not confirmed, so there is no calendar entry for it."


class Calendars:
    """Calendar files, only for the student whose booking it is."""

    def __init__(self, context: Context) -> None:
        self._context = context

    async def of_booking(self, who: Principal, booking_id: str) -> CalendarFile:
        """Return the entry of a confirmed booking; for a cancelled one, the entry that removes it.

        Raises BookingNotFound, also for a booking that never was in a calendar.
        """
        if clean_id(booking_id, ID_LENGTH) is None:
            raise BookingNotFound
        async with reading(self._context.database) as work:
            booking = await work.bookings.find(booking_id)
            user = await work.users.by_subject(who.user_id)
            if booking is None or user is None or booking.user_id != user.id:
                raise BookingNotFound
            course = (await work.courses.by_ids({booking.course_id}))[booking.course_id]
            school = await sender_of(self._context, work)
        is_cancelled = _is_cancelled(booking)
        facts = await stamped_facts(self._context, booking, course, user, school)
        return CalendarFile(f"{course.slug}.ics", download(facts, is_cancelled=is_cancelled))


async def stamped_facts(
    context: Context, booking: Booking, course: Course, user: User, school: School
) -> CalendarFacts:
    """Return the facts of an entry, with a higher sequence and a later stamp whenever they changed.

    The booking stores a digest of the facts that were shown last, so that every edit of a course is
    noticed, whichever way it is made.
    """
    shown_at = booking.calendar_shown_at or context.clock()
    facts = calendar_facts(context, booking, course, user, shown_at, school=school)
    if booking.calendar_shows == _digest(facts, course):
        return facts
    async with writing(context.database) as work:
        row = await work.bookings.lock(booking.id)
        now = await work.courses.find(booking.course_id)
        assert row is not None, "rows are never deleted"
        assert now is not None, "rows are never deleted"
        await work.session.refresh(now)  # read the current row, under the lock of the booking
        digest = _digest(
            calendar_facts(context, row, now, user, context.clock(), school=school), now
        )
        if row.calendar_shows not in (None, digest):
            row.calendar_sequence += 1
            row.calendar_shown_at = later_stamp(row.calendar_shown_at, context.clock())
        row.calendar_shows = digest
        row.calendar_shown_at = row.calendar_shown_at or context.clock()
        return calendar_facts(context, row, now, user, row.calendar_shown_at, school=school)


def _digest(facts: CalendarFacts, course: Course) -> str:
    """Return a digest of all facts of an entry, except its owner and its own stamps."""
    shown = {name: str(value) for name, value in vars(facts).items() if name not in NOT_COUNTED}
    text = json.dumps(shown | {"room": course.join_url}, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def calendar_facts(
    context: Context,
    booking: Booking,
    course: Course,
    user: User,
    written_at: datetime,
    *,
    school: School,
) -> CalendarFacts:
    """Return the current facts of a booking's calendar entry."""
    place = location_view(course)
    online = i18n.of(user.language).text("frame", "online")
    return CalendarFacts(
        booking_id=booking.id,
        course_title=course.title,
        starts_at=course.starts_at,
        ends_at=course.ends_at,
        timezone=course.timezone,
        place=", ".join(filter(None, (place.name, place.address))) or online,
        room=room_view(booking, course),
        booking_url=f"{context.public_url}/bookings",
        written_at=written_at,
        sequence=booking.calendar_sequence,
        student_name=user.name,
        student_email=user.email,
        school=school,
        language=user.language,
    )


def _is_cancelled(booking: Booking) -> bool:
    if booking.place == SeatState.CONFIRMED.value:
        return False
    if booking.place == SeatState.CANCELLED.value and booking.calendar_sequence:
        return True
    raise BookingNotFound(NO_ENTRY)
