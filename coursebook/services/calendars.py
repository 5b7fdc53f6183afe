"""The calendar file of a booking, for its student to download; the mail carries the same entry."""

from datetime import datetime

from coursebook.domain.booking import Place
from coursebook.domain.outside import clean_id
from coursebook.errors import BookingNotFound
from coursebook.identity.principal import Principal
from coursebook.mail.calendar import download
from coursebook.mail.facts import CalendarFacts
from coursebook.persistence.columns import ID_LENGTH
from coursebook.persistence.tables import Booking, Course, User
from coursebook.persistence.work import reading
from coursebook.services.present import location_view, room_view
from coursebook.services.tools import Tools
from coursebook.services.views import CalendarFile

ONLINE = "Online"
NO_ENTRY = "This booking is not confirmed, so there is no calendar entry for it."


class Calendars:
    """Calendar files, only for the student whose booking it is."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    async def of_booking(self, who: Principal, booking_id: str) -> CalendarFile:
        """Return the entry of a confirmed booking; of a cancelled one, what takes it out again.

        Raises BookingNotFound, also for a booking that never was in a calendar.
        """
        if clean_id(booking_id, ID_LENGTH) is None:
            raise BookingNotFound
        async with reading(self._tools.database) as work:
            booking = await work.bookings.find(booking_id)
            user = await work.users.by_subject(who.user_id)
            if booking is None or user is None or booking.user_id != user.id:
                raise BookingNotFound
            course = (await work.courses.by_ids({booking.course_id}))[booking.course_id]
        is_cancelled = _is_cancelled(booking)
        facts = calendar_facts(self._tools, booking, course, user, booking.updated_at)
        return CalendarFile(f"{course.slug}.ics", download(facts, is_cancelled=is_cancelled))


def calendar_facts(
    tools: Tools, booking: Booking, course: Course, user: User, written_at: datetime
) -> CalendarFacts:
    """Return what the calendar entry of a booking shows as of now."""
    place = location_view(course)
    return CalendarFacts(
        booking_id=booking.id,
        course_title=course.title,
        starts_at=course.starts_at,
        ends_at=course.ends_at,
        timezone=course.timezone,
        place=", ".join(filter(None, (place.name, place.address))) or ONLINE,
        room=room_view(booking, course),
        booking_url=f"{tools.public_url}/bookings",
        written_at=written_at,
        sequence=booking.calendar_sequence,
        student_name=user.name,
        student_email=user.email,
        school=tools.school,
    )


def _is_cancelled(booking: Booking) -> bool:
    if booking.place == Place.CONFIRMED.value:
        return False
    if booking.place == Place.CANCELLED.value and booking.calendar_sequence:
        return True
    raise BookingNotFound(NO_ENTRY)
