"""Who may read and cancel a booking: its student, and whoever has the right to do so."""

from dataclasses import dataclass

from coursebook.domain.actor import Actor
from coursebook.domain.external_text import clean_id
from coursebook.domain.rights import Permission, Rights
from coursebook.errors import BookingNotFound, Forbidden
from coursebook.identity.principal import Principal
from coursebook.persistence.schema.columns import ID_LENGTH
from coursebook.persistence.schema.tables import Booking
from coursebook.persistence.unit_of_work import UnitOfWork
from coursebook.services.manage.access import rights_by_token

SEES = Permission.SEE_MONEY
"""A booking shows its payments, so it takes the right to see money."""
CANCELS = (Permission.CHANGE_BOOKINGS, Permission.MOVE_MONEY)
"""Cancelling gives up the place and refunds the money."""


@dataclass(frozen=True)
class BookingAccess:
    """What a person may do with one booking. It is built only for somebody who may read it."""

    who: Principal
    booking: Booking
    rights: Rights
    is_own: bool

    @property
    def by_operator(self) -> bool:
        """Whether the person cancels for the school: at any time, and everything is refunded."""
        if self.is_own:
            return acts_for_school(self.who)
        return all(self.rights.allows(right, self.booking.course_id) for right in CANCELS)

    @property
    def can_act(self) -> bool:
        """Whether the person may cancel it, if its state allows that."""
        return self.is_own or self.by_operator

    @property
    def actor(self) -> Actor:
        """The person as the audit trail names them."""
        return self.who.actor if self.is_own else self.rights.actor(self.who.user_id)

    def require_acting(self) -> None:
        """Raise Forbidden for somebody who may only read."""
        if not self.can_act:
            raise Forbidden


def acts_for_school(who: Principal) -> bool:
    """Tell whether a person cancels even their own bookings for the school.

    Only the operator's role in the session token does so. A role that the school gave changes
    nothing about one's own bookings: the promised terms hold, and no query is needed.
    """
    return bool(rights_by_token(who).roles)


async def find_booking(
    work: UnitOfWork, who: Principal, booking_id: str
) -> tuple[Booking | None, bool]:
    """Return a booking, None when there is no such, and whether it is the person's own."""
    if clean_id(booking_id, ID_LENGTH) is None:
        return None, False
    booking = await work.bookings.find(booking_id)
    user = await work.users.by_subject(who.user_id)
    return booking, booking is not None and user is not None and booking.user_id == user.id


def access_to(
    who: Principal, booking: Booking | None, rights: Rights, *, is_own: bool
) -> BookingAccess:
    """Return what a person with these rights may do with a booking.

    `rights` matter only for the booking of another person. Raises BookingNotFound for somebody who
    may not read it.
    """
    if booking is None or not (is_own or rights.allows(SEES, booking.course_id)):
        raise BookingNotFound
    return BookingAccess(who, booking, rights, is_own)
