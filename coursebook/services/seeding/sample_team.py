"""The sample team of the sandbox: a teacher of one sample course, and an accountant."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from coursebook.domain.rights import Role
from coursebook.persistence.engine.databases import Database
from coursebook.persistence.schema.columns import new_id
from coursebook.persistence.schema.tables import RoleGrant
from coursebook.persistence.unit_of_work import UnitOfWork, writing
from coursebook.services.seeding.seed import ACTOR, LOCK_TIMEOUT_SECONDS


@dataclass(frozen=True)
class Member:
    """One of the team. `course` is the slug of the sample course that a teacher sees, or ""."""

    email: str
    name: str
    role: Role
    course: str = ""

    @property
    def subject(self) -> str:
        """The user id that the sign-in of the sandbox makes of the address."""
        return f"user_sandbox_{hashlib.sha256(self.email.encode()).hexdigest()[:20]}"


MEMBERS = (
    Member("tara@example.test", "Tara Teacher", Role.TEACHER, "indigo-in-two-days"),
    Member("ari@example.test", "Ari Accountant", Role.ACCOUNTANT),
)


async def seed_team(database: Database, now: datetime) -> int:
    """Give the sample team its roles; return how many got one.

    Whoever has had a role stays as they are: it may have been revoked.
    """
    async with writing(database) as work:
        await work.set_lock_timeout(LOCK_TIMEOUT_SECONDS)
        added = [await _add(work, member, now) for member in MEMBERS]
    return sum(added)


async def _add(work: UnitOfWork, member: Member, now: datetime) -> bool:
    course = await work.courses.find(member.course) if member.course else None
    if member.course and course is None:
        return False
    user = await work.users.ensure(member.subject, member.email, member.name, now)
    await work.flush()  # before the rows that refer to the person
    if await work.grants.has_had_role(user.id):
        return False
    grant = RoleGrant(
        id=new_id("grt"),
        user_id=user.id,
        email=member.email,
        role=member.role.value,
        course_ids=[course.id] if course else [],
        invited_by=str(ACTOR),
        invited_at=now,
        accepted_at=now,
    )
    work.grants.add(grant)
    if course is not None:
        await work.grants.add_teacher(course.id, user.id, now, str(ACTOR))
    return True
