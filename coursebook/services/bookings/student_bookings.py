"""A student's bookings: list them, find one after paying, cancel one."""

from dataclasses import replace

import structlog

from coursebook.domain.actor import Actor
from coursebook.domain.attempt import AttemptState
from coursebook.domain.booking import BookingStatus, places_of
from coursebook.domain.online_room import Room
from coursebook.domain.rights import NO_RIGHTS, Rights
from coursebook.errors import BookingNotFound, PaymentProviderError
from coursebook.identity.principal import Principal
from coursebook.live import topics
from coursebook.payments.gateway import GatewayError
from coursebook.persistence.schema.tables import Booking
from coursebook.persistence.unit_of_work import UnitOfWork, reading
from coursebook.services.bookings.booking_access import (
    BookingAccess,
    access_to,
    acts_for_school,
    find_booking,
)
from coursebook.services.bookings.cancellation import CancelOrder, cancel_booking
from coursebook.services.bookings.expected_amounts import Expected
from coursebook.services.bookings.timeline import booking_views
from coursebook.services.context import Context
from coursebook.services.manage.access import Access, rights_by_token
from coursebook.services.pagination import read_cursor, write_cursor
from coursebook.services.presenters import own_place_view
from coursebook.services.rate_limits import Limits
from coursebook.services.settlement.settle import settle
from coursebook.services.views import BookingPage, BookingView, OwnPlaceView

log = structlog.get_logger("coursebook.bookings")

CURSOR = "bookings:created_at"
MAX_SESSION_ID_LENGTH = 255


