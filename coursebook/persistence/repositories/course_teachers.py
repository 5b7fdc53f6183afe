"""The people who teach a course, as far as they have access to it."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from coursebook.domain.rights import Role
from coursebook.persistence.schema.manage_tables import CourseTeacher, RoleGrant
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

    async def in_office(self, course_id: str) -> list[User]:
        """Return the teachers of a course whose role was accepted and not revoked, by id."""
        has_role = sa.exists().where(
            col(RoleGrant.user_id) == col(User.id),
            col(RoleGrant.role) == Role.TEACHER.value,
            col(RoleGrant.accepted_at).is_not(None),
            col(RoleGrant.revoked_at).is_(None),
        )
        query = sa.select(User).join(CourseTeacher, col(CourseTeacher.user_id) == col(User.id))
        query = query.where(col(CourseTeacher.course_id) == course_id, has_role)
        return list((await self._session.scalars(query.order_by(col(User.id)))).all())
