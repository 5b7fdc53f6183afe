"""The people who teach a course, as far as they have access to it."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from coursebook.persistence.schema.manage_tables import CourseTeacher
from coursebook.persistence.schema.tables import User


class CourseTeachers:
    """The table `course_teacher`."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def of_course(self, course_id: str) -> list[User]:
        """Return the teachers of a course, by name."""
        query = sa.select(User).join(CourseTeacher, col(CourseTeacher.user_id) == col(User.id))
        query = query.where(col(CourseTeacher.course_id) == course_id)
        return list(
            (await self._session.scalars(query.order_by(col(User.name), col(User.id)))).all()
        )
