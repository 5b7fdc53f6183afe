"""The form of a course: from a stored course to texts, and from texts to values. Pure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields as fields_of
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from coursebook.domain.amount_text import WrongAmount, read_amount
from coursebook.domain.course_edits.local_time import AmbiguousTime, NoSuchTime, moment_of
from coursebook.domain.course_fields import CourseField
from coursebook.domain.money import CURRENCIES, major_units
from coursebook.domain.terms import STANDARD, Terms, TermStep
from coursebook.errors import FieldError
from coursebook.services.manage.views import ManagedCourseView, ManagedMeeting
from coursebook.ui import i18n
from coursebook.ui.presenters import format as say
from coursebook.ui.presenters.manage.course_form_rows import CourseTexts, MeetingFields

Texts = Mapping[str, str]
"""The fields of a submitted form by their names."""

AS_IT_IS = "as_it_is"
TERMS: Mapping[str, Terms] = {
    "standard": STANDARD,
    "flexible": Terms((TermStep(24, 100),)),
    "until_start": Terms((TermStep(0, 100),)),
    "nothing": Terms(),
}
"""The terms that people choose from, by the names of their texts."""
PLAIN = (
    *("title", "summary", "description", "category", "level", "instructor", "timezone", "image"),
    *("attendee_info", "internal_note"),
)
"""The texts that go into the values as they are."""
MEETING = re.compile(r"meeting-(\d{1,3})-day")
MEETING_PARTS = ("id", "day", "start", "end", "last_day")
MAX_ROWS = 20
LEADS = ("0", "120", "720", "1440", "2880", "4320", "10080")
"""The times of a reminder that people choose from: minutes before a start, "0" for none."""
TURNS = ("60", "180", "360", "720", "1440", "2880")
"""How long a place may be offered to somebody who waits, in minutes that count."""
NO_LIST = "off"
"""Stands for a course without a waiting list."""
CLOSE_LIST = "close_list"
"""The tick that closes a list on which people wait."""
_DIGITS = re.compile(r"\d{1,9}", re.ASCII)


class _Mistakes:
    """Collects mistakes; each `name` is one of the form's own sentences."""

    def __init__(self) -> None:
        self.errors: list[FieldError] = []

    def add(self, pointer: str, name: str) -> None:
        self.errors.append(FieldError(pointer, name))


def texts_of(course: ManagedCourseView, fields: Sequence[CourseField]) -> CourseTexts:
    """Return what the fields hold for a stored course."""
    price, location = course.price, course.location
    closes_day, closes_time = _day_and_time(course.booking_closes_at, course.timezone)
    return CourseTexts(
        **{name: getattr(course, name) or "" for name in PLAIN if name != "level"},
        level=course.level or CourseTexts.level,
        kind=location.kind,
        place_name=location.name or "",
        place_address=location.address,
        join_url=location.join_url,
        price=_typed_price(course),
        currency=price.currency if price else CourseTexts.currency,
        capacity="" if course.capacity is None else str(course.capacity),
        terms=terms_name(course.terms),
        reminder_minutes="" if course.reminder_minutes is None else str(course.reminder_minutes),
        waiting_list=str(course.offer_minutes or "") if course.has_waiting_list else NO_LIST,
        closes_day=closes_day,
        closes_time=closes_time,
        meetings=_meeting_rows(course.meetings, course.timezone),
        extra={one.name: _typed(course.extra.get(one.name)) for one in fields},
    )


def texts_from(texts: Texts, fields: Sequence[CourseField]) -> CourseTexts:
    """Return what the fields hold, from a submitted form."""
    names = [one.name for one in fields_of(CourseTexts) if one.name not in ("meetings", "extra")]
    rows = [
        MeetingFields(
            key,
            str(number),
            *(texts.get(f"meeting-{key}-{part}", "") for part in MEETING_PARTS),
        )
        for number, key in enumerate(meeting_keys(texts), start=1)
    ]
    return CourseTexts(
        **{name: texts[name] for name in names if name in texts},
        meetings=rows or [MeetingFields()],
        extra={one.name: texts.get(f"extra-{one.name}", "") for one in fields},
    )


def meeting_keys(texts: Texts) -> list[str]:
    """Return the keys of the rows of meetings, in the order of the page."""
    return [match[1] for name in texts if (match := MEETING.fullmatch(name))][:MAX_ROWS]


def as_sent(shown: CourseTexts) -> dict[str, str]:
    """Return the texts that a form sends while its fields hold these."""
    names = [one.name for one in fields_of(CourseTexts) if one.name not in ("meetings", "extra")]
    texts = {name: getattr(shown, name) for name in names}
    for row in shown.meetings:
        for part in MEETING_PARTS:
            texts[f"meeting-{row.key}-{part}"] = getattr(row, part)
    return texts | {f"extra-{name}": value for name, value in shown.extra.items()}


