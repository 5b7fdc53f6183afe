"""Changes of what the people of a course were promised. Rows are only ever added."""

from sqlalchemy.ext.asyncio import AsyncSession

from coursebook.persistence.schema.tables import CourseChange


class CourseChanges:
    """The table `course_change`."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    def add(self, change: CourseChange) -> None:
        """Add a change."""
        self._session.add(change)

    async def find(self, change_id: str) -> CourseChange | None:
        """Return a change by its id."""
        return await self._session.get(CourseChange, change_id)
