"""Roles that people have, invitations to them, and the courses of teachers."""

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from coursebook.persistence.schema.insert import insert_once
from coursebook.persistence.schema.tables import Course, CourseTeacher, RoleGrant, User

_IS_ACTIVE = (col(RoleGrant.accepted_at).is_not(None), col(RoleGrant.revoked_at).is_(None))
_OF_SUBJECT = (
    sa.select(col(RoleGrant.role), col(CourseTeacher.course_id))
    .join(User, col(User.id) == col(RoleGrant.user_id))
    .outerjoin(
        CourseTeacher,
        sa.and_(
            col(CourseTeacher.user_id) == col(RoleGrant.user_id), col(RoleGrant.role) == "teacher"
        ),
    )
    .where(col(User.subject) == sa.bindparam("subject"), *_IS_ACTIVE)
)


class Grants:
    """The tables `role_grant` and `course_teacher`."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def of_subject(self, subject: str) -> tuple[set[str], set[str]]:
        """Return the active roles of a person by Clerk's user id, and the ids of their courses."""
        rows = (await self._session.execute(_OF_SUBJECT, {"subject": subject})).all()
        return {role for role, _ in rows}, {course_id for _, course_id in rows if course_id}

    async def not_revoked(self) -> list[tuple[RoleGrant, User | None]]:
        """Return every role and invitation that is not revoked, with its person, oldest first."""
        query = (
            sa.select(RoleGrant, User)
            .outerjoin(User, col(User.id) == col(RoleGrant.user_id))
            .where(col(RoleGrant.revoked_at).is_(None))
            .order_by(col(RoleGrant.invited_at), col(RoleGrant.id))
        )
        return [(grant, user) for grant, user in (await self._session.execute(query)).all()]

    async def lock(self, grant_id: str) -> RoleGrant | None:
        """Return a grant under its row lock."""
        return await self._locked(col(RoleGrant.id) == grant_id)

    async def lock_by_code(self, code_hash: str) -> RoleGrant | None:
        """Return the invitation with this hash of its code, under its row lock."""
        return await self._locked(col(RoleGrant.code_hash) == code_hash)

    async def by_code(self, code_hash: str) -> RoleGrant | None:
        """Return the invitation with this hash of its code."""
        query = sa.select(RoleGrant).where(col(RoleGrant.code_hash) == code_hash)
        return (await self._session.scalars(query)).first()

    async def lock_active(self, role: str, user_id: str | None = None) -> list[RoleGrant]:
        """Return the active grants of a role, of everybody or of one person, under row locks."""
        of_person = [] if user_id is None else [col(RoleGrant.user_id) == user_id]
        query = (
            sa.select(RoleGrant)
            .where(col(RoleGrant.role) == role, *_IS_ACTIVE, *of_person)
            .order_by(col(RoleGrant.id))
            .with_for_update()
        )
        return list((await self._session.scalars(query)).all())

    async def lock_invitations(self, email: str, role: str) -> list[RoleGrant]:
        """Return the invitations of an address to a role that nobody has accepted or revoked."""
        query = (
            sa.select(RoleGrant)
            .where(
                sa.func.lower(col(RoleGrant.email)) == email.lower(),
                col(RoleGrant.role) == role,
                col(RoleGrant.accepted_at).is_(None),
                col(RoleGrant.revoked_at).is_(None),
            )
            .order_by(col(RoleGrant.id))
            .with_for_update()
        )
        return list((await self._session.scalars(query)).all())

    async def has_had_role(self, user_id: str) -> bool:
        """Whether a person has a role, or had one that was revoked."""
        query = sa.select(sa.exists().where(col(RoleGrant.user_id) == user_id))
        return bool(await self._session.scalar(query))

    def add(self, grant: RoleGrant) -> None:
        """Add a grant."""
        self._session.add(grant)

    async def titles(self, course_ids: Collection[str]) -> dict[str, str]:
        """Return the titles of those courses that exist, by id."""
        query = sa.select(col(Course.id), col(Course.title)).where(col(Course.id).in_(course_ids))
        rows = (await self._session.execute(query)).all() if course_ids else ()
        return {row.id: row.title for row in rows}

    async def taught_by(self, user_ids: Collection[str]) -> dict[str, list[str]]:
        """Return the ids of the courses that each of these people teaches."""
        query = (
            sa.select(col(CourseTeacher.user_id), col(CourseTeacher.course_id))
            .where(col(CourseTeacher.user_id).in_(user_ids))
            .order_by(col(CourseTeacher.course_id))
        )
        courses: dict[str, list[str]] = {}
        for user_id, course_id in (await self._session.execute(query)).all() if user_ids else []:
            courses.setdefault(user_id, []).append(course_id)
        return courses

    async def add_teacher(self, course_id: str, user_id: str, now: datetime, by: str) -> None:
        """Let a person teach a course; once for each."""
        row = {"course_id": course_id, "user_id": user_id, "added_at": now, "added_by": by}
        await insert_once(self._session, CourseTeacher, row, ["course_id", "user_id"])

    async def remove_teacher(self, user_id: str) -> None:
        """Take all courses from a teacher."""
        await self._session.execute(
            sa.delete(CourseTeacher).where(col(CourseTeacher.user_id) == user_id)
        )

    async def _locked(self, condition: sa.ColumnElement[bool]) -> RoleGrant | None:
        query = sa.select(RoleGrant).where(condition).with_for_update()
        return (await self._session.scalars(query)).first()
