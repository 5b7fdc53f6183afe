"""Who comes to a meeting and who came: the tables `attendance` and `attendance_line`."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from coursebook.domain.booking import SeatState
from coursebook.domain.check_in.attendance import AttendanceState
from coursebook.persistence.schema.insert import insert_once
from coursebook.persistence.schema.tables import (
    Attendance,
    AttendanceLine,
    Booking,
    Course,
    CourseStatus,
    Meeting,
    User,
)

_IS_COMING = col(Booking.place) == SeatState.CONFIRMED.value
_HAS_ROWS = sa.exists().where(col(Meeting.course_id) == col(Course.id))
MEETING, COURSE = "mtg_", "crs_"
"""A course without rows in `meeting` has one meeting, with the id of the course after MEETING."""


class MeetingCount(NamedTuple):
    """How many people of a meeting are in one state; None for those of whom nothing is recorded."""

    meeting_id: str
    state: str | None
    people: int


class PersonCount(NamedTuple):
    """How often one person was in one state, at the meetings of one course."""

    booking_id: str
    course_id: str
    state: str
    meetings: int


class Comer(NamedTuple):
    """Somebody with a confirmed place: who takes part, "" for the payer, and the payer's name."""

    booking_id: str
    course_id: str
    participant: str
    payer: str


