"""The page that repeats a course: its form, the dates to choose from, and the request. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from typing import Any

from coursebook.cldr import date_text
from coursebook.domain.course_edits.recurrence import WEEKDAYS, WeeklyRule
from coursebook.services.manage.repeating.repeat_views import (
    Clash,
    RepeatDate,
    RepeatRequest,
    Repetition,
)
from coursebook.services.manage.views import ManagedCourseView
from coursebook.ui import i18n
from coursebook.ui.presenters import format as say
from coursebook.ui.presenters.manage.course_form import day_of
from coursebook.ui.presenters.manage.service_sentences import sentence_in

MONDAY = date(2024, 1, 1)
USUAL_WEEKS = 12
"""The last day that the form begins with lies so many weeks after the course."""


@dataclass(frozen=True)
class RepeatHead:
    """The course to repeat, and what its form begins with. Days are YYYY-MM-DD.

    `why_not` says why it cannot be repeated, "" if it can.
    """

    course_id: str = ""
    title: str = ""
    below: str = ""
    teacher: str = ""
    place: str = ""
    zone: str = "UTC"
    first: str = ""
    last: str = ""
    time: str = ""
    why_not: str = ""


@dataclass(frozen=True)
class WeekdayRow:
    """A weekday: its field, its name, and whether the form begins with it."""

    name: str = ""
    text: str = ""
    is_chosen: bool = False


@dataclass(frozen=True)
class RepeatRow:
    """One date to choose. `is_blocked`: it cannot be chosen; `note` says why, or warns.

    `name` is its field in the form.
    """

    day: str = ""
    name: str = ""
    text: str = ""
    note: str = ""
    is_chosen: bool = False
    is_blocked: bool = False
    clashes: bool = False


def head_of(course: ManagedCourseView, language: str) -> RepeatHead:
    """Return the head of a course."""
    words = i18n.manage_of(language)
    title = course.title or words.UNTITLED
    if course.starts_at is None or course.ends_at is None or course.timezone is None:
        return RepeatHead(course.id, title, why_not=words.REPEAT_NO_DATE)
    zone = course.timezone
    local = course.starts_at.astimezone(say.zone_of(zone))
    when = say.days(course.starts_at, course.ends_at, zone, language)
    return RepeatHead(
        course_id=course.id,
        title=title,
        below=f"{when}, {say.hours(course.starts_at, course.ends_at, zone, language)}",
        teacher=course.instructor or "",
        place="" if course.location.kind == "online" else course.location.name or "",
        zone=zone,
        first=(local.date() + timedelta(days=7)).isoformat(),
        last=(local.date() + timedelta(weeks=USUAL_WEEKS)).isoformat(),
        time=local.strftime("%H:%M"),
    )


def weekday_rows(course: ManagedCourseView, language: str) -> list[WeekdayRow]:
    """Return the weekdays; that of the course is chosen."""
    own = None
    if course.starts_at is not None and course.timezone is not None:
        own = course.starts_at.astimezone(say.zone_of(course.timezone)).weekday()
    return [
        WeekdayRow(
            name, date_text(MONDAY + timedelta(days=number), "EEEE", language), number == own
        )
        for number, name in enumerate(WEEKDAYS)
    ]


def request_of(
    texts: Mapping[str, str], language: str
) -> tuple[RepeatRequest | None, dict[str, str]]:
    """Return what the form asks for, or None and a sentence for each field to mend."""
    mistakes = i18n.manage_of(language).REPEAT_MISTAKE
    weekdays = frozenset(n for n, name in enumerate(WEEKDAYS) if texts.get(name))
    first, last = day_of(texts.get("first", "")), day_of(texts.get("last", ""))
    start = _time_of(texts.get("time", ""))
    values = {"weekdays": weekdays, "first": first, "last": last, "time": start}
    problems = {
        n: str(mistakes[n]) for n, value in values.items() if value is None or value == set()
    }
    if first and last and last < first:
        problems["last"] = str(mistakes["order"])
    if problems or first is None or last is None:
        return None, problems
    return RepeatRequest(rule=WeeklyRule(weekdays, first, last), time_of_day=start), {}


def date_rows(repetition: Repetition, head: RepeatHead, language: str) -> list[RepeatRow]:
    """Return the dates to choose from; what clashes is not chosen at first."""
    rows = []
    for planned in repetition.dates:
        day = planned.day.isoformat()
        is_blocked = planned.exists or bool(planned.problem)
        rows.append(
            RepeatRow(
                day=day,
                name=f"date-{day}",
                text=_when(planned, repetition.timezone, language),
                note=_note(planned, head, language),
                is_chosen=not is_blocked and not planned.clashes,
                is_blocked=is_blocked,
                clashes=bool(planned.clashes),
            )
        )
    return rows


def ticked(rows: Sequence[RepeatRow], day: str, *, is_chosen: bool) -> list[RepeatRow]:
    """Return the rows with one of them chosen or not."""
    return [
        replace(row, is_chosen=is_chosen) if row.day == day and not row.is_blocked else row
        for row in rows
    ]


def chosen_request(
    rows: Sequence[RepeatRow], texts: Mapping[str, str], start: str
) -> RepeatRequest | None:
    """Return the request for the dates that are ticked in the form, None when none is."""
    chosen = [row for row in rows if texts.get(row.name) and not row.is_blocked]
    if not chosen:
        return None
    return RepeatRequest(
        days=tuple(date.fromisoformat(row.day) for row in chosen),
        time_of_day=_time_of(start),
        is_published=texts.get("act") == "publish",
        allows_clashes=any(row.clashes for row in chosen),
    )


def button_words(rows: Sequence[RepeatRow], language: str) -> tuple[str, str]:
    """Return the words of both buttons, which name how many dates are chosen."""
    count, words = sum(row.is_chosen for row in rows), i18n.manage_of(language)
    return (
        say.counted(count, words.REPEAT_DRAFTS, language),
        say.counted(count, words.REPEAT_PUBLISH, language),
    )


def done_words(added: int, language: str, *, is_published: bool) -> str:
    """Return what was added."""
    words = i18n.manage_of(language)
    forms = words.REPEAT_PUBLISHED_NOW if is_published else words.REPEAT_ADDED
    return say.counted(added, forms, language)


def _when(planned: RepeatDate, zone: str, language: str) -> str:
    if planned.starts_at is None or planned.ends_at is None:
        return date_text(planned.day, i18n.of(language).DAY_PATTERN, language)
    days = say.days(planned.starts_at, planned.ends_at, zone, language)
    return f"{days}, {say.times(planned.starts_at, planned.ends_at, zone, language)}"


def _note(planned: RepeatDate, head: RepeatHead, language: str) -> str:
    if planned.problem:
        return sentence_in(planned.problem, language)
    words = i18n.manage_of(language)
    if planned.exists:
        return str(words.REPEAT_EXISTS)
    return " ".join(_clash(clash, head, words, language) for clash in planned.clashes)


def _clash(clash: Clash, head: RepeatHead, words: Any, language: str) -> str:
    name = head.teacher if clash.kind == "teacher" else head.place
    when = say.moment(clash.starts_at, head.zone, language)
    return str(words.REPEAT_CLASH[clash.kind].format(name=name, title=clash.title, when=when))


def _time_of(text: str) -> time | None:
    try:
        return time.fromisoformat(text) if len(text) == len("18:30") else None
    except ValueError:
        return None
