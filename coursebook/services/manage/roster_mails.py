"""Mails to several people of a roster at once."""

from collections.abc import Collection

import structlog

from coursebook.domain.booking import SeatState
from coursebook.domain.rights import Permission
from coursebook.identity.principal import Principal
from coursebook.persistence.unit_of_work import writing
from coursebook.services.context import Context
from coursebook.services.locked_booking import LockedBooking
from coursebook.services.manage.access import Access
from coursebook.services.manage.bookings import send_confirmation_again
from coursebook.services.manage.roster import MAX_IDS

log = structlog.get_logger("coursebook.bookings")


class RosterMails:
    """The use case."""

    def __init__(self, context: Context, access: Access) -> None:
        self._context = context
        self._access = access

    async def resend(self, who: Principal, course_id: str, booking_ids: Collection[str]) -> int:
        """Send confirmations again, to at most `MAX_IDS` people; return how many.

        Whoever is not on this course or has no confirmed place gets none. Each booking has a
        transaction of its own, so that none waits for the others. Raises Unauthenticated,
        Forbidden, CourseNotFound, RateLimited, Unavailable.
        """
        rights = await self._access.rights_of(who)
        rights.require(Permission.CHANGE_BOOKINGS, course_id)
        actor, count = rights.actor(who.user_id), 0
        for booking_id in sorted(set(booking_ids))[:MAX_IDS]:
            async with writing(self._context.database) as work:
                booking = await work.bookings.lock(booking_id)
                is_here = booking is not None and booking.course_id == course_id
                if booking is None or not is_here or booking.place != SeatState.CONFIRMED.value:
                    continue
                locked = LockedBooking(work, booking, actor, self._context.clock())
                await send_confirmation_again(locked)
                count += 1
        log.info("confirmations.resent", course=course_id, count=count)
        return count
