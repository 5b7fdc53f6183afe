"""Gives roles to people, without the way by mail."""

from coursebook.domain.rights import Role
from coursebook.live import topics
from coursebook.persistence.schema.columns import new_id
from coursebook.persistence.schema.tables import RoleGrant
from coursebook.persistence.unit_of_work import writing
from tests.support.harness import Harness, Student


async def give_role(harness: Harness, person: Student, role: Role, course_id: str = "") -> str:
    """Give somebody a role, a teacher for one course; return the id of the grant."""
    who, now = await harness.principal(person), harness.clock()
    async with writing(harness.services.context.database) as work:
        user = await work.users.ensure(who.user_id, person.email, who.name, now)
        await work.flush()
        grant = RoleGrant(
            id=new_id("grt"),
            user_id=user.id,
            email=person.email,
            role=role.value,
            invited_by="test",
            invited_at=now,
            accepted_at=now,
        )
        work.grants.add(grant)
        if role is Role.TEACHER and course_id:
            await work.grants.add_teacher(course_id, user.id, now, "test")
        work.mark_changed(topics.TEAM)
    return grant.id
