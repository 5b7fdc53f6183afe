"""The calendar entries of a mail in the sandbox's mailbox."""

from email import message_from_string
from email.policy import default
from typing import Any

from icalendar import Calendar


def entries(mail: dict[str, Any]) -> list[Any]:
    """Return the entries of all files of a mail. Each file is attached once and inline once."""
    parts = message_from_string(mail["raw"], policy=default).walk()
    files = {p.get_content() for p in parts if p.get_content_type() == "text/calendar"}
    return [event for file in sorted(files) for event in Calendar.from_ical(file).walk("VEVENT")]
