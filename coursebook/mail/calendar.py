"""The calendar entries of a booking, one for each meeting, as iCalendar files.

RFC 5545; the methods are those of RFC 5546.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, Timezone, vCalAddress

from coursebook.mail.facts import CalendarFacts, MeetingFacts

Method = Literal["REQUEST", "CANCEL"]
"""The iCalendar method of a mail. REQUEST adds or changes an entry, CANCEL removes it."""
MAX_ZONES = 64
MAX_INVITATIONS = 12
"""With more entries than this a mail carries one file with all of them, to be imported by hand."""


@dataclass(frozen=True)
class CalendarFile:
    """A file, and its iCalendar method: `REQUEST`, `CANCEL` or `PUBLISH`."""

    data: bytes
    method: str


def invitations(facts: CalendarFacts, method: Method) -> tuple[CalendarFile, ...]:
    """Return the files of a mail, with which the student's calendar follows the booking.

    Google, Outlook and Apple act on a request or a cancellation only when it names the organizer
    and the person it was sent to, and on a cancellation only when UID and organizer are those of
    the request and its sequence is not lower (RFC 5546, 3.2.2 and 3.2.5). All entries of such a
    file must have one UID, so each meeting has its own file; a cancelled meeting is always removed.
    """
    if len(facts.entries) > MAX_INVITATIONS:
        return (CalendarFile(download(facts, is_cancelled=method == "CANCEL"), "PUBLISH"),)
    files = []
    for meeting in facts.entries:
        is_cancelled = method == "CANCEL" or meeting.is_cancelled
        event = _event(facts, meeting, is_cancelled=is_cancelled)
        event["attendee"] = _attendee(facts)
        meeting_method = "CANCEL" if is_cancelled else method
        data = _file([event], meeting_method, facts.school.name)
        files.append(CalendarFile(data, meeting_method))
    return tuple(sorted(files, key=lambda file: file.method != method))


def download(facts: CalendarFacts, *, is_cancelled: bool) -> bytes:
    """Return the file for manual import: published, without an attendee.

    Calendars refuse to import a file that requests a reply or cancels a meeting, so a cancelled
    booking is published as cancelled entries.
    """
    events = [
        _event(facts, meeting, is_cancelled=is_cancelled or meeting.is_cancelled)
        for meeting in facts.entries
    ]
    return _file(events, "PUBLISH", facts.school.name)


def _file(events: Iterable[Event], method: str, maker: str) -> bytes:
    calendar = Calendar()
    calendar.add("prodid", f"-//{_name(maker)}//booking//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", method)
    for event in events:
        calendar.add_component(event)
    for tzid in sorted(calendar.get_missing_tzids()):
        with suppress(ValueError):  # a zone that icalendar does not know
            calendar.subcomponents.insert(0, _rules_of(tzid))
    return bytes(calendar.to_ical())


@lru_cache(maxsize=MAX_ZONES)
def _rules_of(tzid: str) -> Timezone:
    """Return the rules of a time zone, which nobody changes: making them is half of a file."""
    return Timezone.from_tzid(tzid)


def _event(facts: CalendarFacts, meeting: MeetingFacts, *, is_cancelled: bool) -> Event:
    zone = ZoneInfo(facts.timezone)
    link = meeting.link or facts.room.link
    event = Event()
    event.add("uid", _uid(facts, meeting))
    event.add("sequence", facts.sequence)
    event.add("dtstamp", facts.written_at)
    event.add("dtstart", meeting.starts_at.astimezone(zone))
    event.add("dtend", meeting.ends_at.astimezone(zone))
    event.add("summary", facts.course_title)
    event.add("location", link or meeting.place or facts.place)
    if link and not is_cancelled:
        join = facts.texts.text("calendar", "join", link=link)
        event.add("description", f"{join}\n{facts.room.note}".strip())
    event.add("url", facts.booking_url)
    event.add("status", "CANCELLED" if is_cancelled else "CONFIRMED")
    event.add("transp", "OPAQUE")
    event["organizer"] = _organizer(facts)
    return event


def _uid(facts: CalendarFacts, meeting: MeetingFacts) -> str:
    """Return the UID of an entry. That of the first meeting is as old as bookings are."""
    of_meeting = "" if meeting.number == 1 else f"-m{meeting.number}"
    return f"booking-{facts.booking_id}{of_meeting}@coursebook"


def _organizer(facts: CalendarFacts) -> vCalAddress:
    school = facts.school
    organizer = vCalAddress(f"mailto:{school.email}")
    organizer.params["CN"] = _name(school.name)
    if school.sender != school.email:
        organizer.params["SENT-BY"] = f"mailto:{school.sender}"
    return organizer


def _attendee(facts: CalendarFacts) -> vCalAddress:
    """Return the student as an attendee who has accepted by booking. No reply is requested."""
    attendee = vCalAddress(f"mailto:{facts.student_email}")
    attendee.params["CN"] = _name(facts.student_name) or facts.student_email
    attendee.params["CUTYPE"] = "INDIVIDUAL"
    attendee.params["ROLE"] = "REQ-PARTICIPANT"
    attendee.params["PARTSTAT"] = "ACCEPTED"
    attendee.params["RSVP"] = "FALSE"
    return attendee


def _name(text: str) -> str:
    """Return a name that is valid in a parameter: no double quotes, no control characters."""
    printable = "".join(c if c.isprintable() else " " for c in text)
    return " ".join(printable.replace('"', "'").split())
