"""Copy a course to another first day, at the same hours in its zone."""

from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from coursebook.domain.course_edits.local_time import NoSuchTime, days_later, local_day
from coursebook.domain.course_edits.meetings import Meeting, bounds_of
from coursebook.errors import FieldError, Invalid
from coursebook.persistence.schema.tables import Course
from coursebook.persistence.schema.tables import Meeting as MeetingRow
from coursebook.services.manage.course_edits import PLACEHOLDERS, SLUG, EditedCourse, columns_of
from coursebook.services.manage.course_meetings import MeetingPlan

NOT_COPIED = ("internal_note",)


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
    columns = {**columns_of(course), **{name: PLACEHOLDERS[name] for name in NOT_COPIED}}
    columns |= {"extra": dict(course.extra), SLUG: ""}
    unset = {*course.unset, SLUG}
    if title is not None and title.strip():
        columns["title"] = title.strip()
        unset.discard("title")
    if {"starts_at", "ends_at"} & unset:
        return EditedCourse(columns, tuple(sorted(unset))), None
    moved = _Move(ZoneInfo(course.timezone), course.starts_at, starts_on)
    dates = [(row.starts_at, row.ends_at) for row in rows] or [(course.starts_at, course.ends_at)]
    meetings = tuple(Meeting(moved.moment(start), moved.moment(end)) for start, end in dates)
    plan = MeetingPlan(meetings, *bounds_of(meetings))
    columns |= plan.columns
    if course.booking_closes_at is not None:
        columns["booking_closes_at"] = moved.moment(course.booking_closes_at)
    return EditedCourse(columns, tuple(sorted(unset))), plan


class _Move:
    """Moves moments by whole days, so that clocks show the same times."""

    def __init__(self, zone: ZoneInfo, starts_at: datetime, starts_on: date) -> None:
        self._zone = zone
        self._days = (starts_on - local_day(starts_at, zone)).days

    def moment(self, moment: datetime) -> datetime:
        """Return the moment that many days later."""
        try:
            return days_later(moment, self._days, self._zone)
        except NoSuchTime as error:
            detail = f"Clocks skip {error} in {self._zone}: choose another day."
        except OverflowError:
            detail = "This day is too far away."
        raise Invalid([FieldError("/starts_on", detail)])
