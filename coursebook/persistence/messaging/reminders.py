"""Which starts of courses people were reminded of, and which come next."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped
from sqlmodel import col

from coursebook.domain.course_edits.reminder import MAX_LEAD
from coursebook.persistence.schema.insert import insert_all_once
from coursebook.persistence.schema.tables import Course, CourseStatus, Meeting, Reminder


class ComingStart(NamedTuple):
    """A start of a course of which nobody was reminded. `minutes` as in `reminder_minutes`."""

    course_id: str
    starts_at: datetime
    minutes: int | None


class Reminders:
    """The table `reminder`."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def coming(self, now: datetime, school_minutes: int) -> list[ComingStart]:
        """Return the next starts of public courses of which nobody was reminded, soonest first.

        Of courses that do as the school does only those that are due; of others also some that are
        due later.
        """
        query = sa.union_all(*coming_starts())
        parameters = moments_of_reminders(now, school_minutes)
        rows = (await self._session.execute(query, parameters)).all()
        starts = [ComingStart(row[0], row[1], row[2]) for row in rows]
        return sorted(starts, key=lambda start: start.starts_at)

    async def exists(self, course_id: str, starts_at: datetime) -> bool:
        """Return whether the reminders of a start were enqueued."""
        return await self._session.get(Reminder, (course_id, starts_at)) is not None

    async def add(
        self, course_id: str, starts: Sequence[datetime], now: datetime, mails: int
    ) -> None:
        """Note that nobody is to be reminded of these starts again."""
        rows = [
            {"course_id": course_id, "starts_at": start, "at": now, "mails": mails}
            for start in starts
        ]
        if rows:
            await insert_all_once(self._session, Reminder, rows, ["course_id", "starts_at"])


def coming_starts() -> tuple[sa.Select[Any], sa.Select[Any]]:
    """Return the queries of `Reminders.coming`; their parameters are `moments_of_reminders`."""
    return _starts_of_meetings(), _starts_without_meetings()


def moments_of_reminders(now: datetime, school_minutes: int) -> dict[str, datetime]:
    """Return until when starts are coming: the school's usual time, and the longest of a course."""
    return {
        "now": now,
        "till": now + timedelta(minutes=school_minutes),
        "last": now + timedelta(minutes=MAX_LEAD),
    }


def _starts_of_meetings() -> sa.Select[Any]:
    starts_at = col(Meeting.starts_at)
    columns: list[Any] = [col(Meeting.course_id), starts_at, col(Course.reminder_minutes)]
    query = sa.select(*columns)
    query = query.join(Course, col(Course.id) == col(Meeting.course_id))
    return query.where(col(Meeting.cancelled_at).is_(None), *_coming(starts_at))


def _starts_without_meetings() -> sa.Select[Any]:
    starts_at = col(Course.starts_at)
    columns: list[Any] = [col(Course.id), starts_at, col(Course.reminder_minutes)]
    query = sa.select(*columns)
    has_meetings = sa.exists().where(col(Meeting.course_id) == col(Course.id))
    return query.where(~has_meetings, *_coming(starts_at))


def _coming(starts_at: Mapped[datetime]) -> list[sa.ColumnElement[bool]]:
    minutes = col(Course.reminder_minutes)
    was_reminded = sa.exists().where(
        col(Reminder.course_id) == col(Course.id), col(Reminder.starts_at) == starts_at
    )
    return [
        col(Course.status) == CourseStatus.PUBLISHED.value,
        starts_at > sa.bindparam("now"),
        starts_at <= sa.bindparam("last"),
        sa.or_(minutes > 0, sa.and_(minutes.is_(None), starts_at <= sa.bindparam("till"))),
        ~was_reminded,
    ]
