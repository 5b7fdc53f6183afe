"""Giving a booking up, decided under the lock in one transaction."""

from coursebook.domain.attempt import AttemptState
from coursebook.domain.booking import EndCause, Place
from coursebook.errors import NotCancellable, PaymentProcessing
from coursebook.persistence.courses import state_of
from coursebook.persistence.tables import PaymentAttempt
from coursebook.services.asking import close_what_is_gone
from coursebook.services.ledger import FOREIGN_MONEY, Ledger
from coursebook.services.present import can_cancel
from coursebook.services.standing import BY_TERMS, balance, on_cancel, standing_of


async def cancel_step(ledger: Ledger, *, was_confirmed: bool, by_operator: bool) -> bool:
    """Cancel a booking whose payment pages were closed a moment ago.

    `was_confirmed` tells how it stood when the person asked. False when a payment page was opened
    meanwhile: close it and come again. Raises NotCancellable, PaymentProcessing.
    """
    tried = await ledger.work.attempts.of_booking(ledger.booking.id)
    states = {AttemptState(a.state) for a in tried}
    if any(a.is_foreign and a.state == AttemptState.SUCCEEDED.value for a in tried):
        raise NotCancellable(FOREIGN_MONEY)
    if AttemptState.PROCESSING in states:
        raise PaymentProcessing
    if ledger.place is Place.CONFIRMED and not was_confirmed:
        raise NotCancellable(
            "Your payment came through in the meantime, so the booking is confirmed. "
            "If you still want to cancel, look at the amount you get back and try again."
        )
    if ledger.booking.end_cause == EndCause.COURSE_CANCELLED.value:
        return True  # the school's cancelling came a moment before, and did it
    if not can_cancel(ledger.place, ledger.course, ledger.now, by_operator=by_operator):
        raise NotCancellable
    if AttemptState.OPEN in states:
        return False
    everything = by_operator or state_of(ledger.course).is_cancelled
    await _give_back(ledger, tried, everything=everything)
    for attempt in tried:
        if attempt.state == AttemptState.CREATED.value:
            await ledger.promise_close(attempt)
    who = EndCause.OPERATOR if by_operator else EndCause.STUDENT
    ledger.end(who, f"Cancelled by the {who}.")
    await ledger.promise_mail("cancelled")
    await close_what_is_gone(ledger)
    return True


async def _give_back(ledger: Ledger, tried: list[PaymentAttempt], *, everything: bool) -> None:
    """Promise what goes back, by the promise or `everything`, and write down what stays."""
    booking = ledger.booking
    refunds = await ledger.work.refunds.of_booking(booking.id)
    if ledger.place is not Place.CONFIRMED:
        if sum(balance(tried, refunds).values()):
            raise NotCancellable(
                "We have received money for this booking that somebody has to look at first. "
                "We will write to you."
            )
        return
    standing = standing_of(booking, tried, refunds)
    done = on_cancel(booking, standing, ledger.now, everything=everything)
    booking.kept_amount, booking.kept_why = done.stays, BY_TERMS if done.stays else ""
    due = done.due
    for attempt in tried:
        part = min(due, standing.free.get(attempt.id, 0))
        if part:
            await ledger.promise_refund(attempt, part, "cancelled")
            due -= part
