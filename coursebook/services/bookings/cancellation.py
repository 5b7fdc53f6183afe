"""Cancel a booking: close its payment pages at Stripe, then end the place under the lock."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from coursebook.domain.actor import Actor
from coursebook.domain.attempt import AttemptState
from coursebook.domain.balance import Balance, RefundOnCancel, can_cancel
from coursebook.domain.booking import EndCause, SeatState
from coursebook.domain.booking_edits.give_back import GiveBack, card_parts, chosen_refund
from coursebook.domain.booking_statement import BY_TERMS
from coursebook.errors import (
    BookingNotFound,
    NotCancellable,
    PaymentProcessing,
    PaymentProviderError,
)
from coursebook.mail.kinds import MailKind
from coursebook.payments.gateway import GatewayError
from coursebook.persistence.course_search.courses import state_of
from coursebook.persistence.schema.tables import Booking, Course, PaymentAttempt
from coursebook.persistence.unit_of_work import Answer, UnitOfWork, reading, writing
from coursebook.services.bookings.balance import balance_of, money_left, money_on_cancel
from coursebook.services.bookings.expected_amounts import Expected, check_kept, check_on_cancel
from coursebook.services.bookings.offline_payments import end_place
from coursebook.services.context import Context
from coursebook.services.locked_booking import (
    FOREIGN_MONEY,
    NO_WORDS,
    LockedBookingAndCourse,
    RefundWords,
    again_if_moved,
    lock_booking,
)
from coursebook.services.settlement.hold_end import enqueue_course_cancelled
from coursebook.services.settlement.holds import close_session
from coursebook.services.settlement.inbox_entries import close_resolved_entries

PAID_MEANWHILE = (
    "Your payment came through in the meantime, so the booking is confirmed. "
    "If you still want to cancel, look at the amount you get back and try again."
)
LOOKED_AT = (
    "We have received money for this booking that someone has to check first. We will write to you."
)
UNCHANGED = (
    "We could not reach the payment service, so your booking is unchanged. "
    "Please try again in a moment."
)
ROUNDS = 4
T = TypeVar("T")
Read = Callable[[UnitOfWork], Awaitable[T]]


@dataclass(frozen=True)
class CancelOrder:
    """Who cancels, and how.

    `expected`: the sums that the person saw. `choice`: how much an operator gives back; None for a
    student, or for everything. Without `is_told` the student gets no mail about the cancellation,
    but still those about refunds.
    """

    actor: Actor
    by_operator: bool
    expected: Expected | None = None
    choice: GiveBack | None = None
    is_told: bool = True

    @property
    def reason(self) -> str:
        """The operator's own words, or ""."""
        return self.choice.reason if self.choice else ""


@dataclass(frozen=True)
class _Before:
    """The state of a booking when its cancellation was requested."""

    attempts: list[PaymentAttempt]
    was_confirmed: bool


async def no_answer(_work: UnitOfWork) -> None:
    """Read nothing."""


async def cancel_booking(context: Context, booking_id: str, order: CancelOrder, read: Read[T]) -> T:
    """Cancel a booking and refund what the order says, else the promised share.

    Return what `read` finds at the end of the transaction. An open payment page is closed at
    Stripe first. Raises NotCancellable, ChangedMeanwhile,
    PaymentProcessing, Invalid, PaymentProviderError (then nothing has changed).
    """
    was_confirmed: bool | None = None
    for _ in range(ROUNDS):
        before = await _before_cancelling(context, booking_id, order)
        if was_confirmed is None:
            was_confirmed = before.was_confirmed
        await close_pages(context, before.attempts, order.actor)
        answer = await _cancel_locked(context, booking_id, order, read, was_confirmed=was_confirmed)
        if answer is not None:
            return answer.value
    raise PaymentProviderError(UNCHANGED)


@again_if_moved
async def _cancel_locked(
    context: Context, booking_id: str, order: CancelOrder, read: Read[T], *, was_confirmed: bool
) -> Answer[T] | None:
    """Cancel in one transaction. Return None when a payment page was opened since."""
    async with writing(context.database) as work:
        locked = await lock_booking(work, booking_id, order.actor, context.clock())
        if locked is None:
            raise BookingNotFound
        is_done = await cancel_step(locked, order, was_confirmed=was_confirmed)
        return work.read_last(lambda: read(work)) if is_done else None


async def _before_cancelling(context: Context, booking_id: str, order: CancelOrder) -> _Before:
    """Look before any page is closed, so that a refusal leaves everything as it was."""
    async with reading(context.database) as work:
        booking = await work.bookings.find(booking_id)
        if booking is None:
            raise BookingNotFound
        course = (await work.courses.by_ids({booking.course_id}))[booking.course_id]
        attempts = await work.attempts.of_booking(booking.id)
        refunds = await work.refunds.of_booking(booking.id)
    place, now = SeatState(booking.place), context.clock()
    if not can_cancel(place, state_of(course), now, by_operator=order.by_operator):
        raise NotCancellable
    if not any(a.state == AttemptState.PROCESSING.value for a in attempts):
        balance = balance_of(booking, attempts, refunds)
        _refund_of(order, booking, course, balance, now)
    return _Before(attempts, was_confirmed=place is SeatState.CONFIRMED)


