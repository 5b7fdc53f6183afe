"""The facts of one booking for mails and calendar entries, with times as text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from email.utils import parseaddr
from zoneinfo import ZoneInfo

from coursebook.cldr import date_text, time_text, zone_city
from coursebook.domain.booking import number_of
from coursebook.domain.booking_statement import MoneyOutcome
from coursebook.domain.online_room import Room
from coursebook.domain.promise import Share
from coursebook.mail import i18n
from coursebook.mail.look import PLAIN, Look

DEFAULT_NAME = "Coursebook"
"""The name of a school without SCHOOL_NAME."""


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
    def own_name(self) -> str:
        """The name that the school has set; "" without one."""
        return "" if self.name == DEFAULT_NAME else self.name

    @property
    def reply_address(self) -> str:
        """The address for answers; "" when that is the sender."""
        return self.email if self.email != self.sender else ""

    @property
    def lines(self) -> list[str]:
        """The signature of a mail, in lines."""
        return [line for line in (self.name, self.address, self.reply_address) if line]


@dataclass(frozen=True)
class MeetingFacts:
    """One meeting of a course that has several. `number` never changes, and no other one has it.

    `place` and `link` are its own, "" for those of the course.
    """

    number: int
    starts_at: datetime
    ends_at: datetime
    place: str = ""
    link: str = ""
    is_cancelled: bool = False


@dataclass(frozen=True)
class CalendarFacts:
    """The facts of the calendar entries of a booking, one for each meeting.

    `sequence` and `written_at` grow with each change of them. `meetings` is empty for a course
    with one meeting, which takes place from `starts_at` to `ends_at`. `room` is the room of an
    online course; it is empty unless the seat is confirmed. `language` is that of the student, ""
    when unknown.
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
    language: str = ""
    meetings: tuple[MeetingFacts, ...] = ()

    @property
    def entries(self) -> tuple[MeetingFacts, ...]:
        """Every meeting, also cancelled ones; at least one."""
        return self.meetings or (MeetingFacts(1, self.starts_at, self.ends_at),)

    @property
    def texts(self) -> i18n.Texts:
        """The texts in the student's language, or in English."""
        return i18n.of(self.language)


@dataclass(frozen=True)
class MoneyText:
    """A line of `domain.booking_statement` with its amount as text."""

    outcome: MoneyOutcome
    amount: str
    why: str


@dataclass(frozen=True)
class HandText:
    """Money that is still to come by hand: how much, until when, and how to pay it.

    `until` is a day as text, `reference` what to write on a transfer, `details` the school's own
    words. Each is "" when there is none.
    """

    amount: str
    until: str
    reference: str
    details: str


@dataclass(frozen=True)
class RefundText:
    """A refund: its amount, the amount of the payment, and the recorded cause.

    `reason` and `note` are an operator's own words, "" when a rule asked for the refund.
    """

    amount: str
    paid: str
    cause: str
    reason: str = ""
    note: str = ""


@dataclass(frozen=True)
class CourseChangeFacts:
    """An edit of the course after it was booked: what was, what is, and what follows from it.

    `old_dates` and `new_dates`: start and end of the meetings that differ, in `old_timezone` and
    `new_timezone`. `places`: the old and the new place as text, None when it is the same.
    `free_cancel_until`: until then cancelling gives everything back.
    """

    old_dates: Sequence[tuple[datetime, datetime]]
    new_dates: Sequence[tuple[datetime, datetime]]
    old_timezone: str
    new_timezone: str
    places: tuple[str, str] | None
    is_room_new: bool
    reason: str
    free_cancel_until: datetime | None
    is_hold_shorter: bool
    is_confirmed: bool

    def dates_before(self, texts: i18n.Texts) -> str:
        """Return the old dates as text, "" when none was given up."""
        return _dates(self.old_dates, self.old_timezone, texts)

    def dates_now(self, texts: i18n.Texts) -> str:
        """Return the new dates as text, "" when there is none."""
        return _dates(self.new_dates, self.new_timezone, texts)


@dataclass(frozen=True)
class MoveFacts:
    """The move of a booking to another course: what it was for, and what became of the difference.

    `difference` is the decision about the price (`domain.booking_edits.move.Difference`), "" when
    there was none to make. `given_back` and `recorded` (what came by hand) are amounts as text, ""
    for nothing.
    """

    title: str
    dates: Sequence[tuple[datetime, datetime]]
    timezone: str
    difference: str
    given_back: str
    recorded: str = ""

    def when(self, texts: i18n.Texts) -> str:
        """Return the dates that it was for, as text."""
        return _dates(self.dates, self.timezone, texts)


@dataclass(frozen=True)
class CourseCancellationFacts:
    """Why the school cancelled the course, and its message, in its own words.

    `is_on_its_way`: a bank is working on a payment, which goes back when it comes.
    """

    reason: str = ""
    message: str = ""
    is_on_its_way: bool = False


@dataclass(frozen=True)
class MessageText:
    """What the school wrote to the people of a course, with placeholders. `body` is Markdown."""

    subject: str = ""
    body: str = ""


