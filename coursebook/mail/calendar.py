"""The calendar entry of a booking, as an iCalendar file (RFC 5545, methods of RFC 5546)."""

from __future__ import annotations

from typing import Literal
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, vCalAddress

from coursebook.mail.facts import CalendarFacts

Method = Literal["REQUEST", "CANCEL"]
"""The iCalendar method of a mail. REQUEST adds or changes the entry, CANCEL removes it."""


def invitation(facts: CalendarFacts, method: Method) -> bytes:
    """Return the file of a mail, with which the student's calendar follows the booking.

    Google, Outlook and Apple act on a request or a cancellation only when it names the organizer
    and the person it was sent to, and on a cancellation only when UID and organizer are those of
    the request and its sequence is not lower (RFC 5546, 3.2.2 and 3.2.5).
    """
    event = _event(facts, is_cancelled=method == "CANCEL")
    event["attendee"] = _attendee(facts)
    return _file(event, method, facts.school.name)


def download(facts: CalendarFacts, *, is_cancelled: bool) -> bytes:
    """Return the file for manual import: published, without an attendee.

    Calendars refuse to import a file that requests a reply or cancels a meeting, so a cancelled
    booking is published as a cancelled entry.
    """
    return _file(_event(facts, is_cancelled=is_cancelled), "PUBLISH", facts.school.name)


def _file(event: Event, method: str, maker: str) -> bytes:
    calendar = Calendar()
    calendar.add("prodid", f"-//{_name(maker)}//booking//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", method)
    calendar.add_component(event)
    calendar.add_missing_timezones()
    return bytes(calendar.to_ical())


def _event(facts: CalendarFacts, *, is_cancelled: bool) -> Event:
    zone = ZoneInfo(facts.timezone)
    event = Event()
    event.add("uid", f"booking-{facts.booking_id}@coursebook")
    event.add("sequence", facts.sequence)
    event.add("dtstamp", facts.written_at)
    event.add("dtstart", facts.starts_at.astimezone(zone))
    event.add("dtend", facts.ends_at.astimezone(zone))
    event.add("summary", facts.course_title)
    event.add("location", facts.room.link or facts.place)
    if facts.room.link and not is_cancelled:
        join = facts.texts.text("calendar", "join", link=facts.room.link)
        event.add("description", f"{join}\n{facts.room.note}".strip())
    event.add("url", facts.booking_url)
    event.add("status", "CANCELLED" if is_cancelled else "CONFIRMED")
    event.add("transp", "OPAQUE")
    event["organizer"] = _organizer(facts)
    return event


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
