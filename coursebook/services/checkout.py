"""Starting and repeating a payment: hold a place, write the attempt down, then ask Stripe.

The attempt with its idempotency key and exact parameters is committed before Stripe is called, so
that a call whose answer was lost can be repeated byte for byte (docs.stripe.com/api/idempotent_requests).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy.exc import IntegrityError

from coursebook.domain.attempt import AttemptState, idempotency_key
from coursebook.domain.booking import Place, PlaceEvent
from coursebook.domain.money import Money
from coursebook.domain.seats import NoSeat
from coursebook.domain.settlement import SessionWord
from coursebook.errors import (
    AlreadyBooked,
    BookingClosed,
    BookingNotFound,
    CourseFull,
    CourseNotFound,
    NotRetryable,
    PaymentProcessing,
    PaymentProviderError,
)
from coursebook.identity.principal import Principal
from coursebook.payments.gateway import (
    CheckoutAsk,
    GatewayError,
    SessionFacts,
    StripeRefused,
    StripeUnreachable,
)
from coursebook.persistence.columns import new_id
from coursebook.persistence.tables import Booking, Course, CourseStatus, PaymentAttempt, User
from coursebook.persistence.work import Work, writing
from coursebook.services.ledger import Ledger, locked
from coursebook.services.limits import Limits
from coursebook.services.settling import settle
from coursebook.services.tools import Tools
from coursebook.services.views import CheckoutView

log = structlog.get_logger("coursebook.payments")

ROUNDS = 4
LEAST_TIME_LEFT = timedelta(seconds=60)
"""A session with less than this left is closed and replaced: nobody pays that quickly."""


@dataclass(frozen=True)
class Free:
    """Nothing to pay: the place is confirmed already."""

    booking_id: str


@dataclass(frozen=True)
class AskForSession:
    """An attempt is written down; Stripe is to be asked for its session."""

    booking_id: str
    attempt_id: str
    params: dict[str, Any]
    key: str
    is_new: bool


@dataclass(frozen=True)
class LookFirst:
    """There is a session already: Stripe has to say how it stands before anything else."""

    session_id: str


Step = Free | AskForSession | LookFirst


class Checkout:
    """The use cases of paying."""

    def __init__(self, tools: Tools, limits: Limits) -> None:
        self._tools = tools
        self._limits = limits

    async def start_checkout(
        self, who: Principal, course_id: str, *, address: str = ""
    ) -> CheckoutView:
        """Hold a place on a course and return where to pay for it.

        Asking again while a session is open returns that one. Raises CourseNotFound, CourseFull,
        AlreadyBooked, BookingClosed, PaymentProcessing, RateLimited, PaymentProviderError.
        """
        await self._limits.count("checkout", who.user_id, address)
        return await self._lead_to_payment(who, course_id=course_id)

    async def retry(self, who: Principal, booking_id: str, *, address: str = "") -> CheckoutView:
        """Return where to pay for a booking that is not paid yet: its open session, or a new one.

        Raises BookingNotFound, NotRetryable, CourseFull, BookingClosed, PaymentProcessing,
        RateLimited, PaymentProviderError.
        """
        await self._limits.count("checkout", who.user_id, address)
        return await self._lead_to_payment(who, booking_id=booking_id)

    async def _lead_to_payment(
        self, who: Principal, *, course_id: str = "", booking_id: str = ""
    ) -> CheckoutView:
        for _ in range(ROUNDS):
            match await self._next_step(who, course_id, booking_id):
                case Free() as free:
                    url = f"{self._tools.public_url}/payment/success?booking_id={free.booking_id}"
                    return CheckoutView(free.booking_id, None, url, None, is_new=True)
                case AskForSession() as ask:
                    view = await self._open(ask, who)
                case LookFirst() as look:
                    view = await self._reuse(look, who)
            if view is not None:
                return view
        raise PaymentProviderError

    async def _next_step(self, who: Principal, course_id: str, booking_id: str) -> Step:
        """Decide under the lock, in one transaction, what comes next."""
        now = self._tools.clock()
        try:
            async with writing(self._tools.database) as work:
                user = await work.users.ensure(who.user_id, who.email, who.name, now)
                if booking_id:
                    return await self._retry_step(work, user, booking_id, now)
                return await self._book_step(work, user, course_id, now)
        except NoSeat:
            raise CourseFull from None
        except IntegrityError:  # the same student in another tab was quicker
            raise AlreadyBooked from None

    async def _book_step(self, work: Work, user: User, course_id: str, now: datetime) -> Step:
        known = await work.courses.find(course_id)
        course = await work.courses.lock(known.id) if known else None
        if course is None or course.status == CourseStatus.DRAFT.value:
            raise CourseNotFound
        booking = await work.bookings.newest_of(user.id, course.id)
        if booking is not None:
            if booking.place == Place.CONFIRMED.value:
                raise AlreadyBooked
            ledger = Ledger(work, course, booking, f"student {user.subject}", now)
            return await self._pay_step(ledger, user)
        _check_open(course, now)
        booking = _new_booking(course, user, now)
        ledger = Ledger(work, course, booking, f"student {user.subject}", now)
        work.bookings.add(booking)
        await work.session.flush()
        ledger.open_hold("Booked by the student.")
        return await self._new_attempt(ledger, user)

    async def _retry_step(self, work: Work, user: User, booking_id: str, now: datetime) -> Step:
        ledger = await locked(work, booking_id, f"student {user.subject}", now)
        if ledger is None or ledger.booking.user_id != user.id:
            raise BookingNotFound
        if ledger.place in (Place.CONFIRMED, Place.CANCELLED):
            raise NotRetryable
        return await self._pay_step(ledger, user)

    async def _pay_step(self, ledger: Ledger, user: User) -> Step:
        """What comes next for a booking that is held or has expired."""
        tried = await ledger.work.attempts.of_booking(ledger.booking.id)
        states = [AttemptState(a.state) for a in tried]
        if AttemptState.PROCESSING in states:
            raise PaymentProcessing
        if AttemptState.SUCCEEDED in states and await _holds_money(ledger, tried):
            raise NotRetryable("We have money of yours for this booking; a person looks at it.")
        last = tried[-1] if tried else None
        if last is not None and last.session_id and not AttemptState(last.state).is_final:
            return LookFirst(last.session_id)
        if last is not None and last.state == AttemptState.CREATED.value:
            return AskForSession(
                ledger.booking.id, last.id, last.params, last.idempotency_key, is_new=False
            )
        _check_open(ledger.course, ledger.now)
        if ledger.place is Place.EXPIRED:
            _promise_anew(ledger)
            ledger.move(PlaceEvent.HOLD_AGAIN, "The student tries again.")
        return await self._new_attempt(ledger, user)

    async def _new_attempt(self, ledger: Ledger, user: User) -> Step:
        booking, work = ledger.booking, ledger.work
        number = len(await work.attempts.of_booking(booking.id)) + 1
        booking.hold_expires_at = ledger.now + self._tools.hold
        attempt = PaymentAttempt(
            id=new_id("pay"),
            booking_id=booking.id,
            number=number,
            state=AttemptState.CREATED.value,
            amount=booking.price,
            currency=booking.currency,
            idempotency_key=idempotency_key(booking.id, number),
            params={},
            expires_at=booking.hold_expires_at,
            asked_at=ledger.now,
            created_at=ledger.now,
            updated_at=ledger.now,
        )
        work.attempts.add(attempt)
        if booking.price == 0:
            await work.session.flush()
            ledger.set_attempt(attempt, AttemptState.SUCCEEDED, "Free of charge.")
            ledger.move(PlaceEvent.CONFIRM, "Free of charge.")
            await ledger.promise_mail("booked")
            return Free(booking.id)
        attempt.params = self._params(ledger, user, number)
        return AskForSession(
            booking.id, attempt.id, attempt.params, attempt.idempotency_key, is_new=True
        )

    def _params(self, ledger: Ledger, user: User, number: int) -> dict[str, Any]:
        booking, home = ledger.booking, self._tools.public_url
        assert booking.hold_expires_at is not None, "set with the attempt"
        return self._tools.gateway.params_for(
            CheckoutAsk(
                booking_id=booking.id,
                attempt_number=number,
                title=ledger.course.title,
                price=Money(booking.price, booking.currency),
                email=user.email,
                success_url=f"{home}/payment/success?session_id={{CHECKOUT_SESSION_ID}}",
                cancel_url=f"{home}/payment/cancel?booking_id={booking.id}",
                expires_at=booking.hold_expires_at,
            )
        )

    async def _open(self, ask: AskForSession, who: Principal) -> CheckoutView | None:
        """Ask Stripe for the session and store its id. None: look again how things stand."""
        try:
            facts = await self._tools.gateway.create_session(ask.params, ask.key)
        except StripeUnreachable as problem:
            log.warning("checkout.stripe_unreachable", booking=ask.booking_id, said=str(problem))
            raise PaymentProviderError from problem
        except StripeRefused as refusal:
            await self._note_refusal(ask, who, str(refusal))
            if ask.is_new:
                raise PaymentProviderError(
                    "The payment service did not accept this payment. "
                    "Nothing was charged and no place was taken."
                ) from refusal
            return None
        await self._note_opened(ask, facts, who)
        if facts.word is not SessionWord.OPEN or facts.url is None:
            await self._settle(facts.id, who)
            return None
        log.info("checkout.opened", booking=ask.booking_id, session=facts.id)
        return CheckoutView(ask.booking_id, facts.id, facts.url, facts.expires_at, ask.is_new)

    async def _note_opened(self, ask: AskForSession, facts: SessionFacts, who: Principal) -> None:
        async with writing(self._tools.database) as work:
            ledger = await locked(work, ask.booking_id, _actor(who), self._tools.clock())
            attempt = await work.attempts.find(ask.attempt_id)
            assert attempt is not None and ledger is not None, "written down before"
            if attempt.session_id is None:
                attempt.session_id = facts.id
                attempt.checkout_url = facts.url
                attempt.expires_at = facts.expires_at
                if attempt.state == AttemptState.CREATED.value:
                    ledger.set_attempt(attempt, AttemptState.OPEN, "The payment page is open.")
            if ledger.place is not Place.HELD:  # cancelled or confirmed while Stripe answered
                await ledger.promise_close(attempt)

    async def _note_refusal(self, ask: AskForSession, who: Principal, said: str) -> None:
        """Stripe made no session. The place of a fresh attempt is given back at once."""
        log.error("checkout.stripe_refused", booking=ask.booking_id, said=said)
        async with writing(self._tools.database) as work:
            ledger = await locked(work, ask.booking_id, _actor(who), self._tools.clock())
            attempt = await work.attempts.find(ask.attempt_id)
            assert attempt is not None and ledger is not None, "written down before"
            if attempt.state != AttemptState.CREATED.value:
                return
            attempt.last_error = said[:500]
            ledger.set_attempt(attempt, AttemptState.FAILED, f"Stripe refused: {said}")
            if ask.is_new and ledger.place is Place.HELD:
                ledger.move(PlaceEvent.EXPIRE, "Stripe made no payment page.")

    async def _reuse(self, look: LookFirst, who: Principal) -> CheckoutView | None:
        """Give the open session back. None when it is over: the books say so now."""
        facts = await self._settle(look.session_id, who)
        if facts is None or facts.word is not SessionWord.OPEN or facts.url is None:
            return None
        if facts.expires_at - self._tools.clock() > LEAST_TIME_LEFT:
            booking_id = facts.booking_id or ""
            return CheckoutView(booking_id, facts.id, facts.url, facts.expires_at, is_new=False)
        try:
            await self._tools.gateway.expire_session(facts.id)
        except StripeRefused:
            log.info("checkout.closed_already", session=facts.id)
        except StripeUnreachable as problem:
            raise PaymentProviderError from problem
        await self._settle(facts.id, who)
        return None

    async def _settle(self, session_id: str, who: Principal) -> SessionFacts | None:
        try:
            done = await settle(self._tools, session_id, actor=_actor(who))
        except GatewayError as problem:
            raise PaymentProviderError from problem
        return done.facts


def _actor(who: Principal) -> str:
    return f"{who.role} {who.user_id}"


def _check_open(course: Course, now: datetime) -> None:
    if course.status != CourseStatus.PUBLISHED.value or course.starts_at <= now:
        raise BookingClosed


def _new_booking(course: Course, user: User, now: datetime) -> Booking:
    return Booking(
        id=new_id("bkg"),
        user_id=user.id,
        course_id=course.id,
        place=Place.HELD.value,
        price=course.price,
        currency=course.currency,
        terms=course.terms,
        created_at=now,
        updated_at=now,
    )


def _promise_anew(ledger: Ledger) -> None:
    """The hold was lost: price and terms are again those of the course."""
    booking, course = ledger.booking, ledger.course
    booking.price, booking.currency, booking.terms = course.price, course.currency, course.terms


async def _holds_money(ledger: Ledger, tried: list[PaymentAttempt]) -> bool:
    """Whether a payment of this booking is neither used for a place nor given back."""
    refunds = (await ledger.work.refunds.of_bookings([ledger.booking.id])).get(
        ledger.booking.id, []
    )
    given = sum(r.amount for r in refunds if r.state != "failed")
    return sum(a.amount for a in tried if a.state == AttemptState.SUCCEEDED.value) > given
