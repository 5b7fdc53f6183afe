"""The meetings of courses."""

from collections import defaultdict
from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from coursebook.persistence.schema.manage_tables import Meeting


class Meetings:
    """The table `meeting`. A course without rows counts as one meeting, from its start to its end.

    A cancelled meeting keeps its row, so that its number is never given to another one: calendar
    entries are told apart by it.
    """

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def of_course(self, course_id: str) -> list[Meeting]:
        """Return the meetings of a course that were not cancelled, the first one first."""
        return [m for m in await self.all_of(course_id) if m.cancelled_at is None]

    async def all_of(self, course_id: str) -> list[Meeting]:
        """Return all meetings of a course, also cancelled ones, the first one first."""
        query = sa.select(Meeting).where(col(Meeting.course_id) == course_id)
        query = query.order_by(col(Meeting.starts_at), col(Meeting.number))
        return list((await self._session.scalars(query)).all())

    async def of_courses(self, course_ids: Collection[str]) -> dict[str, list[Meeting]]:
        """Return the meetings of several courses in one query, without cancelled ones."""
        query = sa.select(Meeting).where(
            col(Meeting.course_id).in_(course_ids), col(Meeting.cancelled_at).is_(None)
        )
        query = query.order_by(col(Meeting.starts_at), col(Meeting.number))
        by_course: dict[str, list[Meeting]] = defaultdict(list)
        for meeting in (await self._session.scalars(query)).all():
            by_course[meeting.course_id].append(meeting)
        return dict(by_course)

    def add(self, meeting: Meeting) -> None:
        """Add a new meeting."""
        self._session.add(meeting)

    async def remove(self, meeting: Meeting) -> None:
        """Delete a meeting that nobody was promised."""
        await self._session.delete(meeting)
