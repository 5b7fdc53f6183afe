"""People whom the school knows already, to book for: found by name or mail address."""

from dataclasses import dataclass

from coursebook.domain.rights import Permission
from coursebook.domain.search import typed_person_words
from coursebook.identity.principal import Principal
from coursebook.persistence.unit_of_work import reading
from coursebook.services.context import Context
from coursebook.services.manage.access import Access

MAX_KNOWN = 8
"""More people than these are found by further words."""


@dataclass(frozen=True)
class KnownPerson:
    """An account, or a guest of an earlier booking."""

    user_id: str
    name: str
    email: str
    is_guest: bool


class KnownPeople:
    """The use case."""

    def __init__(self, context: Context, access: Access) -> None:
        self._context = context
        self._access = access

    async def search(self, who: Principal | None, q: str) -> tuple[KnownPerson, ...]:
        """Return people that have all these words, the newest first; nobody without a word.

        Raises Unauthenticated, Forbidden, RateLimited, Unavailable.
        """
        rights = await self._access.rights_of(who)
        rights.require(Permission.CHANGE_BOOKINGS)
        rights.require(Permission.SEE_CONTACTS)
        words = typed_person_words(q)
        if not words:
            return ()
        async with reading(self._context.database) as work:
            users = await work.booking_search.people(words, MAX_KNOWN)
        return tuple(KnownPerson(u.id, u.name, u.email, u.is_guest) for u in users)
