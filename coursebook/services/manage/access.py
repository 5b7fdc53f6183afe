"""Tells what a person may do on the operator's side. Every service there asks it first."""

import time
from collections.abc import Collection

from coursebook.domain.rights import NO_RIGHTS, Permission, Rights, Role
from coursebook.domain.school_settings import YES
from coursebook.errors import Unauthenticated
from coursebook.identity.principal import Principal
from coursebook.live import topics
from coursebook.persistence.unit_of_work import reading
from coursebook.services.cache import MicroCache
from coursebook.services.context import Context
from coursebook.services.rate_limits import Limits

OF_TEACHERS = {
    "teacher_messages": Permission.SEND_MESSAGES,
    "teacher_contacts": Permission.SEE_CONTACTS,
}
"""What each setting of the school allows its teachers besides, on their own courses."""
CACHE_SECONDS = 5.0
"""How long rights are kept. A change in any process drops them at once (topic `team`)."""
MAX_PEOPLE = 5000


def rights_by_token(who: Principal) -> Rights:
    """Return the rights that a session token gives by itself: an owner's, or none.

    It costs no query. Ask `Access.rights_of` about the roles that the school gave.
    """
    return Rights.of(Role.OWNER) if who.is_operator else NO_RIGHTS


class Access:
    """Rights of people, from their session tokens and from the roles that the school gave."""

    def __init__(self, context: Context, limits: Limits) -> None:
        self._context = context
        self._limits = limits
        self._dropped_at = -1.0
        self._cache = MicroCache[Rights](
            CACHE_SECONDS, MAX_PEOPLE, time.monotonic, lambda _, since: since <= self._dropped_at
        )

    async def rights_of(self, who: Principal | None) -> Rights:
        """Return the rights of a person; empty for a student.

        Somebody with rights is counted (MANAGE_LIMIT). Raises Unauthenticated for nobody,
        RateLimited, and Unavailable.
        """
        if who is None:
            raise Unauthenticated
        rights = await self._rights(who)
        if rights.roles:
            await self._limits.count("manage", who.user_id)
        return rights

    def topics_changed(self, changed: Collection[str]) -> None:
        """Drop the cached rights after a change of the team, or of what teachers may do."""
        if {topics.TEAM, topics.SCHOOL, topics.EVERYTHING} & set(changed):
            self._dropped_at = time.monotonic()

    async def _rights(self, who: Principal) -> Rights:
        by_token = rights_by_token(who)
        if by_token.roles:
            return by_token
        return await self._cache.get(who.user_id, lambda: self._stored_rights(who.user_id))

    async def _stored_rights(self, subject: str) -> Rights:
        async with reading(self._context.database) as work:
            roles, taught = await work.grants.of_subject(subject)
            is_teacher = Role.TEACHER in roles
            settings = await work.school_settings.texts() if is_teacher else {}
        allowed = {right for name, right in OF_TEACHERS.items() if settings.get(name) == YES}
        return Rights.of(*map(Role, roles), taught=taught, allowed=allowed)
