"""Copy name and email address of a person from their newest session token.

They belong to the sign-in service; ours are a copy. The copy is compared at every authenticated
call and written only when it differs.
"""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from coursebook.errors import Unavailable
from coursebook.identity.principal import Principal
from coursebook.persistence.unit_of_work import reading, writing
from coursebook.services.context import Context

log = structlog.get_logger("coursebook.people")

MAX_PEOPLE = 5000
"""Maximum people cached by this process; the least recently seen are dropped first."""
TRUST_PERIOD = timedelta(minutes=1)
"""So long the row is known to be as this process saw it: another may have written it since."""


@dataclass(frozen=True)
class _CachedClaims:
    email: str
    name: str
    issued: int
    at: datetime


class Claims:
    """Keeps the rows of people up to date with the claims of their tokens."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._cached_claims: OrderedDict[str, _CachedClaims] = OrderedDict()

    async def take_over(self, who: Principal) -> None:
        """Write name and address of a token when they are not those that we have.

        An older token changes nothing back. With the database away nothing is written: the next
        call does it.
        """
        now, before = self._context.clock(), self._cached_claims.get(who.user_id)
        if before is not None and who.issued < before.issued:
            return
        is_same = before is not None and (before.email, before.name) == (who.email, who.name)
        if before is not None and is_same and now - before.at < TRUST_PERIOD:
            return
        try:
            await self._compare(who, now)
        except Unavailable:
            log.warning("person.compare_failed")
            return
        self._cached_claims[who.user_id] = _CachedClaims(who.email, who.name, who.issued, now)
        self._cached_claims.move_to_end(who.user_id)
        if len(self._cached_claims) > MAX_PEOPLE:
            self._cached_claims.popitem(last=False)

    async def _compare(self, who: Principal, now: datetime) -> None:
        async with reading(self._context.database) as work:
            user = await work.users.by_subject(who.user_id)
        if user is None:  # made at the first booking
            return
        if (who.email or user.email, who.name or user.name) == (user.email, user.name):
            return
        async with writing(self._context.database) as work:
            await work.users.ensure(who.user_id, who.email, who.name, now)
        log.info("person.updated", user=user.id)
