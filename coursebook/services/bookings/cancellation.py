"""Cancel a booking under the lock, in one transaction."""

from coursebook.domain.attempt import AttemptState
from coursebook.domain.balance import Balance, RefundOnCancel, can_cancel
from coursebook.domain.booking import EndCause, SeatState
from coursebook.domain.booking_statement import BY_TERMS
from coursebook.errors import NotCancellable, PaymentProcessing
from coursebook.mail.kinds import MailKind
from coursebook.persistence.course_search.courses import state_of
from coursebook.persistence.schema.tables import PaymentAttempt
from coursebook.services.bookings.balance import balance_of, money_left, money_on_cancel
from coursebook.services.bookings.expected_amounts import Expected, check_on_cancel
from coursebook.services.bookings.offline_payments import end_place
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
    locked: LockedBookingAndCourse,
    *,
    was_confirmed: bool,
    by_operator: bool,
    expected: Expected | None = None,
) -> bool:
    """Cancel a booking whose payment pages were closed a moment ago.

    `was_confirmed` is the state of the seat at the request, `expected` the sums shown to the
    person. Return False when a payment page was opened since: close it and try again. Raises
    NotCancellable, PaymentProcessing, ChangedMeanwhile.
    """
    attempts = await locked.work.attempts.of_booking(locked.booking.id)
    refunds = await locked.work.refunds.of_booking(locked.booking.id)
    if locked.booking.end_cause == EndCause.COURSE_CANCELLED.value:
        return True  # the school's cancelling came a moment before, and did it
    _check(locked, attempts, by_operator=by_operator)
    if any(a.state == AttemptState.OPEN.value for a in attempts):
        return False
    balance = balance_of(locked.booking, attempts, refunds)
    course, now = locked.course, locked.now
    refund = money_on_cancel(locked.booking, course, balance, now, by_operator=by_operator)
    check_on_cancel(expected, refund, locked.booking.currency)
    if locked.place is SeatState.CONFIRMED:
        if not was_confirmed:
            raise NotCancellable(PAID_MEANWHILE)
        await _give_back(locked, attempts, balance, refund)
    elif sum(money_left(attempts, refunds).values()):
        raise NotCancellable(LOOKED_AT)
    for attempt in attempts:
        if attempt.state == AttemptState.CREATED.value:
            await locked.enqueue_close(attempt)
    cause = EndCause.OPERATOR if by_operator else EndCause.STUDENT
    await end_place(locked, cause, f"Cancelled by the {cause}.")
    await locked.enqueue_mail(MailKind.CANCELLED)
    await close_resolved_entries(locked)
    return True


def _check(
    locked: LockedBookingAndCourse, attempts: list[PaymentAttempt], *, by_operator: bool
) -> None:
    if any(a.is_foreign and a.state == AttemptState.SUCCEEDED.value for a in attempts):
        raise NotCancellable(FOREIGN_MONEY)
    if any(a.state == AttemptState.PROCESSING.value for a in attempts):
        raise PaymentProcessing
    if not can_cancel(locked.place, state_of(locked.course), locked.now, by_operator=by_operator):
        raise NotCancellable


async def _give_back(
    locked: LockedBookingAndCourse,
    attempts: list[PaymentAttempt],
    balance: Balance,
    refund: RefundOnCancel,
) -> None:
    """Enqueue the refund by card, and store the amount that the school keeps and the reason.

    What is to be given back beyond that was taken by hand: `end_place` writes it down.
    """
    booking, due = locked.booking, refund.due
    booking.kept_amount, booking.kept_why = refund.stays, BY_TERMS if refund.stays else ""
    for attempt in attempts:
        part = min(due, balance.free.get(attempt.id, 0))
        if part:
            await locked.enqueue_refund(attempt, part, "cancelled")
            due -= part