@dataclass(frozen=True, kw_only=True)
class MailFacts(CalendarFacts):
    """Everything a mail about a booking may mention.

    Datetimes have a zone. `timezone` is the IANA name of the course's own zone; the times of a mail
    use it. `reader_timezone` is that of the student's browser, "" when unknown. Amounts are text
    such as "€45.00"; an empty `amount_text` means free of charge. `sequence` counts the calendar
    entries sent for this booking. `written_at` is the moment when the mail was queued, so that a
    second attempt writes the same mail. `ended_by` is the recorded cause of a seat that has ended
    (an `EndCause`), `money` the lines of its statement, `refund` the refund that the mail is about.
    `promise` has the shares that cancelling still gives back. `picture_url` is a picture of the
    course that mail programs can show, "" without one. `change` is the edit, `move` the move and
    `cancellation` the decision to cancel the course that the mail is about.
    `attendee_info` is what students should bring or know (Markdown). `reason` is why the school
    cancelled the booking, in an operator's own words. `is_copy`: the mail goes to a participant
    who is not the payer, named here `payer_name`, and says nothing about money.
    `participant_name` is who takes part in the payer's place, "" for the payer;
    `has_other_address`: that person has the calendar entries, and the payer has none. `hand` is
    money that is still to come by hand. `message` is what the school wrote. `claim_url` adds the
    booking of a guest to an account, "" for others. `ticket_code` is what a confirmed place shows
    at check-in.
    """

    amount_text: str
    held_until: datetime | None = None
    ended_by: str = ""
    money: tuple[MoneyText, ...] = ()
    refund: RefundText | None = None
    is_online: bool = False
    reader_timezone: str = ""
    promise: tuple[Share, ...] = ()
    change: CourseChangeFacts | None = None
    move: MoveFacts | None = None
    cancellation: CourseCancellationFacts = CourseCancellationFacts()
    message: MessageText = MessageText()
    hand: HandText | None = None
    claim_url: str = ""
    attendee_info: str = ""
    reason: str = ""
    is_copy: bool = False
    payer_name: str = ""
    participant_name: str = ""
    has_other_address: bool = False
    picture_url: str = ""
    ticket_code: str = ""
    look: Look = PLAIN

    @property
    def number(self) -> str:
        """The number that people use for the booking."""
        return number_of(self.booking_id)

    @property
    def deadline(self) -> str:
        """The end of the hold, in the course's zone, with the zone's name.

        With the day, unless it is the day of the mail.
        """
        if self.held_until is None:
            return ""
        zone = ZoneInfo(self.timezone)
        until = self.held_until.astimezone(zone)
        if until.date() != self.written_at.astimezone(zone).date():
            return moment_words(self.held_until, self.timezone, self.texts)
        values = {"clock": _clock(until, self.texts), "zone": zone_words(self.timezone, self.texts)}
        return self.texts.text("forms", "clock_moment", **values)

    def when(self, meeting: MeetingFacts) -> str:
        """Return begin and end of a meeting in the course's zone, with the zone's name."""
        return when_words(meeting.starts_at, meeting.ends_at, self.timezone, self.texts)

    def when_elsewhere(self, meeting: MeetingFacts) -> tuple[str, str]:
        """Return the name of another zone in the frame, and the time of an online meeting there.

        The student's zone, or UTC when that is unknown; ("", "") where clocks show the same.
        """
        other = self.reader_timezone or "UTC"
        begin = meeting.starts_at
        is_same = begin.astimezone(ZoneInfo(other)).utcoffset() == (
            begin.astimezone(ZoneInfo(self.timezone)).utcoffset()
        )
        if not self.is_online or is_same:
            return "", ""
        name = "when_yours" if self.reader_timezone else "when_utc"
        return name, when_words(begin, meeting.ends_at, other, self.texts)

    @property
    def terms(self) -> str:
        """The refund that cancelling still brings, and until when; never beyond the start."""
        texts = self.texts
        if not self.amount_text:
            return texts.text("terms", "free")
        steps = [
            texts.text(
                "terms",
                "step",
                percent=str(share.percent),
                until=moment_words(min(share.until, self.starts_at), self.timezone, texts),
            )
            for share in self.promise
            if share.percent
        ]
        if not steps:
            return texts.text("terms", "nothing")
        return texts.text("terms", "nothing_after", steps=texts.text("terms", "then").join(steps))


def when_words(starts_at: datetime, ends_at: datetime, zone_name: str, texts: i18n.Texts) -> str:
    """Return begin and end with the zone's name; the day of the end only when it is another."""
    zone = ZoneInfo(zone_name)
    begin, end = starts_at.astimezone(zone), ends_at.astimezone(zone)
    return texts.text(
        "forms",
        "when" if begin.date() == end.date() else "when_days",
        day=_day(begin, texts),
        begin=_clock(begin, texts),
        end_day=_day(end, texts),
        end=_clock(end, texts),
        zone=zone_words(zone_name, texts),
    )


def day_words(day: date, texts: i18n.Texts) -> str:
    """Return a day: "Friday 1 January 2027"."""
    return _day(datetime(day.year, day.month, day.day, 12, tzinfo=UTC), texts)


def moment_words(at: datetime, zone: str, texts: i18n.Texts) -> str:
    """Return one moment: "Friday 1 January 2027, 18:00, Berlin time"."""
    local = at.astimezone(ZoneInfo(zone))
    values = {"day": _day(local, texts), "clock": _clock(local, texts)}
    return texts.text("forms", "moment", **values, zone=zone_words(zone, texts))


def zone_words(name: str, texts: i18n.Texts) -> str:
    """Return the everyday name of a time zone: "Berlin time" for Europe/Berlin."""
    city = zone_city(name, texts.language)
    return texts.text("forms", "zone", city=city) if city else name.rsplit("/", 1)[-1]


def _dates(dates: Sequence[tuple[datetime, datetime]], zone: str, texts: i18n.Texts) -> str:
    return "; ".join(when_words(begin, end, zone, texts) for begin, end in dates)


def _day(moment: datetime, texts: i18n.Texts) -> str:
    return date_text(moment.date(), texts.text("forms", "day"), texts.language)


def _clock(moment: datetime, texts: i18n.Texts) -> str:
    return time_text(moment.time(), texts.text("forms", "clock"), texts.language)
