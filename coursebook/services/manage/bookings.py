"""The bookings of others, for the people who manage them: see one, and act on it."""

import structlog

from coursebook.domain.external_text import clean_id
from coursebook.domain.rights import Permission, Rights
from coursebook.errors import BookingNotFound
from coursebook.identity.principal import Principal
from coursebook.persistence.schema.columns import ID_LENGTH
from coursebook.persistence.schema.tables import Booking
from coursebook.persistence.unit_of_work import UnitOfWork, reading
from coursebook.services.context import Context
from coursebook.services.manage.access import Access
from coursebook.services.manage.booking_details import managed_booking
from coursebook.services.manage.booking_views import ManagedBookingView

log = structlog.get_logger("coursebook.bookings")


class ManagedBookings:
    """The use cases. All raise Unauthenticated, Forbidden, RateLimited, Unavailable.

    All raise BookingNotFound, also for a booking on a course that the person may not see.
    """

    def __init__(self, context: Context, access: Access) -> None:
        self._context = context
        self._access = access

    async def get(self, who: Principal | None, booking_id: str) -> ManagedBookingView:
        """Return one booking."""
        rights = await self._require(who, booking_id, Permission.SEE_PEOPLE)
        async with reading(self._context.database) as work:
            booking = await work.bookings.find(booking_id)
            assert booking is not None, "rows are never deleted"
            return await managed_booking(work, booking, rights, self._context.clock())

    async def _require(
        self, who: Principal | None, booking_id: str, permission: Permission
    ) -> Rights:
        """Return the rights of a person who may do this with this booking."""
        rights = await self._access.rights_of(who)
        rights.require(Permission.SEE_PEOPLE)
        async with reading(self._context.database) as work:
            booking = await booking_within(work, booking_id, rights)
        rights.require(permission, booking.course_id)
        return rights


async def booking_within(work: UnitOfWork, booking_id: str, rights: Rights) -> Booking:
    """Return a booking on a course that the person may see. Raises BookingNotFound."""
    booking = None
    if clean_id(booking_id, ID_LENGTH) is not None:
        booking = await work.bookings.find(booking_id)
    if booking is None or not rights.reaches(booking.course_id):
        raise BookingNotFound
    return booking
