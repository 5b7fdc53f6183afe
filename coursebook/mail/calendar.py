"""The calendar entry of a booking, as an iCalendar file (RFC 5545, methods of RFC 5546)."""

from __future__ import annotations

from typing import Literal
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, vCalAddress

from coursebook.mail.facts import MailFacts

Method = Literal["PUBLISH", "CANCEL"]


def course_calendar(facts: MailFacts, method: Method) -> bytes:
    """Return the file that puts the course into a calendar, or takes it out again.

    The UID is the booking's own, so a later file with a higher `sequence` replaces the entry.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//coursebook//booking//EN")
    calendar.add("version", "2.0")
    calendar.add("method", method)
    calendar.add_component(_event(facts, method))
    calendar.add_missing_timezones()
    return bytes(calendar.to_ical())


def _event(facts: MailFacts, method: Method) -> Event:
    zone = ZoneInfo(facts.timezone)
    event = Event()
    event.add("uid", f"booking-{facts.booking_id}@coursebook")
    event.add("sequence", facts.sequence)
    event.add("dtstamp", facts.written_at)
    event.add("dtstart", facts.starts_at.astimezone(zone))
    event.add("dtend", facts.ends_at.astimezone(zone))
    event.add("summary", facts.course_title)
    event.add("location", facts.place)
    event.add("url", facts.booking_url)
    event.add("status", "CONFIRMED" if method == "PUBLISH" else "CANCELLED")
    if facts.school_email:
        organizer = vCalAddress(f"mailto:{facts.school_email}")
        organizer.params["CN"] = facts.school_name
        event["organizer"] = organizer
    return event
