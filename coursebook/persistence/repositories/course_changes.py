"""Changes of what the people of a course were promised. Rows are only ever added."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from coursebook.persistence.schema.tables import CourseChange


class CourseChanges:
    """The table `course_change`."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    def add(self, change: CourseChange) -> None:
        """Add a change."""
        self._session.add(change)

    async def since(self, course_id: str, at: datetime) -> Sequence[CourseChange]:
        """Return the changes of a course after a moment, the last first."""
        query = sa.select(CourseChange).where(
            col(CourseChange.course_id) == course_id, col(CourseChange.at) > at
        )
        return (await self._session.scalars(query.order_by(col(CourseChange.at).desc()))).all()

    async def find(self, change_id: str) -> CourseChange | None:
        """Return a change by its id."""
        return await self._session.get(CourseChange, change_id)
