"""What the form of a course says back: mistakes, what is missing, differences. Pure."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import time

from coursebook.cldr import date_text, length_text, time_text
from coursebook.domain.amount_text import WrongAmount, read_amount
from coursebook.domain.course_fields import CourseField
from coursebook.errors import FieldError
from coursebook.services.manage.views import ManagedCourseView
from coursebook.ui import i18n
from coursebook.ui.presenters import course_fields as school_fields
from coursebook.ui.presenters import format as say
from coursebook.ui.presenters.manage.course_form import Texts, day_of, meeting_keys, texts_of
from coursebook.ui.presenters.manage.course_form_rows import (
    CourseTexts,
    Difference,
    FieldLink,
    FormHead,
    MeetingFields,
)
from coursebook.ui.presenters.manage.service_sentences import sentence_in

FIELDS = {
    "/location/kind": "kind-place",
    "/location": "place_name",
    "/location/name": "place_name",
    "/location/address": "place_address",
    "/location/join_url": "join_url",
    "/price": "price",
    "/price/amount": "price",
    "/price/currency": "currency",
    "/image": "picture",
    "/booking_closes_at": "closes_day",
    "/slug": "title",
    "/has_waiting_list": "waiting_list",
    "/offer_minutes": "waiting_list",
}
"""The ids of fields whose pointer is another."""
POINTS = (
    ("title", ("title",)),
    ("summary", ("summary",)),
    ("description", ("description",)),
    ("category", ("category",)),
    ("instructor", ("instructor",)),
    ("when", ()),
    ("place_name", ("place_name",)),
    ("price", ("price",)),
    ("capacity", ("capacity",)),
)
"""What a course needs to be published: the name of its label, and the fields that it needs."""
TONES = {"draft": "plain", "open": "good", "full": "warn", "closed": "warn", "cancelled": "bad"}
AS_IN_SETTINGS = "school"
"""The name of the choice whose value is empty."""
COMPARED = tuple(name for name in vars(CourseTexts()) if name not in ("meetings", "extra"))
_MEETING = re.compile(r"/meetings/(\d{1,3})(?:/(\w+))?")
_ROW = re.compile(r"/rows/(\d{1,3})/(\w+)")
_PARTS = {"day": "day", "starts_at": "start", "ends_at": "end"}


def field_of(pointer: str, texts: Texts) -> str:
    """Return the id of the field that a pointer into the values is about."""
    row = _ROW.fullmatch(pointer)
    if row is not None:
        return f"meeting-{row[1]}-{_PARTS.get(row[2], 'start')}"
    meeting = _MEETING.fullmatch(pointer)
    if meeting is not None:
        return _meeting_field(int(meeting[1]), meeting[2] or "", texts)
    if pointer in ("/meetings", "/starts_at", "/ends_at"):
        return _meeting_field(0, pointer.removeprefix("/"), texts)
    if pointer.startswith("/terms"):
        return "terms"
    if pointer.startswith("/extra/"):
        return pointer.removeprefix("/").replace("/", "-", 1)
    return FIELDS.get(pointer, pointer.removeprefix("/"))


def problems_of(
    errors: Iterable[FieldError], texts: Texts, language: str
) -> tuple[dict[str, str], list[FieldLink]]:
    """Return the sentence of each field with a mistake, and the links of the error summary."""
    words = i18n.manage_of(language)
    problems: dict[str, str] = {}
    for error in errors:
        sentence = words.MISTAKE.get(error.detail) or sentence_in(error.detail, language)
        problems.setdefault(field_of(error.pointer, texts), sentence)
    links = [
        FieldLink(field_id, f"{label_of(field_id, language)}: {sentence}")
        for field_id, sentence in problems.items()
    ]
    return problems, links


def label_of(field_id: str, language: str) -> str:
    """Return the label of a field by its id."""
    words = i18n.manage_of(language)
    if field_id.startswith("meeting-"):
        name = {"day": "day", "start": "starts_at", "end": "ends_at"}[field_id.rpartition("-")[2]]
        return str(words.LABEL[name])
    name = "where" if field_id == "kind-place" else field_id
    return str(words.LABEL.get(name, name.removeprefix("extra-")))


def missing_of(
    texts: Texts, fields: Sequence[CourseField], language: str
) -> tuple[list[FieldLink], str]:
    """Return what a course still needs to be published, and "3 of 9"."""
    words = i18n.manage_of(language)
    points = [(words.LABEL[name], needs or _first_meeting(texts)) for name, needs in POINTS]
    points += [
        (school_fields.label(one, language), (f"extra-{one.name}",))
        for one in fields
        if one.is_required and one.default is None
    ]
    if texts.get("kind") != "online":
        points = [
            (label, (*needs, "place_address") if "place_name" in needs else needs)
            for label, needs in points
        ]
    empty = [(label, [name for name in needs if not texts.get(name)]) for label, needs in points]
    links = [FieldLink(names[0], str(label)) for label, names in empty if names]
    return links, str(words.COUNT_OF.format(count=len(links), all=len(points)))


def missing_errors(links: Sequence[FieldLink]) -> list[FieldError]:
    """Return what is missing as mistakes of the fields."""
    return [FieldError(f"/{link.field_id}", "MISSING") for link in links]


def head_of(
    course: ManagedCourseView, time: str, name: str, *, may_write: bool, language: str
) -> FormHead:
    """Return the head of the form of a course that was saved at this time by this person."""
    words = i18n.manage_of(language)
    is_public = course.state != "draft"
    locked = ""
    if course.state == "cancelled":
        locked = words.LOCKED_CANCELLED
    elif course.is_archived:
        locked = words.LOCKED_ARCHIVED
    elif not may_write:
        locked = words.LOCKED_READ
    return FormHead(
        course_id=course.id,
        version=course.version,
        state=words.STATE[course.state],
        tone=TONES.get(course.state, "plain"),
        saved=saved_sentence(time, name, language),
        saved_at=saved_sentence(time, "", language),
        is_public=is_public,
        address=f"/courses/{course.slug}",
        locked=str(locked),
        may_write=may_write,
    )


def saved_sentence(time: str, name: str, language: str) -> str:
    """Return "Saved 10:42 by Olga", without a name "Saved 10:42"."""
    words = i18n.manage_of(language)
    return str((words.SAVED_BY if name else words.SAVED_AT).format(time=time, name=name))


def summary_title(count: int, *, is_publishing: bool, language: str) -> str:
    """Return the title of the error summary."""
    words = i18n.manage_of(language)
    return say.counted(count, words.MEND_PUBLISH if is_publishing else words.MEND, language)


def differences(
    mine: CourseTexts, current: ManagedCourseView, fields: Sequence[CourseField], language: str
) -> list[Difference]:
    """Return the fields in which the form and the course as somebody else saved it differ."""
    theirs = texts_of(current, fields)
    if _amount(mine) == _amount(theirs):  # "45,00" is "45.00"
        theirs = replace(theirs, price=mine.price)
    rows = [
        Difference(label_of(_field_id(name), language), *_both_words(name, mine, theirs, language))
        for name in COMPARED
        if getattr(mine, name).strip() != getattr(theirs, name).strip()
    ]
    dates, their_dates = (meeting_words(texts.meetings, language) for texts in (mine, theirs))
    if dates != their_dates:
        rows.append(Difference(label_of("when", language), dates, their_dates))
    for one in fields:
        values = (mine.extra.get(one.name, ""), theirs.extra[one.name])
        if values[0] != values[1]:
            said = [school_words(one, value, language) for value in values]
            rows.append(Difference(school_fields.label(one, language), *said))
    return rows


def _both_words(
    name: str, mine: CourseTexts, theirs: CourseTexts, language: str
) -> tuple[str, str]:
    """Return what a field holds in both versions, in words."""
    first, second = getattr(mine, name), getattr(theirs, name)
    if name == "image":
        return picture_words(first, "mine", language), picture_words(second, "theirs", language)
    return field_words(name, first, language), field_words(name, second, language)


def _amount(texts: CourseTexts) -> int | str:
    try:
        return read_amount(texts.price, texts.currency)
    except WrongAmount:
        return texts.price


def _field_id(name: str) -> str:
    return {"image": "picture", "kind": "where"}.get(name, name)


def _meeting_field(number: int, part: str, texts: Texts) -> str:
    """Return the id of a field of the meeting with this number among those with a value."""
    keys = [key for key in meeting_keys(texts) if texts.get(f"meeting-{key}-day")]
    key = keys[number] if number < len(keys) else (meeting_keys(texts) or ["0"])[0]
    name = _PARTS.get(part, "day")
    if part == "starts_at" and not texts.get(f"meeting-{key}-day"):
        name = "day"
    return f"meeting-{key}-{name}"


def _first_meeting(texts: Texts) -> tuple[str, ...]:
    key = (meeting_keys(texts) or ["0"])[0]
    return tuple(f"meeting-{key}-{part}" for part in ("day", "start", "end"))


def field_words(name: str, text: str, language: str) -> str:
    """Return what a field holds as people read it; a text that they typed as it is."""
    words = i18n.manage_of(language)
    if name in ("kind", "terms"):
        choices = words.LOCATION if name == "kind" else words.TERMS_CHOICE
        return str(choices.get(text, text))
    if name in ("reminder_minutes", "waiting_list"):
        choices = words.TURN_CHOICE if name == "waiting_list" else words.REMINDER_CHOICE
        return _minutes(text, choices, language)
    write = WRITERS.get(name)
    return write(text, language) if write and text else text


def picture_words(image: str, whose: str, language: str) -> str:
    """Return the words for a picture; `whose` version it belongs to is `mine` or `theirs`."""
    return str(i18n.manage_of(language).CONFLICT_PICTURE[whose if image else "none"])


def meeting_words(meetings: Sequence[MeetingFields], language: str) -> str:
    """Return the meetings: "Sun 14 Mar 2027, 10:00-13:00; Mon 15 Mar 2027, 10:00-13:00"."""
    lines = [_meeting(row, language) for row in meetings if row.day or row.start]
    return "; ".join(lines)


def school_words(declared: CourseField, text: str, language: str) -> str:
    """Return what the control of a school's own field holds; a wrong value as it was typed."""
    if declared.kind == "boolean":
        answers: Mapping[str, str] = i18n.manage_of(language).ANSWER
        return str(answers.get(text, text))
    try:
        return school_fields.value_words(declared, text, language) if text else ""
    except (KeyError, ValueError):
        return text


def _minutes(text: str, choices: Mapping[str, str], language: str) -> str:
    """Return the words of a choice; another number of minutes as "90 minutes" or "3 hours"."""
    known = choices.get(text or AS_IN_SETTINGS)
    if known is not None or not text.isdecimal():
        return str(known or text)
    return length_text(int(text), language)


def _meeting(row: MeetingFields, language: str) -> str:
    hours = "–".join(_time(part, language) for part in (row.start, row.end) if part)  # noqa: RUF001
    days = "–".join(_day(part, language) for part in (row.day, row.last_day) if part)  # noqa: RUF001
    return ", ".join(part for part in (days, hours) if part)


def _day(text: str, language: str) -> str:
    day = day_of(text)
    return date_text(day, i18n.of(language).DAY_PATTERN, language) if day else text


def _time(text: str, language: str) -> str:
    try:
        clock = time.fromisoformat(text)
    except ValueError:
        return text
    return time_text(clock, i18n.of(language).CLOCK_PATTERN, language)


WRITERS: Mapping[str, Callable[[str, str], str]] = {
    "level": say.level,
    "currency": lambda code, _language: code.upper(),
    "closes_day": _day,
    "closes_time": _time,
}
"""How the texts of some fields are written, from the text and the language."""