def next_meeting(rows: Sequence[MeetingFields], texts: Texts) -> MeetingFields:
    """Return the row after these, with the hours of the last one a week later, as typed so far."""
    last = rows[-1]
    key = str(max(int(row.key) for row in rows) + 1)
    start, end, day = (texts.get(f"meeting-{last.key}-{p}", "") for p in ("start", "end", "day"))
    last_day = day_of(day)
    week_later = (last_day + timedelta(days=7)).isoformat() if last_day else ""
    return MeetingFields(key, str(len(rows) + 1), day=week_later, start=start, end=end)


def numbered(rows: Sequence[MeetingFields]) -> list[MeetingFields]:
    """Return rows with their numbers from 1 on."""
    return [replace(row, number=str(number)) for number, row in enumerate(rows, start=1)]


def with_ids(rows: Sequence[MeetingFields], course: ManagedCourseView) -> list[MeetingFields]:
    """Return rows with the ids of the stored meetings at their times."""
    stored = {(row.day, row.start): row.id for row in texts_of(course, ()).meetings}
    return [replace(row, id=stored.get((row.day, row.start), row.id)) for row in rows]


def with_stored_ids(texts: Texts, course: ManagedCourseView) -> dict[str, str]:
    """Return texts with the ids of the stored meetings at their times."""
    rows = with_ids(texts_from(texts, ()).meetings, course)
    return {**texts, **{f"meeting-{row.key}-id": row.id for row in rows}}


def values_of(
    texts: Texts, fields: Sequence[CourseField]
) -> tuple[dict[str, Any], tuple[FieldError, ...]]:
    """Return the values of a submitted form in the shape of the API, and what cannot be read.

    The `detail` of an error is the name of one of the form's own sentences.
    """
    mistakes = _Mistakes()
    is_online = texts.get("kind") == "online"
    values: dict[str, Any] = {name: texts[name].strip() or None for name in PLAIN if name in texts}
    values["location"] = {
        "kind": "online" if is_online else "place",
        "name": texts.get("place_name", "").strip() or None,
        "address": None if is_online else texts.get("place_address", "").strip() or None,
        "join_url": texts.get("join_url", "").strip() or None if is_online else None,
    }
    values["price"] = _price(texts, mistakes)
    values["capacity"] = _capacity(texts, mistakes)
    values["meetings"] = list(_meetings(texts, mistakes))
    values["booking_closes_at"] = _closing_time(texts, mistakes)
    if "reminder_minutes" in texts:
        typed = texts["reminder_minutes"]
        values["reminder_minutes"] = int(typed) if _DIGITS.fullmatch(typed) else typed or None
    if "waiting_list" in texts:
        typed = texts["waiting_list"]
        values["has_waiting_list"] = typed != NO_LIST
        if typed != NO_LIST:
            values["offer_minutes"] = int(typed) if _DIGITS.fullmatch(typed) else typed or None
    if texts.get("terms") in TERMS:
        values["terms"] = TERMS[texts["terms"]].to_json()
    if fields:
        values["extra"] = {
            one.name: texts.get(f"extra-{one.name}", "").strip() or None for one in fields
        }
    return values, tuple(mistakes.errors)


def changes_of(
    values: Mapping[str, Any], stored: ManagedCourseView | None, fields: Sequence[CourseField]
) -> dict[str, Any]:
    """Return the values that differ from those that the form of the stored course would send.

    So a field that nobody touched changes nothing, not even the seconds of a start.
    """
    if stored is None:
        return dict(values)
    before, _mistakes = values_of(as_sent(texts_of(stored, fields)), fields)
    return {name: value for name, value in values.items() if value != before.get(name)}


def closing_question(
    values: Mapping[str, Any], stored: ManagedCourseView | None, texts: Texts, language: str
) -> str:
    """Return the question before a list is closed on which people wait, "" without one.

    A tick in the form answers it.
    """
    is_closed = values.get("has_waiting_list") is False
    if stored is None or not stored.waiting or not is_closed or texts.get(CLOSE_LIST):
        return ""
    forms = i18n.manage_of(language).LIST_CLOSES
    return say.counted(stored.waiting, forms, language)


def terms_name(steps: Sequence[Mapping[str, int]]) -> str:
    """Return the name of terms among `TERMS`, or `AS_IT_IS`."""
    stored = [dict(step) for step in steps]
    return next((name for name, terms in TERMS.items() if terms.to_json() == stored), AS_IT_IS)


