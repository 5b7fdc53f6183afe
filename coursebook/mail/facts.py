"""The facts of one booking for mails and calendar entries, with times as text."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from email.utils import parseaddr
from zoneinfo import ZoneInfo

from coursebook.cldr import date_text, time_text
from coursebook.domain.booking_statement import MoneyOutcome
from coursebook.domain.online_room import Room

DEFAULT_NAME = "Coursebook"
"""The name of a school without SCHOOL_NAME."""

_LANGUAGE = "en"  # of every mail


@dataclass(frozen=True)
class School:
    """The sender of mails: the school's name, reply address, postal address and sender address.

    `email` is never empty: it defaults to the sender's address, because a calendar accepts a
    cancellation only from the organizer of the entry (RFC 5546, 3.2.5).
    """

    name: str
    email: str
    address: str
    sender: str

    @classmethod
    def of(cls, name: str, email: str, address: str, mail_from: str) -> School:
        """Build it from the settings. `mail_from` is the sender with or without a name."""
        sender = parseaddr(mail_from)[1]
        return cls(name or DEFAULT_NAME, email or sender, address, sender)

    @property
    def lines(self) -> list[str]:
        """The signature of a mail, in lines."""
        reply_address = self.email if self.email != self.sender else ""
        return [line for line in (self.name, self.address, reply_address) if line]


@dataclass(frozen=True)
class CalendarFacts:
    """The facts of a calendar entry. `sequence` and `written_at` grow with each change of it.

    `room` is the room of an online course; it is empty unless the seat is confirmed.
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
    """A line of `domain.booking_statement` with its amount as text."""

    told: MoneyOutcome
    amount: str
    why: str


@dataclass(frozen=True)
class RefundText:
    """A refund: its amount, the amount of the payment, and the recorded cause."""

    amount: str
    paid: str
    cause: str


@dataclass(frozen=True)
class MailFacts(CalendarFacts):
    """Everything a mail about a booking may mention.

    Datetimes have a zone. `timezone` is the IANA name of the course's own zone; all times in the
    mail use it. Amounts are text such as "€45.00"; an empty `amount_text` means free of charge.
    `sequence` counts the calendar entries sent for this booking. `written_at` is the moment when
    the mail was queued, so that a second attempt writes the same mail. `ended_by` is the recorded
    cause of a seat that has ended (an `EndCause`), `money` the lines of its statement, `refund`
    the refund that the mail is about.
    """

    amount_text: str
    held_until: datetime | None = None
    ended_by: str = ""
    money: tuple[MoneyText, ...] = ()
    refund: RefundText | None = None

    @property
    def deadline(self) -> str:
        """The end of the hold, in the course's zone, with the zone's name."""
        if self.held_until is None:
            return ""
        until = self.held_until.astimezone(ZoneInfo(self.timezone))
        return f"{_clock(until)} {zone_words(self.timezone)}"

    @property
    def when(self) -> str:
        """Begin and end in the course's zone, with the zone's name."""
        zone = ZoneInfo(self.timezone)
        begin, end = self.starts_at.astimezone(zone), self.ends_at.astimezone(zone)
        last = _clock(end) if begin.date() == end.date() else f"{_day(end)}, {_clock(end)}"
        return f"{_day(begin)}, {_clock(begin)} \N{EN DASH} {last}, {zone_words(self.timezone)}"


def zone_words(name: str) -> str:
    """Return the everyday name of a time zone: "Berlin time" for Europe/Berlin."""
    place = name.rsplit("/", 1)[-1].replace("_", " ")
    return place if place == "UTC" or name.startswith("Etc/") else f"{place} time"


def _day(moment: datetime) -> str:
    return date_text(moment.date(), "EEEE d MMMM y", _LANGUAGE)


def _clock(moment: datetime) -> str:
    return time_text(moment.time(), "HH:mm", _LANGUAGE)
