"""What mails and calendar entries say about one booking, in plain data and with times in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from email.utils import parseaddr
from zoneinfo import ZoneInfo

from coursebook.cldr import date_text, time_text
from coursebook.domain.booking_statement import MoneyOutcome
from coursebook.domain.online_room import Room

NAMELESS = "Coursebook"
"""What a school is called that has not said its name."""

_LANGUAGE = "en"  # of every mail


@dataclass(frozen=True)
class School:
    """Who writes: the school's name, where answers go to, its postal address, the sender's address.

    `email` is never empty: without an address of its own the sender's stands for the school, since
    a calendar takes an entry out again only for the organizer who put it in (RFC 5546, 3.2.5).
    """

    name: str
    email: str
    address: str
    sender: str

    @classmethod
    def of(cls, name: str, email: str, address: str, mail_from: str) -> School:
        """Build it from the settings; `mail_from` is the sender with or without a name."""
        sender = parseaddr(mail_from)[1]
        return cls(name or NAMELESS, email or sender, address, sender)

    @property
    def lines(self) -> list[str]:
        """How a mail is signed."""
        answers = self.email if self.email != self.sender else ""
        return [line for line in (self.name, self.address, answers) if line]


@dataclass(frozen=True)
class CalendarFacts:
    """What a calendar entry shows. `sequence` and `written_at` grow with each change of it.

    `room` is where an online course meets; it is empty unless the place is confirmed.
    """

    booking_id: str
    course_title: str
    starts_at: datetime
    ends_at: datetime
    timezone: str
    place: str
    room: Room
    booking_url: str
    written_at: datetime
    sequence: int
    student_name: str
    student_email: str
    school: School


@dataclass(frozen=True)
class MoneyText:
    """A line of `domain.account` with its amount in words."""

    told: MoneyOutcome
    amount: str
    why: str


@dataclass(frozen=True)
class RefundText:
    """A refund: what moved, of what payment, and why (`cause`, as it was recorded)."""

    amount: str
    paid: str
    cause: str


@dataclass(frozen=True)
class MailFacts(CalendarFacts):
    """Everything a mail about a booking may mention.

    Datetimes carry a zone. `timezone` is the IANA name of the course's own zone, in which all
    times are told. Amounts are words («€45.00»), made where money is formatted; an empty
    `amount_text` means free of charge. `sequence` counts the calendar entries sent for this
    booking; `written_at` is when the mail was decided, so that a second try writes the same mail.
    `ended_by` is the recorded cause of a place that is over (an `EndCause`), `money` what is
    recorded of its money, `refund` the refund that the mail is about.
    """

    amount_text: str
    held_until: datetime | None = None
    ended_by: str = ""
    money: tuple[MoneyText, ...] = ()
    refund: RefundText | None = None

    @property
    def deadline(self) -> str:
        """Until when the place is held, in the course's zone, which is named."""
        if self.held_until is None:
            return ""
        until = self.held_until.astimezone(ZoneInfo(self.timezone))
        return f"{_clock(until)} {zone_words(self.timezone)}"

    @property
    def when(self) -> str:
        """Begin and end in the course's zone, which is named."""
        zone = ZoneInfo(self.timezone)
        begin, end = self.starts_at.astimezone(zone), self.ends_at.astimezone(zone)
        last = _clock(end) if begin.date() == end.date() else f"{_day(end)}, {_clock(end)}"
        return f"{_day(begin)}, {_clock(begin)} \N{EN DASH} {last}, {zone_words(self.timezone)}"


def zone_words(name: str) -> str:
    """Name a time zone as people do: «Europe/Berlin» is «Berlin time»."""
    place = name.rsplit("/", 1)[-1].replace("_", " ")
    return place if place == "UTC" or name.startswith("Etc/") else f"{place} time"


def _day(moment: datetime) -> str:
    return date_text(moment.date(), "EEEE d MMMM y", _LANGUAGE)


def _clock(moment: datetime) -> str:
    return time_text(moment.time(), "HH:mm", _LANGUAGE)