def _typed(value: object) -> str:
    """Return a value of the school's fields as its control holds it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)


def _typed_price(course: ManagedCourseView) -> str:
    price = course.price
    return "" if price is None else major_units(price.amount, price.currency)


def _day_and_time(moment: datetime | None, timezone: str | None) -> tuple[str, str]:
    if moment is None:
        return "", ""
    local = moment.astimezone(ZoneInfo(timezone or "UTC"))
    return local.date().isoformat(), f"{local:%H:%M}"


def _meeting_rows(meetings: Sequence[ManagedMeeting], timezone: str | None) -> list[MeetingFields]:
    zone = ZoneInfo(timezone or "UTC")
    rows = [_meeting_row(number, one, zone) for number, one in enumerate(meetings)]
    return rows or [MeetingFields()]


def _meeting_row(number: int, meeting: ManagedMeeting, zone: ZoneInfo) -> MeetingFields:
    start, end = meeting.starts_at.astimezone(zone), meeting.ends_at.astimezone(zone)
    is_night = end.date() == start.date() + timedelta(days=1) and end.time() <= start.time()
    is_short = end.date() == start.date() or is_night
    return MeetingFields(
        key=str(number),
        number=str(number + 1),
        id=meeting.id or "",
        day=start.date().isoformat(),
        start=f"{start:%H:%M}",
        end=f"{end:%H:%M}",
        last_day="" if is_short else end.date().isoformat(),
    )


def _price(texts: Texts, mistakes: _Mistakes) -> dict[str, Any] | None:
    typed, currency = texts.get("price", "").strip(), texts.get("currency", "")
    if currency not in CURRENCIES:
        mistakes.add("/price/currency", "CHOOSE_CURRENCY")
        return None
    if not typed:
        return {"amount": None, "currency": currency}
    try:
        return {"amount": read_amount(typed, currency), "currency": currency}
    except WrongAmount:
        mistakes.add("/price", "WRONG_PRICE")
        return None


def _capacity(texts: Texts, mistakes: _Mistakes) -> int | None:
    typed = texts.get("capacity", "").strip()
    if not typed:
        return None
    if not _DIGITS.fullmatch(typed):
        mistakes.add("/capacity", "WRONG_PLACES")
        return None
    return int(typed)


def _meetings(texts: Texts, mistakes: _Mistakes) -> Iterator[dict[str, Any]]:
    zone = _zone(texts.get("timezone", ""))
    for key in meeting_keys(texts):
        parts = {part: texts.get(f"meeting-{key}-{part}", "").strip() for part in MEETING_PARTS}
        if not any(parts[part] for part in ("day", "start", "end")):
            continue
        if zone is None:
            mistakes.add("/timezone", "CHOOSE_ZONE")
        yield _meeting(parts, f"/rows/{key}", zone, mistakes)


def _meeting(
    parts: Texts, pointer: str, zone: ZoneInfo | None, mistakes: _Mistakes
) -> dict[str, Any]:
    """Return the value of one meeting. Its end is in the night after when it is not after it."""
    meeting: dict[str, Any] = {"id": parts["id"]} if parts["id"] else {}
    day, start, end = day_of(parts["day"]), _time(parts["start"]), _time(parts["end"])
    if day is None:
        mistakes.add(f"{pointer}/day", "DAY_MISSING")
        return meeting
    if start is None:
        mistakes.add(f"{pointer}/starts_at", "TIME_MISSING")
        return meeting
    last_day = day_of(parts["last_day"]) or day
    if end is not None and last_day == day and end <= start:
        last_day = day + timedelta(days=1)
    if zone is not None:
        meeting["starts_at"] = _moment(day, start, zone, f"{pointer}/starts_at", mistakes)
    if zone is not None and end is not None:
        meeting["ends_at"] = _moment(last_day, end, zone, f"{pointer}/ends_at", mistakes)
    return meeting


def _closing_time(texts: Texts, mistakes: _Mistakes) -> datetime | None:
    """Return when booking closes; None if neither its day nor its time is there."""
    typed_day, typed_time = (texts.get(f"closes_{part}", "").strip() for part in ("day", "time"))
    if not typed_day and not typed_time:
        return None
    day, at, zone = day_of(typed_day), _time(typed_time), _zone(texts.get("timezone", ""))
    if day is None:
        mistakes.add("/closes_day", "DAY_MISSING")
    elif at is None:
        mistakes.add("/closes_time", "TIME_MISSING")
    elif zone is None:
        mistakes.add("/timezone", "CHOOSE_ZONE")
    else:
        return _moment(day, at, zone, "/closes_time", mistakes)
    return None


def _moment(
    day: date, at: time, zone: ZoneInfo, pointer: str, mistakes: _Mistakes
) -> datetime | None:
    """Return the moment; of a time that clocks show twice it is the first."""
    try:
        return moment_of(datetime.combine(day, at), zone)
    except AmbiguousTime as error:
        return error.first.astimezone(ZoneInfo("UTC"))
    except (NoSuchTime, OverflowError):
        mistakes.add(pointer, "NO_SUCH_TIME")
        return None


def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # unknown, empty, or a folder
        return None


def day_of(text: str) -> date | None:
    """Return a day written as YYYY-MM-DD, or None."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _time(text: str) -> time | None:
    try:
        return time.fromisoformat(text).replace(tzinfo=None, second=0, microsecond=0)
    except ValueError:
        return None
