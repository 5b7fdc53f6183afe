"""A student's bookings: list them, find one after paying, cancel one."""

from dataclasses import dataclass, replace

import structlog

from coursebook.domain.actor import Actor
from coursebook.domain.attempt import AttemptState
from coursebook.domain.balance import can_cancel
from coursebook.domain.booking import BookingStatus, SeatState, places_of
from coursebook.domain.external_text import clean_id
from coursebook.domain.online_room import Room
from coursebook.errors import BookingNotFound, NotCancellable, PaymentProviderError
from coursebook.identity.principal import Principal
from coursebook.live import topics
from coursebook.payments.gateway import GatewayError
from coursebook.persistence.course_search.courses import state_of
from coursebook.persistence.schema.columns import ID_LENGTH
from coursebook.persistence.schema.tables import Booking, PaymentAttempt
from coursebook.persistence.unit_of_work import UnitOfWork, reading, writing
from coursebook.services.bookings.balance import balance_of, money_on_cancel
from coursebook.services.bookings.cancellation import cancel_step
from coursebook.services.bookings.expected_amounts import Expected, check_on_cancel
from coursebook.services.bookings.timeline import booking_views
from coursebook.services.context import Context
from coursebook.services.locked_booking import lock_booking
from coursebook.services.pagination import read_cursor, write_cursor
from coursebook.services.presenters import own_place_view
from coursebook.services.rate_limits import Limits
from coursebook.services.settlement.holds import close_session
from coursebook.services.settlement.settle import settle
from coursebook.services.views import BookingPage, BookingView, OwnPlaceView

log = structlog.get_logger("coursebook.bookings")

CURSOR = "bookings:created_at"
ROUNDS = 4
MAX_SESSION_ID_LENGTH = 255
UNCHANGED = (
    "We could not reach the payment service, so your booking is unchanged. "
    "Please try again in a moment."
)


@dataclass(frozen=True)
class _Before:
    """The state of a booking when its cancellation was requested."""

    attempts: list[PaymentAttempt]
    was_confirmed: bool


class Bookings:
    """The use cases around one's own bookings. Operators may see and cancel any."""

    def __init__(self, context: Context, limits: Limits) -> None:
        self._context = context
        self._limits = limits

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
                work, rows[:limit], self._context.clock(), by_operator=who.is_operator
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
        """Return one booking of this person; any for an operator. Raises BookingNotFound."""
        async with reading(self._context.database) as work:
            booking = await self._visible(work, who, booking_id)
            return await self._view(work, who, booking)

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
            if attempt is not None:
                await self._visible(work, who, attempt.booking_id)
        if attempt is None:
            await self._limits.count("unknown_session", who.user_id)
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
        """Cancel a booking and refund the promised share (for an operator, everything).

        An open payment page is closed at Stripe first. With other sums than those `expected` (what
        the person saw) nothing happens. Raises BookingNotFound, NotCancellable, ChangedMeanwhile,
        PaymentProcessing, RateLimited, PaymentProviderError (then nothing has changed).
        """
        if not who.is_operator:
            await self._limits.count("checkout", who.user_id)
        was_confirmed: bool | None = None
        for _ in range(ROUNDS):
            before = await self._before_cancelling(who, booking_id, expected)
            if was_confirmed is None:
                was_confirmed = before.was_confirmed
            await self._close_pages(before.attempts, who)
            async with writing(self._context.database) as work:
                locked = await lock_booking(work, booking_id, who.actor, self._context.clock())
                if locked is None:
                    raise BookingNotFound
                done = await cancel_step(
                    locked,
                    was_confirmed=was_confirmed,
                    by_operator=who.is_operator,
                    expected=expected,
                )
            if done:
                log.info("booking.cancelled", booking=booking_id)
                return await self.booking(who, booking_id)
        raise PaymentProviderError(UNCHANGED)

    async def _before_cancelling(
        self, who: Principal, booking_id: str, expected: Expected | None
    ) -> _Before:
        """Look before any page is closed, so that a refusal leaves everything as it was."""
        async with reading(self._context.database) as work:
            booking = await self._visible(work, who, booking_id)
            course = (await work.courses.by_ids({booking.course_id}))[booking.course_id]
            attempts = await work.attempts.of_booking(booking_id)
            refunds = await work.refunds.of_booking(booking_id)
        place, now = SeatState(booking.place), self._context.clock()
        if not can_cancel(place, state_of(course), now, by_operator=who.is_operator):
            raise NotCancellable
        balance = balance_of(booking, attempts, refunds)
        if not any(a.state == AttemptState.PROCESSING.value for a in attempts):
            by_operator = who.is_operator
            refund = money_on_cancel(booking, course, balance, now, by_operator=by_operator)
            check_on_cancel(expected, refund, booking.currency)
        return _Before(attempts, was_confirmed=place is SeatState.CONFIRMED)

    async def _close_pages(self, attempts: list[PaymentAttempt], who: Principal) -> None:
        """Close every open payment page at Stripe; what cannot be closed is settled instead."""
        for attempt in attempts:
            if attempt.session_id and not AttemptState(attempt.state).is_final:
                try:
                    await close_session(self._context, attempt.session_id, who.actor)
                except GatewayError as error:
                    raise PaymentProviderError(UNCHANGED) from error

    async def _view(self, work: UnitOfWork, who: Principal, booking: Booking) -> BookingView:
        """Return a booking as this person may see it: the room only of their own."""
        now = self._context.clock()
        (view,) = await booking_views(work, [booking], now, by_operator=who.is_operator)
        owner = await work.users.by_id(booking.user_id) if who.is_operator else None
        is_of_another = owner is not None and owner.subject != who.user_id
        return replace(view, room=Room()) if is_of_another else view

    async def _visible(self, work: UnitOfWork, who: Principal, booking_id: str) -> Booking:
        if clean_id(booking_id, ID_LENGTH) is None:
            raise BookingNotFound
        booking = await work.bookings.find(booking_id)
        user = await work.users.by_subject(who.user_id)
        owns = booking is not None and user is not None and booking.user_id == user.id
        if booking is None or not (owns or who.is_operator):
            raise BookingNotFound
        return booking


def _is_session_id(text: str) -> bool:
    plain = text.isascii() and text.replace("_", "").isalnum()
    return plain and text.startswith("cs_") and len(text) <= MAX_SESSION_ID_LENGTH