class Attendances:
    """The queries."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def of_meeting(
        self, meeting_id: str, booking_ids: Collection[str] | None = None
    ) -> dict[str, Attendance]:
        """Return what is recorded of a meeting, by booking; on request of some bookings only."""
        query = sa.select(Attendance).where(col(Attendance.meeting_id) == meeting_id)
        if booking_ids is not None:
            query = query.where(col(Attendance.booking_id).in_(booking_ids))
        rows = await self._session.scalars(query.execution_options(populate_existing=True))
        return {row.booking_id: row for row in rows}

    async def of_booking(self, booking_id: str) -> dict[str, Attendance]:
        """Return what is recorded of one booking, by meeting."""
        query = sa.select(Attendance).where(col(Attendance.booking_id) == booking_id)
        return {row.meeting_id: row for row in await self._session.scalars(query)}

    async def coming(self, course_ids: Collection[str]) -> list[tuple[Booking, User]]:
        """Return the confirmed bookings of courses with their payers, in one query."""
        query = sa.select(Booking, User).join(User, col(User.id) == col(Booking.user_id))
        query = query.where(col(Booking.course_id).in_(sorted(course_ids)), _IS_COMING)
        return [(booking, user) for booking, user in await self._session.execute(query)]

    async def comers(self, course_ids: Collection[str]) -> list[Comer]:
        """Return who has a confirmed place on some courses, as many as there are.

        They are no rows of the session: with 100,000 of them those took ten seconds.
        """
        query = (
            sa.select(
                *(col(Booking.id), col(Booking.course_id)),
                *(col(Booking.participant_name), col(User.name)),
            )
            .join(User, col(User.id) == col(Booking.user_id))
            .where(col(Booking.course_id).in_(sorted(course_ids)), _IS_COMING)
        )
        return [Comer(*row) for row in await self._session.execute(query)]

    async def lock(self, booking_ids: Collection[str], codes: Collection[str]) -> list[Booking]:
        """Return the bookings with one of these ids or ticket codes, under their row locks.

        The locks are taken in the order of the ids. A code that was replaced meanwhile has no
        booking any more, since the rows are read again under the lock.
        """
        named = sa.or_(
            col(Booking.id).in_(sorted(booking_ids)), col(Booking.ticket_code).in_(sorted(codes))
        )
        query = sa.select(Booking).where(named).order_by(col(Booking.id)).with_for_update()
        rows = await self._session.scalars(query.execution_options(populate_existing=True))
        return list(rows)

    async def lines(self, client_ids: Collection[str]) -> dict[str, AttendanceLine]:
        """Return the lines that were received before, by the ids that phones gave them."""
        query = sa.select(AttendanceLine).where(col(AttendanceLine.client_id).in_(client_ids))
        return {line.client_id: line for line in await self._session.scalars(query)}

    async def add_line(self, line: dict[str, Any]) -> bool:
        """Store a line. Return False when one with its client id is stored already."""
        return await insert_once(self._session, AttendanceLine, line, ["client_id"])

    def add(self, attendance: Attendance) -> None:
        """Store the first thing that is recorded of somebody at a meeting."""
        self._session.add(attendance)

    async def meetings_between(
        self, since: datetime, till: datetime, course_ids: Collection[str] | None
    ) -> list[tuple[Meeting | None, Course]]:
        """Return the meetings of public courses that start in this time, the first one first.

        A course without rows in `meeting` comes without one. `course_ids`: only of these courses.
        """
        is_public = col(Course.status) == CourseStatus.PUBLISHED.value
        query = sa.select(Meeting, Course).join(Course, col(Course.id) == col(Meeting.course_id))
        query = query.where(*_between(Meeting, since, till), is_public)
        lone = sa.select(Course).where(*_between(Course, since, till), is_public, ~_HAS_ROWS)
        if course_ids is not None:
            query = query.where(col(Course.id).in_(course_ids))
            lone = lone.where(col(Course.id).in_(course_ids))
        pairs: list[tuple[Meeting | None, Course]] = [
            (meeting, course)
            for meeting, course in await self._session.execute(
                query.where(col(Meeting.cancelled_at).is_(None))
            )
        ]
        pairs += [(None, course) for course in await self._session.scalars(lone)]
        return sorted(pairs, key=lambda pair: ((pair[0] or pair[1]).starts_at, pair[1].id))

    async def counts(self, meeting_ids: Collection[str]) -> list[MeetingCount]:
        """Count the people of meetings by what is recorded of them."""
        query = (
            sa.select(col(Attendance.meeting_id), col(Attendance.state), sa.func.count())
            .join(Booking, col(Booking.id) == col(Attendance.booking_id))
            .where(col(Attendance.meeting_id).in_(meeting_ids), _IS_COMING)
            .group_by(col(Attendance.meeting_id), col(Attendance.state))
        )
        return [MeetingCount(*row) for row in await self._session.execute(query)]

    async def person_counts(
        self, meeting_ids: Collection[str], booking_ids: Collection[str] | None = None
    ) -> list[PersonCount]:
        """Count what is recorded at some meetings, by booking; also of places that ended since.

        On request of some bookings only.
        """
        query = (
            sa.select(
                col(Attendance.booking_id),
                col(Booking.course_id),
                col(Attendance.state),
                sa.func.count(),
            )
            .join(Booking, col(Booking.id) == col(Attendance.booking_id))
            .where(col(Attendance.meeting_id).in_(meeting_ids))
            .group_by(col(Attendance.booking_id), col(Booking.course_id), col(Attendance.state))
        )
        if booking_ids is not None:
            query = query.where(col(Attendance.booking_id).in_(booking_ids))
        return [PersonCount(*row) for row in await self._session.execute(query)]

    async def absent(
        self, since: datetime, till: datetime, limit: int
    ) -> list[tuple[str, str, str]]:
        """Return (booking, meeting, course) of people who did not come, at most `limit`.

        Their meeting ended between these moments, at least one person was ticked there, and nothing
        is recorded of them. A booking that was made after the end is left out.
        """
        query = absent_people(since, till)
        query = query.order_by(*query.selected_columns[1::-1]).limit(limit)
        return [tuple(row) for row in await self._session.execute(query)]

    async def find_meeting(self, meeting_id: str) -> Meeting | None:
        """Return a meeting."""
        return await self._session.get(Meeting, meeting_id)

    async def course_without_meetings(self, course_id: str) -> Course | None:
        """Return a course that has no rows in `meeting`, else None."""
        query = sa.select(Course).where(col(Course.id) == course_id, ~_HAS_ROWS)
        return (await self._session.scalars(query)).first()


def only_meeting_id(course_id: str) -> str:
    """Return the id of the meeting of a course without rows in `meeting`."""
    return f"{MEETING}{course_id.removeprefix(COURSE)}"


def _between(
    table: type[Meeting] | type[Course], since: datetime, till: datetime
) -> tuple[sa.ColumnElement[bool], ...]:
    return col(table.starts_at) >= since, col(table.starts_at) < till


def absent_people(since: datetime, till: datetime) -> sa.Select[Any]:
    """Return the query of `Attendances.absent`: booking, meeting and course."""
    ended = _ended(since, till).subquery()
    ticked = sa.exists().where(
        col(Attendance.meeting_id) == ended.c.id,
        col(Attendance.state) == AttendanceState.PRESENT.value,
    )
    is_recorded = sa.exists().where(
        col(Attendance.meeting_id) == ended.c.id,
        col(Attendance.booking_id) == col(Booking.id),
        col(Attendance.state) != AttendanceState.UNDONE.value,
    )
    return (
        sa.select(col(Booking.id), ended.c.id, ended.c.course_id)
        .join(ended, ended.c.course_id == col(Booking.course_id))
        .where(_IS_COMING, ticked, ~is_recorded, col(Booking.created_at) < ended.c.ends_at)
    )


def _ended(since: datetime, till: datetime) -> sa.CompoundSelect[Any]:
    """Return the meetings that ended, each with its course."""
    columns: tuple[Any, ...] = (
        col(Meeting.id).label("id"),
        col(Meeting.course_id).label("course_id"),
        col(Meeting.ends_at).label("ends_at"),
    )
    meetings: sa.Select[Any] = sa.select(*columns).where(
        *_between(Meeting, since, till),
        col(Meeting.ends_at) <= till,
        col(Meeting.cancelled_at).is_(None),
    )
    lone = sa.select(
        (sa.literal(MEETING) + sa.func.substr(col(Course.id), len(COURSE) + 1)).label("id"),
        col(Course.id),
        col(Course.ends_at),
    ).where(*_between(Course, since, till), col(Course.ends_at) <= till, ~_HAS_ROWS)
    return sa.union_all(meetings, lone)
