"""The calendar entry of a booking, as an iCalendar file (RFC 5545, methods of RFC 5546)."""

from __future__ import annotations

from typing import Literal
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, vCalAddress

from coursebook.mail.facts import CalendarFacts

Method = Literal["REQUEST", "CANCEL"]
"""What a mail asks a calendar for. REQUEST puts the entry in or changes it, CANCEL takes it out."""


def invitation(facts: CalendarFacts, method: Method) -> bytes:
    """Return what a mail carries so that the student's calendar follows the booking by itself.

    Google, Outlook and Apple act on a request or a cancellation only when it names the organizer
    and the person it was sent to, and on a cancellation only when UID and organizer are those of
    the request and its sequence is not lower (RFC 5546, 3.2.2 and 3.2.5).
    """
    event = _event(facts, is_cancelled=method == "CANCEL")
    event["attendee"] = _attendee(facts)
    return _file(event, method)


def download(facts: CalendarFacts, *, is_cancelled: bool) -> bytes:
    """Return the file that a person imports by hand: published, addressed to nobody.

    Calendars refuse to import a file that asks for an answer or cancels a meeting, so a cancelled
    booking is published as an entry that is cancelled.
    """
    return _file(_event(facts, is_cancelled=is_cancelled), "PUBLISH")


def _file(event: Event, method: str) -> bytes:
    calendar = Calendar()
    calendar.add("prodid", "-//coursebook//booking//EN")
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
        event.add("description", f"Join online: {facts.room.link}\n{facts.room.note}".strip())
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
    """Return the student, who has said yes by booking: nobody waits for an answer."""
    attendee = vCalAddress(f"mailto:{facts.student_email}")
    attendee.params["CN"] = _name(facts.student_name) or facts.student_email
    attendee.params["CUTYPE"] = "INDIVIDUAL"
    attendee.params["ROLE"] = "REQ-PARTICIPANT"
    attendee.params["PARTSTAT"] = "ACCEPTED"
    attendee.params["RSVP"] = "FALSE"
    return attendee


def _name(written: str) -> str:
    """Return a name as a parameter may hold it: no double quote, no control character."""
    kept = "".join(c if c.isprintable() else " " for c in written)
    return " ".join(kept.replace('"', "'").split())
