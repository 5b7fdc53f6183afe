"""The table `waiting_list_entry`. Entries change only under the lock of their course."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from coursebook.domain.course_edits.course_state import CourseStatus
from coursebook.domain.waiting_list.entry import LIVE, EntryState
from coursebook.persistence.schema.tables import Course, User, WaitingListEntry

_LIVE = [state.value for state in LIVE]
_WAITS = col(WaitingListEntry.state) == EntryState.WAITING.value
SERVING_ORDER = (
    col(WaitingListEntry.priority).desc(),
    col(WaitingListEntry.joined_at),
    col(WaitingListEntry.id),
)
"""The order in which people are served."""


def waits_for(course_id: str) -> tuple[sa.ColumnElement[bool], ...]:
    """Return the conditions of an entry that waits for a course, without an offer."""
    return col(WaitingListEntry.course_id) == course_id, _WAITS


class Entries:
    """The people who wait for a place, and who were offered one."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    def add(self, entry: WaitingListEntry) -> None:
        """Add an entry to a locked course."""
        self._session.add(entry)

    async def find(self, entry_id: str) -> WaitingListEntry | None:
        """Return an entry as it is now."""
        query = sa.select(WaitingListEntry).where(col(WaitingListEntry.id) == entry_id)
        fresh = query.execution_options(populate_existing=True)
        return (await self._session.scalars(fresh)).first()

    async def first(self, course_id: str, limit: int | None = None) -> list[WaitingListEntry]:
        """Return who waits for a course, in the order in which they are served."""
        query = sa.select(WaitingListEntry).where(*waits_for(course_id))
        query = query.order_by(*SERVING_ORDER).limit(limit)
        return list((await self._session.scalars(query)).all())

    async def next_joining(self, course_id: str, now: datetime) -> datetime:
        """Return the moment of somebody who joins now: after everybody else on the list."""
        query = sa.select(sa.func.max(col(WaitingListEntry.joined_at)))
        query = query.where(*waits_for(course_id))
        last = await self._session.scalar(query)
        return now if last is None else max(now, last + timedelta(microseconds=1))

    async def live_of(self, user_id: str, course_id: str) -> WaitingListEntry | None:
        """Return the entry of a person who waits for this course, or was offered a place."""
        query = sa.select(WaitingListEntry).where(
            col(WaitingListEntry.course_id) == course_id,
            col(WaitingListEntry.user_id) == user_id,
            col(WaitingListEntry.state).in_(_LIVE),
        )
        return (await self._session.scalars(query)).first()

    async def all_of(self, user_id: str) -> list[WaitingListEntry]:
        """Return all entries of a person, in the order of their courses, for locking."""
        query = (
            sa.select(WaitingListEntry)
            .where(col(WaitingListEntry.user_id) == user_id)
            .order_by(col(WaitingListEntry.course_id), col(WaitingListEntry.id))
        )
        return list((await self._session.scalars(query)).all())

    async def newest_of_subject(self, subject: str, course_id: str) -> WaitingListEntry | None:
        """Return a person's live entry for a course, else the one that was made last."""
        is_live = sa.case((col(WaitingListEntry.state).in_(_LIVE), 0), else_=1)
        query = (
            sa.select(WaitingListEntry)
            .join(User, col(User.id) == col(WaitingListEntry.user_id))
            .where(col(User.subject) == subject, col(WaitingListEntry.course_id) == course_id)
            .order_by(is_live, col(WaitingListEntry.joined_at).desc())
            .limit(1)
        )
        return (await self._session.scalars(query)).first()

    async def all_of_subject(self, subject: str) -> list[tuple[WaitingListEntry, Course]]:
        """Return a person's live entries with their courses, the next course first."""
        query = (
            sa.select(WaitingListEntry, Course)
            .join(User, col(User.id) == col(WaitingListEntry.user_id))
            .join(Course, col(Course.id) == col(WaitingListEntry.course_id))
            .where(col(User.subject) == subject, col(WaitingListEntry.state).in_(_LIVE))
            .order_by(col(Course.starts_at), col(WaitingListEntry.id))
        )
        return [(entry, course) for entry, course in (await self._session.execute(query)).all()]

    async def of_booking(self, booking_id: str) -> WaitingListEntry | None:
        """Return the entry that was offered this booking."""
        query = sa.select(WaitingListEntry).where(col(WaitingListEntry.booking_id) == booking_id)
        return (await self._session.scalars(query)).first()

    async def ahead_of(self, entry: WaitingListEntry) -> int:
        """Count who is served before an entry that waits."""
        before = sa.or_(
            col(WaitingListEntry.priority) > entry.priority,
            sa.and_(
                col(WaitingListEntry.priority) == entry.priority,
                sa.or_(
                    col(WaitingListEntry.joined_at) < entry.joined_at,
                    sa.and_(
                        col(WaitingListEntry.joined_at) == entry.joined_at,
                        col(WaitingListEntry.id) < entry.id,
                    ),
                ),
            ),
        )
        query = sa.select(sa.func.count()).where(*waits_for(entry.course_id), before)
        return (await self._session.scalar(query)) or 0

    async def live_with_people(self, course_id: str) -> list[tuple[WaitingListEntry, User]]:
        """Return offered entries, then those who wait in their order, each with the person."""
        is_offered = col(WaitingListEntry.state) == EntryState.OFFERED.value
        query = (
            sa.select(WaitingListEntry, User)
            .join(User, col(User.id) == col(WaitingListEntry.user_id))
            .where(
                col(WaitingListEntry.course_id) == course_id,
                col(WaitingListEntry.state).in_(_LIVE),
            )
            .order_by(sa.case((is_offered, 0), else_=1), *SERVING_ORDER)
        )
        return [(entry, user) for entry, user in (await self._session.execute(query)).all()]

    async def courses_to_serve(self, now: datetime, limit: int) -> list[str]:
        """Return courses where somebody waits and something is to be done about it.

        A place is free, or the list is closed by now.
        """
        query = courses_to_serve(now).order_by(col(Course.id)).limit(limit)
        return list((await self._session.scalars(query)).all())


def courses_to_serve(now: datetime) -> sa.Select[str]:
    """Return the query for courses where somebody waits and something is to be done about it."""
    return sa.select(col(Course.id)).where(
        col(Course.waiting) > 0,
        sa.or_(
            col(Course.held) + col(Course.confirmed) < col(Course.capacity),
            col(Course.starts_at) <= now,
            col(Course.booking_closes_at) <= now,
            ~col(Course.is_open),
            ~col(Course.has_waiting_list),
            col(Course.status) != CourseStatus.PUBLISHED.value,
            col(Course.archived_at).is_not(None),
        ),
    )
