"""Starting and repeating a payment: hold a place, record the attempt, then create the session.

The attempt is committed with its idempotency key and exact parameters before Stripe is called. A
call whose answer was lost can then be repeated byte for byte
(docs.stripe.com/api/idempotent_requests).
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

import structlog

from coursebook.domain.admission import Way, takes
from coursebook.domain.attempt import AttemptState
from coursebook.domain.booking import EndCause, SeatState
from coursebook.domain.reader import UNKNOWN_READER, Reader
from coursebook.domain.seats import NoSeat
from coursebook.domain.settlement import CheckoutSessionStatus
from coursebook.errors import AlreadyBooked, CourseFull, PaymentProviderError
from coursebook.identity.principal import Principal
from coursebook.payments.gateway import (
    GatewayError,
    SessionFacts,
    StripeRefused,
    StripeUnreachable,
)
from coursebook.persistence.schema.tables import PaymentAttempt
from coursebook.persistence.unit_of_work import SecondLiveBooking, writing
from coursebook.services.bookings.expected_amounts import NO_OFFER_SHOWN, Expected, ShownOffer
from coursebook.services.checkout.next_step import (
    CreateSession,
    NothingToPay,
    ReuseSession,
    Step,
    book_step,
    read_entrance,
    retry_step,
)
from coursebook.services.context import Context
from coursebook.services.installation import installation_of
from coursebook.services.locked_booking import (
    LockedBooking,
    again_if_moved,
    lock_booking,
    lock_booking_and_attempt,
)
from coursebook.services.rate_limits import Limits
from coursebook.services.settlement.hold_end import end_hold
from coursebook.services.settlement.holds import close_session
from coursebook.services.settlement.settle import settle
from coursebook.services.views import CheckoutView

log = structlog.get_logger("coursebook.payments")

MAX_ROUNDS = 4
MIN_TIME_LEFT = timedelta(seconds=60)
"""A session with less time left is expired and replaced: too short to enter a card."""

STRIPE_SILENT = (
    "We could not check your payment with the payment service. If you have paid, your booking "
    "will be confirmed automatically; if not, please try again in a moment."
)


@dataclass(frozen=True)
class _CheckoutRequest:
    """The paying person, the course or booking, the offer that was shown, and how they read."""

    who: Principal
    shown_offer: ShownOffer
    reader: Reader
    course_id: str = ""
    booking_id: str = ""


class Checkout:
    """Use cases: start a payment, and repeat one."""

    def __init__(self, context: Context, limits: Limits) -> None:
        self._context = context
        self._limits = limits

    async def start_checkout(
        self,
        who: Principal,
        course_id: str,
        *,
        shown_offer: ShownOffer = NO_OFFER_SHOWN,
        reader: Reader = UNKNOWN_READER,
    ) -> CheckoutView:
        """Hold a place on a course and return where to pay for it.

        A second call while a session is open returns that session. Nothing changes if the course
        or the amount differs from `shown_offer`. Mails are written for the `reader`.
        Raises CourseNotFound, CourseFull, AlreadyBooked, BookingClosed, CourseChanged,
        ChangedMeanwhile, PaymentProcessing, RateLimited, PaymentProviderError.
        """
        await self._limits.count("checkout", who.user_id)
        return await self._start(_CheckoutRequest(who, shown_offer, reader, course_id=course_id))

    async def retry(
        self,
        who: Principal,
        booking_id: str,
        *,
        expected: Expected | None = None,
        reader: Reader = UNKNOWN_READER,
    ) -> CheckoutView:
        """Return where to pay for an unpaid booking: its open session, or a new one.

        Nothing changes if the amount differs from the one `expected`. Mails are written for the
        `reader`. Raises BookingNotFound, NotRetryable, ChangedMeanwhile, CourseFull, BookingClosed,
        PaymentProcessing, RateLimited, PaymentProviderError.
        """
        await self._limits.count("checkout", who.user_id)
        request = _CheckoutRequest(who, ShownOffer(expected), reader, booking_id=booking_id)
        return await self._start(request)

    async def _start(self, request: _CheckoutRequest) -> CheckoutView:
        await installation_of(self._context)
        begun, who = "", request.who
        for _ in range(MAX_ROUNDS):
            step = await self._next_step(request, begun)
            match step:
                case NothingToPay():
                    url = f"{self._context.public_url}/payment/success?booking_id={step.booking_id}"
                    return CheckoutView(step.booking_id, None, url, None, is_new=True)
                case CreateSession():
                    view = await self._create(step, who)
                case ReuseSession():
                    view = await self._reuse(step, who)
            if view is not None:
                return view
            begun = step.booking_id
        raise PaymentProviderError

    @again_if_moved
    async def _next_step(self, request: _CheckoutRequest, begun: str) -> Step:
        """Choose the next step under the lock, in one transaction.

        When another click of the same student is faster, choose again: there is a booking now.
        """
        try:
            return await self._chosen_step(request, begun)
        except SecondLiveBooking:
            log.info("checkout.chosen_again")
        try:
            return await self._chosen_step(request, begun)
        except SecondLiveBooking:
            raise AlreadyBooked from None

    async def _chosen_step(self, request: _CheckoutRequest, begun: str) -> Step:
        now, who, context = self._context.clock(), request.who, self._context
        try:
            async with writing(context.database) as work:
                if request.booking_id:
                    user = await work.users.ensure(
                        who.user_id, who.email, who.name, now, request.reader
                    )
                    return await retry_step(
                        context,
                        work,
                        user,
                        request.booking_id,
                        now,
                        shown_offer=request.shown_offer,
                    )
                entrance = await read_entrance(work, who.user_id, request.course_id, now)
                user = await work.users.ensure(
                    who.user_id,
                    who.email,
                    who.name,
                    now,
                    request.reader,
                    is_looked_up=True,
                    user=entrance.user,
                )
                return await book_step(
                    context,
                    work,
                    user,
                    entrance,
                    now,
                    begun=begun,
                    shown_offer=request.shown_offer,
                )
        except NoSeat:
            raise CourseFull from None

    async def _create(self, step: CreateSession, who: Principal) -> CheckoutView | None:
        """Create the session and store its id. None: choose the next step again."""
        try:
            facts = await self._context.gateway.create_session(step.params, step.key)
        except StripeUnreachable as error:
            log.warning("checkout.failed", booking=step.booking_id, error=str(error))
            raise PaymentProviderError from error
        except StripeRefused as error:
            is_address = error.parameter == "customer_email"
            await self._record_refusal(step, who, str(error), keep_place=is_address)
            if step.is_new and not is_address:
                raise PaymentProviderError(
                    "The payment service did not accept this payment. "
                    "Nothing was charged and no place was taken."
                ) from error
            return None
        is_payable = await self._record_session(step, facts, who)
        if not is_payable:
            with suppress(PaymentProviderError):  # the outbox tries again
                await self._close(facts.id, who)
            return None
        if not step.is_new or facts.url is None:
            return None  # the answer may be a replay: fetch the session
        log.info("checkout.opened", booking=step.booking_id, session=facts.id)
        return self._view(step, facts, facts.url, is_new=True)

    async def _record_session(
        self, step: CreateSession, facts: SessionFacts, who: Principal
    ) -> bool:
        """Store the session's id. Return False if it must not be paid any more."""
        async with writing(self._context.database) as work:
            now = self._context.clock()
            locked, attempt, course = await lock_booking_and_attempt(
                work, step.booking_id, step.attempt_id, who.actor, now
            )
            _store_session(locked, attempt, facts)
            is_payable = (
                locked.place is SeatState.HELD
                and attempt.session_id == facts.id
                and not AttemptState(attempt.state).is_final
                and takes(course, now, Way.FURTHER_PAGE)
            )
            if not is_payable:  # for example cancelled while Stripe answered
                await locked.enqueue_close(attempt, facts.id)
            return is_payable

    @again_if_moved
    async def _record_refusal(
        self, step: CreateSession, who: Principal, reason: str, *, keep_place: bool
    ) -> None:
        """Record that Stripe made no session, and release the place of a new attempt.

        With `keep_place` the attempt is superseded: Stripe refused the email address, and the next
        attempt, with a new key, leaves it out.
        """
        log.error("checkout.refused", booking=step.booking_id, error=reason)
        async with writing(self._context.database) as work:
            locked = await lock_booking(work, step.booking_id, who.actor, self._context.clock())
            attempt = await work.attempts.find(step.attempt_id)
            assert attempt is not None, "recorded before"
            assert locked is not None, "recorded before"
            if attempt.state != AttemptState.CREATED.value:
                return
            if keep_place:
                locked.set_attempt(attempt, AttemptState.SUPERSEDED, f"Stripe refused: {reason}")
                return
            attempt.last_error = reason[:500]
            locked.set_attempt(attempt, AttemptState.FAILED, f"Stripe refused: {reason}")
            if step.is_new and locked.place is SeatState.HELD:
                number = attempt.number
                cause = "Stripe made no payment page."
                await end_hold(locked, EndCause.REFUSED, cause, occasion=number)

    async def _reuse(self, step: ReuseSession, who: Principal) -> CheckoutView | None:
        """Return the session if it is open. None if it is over, and then it has been settled."""
        facts = await self._settle(step.session_id, who)
        if facts is None or facts.status is not CheckoutSessionStatus.OPEN or facts.url is None:
            return None
        if facts.expires_at - self._context.clock() > MIN_TIME_LEFT:
            return self._view(step, facts, facts.url, is_new=False)
        await self._close(facts.id, who)
        return None

    def _view(
        self, step: CreateSession | ReuseSession, facts: SessionFacts, url: str, *, is_new: bool
    ) -> CheckoutView:
        """Return where to pay and the end of the hold, which may be before that of the session.

        Raises PaymentProviderError for a URL that is not Stripe's.
        """
        if not self._context.checkout_hosts.allows(url):
            log.error("checkout.url_rejected", booking=step.booking_id, session=facts.id, url=url)
            raise PaymentProviderError
        until = min(step.held_until or facts.expires_at, facts.expires_at)
        return CheckoutView(step.booking_id, facts.id, url, until, is_new=is_new)

    async def _settle(self, session_id: str, who: Principal) -> SessionFacts | None:
        try:
            result = await settle(self._context, session_id, actor=who.actor)
        except GatewayError as error:
            raise PaymentProviderError(STRIPE_SILENT) from error
        return result.facts

    async def _close(self, session_id: str, who: Principal) -> None:
        try:
            await close_session(self._context, session_id, who.actor)
        except GatewayError as error:
            raise PaymentProviderError(STRIPE_SILENT) from error


def _store_session(locked: LockedBooking, attempt: PaymentAttempt, facts: SessionFacts) -> None:
    if attempt.session_id is not None:
        return
    attempt.session_id = facts.id
    attempt.checkout_url = facts.url
    attempt.expires_at = facts.expires_at
    if attempt.state == AttemptState.CREATED.value:
        locked.set_attempt(attempt, AttemptState.OPEN, "The payment page is open.")