class Bookings:
    """The use cases around one's own bookings. A role may allow to see and to cancel any."""

    def __init__(self, context: Context, limits: Limits, access: Access) -> None:
        self._context = context
        self._limits = limits
        self._access = access

    async def list_of(
        self,
        who: Principal,
        status: BookingStatus | None = None,
        limit: int = 20,
        cursor: str | None = None,
    ) -> BookingPage:
        """Return one page of one's own bookings, newest first. Raises Invalid for a bad cursor."""
        before = read_cursor(cursor, CURSOR)
        places = places_of(status) if status else None
        async with reading(self._context.database) as work:
            user = await work.users.by_subject(who.user_id)
            if user is None:
                return BookingPage((), None)
            rows = await work.bookings.page_of(user.id, places, before, limit + 1)
            views = await booking_views(
                work, rows[:limit], self._context.clock(), by_operator=acts_for_school(who)
            )
        last = rows[limit - 1] if len(rows) > limit else None
        next_cursor = write_cursor(CURSOR, last.created_at, last.id) if last else None
        return BookingPage(tuple(views), next_cursor)

    async def topics_of(self, who: Principal) -> set[str]:
        """Return what to watch for changes of this person's bookings (`coursebook/live`)."""
        async with reading(self._context.database) as work:
            user = await work.users.by_subject(who.user_id)
        return {topics.user(user.id)} if user else {topics.newcomer(who.user_id)}

    async def booking(self, who: Principal, booking_id: str) -> BookingView:
        """Return one booking: the person's own, or any for somebody who may see money.

        Raises BookingNotFound, and RateLimited for somebody with a role.
        """
        async with reading(self._context.database) as work:
            booking, is_own = await find_booking(work, who, booking_id)
            if booking is not None and is_own:
                own = access_to(who, booking, NO_RIGHTS, is_own=True)
                return await self._view(work, own)
        rights = await self._rights(who, is_own=is_own)
        return await self._view_now(access_to(who, booking, rights, is_own=is_own))

    async def place_on(self, who: Principal, course_id: str) -> OwnPlaceView | None:
        """Return the place that this person holds or has booked on a course, if any."""
        async with reading(self._context.database) as work:
            row = await work.bookings.live_of_subject(who.user_id, course_id)
        return own_place_view(*row) if row else None

    async def booking_of_session(self, who: Principal, session_id: str) -> BookingView:
        """Settle the session of a person who returned from Stripe, and return their booking.

        The status comes from Stripe, never from the address. Raises BookingNotFound for another
        person's session, PaymentProviderError when Stripe does not answer.
        """
        if not _is_session_id(session_id):
            raise BookingNotFound
        async with reading(self._context.database) as work:
            attempt = await work.attempts.by_session(session_id)
            booking, is_own = None, False
            if attempt is not None:
                booking, is_own = await find_booking(work, who, attempt.booking_id)
        if attempt is None:
            await self._limits.count("unknown_session", who.user_id)
        else:
            rights = await self._rights(who, is_own=is_own)
            access_to(who, booking, rights, is_own=is_own).require_acting()
        if attempt is None or not AttemptState(attempt.state).is_final:
            try:
                done = await settle(
                    self._context, session_id, actor=Actor("success page", who.user_id)
                )
            except GatewayError as error:
                raise PaymentProviderError(
                    "We could not check your payment with the payment service yet. If you have "
                    "paid, your booking will be confirmed automatically; please do not pay "
                    "again."
                ) from error
            booking_id = done.booking_id
        else:
            booking_id = attempt.booking_id
        if booking_id is None:
            raise BookingNotFound
        return await self.booking(who, booking_id)

    async def cancel(
        self,
        who: Principal,
        booking_id: str,
        *,
        expected: Expected | None = None,
    ) -> BookingView:
        """Cancel a booking and refund the promised share (for the school, everything).

        An open payment page is closed at Stripe first. With other sums than those `expected` (what
        the person saw) nothing happens. Raises BookingNotFound, Forbidden, NotCancellable,
        ChangedMeanwhile, PaymentProcessing, RateLimited, PaymentProviderError (then nothing has
        changed).
        """
        booking, seen = await self._seen(who, booking_id)
        order = CancelOrder(seen.actor, seen.by_operator, expected)
        view = await cancel_booking(
            self._context, booking.id, order, lambda work: self._view_in(work, seen)
        )
        log.info("booking.cancelled", booking=booking_id)
        return view

    async def _seen(self, who: Principal, booking_id: str) -> tuple[Booking, BookingAccess]:
        """Return a booking that the person may cancel, and count the call of a student.

        Raises BookingNotFound, Forbidden, RateLimited.
        """
        async with reading(self._context.database) as work:
            booking, is_own = await find_booking(work, who, booking_id)
        rights = await self._rights(who, is_own=is_own)
        if not rights.roles:
            await self._limits.count("checkout", who.user_id)
        seen = access_to(who, booking, rights, is_own=is_own)
        seen.require_acting()
        return seen.booking, seen

    async def _rights(self, who: Principal, *, is_own: bool) -> Rights:
        """Return the rights towards a booking. Roles are read only for that of another person."""
        return rights_by_token(who) if is_own else await self._access.rights_of(who)

    async def _view_now(self, seen: BookingAccess) -> BookingView:
        """Return a booking as it is stored now."""
        async with reading(self._context.database) as work:
            return await self._view_in(work, seen)

    async def _view_in(self, work: UnitOfWork, seen: BookingAccess) -> BookingView:
        """Return a booking as this transaction has it."""
        booking = await work.bookings.find(seen.booking.id)
        if booking is None:
            raise BookingNotFound
        return await self._view(work, replace(seen, booking=booking))

    async def _view(self, work: UnitOfWork, seen: BookingAccess) -> BookingView:
        """Return a booking as this person may see it: its room and its next payment if own."""
        now, by_operator = self._context.clock(), seen.by_operator
        (view,) = await booking_views(work, [seen.booking], now, by_operator=by_operator)
        if seen.is_own:
            return view
        can_cancel = view.can_cancel and seen.can_act
        return replace(view, room=Room(), ticket_code="", can_cancel=can_cancel, can_retry=False)


def _is_session_id(text: str) -> bool:
    plain = text.isascii() and text.replace("_", "").isalnum()
    return plain and text.startswith("cs_") and len(text) <= MAX_SESSION_ID_LENGTH
