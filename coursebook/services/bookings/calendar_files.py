"""The calendar file of a booking, for download by its student; mails have the same entries."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from coursebook.domain.booking import SeatState
from coursebook.domain.external_text import clean_id
from coursebook.errors import BookingNotFound
from coursebook.identity.principal import Principal
from coursebook.mail import i18n
from coursebook.mail.calendar import download
from coursebook.mail.facts import CalendarFacts, MeetingFacts, School
from coursebook.persistence.schema.columns import ID_LENGTH
from coursebook.persistence.schema.tables import Booking, Course, Meeting, User
from coursebook.persistence.unit_of_work import reading, writing
from coursebook.services.context import Context
from coursebook.services.locked_booking import later_stamp
from coursebook.services.manage.school_settings import sender_of
from coursebook.services.presenters import location_view, room_view
from coursebook.services.views import CalendarFile

NOT_COUNTED = (
    *("booking_id", "sequence", "written_at", "student_name", "student_email", "language"),
    "room",  # a cancelled entry does not show it
    "meetings",  # nor their links
)
"""Facts without effect on the digest: owner and language, stamps, room, and the meetings."""
NO_ENTRY = "This booking is not confirmed, so there is no calendar entry for it."


@dataclass(frozen=True)
class EntryDetails:
    """What the entries show besides booking, course and student: the sender, and the meetings.

    `meetings` are all of the course, also cancelled ones.
    """

    school: School
    meetings: Sequence[Meeting]


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
            meetings = await work.meetings.all_of(booking.course_id)
        is_cancelled = _is_cancelled(booking)
        details = EntryDetails(school, meetings)
        facts = await stamped_facts(self._context, booking, course, user, details)
        return CalendarFile(f"{course.slug}.ics", download(facts, is_cancelled=is_cancelled))


async def stamped_facts(
    context: Context, booking: Booking, course: Course, user: User, details: EntryDetails
) -> CalendarFacts:
    """Return the facts of the entries, with a higher sequence and a later stamp after a change.

    The booking stores a digest of the facts that were shown last, so that every edit of a course is
    noticed, whichever way it is made.
    """
    shown_at = booking.calendar_shown_at or context.clock()
    facts = calendar_facts(context, booking, course, user, shown_at, details=details)
    if booking.calendar_shows == _digest(facts, course, details.meetings):
        return facts
    async with writing(context.database) as work:
        row = await work.bookings.lock(booking.id)
        now = await work.courses.find(booking.course_id)
        assert row is not None, "rows are never deleted"
        assert now is not None, "rows are never deleted"
        await work.session.refresh(now)  # read the current row, under the lock of the booking
        details = replace(details, meetings=await work.meetings.all_of(now.id))
        facts = calendar_facts(context, row, now, user, context.clock(), details=details)
        digest = _digest(facts, now, details.meetings)
        if row.calendar_shows not in (None, digest):
            row.calendar_sequence += 1
            row.calendar_shown_at = later_stamp(row.calendar_shown_at, context.clock())
        row.calendar_shows = digest
        row.calendar_shown_at = row.calendar_shown_at or context.clock()
        return calendar_facts(context, row, now, user, row.calendar_shown_at, details=details)


def _digest(facts: CalendarFacts, course: Course, meetings: Sequence[Meeting]) -> str:
    """Return a digest of all facts of the entries, except their owner and their own stamps."""
    shown = {name: str(value) for name, value in vars(facts).items() if name not in NOT_COUNTED}
    shown["room"] = course.join_url
    if facts.meetings:
        links = {meeting.number: meeting.join_url for meeting in meetings}
        shown["meetings"] = str([replace(m, link=links[m.number]) for m in facts.meetings])
    text = json.dumps(shown, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def calendar_facts(
    context: Context,
    booking: Booking,
    course: Course,
    user: User,
    written_at: datetime,
    *,
    details: EntryDetails,
) -> CalendarFacts:
    """Return the current facts of a booking's calendar entries."""
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
        booking_url=f"{context.public_url}/bookings/{booking.id}",
        written_at=written_at,
        sequence=booking.calendar_sequence,
        student_name=user.name,
        student_email=user.email,
        school=details.school,
        language=user.language,
        meetings=_meetings(booking, course, details.meetings),
    )


def _meetings(
    booking: Booking, course: Course, meetings: Sequence[Meeting]
) -> tuple[MeetingFacts, ...]:
    """Return the meetings; () for one that is the course itself.

    Those that were cancelled before the booking was confirmed never were in the calendar.
    """
    since, is_confirmed = booking.confirmed_at, booking.place == SeatState.CONFIRMED.value
    facts = tuple(
        MeetingFacts(
            number=meeting.number,
            starts_at=meeting.starts_at,
            ends_at=meeting.ends_at,
            place="" if course.is_online else _own_place(meeting),
            link=meeting.join_url if is_confirmed and course.is_online else "",
            is_cancelled=meeting.cancelled_at is not None,
        )
        for meeting in meetings
        if meeting.cancelled_at is None or (since is not None and since <= meeting.cancelled_at)
    )
    is_plain = facts == (MeetingFacts(1, course.starts_at, course.ends_at),)
    return () if is_plain else facts


def _own_place(meeting: Meeting) -> str:
    return ", ".join(filter(None, (meeting.place_name, meeting.place_address)))


def _is_cancelled(booking: Booking) -> bool:
    if booking.place == SeatState.CONFIRMED.value:
        return False
    if booking.place == SeatState.CANCELLED.value and booking.calendar_sequence:
        return True
    raise BookingNotFound(NO_ENTRY)
