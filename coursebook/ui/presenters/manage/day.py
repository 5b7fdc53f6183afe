"""The page "Today" in words: meetings, and what needs somebody. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time
from zoneinfo import ZoneInfo

from coursebook.domain.inbox import InboxKind
from coursebook.services.manage.day.overview import MeetingToday, SchoolDay
from coursebook.ui import i18n
from coursebook.ui.presenters import format as say
from coursebook.ui.presenters.manage.people import MAX_DRAWN

INBOX, EXPECTED, DOOR = "/manage/money", "/manage/money/expected", "/manage/check-in/"
SHOWN_NOTES = 3
OWN_ROW = {InboxKind.REFUND_FAILED: "NEED_REFUND", InboxKind.PROMISE_NOT_KEPT: "NEED_MAIL"}
"""Kinds of the money inbox that have a row of their own; all others are one row together."""


@dataclass(frozen=True)
class MeetingTodayRow:
    """One meeting of today. `clock` is by the school's clock, `there` by that of its own place.

    `below` is where it is and who teaches. `here_part`, `confirmed_part` and `taken_part` are the
    widths of the bar; `drawn` has a part of it for each place, nothing for many places. `notes` are
    people with a note of the school; `owes`, `waiting` and `new` are "" when nobody does or is.
    `door` is the page at the door, "" for somebody who may not check people in.
    """

    id: str = ""
    title: str = ""
    href: str = ""
    clock: str = ""
    until: str = ""
    below: str = ""
    count: str = ""
    places: str = ""
    paying: str = ""
    notes: tuple[str, ...] = ()
    owes: str = ""
    waiting: str = ""
    absent: str = ""
    new: str = ""
    here_part: str = "0%"
    confirmed_part: str = "0%"
    taken_part: str = "0%"
    drawn: tuple[str, ...] = ()
    door: str = ""
    is_first: bool = False


@dataclass(frozen=True)
class NeedRow:
    """One thing that needs somebody, with the page where it is done."""

    text: str = ""
    below: str = ""
    href: str = ""
    tone: str = "plain"


def meeting_today_row(
    found: MeetingToday, day: SchoolDay, language: str, *, is_first: bool, sees_people: bool
) -> MeetingTodayRow:
    """Return the row of a meeting."""
    words, meeting = i18n.manage_of(language), found.meeting
    zone, taken = day.timezone, found.coming + found.paying
    parts = [
        meeting.place or i18n.of(language).ONLINE,
        *([found.teacher] if found.teacher else []),
    ]
    if meeting.total > 1:
        parts.append(words.TODAY_PART.format(number=meeting.number, total=meeting.total))
    if _clock(meeting.starts_at, meeting.timezone) != _clock(meeting.starts_at, zone):
        there = say.clock(meeting.starts_at, meeting.timezone, language)
        name = say.zone_words(meeting.timezone, language)
        parts.append(words.TODAY_THERE.format(clock=there, zone=name))
    course = f"/manage/courses/{meeting.course_id}"
    return MeetingTodayRow(
        id=meeting.id,
        title=meeting.title,
        href=f"{course}/people" if sees_people else "/manage/courses",
        clock=say.clock(meeting.starts_at, zone, language),
        until=words.TODAY_UNTIL.format(clock=say.clock(meeting.ends_at, zone, language)),
        below=" · ".join(parts),
        count=words.TODAY_COUNT.format(here=found.here, coming=found.coming),
        places=words.TODAY_PLACES.format(taken=taken, places=found.places),
        paying=_counted(found.paying, words.TODAY_PAYING, language),
        notes=_notes(found, language),
        owes=_owes(found, language),
        waiting=_counted(found.waiting, words.TODAY_WAITING, language),
        absent=_counted(found.absent, words.TODAY_ABSENT, language),
        new=_counted(found.new, words.TODAY_NEW, language),
        here_part=_part(found.here, found.places),
        confirmed_part=_part(found.coming, found.places),
        taken_part=_part(taken, found.places),
        drawn=_drawn(found),
        door=f"{DOOR}{meeting.id}" if day.may_check_in else "",
        is_first=is_first,
    )


def next_of(day: SchoolDay, now: datetime) -> int:
    """Return the number of the first meeting that is not over; the first one when all are."""
    ahead = (n for n, found in enumerate(day.meetings) if found.meeting.ends_at > now)
    return next(ahead, 0)


def head_words(day: SchoolDay, language: str) -> str:
    """Return the day and the zone in which it begins."""
    noon = datetime.combine(day.today, time(12), ZoneInfo(day.timezone))
    head = i18n.manage_of(language).TODAY_HEAD.format(
        day=say.day(noon, day.timezone, language), zone=say.zone_words(day.timezone, language)
    )
    return str(head)


def nothing_words(day: SchoolDay, language: str) -> str:
    """Return that nothing happens today, and what comes next; "" on a day with meetings."""
    words, following = i18n.manage_of(language), day.next_meeting
    if day.meetings:
        return ""
    if following is None:
        return str(words.TODAY_NOTHING_AT_ALL)
    at = say.day(following.starts_at, day.timezone, language)
    return str(words.TODAY_NOTHING_NEXT.format(day=at, title=following.title))


def need_rows(day: SchoolDay, language: str) -> list[NeedRow]:
    """Return what needs somebody, the worst first."""
    words = i18n.manage_of(language)
    rows = [
        NeedRow(say.counted(day.inbox[kind], _forms(words, name), language), "", INBOX, "bad")
        for kind, name in OWN_ROW.items()
        if day.inbox.get(kind)
    ]
    others = sum(count for kind, count in day.inbox.items() if kind not in OWN_ROW)
    if others:
        text = say.counted(others, words.NEED_INBOX, language)
        rows.append(NeedRow(text, words.NEED_INBOX_WHERE, INBOX, "warn"))
    late = day.late
    if late is not None and late.count:
        sums = ", ".join(say.money(amount, currency, language) for amount, currency in late.sums)
        text = say.counted(late.count, words.NEED_LATE, language)
        rows.append(NeedRow(text, sums, EXPECTED, "warn"))
    return [*rows, *_offer_rows(day, language)]


def _offer_rows(day: SchoolDay, language: str) -> list[NeedRow]:
    words, zone = i18n.manage_of(language), day.timezone
    rows = []
    for offer in day.offers:
        at = say.clock(offer.until, zone, language)
        if offer.until.astimezone(say.zone_of(zone)).date() != day.today:
            at = f"{say.day(offer.until, zone, language)}, {at}"
        below = words.NEED_OFFER_WHO.format(course=offer.title, name=offer.name)
        href = f"/manage/courses/{offer.course_id}/waiting"
        rows.append(NeedRow(words.NEED_OFFER.format(at=at), below, href))
    return rows


def _notes(found: MeetingToday, language: str) -> tuple[str, ...]:
    """Return the first notes, each with the name, and how many there are besides."""
    words, noted = i18n.manage_of(language), found.noted
    texts = [words.TODAY_NOTE.format(note=one.note, name=one.name) for one in noted[:SHOWN_NOTES]]
    more = _counted(max(0, len(noted) - SHOWN_NOTES), words.TODAY_MORE_NOTES, language)
    return (*texts, *([more] if more else []))


def _owes(found: MeetingToday, language: str) -> str:
    if found.owing is None:
        return ""
    sums = ", ".join(say.money(amount, code, language) for amount, code in found.owing.sums)
    words = i18n.manage_of(language)
    who = say.counted(found.owing.count, words.TODAY_OWES, language)
    return str(words.TODAY_OWES_SUM.format(who=who, sum=sums))


def _counted(number: int, forms: Mapping[str, str], language: str) -> str:
    return say.counted(number, forms, language) if number else ""


def _forms(words: object, name: str) -> Mapping[str, str]:
    forms: Mapping[str, str] = getattr(words, name)
    return forms


def _clock(moment: datetime, zone: str) -> str:
    return f"{moment.astimezone(say.zone_of(zone)):%H:%M}"


def _part(number: int, places: int) -> str:
    return f"{round(100 * number / places) if places else 0}%"


def _drawn(found: MeetingToday) -> tuple[str, ...]:
    """Return a part of the bar for each place: here, coming, paying, free."""
    if found.places > MAX_DRAWN:
        return ()
    taken = found.coming + found.paying
    counts = {
        "here": found.here,
        "confirmed": max(0, found.coming - found.here),
        "held": found.paying,
        "free": max(0, found.places - taken),
    }
    return tuple(name for name, count in counts.items() for _ in range(count))
