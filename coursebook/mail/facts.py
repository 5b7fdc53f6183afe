"""What a mail says about one booking, in plain data, and how times are put into words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class MailFacts:
    """Everything a mail about a booking may mention.

    Datetimes carry a zone. `timezone` is the IANA name of the course's own zone, in which all
    times are told. Amounts are words («€45.00»), made where money is formatted; an empty
    `amount_text` means free of charge. `charged` says whether money was taken, `refund_text` how
    much of it goes back. `sequence` counts the calendar entries sent for this booking; `written_at`
    is when the mail was decided, so that a second try writes the same mail.
    """

    booking_id: str
    student_name: str
    student_email: str
    course_title: str
    starts_at: datetime
    ends_at: datetime
    timezone: str
    place: str
    amount_text: str
    booking_url: str
    written_at: datetime
    charged: bool = False
    refund_text: str = ""
    held_until: datetime | None = None
    reason: str = ""
    sequence: int = 0
    school_name: str = "Coursebook"
    school_email: str = ""

    @property
    def deadline(self) -> str:
        """Until when the place is held, in the course's zone, which is named."""
        if self.held_until is None:
            return ""
        until = self.held_until.astimezone(ZoneInfo(self.timezone))
        return f"{until:%H:%M} ({self.timezone})"

    @property
    def when(self) -> str:
        """Begin and end in the course's zone, which is named."""
        zone = ZoneInfo(self.timezone)
        begin, end = self.starts_at.astimezone(zone), self.ends_at.astimezone(zone)
        last = f"{end:%H:%M}" if begin.date() == end.date() else f"{_day(end)}, {end:%H:%M}"
        return f"{_day(begin)}, {begin:%H:%M} \N{EN DASH} {last} ({self.timezone})"


def _day(moment: datetime) -> str:
    return f"{moment:%A} {moment.day} {moment:%B %Y}"
