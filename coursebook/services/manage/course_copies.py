"""Copy a course to another first day, at the same hours in its zone."""

from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from coursebook.domain.course_edits.local_time import NoSuchTime
from coursebook.domain.course_edits.meetings import Meeting, bounds_of
from coursebook.domain.course_edits.recurrence import Shift
from coursebook.errors import FieldError, Invalid
from coursebook.persistence.schema.tables import Course
from coursebook.persistence.schema.tables import Meeting as MeetingRow
from coursebook.services.manage.course_edits import PLACEHOLDERS, SLUG, EditedCourse, columns_of
from coursebook.services.manage.course_meetings import MeetingPlan

NOT_COPIED = ("internal_note",)


class NoSuchDate(Exception):
    """The course cannot be on that day; the message is a sentence that says why."""


def copied(
    course: Course,
    rows: Sequence[MeetingRow],
    starts_on: date,
    title: str | None,
) -> tuple[EditedCourse, MeetingPlan | None]:
    """Return a copy whose first meeting is on that day in the zone of the course.

    A course without a start has none in the copy either. Raises Invalid for a day on which clocks
    skip the hour of a meeting.
    """
    shift = Shift.to(starts_on, course.starts_at, ZoneInfo(course.timezone))
    try:
        return copied_by(course, rows, shift, title)
    except NoSuchDate as error:
        raise Invalid([FieldError("/starts_on", str(error))]) from None


def copied_by(
    course: Course, rows: Sequence[MeetingRow], shift: Shift, title: str | None = None
) -> tuple[EditedCourse, MeetingPlan | None]:
    """Return a copy with all its moments shifted, as in `copied`. Raises NoSuchDate."""
    columns = {**columns_of(course), **{name: PLACEHOLDERS[name] for name in NOT_COPIED}}
    columns |= {"extra": dict(course.extra), SLUG: ""}
    unset = {*course.unset, SLUG}
    if title is not None and title.strip():
        columns["title"] = title.strip()
        unset.discard("title")
    if {"starts_at", "ends_at"} & unset:
        return EditedCourse(columns, tuple(sorted(unset))), None
    plan = shifted(course, rows, shift)
    columns |= plan.columns
    if course.booking_closes_at is not None:
        columns["booking_closes_at"] = _moment(shift, course.booking_closes_at)
    return EditedCourse(columns, tuple(sorted(unset))), plan


def shifted(course: Course, rows: Sequence[MeetingRow], shift: Shift) -> MeetingPlan:
    """Return the meetings of a course after a shift. Raises NoSuchDate."""
    dates = [(row.starts_at, row.ends_at) for row in rows] or [(course.starts_at, course.ends_at)]
    meetings = tuple(Meeting(_moment(shift, start), _moment(shift, end)) for start, end in dates)
    if any(meeting.ends_at <= meeting.starts_at for meeting in meetings):
        raise NoSuchDate(f"Clocks change in {shift.zone} that night: choose another day.")
    return MeetingPlan(meetings, *bounds_of(meetings))


def _moment(shift: Shift, moment: datetime) -> datetime:
    try:
        return shift.moment(moment)
    except NoSuchTime as error:
        raise NoSuchDate(f"Clocks skip {error} in {shift.zone}: choose another day.") from None
    except OverflowError:
        raise NoSuchDate("This day is too far away.") from None
