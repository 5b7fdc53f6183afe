"""Tells a school what is missing before it can sell: eight points that check themselves."""

from dataclasses import dataclass
from enum import StrEnum

from coursebook.domain.rights import Permission
from coursebook.identity.principal import Principal
from coursebook.persistence.repositories.readiness import TERMS_LOOKED_AT, ReadinessFacts
from coursebook.persistence.unit_of_work import reading, writing
from coursebook.services.context import Context
from coursebook.services.manage.access import Access
from coursebook.services.manage.school_settings import SchoolView, school_view
from coursebook.services.seeding.seed import ACTOR as SEEDER
from coursebook.services.seeding.seed import SAMPLE_SUBJECT


class ReadyPoint(StrEnum):
    """One point, in the order of the list."""

    SCHOOL = "school"
    WEBHOOK = "webhook"
    MAIL = "mail"
    PUBLISHED = "published"
    PICTURE = "picture"
    TERMS = "terms"
    SECOND_PERSON = "second_person"
    TEST_BOOKING = "test_booking"


@dataclass(frozen=True)
class ReadyPointView:
    """A point, and whether it is done."""

    name: ReadyPoint
    is_done: bool


class Readiness:
    """The list "Ready to sell", for people who may change courses."""

    def __init__(self, context: Context, access: Access) -> None:
        self._context, self._access = context, access

    async def points(self, who: Principal | None) -> tuple[ReadyPointView, ...]:
        """Return every point. Raises Unauthenticated and Forbidden."""
        person = await self._check(who)
        async with reading(self._context.database) as work:
            facts = await work.readiness.facts(
                person.user_id, sample_subject=SAMPLE_SUBJECT, seeder=str(SEEDER)
            )
            school = await school_view(self._context, work)
        is_done = _done(facts, school)
        return tuple(ReadyPointView(name, is_done[name]) for name in ReadyPoint)

    async def look_at_terms(self, who: Principal | None) -> None:
        """Record that somebody looked at the cancellation terms.

        Raises Unauthenticated and Forbidden.
        """
        person = await self._check(who)
        now = self._context.clock()
        async with writing(self._context.database) as work:
            await work.school_settings.put(TERMS_LOOKED_AT, now.isoformat(), now, str(person.actor))

    async def _check(self, who: Principal | None) -> Principal:
        rights = await self._access.rights_of(who)
        rights.require(Permission.WRITE_COURSES)
        assert who is not None, "nobody has no rights"
        return who


def _done(facts: ReadinessFacts, school: SchoolView) -> dict[ReadyPoint, bool]:
    return {
        ReadyPoint.SCHOOL: bool(school.name and school.email),
        ReadyPoint.WEBHOOK: facts.has_webhook,
        ReadyPoint.MAIL: facts.has_mail,
        ReadyPoint.PUBLISHED: facts.has_published,
        ReadyPoint.PICTURE: facts.has_picture,
        ReadyPoint.TERMS: facts.has_seen_terms,
        ReadyPoint.SECOND_PERSON: facts.has_second_person,
        ReadyPoint.TEST_BOOKING: facts.has_booking,
    }