async def close_pages(context: Context, attempts: Sequence[PaymentAttempt], actor: Actor) -> None:
    """Close every open payment page at Stripe; what cannot be closed is settled instead."""
    for attempt in attempts:
        if attempt.session_id and not AttemptState(attempt.state).is_final:
            try:
                await close_session(context, attempt.session_id, actor)
            except GatewayError as error:
                raise PaymentProviderError(UNCHANGED) from error


async def cancel_step(
    locked: LockedBookingAndCourse, order: CancelOrder, *, was_confirmed: bool
) -> bool:
    """Cancel a booking whose payment pages were closed a moment ago.

    `was_confirmed` is the state of the seat at the request. Return False when a payment page was
    opened since: close it and try again. Raises NotCancellable, PaymentProcessing, Invalid,
    ChangedMeanwhile.
    """
    attempts = await locked.work.attempts.of_booking(locked.booking.id)
    refunds = await locked.work.refunds.of_booking(locked.booking.id)
    if locked.booking.end_cause == EndCause.COURSE_CANCELLED.value:
        return True  # the school's cancelling came a moment before, and did it
    _check(locked, attempts, by_operator=order.by_operator)
    if any(a.state == AttemptState.OPEN.value for a in attempts):
        return False
    balance = balance_of(locked.booking, attempts, refunds)
    refund = _refund_of(order, locked.booking, locked.course, balance, locked.now)
    if locked.place is SeatState.CONFIRMED:
        if not was_confirmed:
            raise NotCancellable(PAID_MEANWHILE)
        await _give_back(locked, order, attempts, balance, refund)
    elif sum(money_left(attempts, refunds).values()):
        raise NotCancellable(LOOKED_AT)
    elif balance.by_hand:  # a part of the price
        await _give_back(locked, order, attempts, balance, refund)
    for attempt in attempts:
        if attempt.state == AttemptState.CREATED.value:
            await locked.enqueue_close(attempt)
    await _end_and_tell(locked, order)
    await close_resolved_entries(locked)
    return True


async def _end_and_tell(locked: LockedBookingAndCourse, order: CancelOrder) -> None:
    """End the place. On a cancelled course the mail is that of the course, and always sent."""
    cause = EndCause.OPERATOR if order.by_operator else EndCause.STUDENT
    recorded = await end_place(locked, cause, f"Cancelled by the {cause}.")
    if recorded is EndCause.COURSE_CANCELLED:
        await enqueue_course_cancelled(locked)
    elif order.is_told:
        await locked.enqueue_mail(MailKind.CANCELLED, reason=order.reason)


def _check(
    locked: LockedBookingAndCourse, attempts: list[PaymentAttempt], *, by_operator: bool
) -> None:
    if any(a.is_foreign and a.state == AttemptState.SUCCEEDED.value for a in attempts):
        raise NotCancellable(FOREIGN_MONEY)
    if any(a.state == AttemptState.PROCESSING.value for a in attempts):
        raise PaymentProcessing
    if not can_cancel(locked.place, state_of(locked.course), locked.now, by_operator=by_operator):
        raise NotCancellable


def _refund_of(
    order: CancelOrder, booking: Booking, course: Course, balance: Balance, now: datetime
) -> RefundOnCancel:
    """Return what the order gives back and keeps. Raises ChangedMeanwhile, Invalid."""
    if order.choice is None:
        refund = money_on_cancel(booking, course, balance, now, by_operator=order.by_operator)
        check_on_cancel(order.expected, refund, booking.currency)
        return refund
    promised = money_on_cancel(booking, course, balance, now, by_operator=False)
    check_kept(order.expected, balance, promised.due, booking.currency)
    is_cancelled = state_of(course).is_cancelled
    return chosen_refund(
        order.choice, booking.price, balance, promised, is_course_cancelled=is_cancelled
    )


async def _give_back(
    locked: LockedBookingAndCourse,
    order: CancelOrder,
    attempts: Sequence[PaymentAttempt],
    balance: Balance,
    refund: RefundOnCancel,
) -> None:
    """Enqueue the refund by card, and store the amount that the school keeps and the reason.

    What is to be given back beyond that was taken by hand: `end_place` writes it down.
    """
    booking = locked.booking
    booking.kept_amount, booking.kept_why = refund.stays, _kept_why(locked, order, balance, refund)
    parts = card_parts(refund.due, balance)
    words = NO_WORDS
    if order.choice is not None:
        words = RefundWords(order.reason, order.choice.note, str(order.actor))
    for attempt in attempts:
        if attempt.id in parts:
            await locked.enqueue_refund(attempt, parts[attempt.id], "cancelled", words=words)


def _kept_why(
    locked: LockedBookingAndCourse, order: CancelOrder, balance: Balance, refund: RefundOnCancel
) -> str:
    """Return why the school keeps money: the terms, or an operator's words for another sum."""
    if not refund.stays:
        return ""
    promised = money_on_cancel(
        locked.booking, locked.course, balance, locked.now, by_operator=False
    )
    if not order.reason or refund.stays == promised.stays:
        return BY_TERMS
    return order.reason if order.reason != BY_TERMS else order.reason.capitalize()
