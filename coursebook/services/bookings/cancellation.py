"""Giving a booking up, decided under the lock in one transaction."""

from coursebook.domain.attempt import AttemptState
from coursebook.domain.balance import Balance, RefundOnCancel, can_cancel
from coursebook.domain.booking import EndCause, SeatState
from coursebook.domain.booking_statement import BY_TERMS
from coursebook.errors import NotCancellable, PaymentProcessing
from coursebook.persistence.course_search.courses import state_of
from coursebook.persistence.schema.tables import PaymentAttempt
from coursebook.services.bookings.balance import balance, money_on_cancel, standing_of
from coursebook.services.bookings.expected_amounts import Expected, check_on_cancel
from coursebook.services.locked_booking import FOREIGN_MONEY, LockedBookingAndCourse
from coursebook.services.settlement.inbox_entries import close_resolved_entries

PAID_MEANWHILE = (
    "Your payment came through in the meantime, so the booking is confirmed. "
    "If you still want to cancel, look at the amount you get back and try again."
)
LOOKED_AT = (
    "We have received money for this booking that someone has to check first. We will write to you."
)


async def cancel_step(
    ledger: LockedBookingAndCourse,
    *,
    was_confirmed: bool,
    by_operator: bool,
    expected: Expected | None = None,
) -> bool:
    """Cancel a booking whose payment pages were closed a moment ago.

    `was_confirmed` tells how it stood when the person asked, `expected` the sums that they saw.
    False when a payment page was opened meanwhile: close it and come again. Raises NotCancellable,
    PaymentProcessing, ChangedMeanwhile.
    """
    tried = await ledger.work.attempts.of_booking(ledger.booking.id)
    refunds = await ledger.work.refunds.of_booking(ledger.booking.id)
    if ledger.booking.end_cause == EndCause.COURSE_CANCELLED.value:
        return True  # the school's cancelling came a moment before, and did it
    _check(ledger, tried, by_operator=by_operator)
    if any(a.state == AttemptState.OPEN.value for a in tried):
        return False
    standing = standing_of(ledger.booking, tried, refunds)
    course, now = ledger.course, ledger.now
    done = money_on_cancel(ledger.booking, course, standing, now, by_operator=by_operator)
    check_on_cancel(expected, done, ledger.booking.currency)
    if ledger.place is SeatState.CONFIRMED:
        if not was_confirmed:
            raise NotCancellable(PAID_MEANWHILE)
        await _give_back(ledger, tried, standing, done)
    elif sum(balance(tried, refunds).values()):
        raise NotCancellable(LOOKED_AT)
    for attempt in tried:
        if attempt.state == AttemptState.CREATED.value:
            await ledger.promise_close(attempt)
    who = EndCause.OPERATOR if by_operator else EndCause.STUDENT
    ledger.end(who, f"Cancelled by the {who}.")
    await ledger.promise_mail("cancelled")
    await close_resolved_entries(ledger)
    return True


def _check(
    ledger: LockedBookingAndCourse, tried: list[PaymentAttempt], *, by_operator: bool
) -> None:
    if any(a.is_foreign and a.state == AttemptState.SUCCEEDED.value for a in tried):
        raise NotCancellable(FOREIGN_MONEY)
    if any(a.state == AttemptState.PROCESSING.value for a in tried):
        raise PaymentProcessing
    if not can_cancel(ledger.place, state_of(ledger.course), ledger.now, by_operator=by_operator):
        raise NotCancellable


async def _give_back(
    ledger: LockedBookingAndCourse,
    tried: list[PaymentAttempt],
    standing: Balance,
    done: RefundOnCancel,
) -> None:
    """Promise what goes back, and write down what stays and why."""
    booking, due = ledger.booking, done.due
    booking.kept_amount, booking.kept_why = done.stays, BY_TERMS if done.stays else ""
    for attempt in tried:
        part = min(due, standing.free.get(attempt.id, 0))
        if part:
            await ledger.promise_refund(attempt, part, "cancelled")
            due -= part
