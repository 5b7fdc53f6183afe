"""Giving a booking up, decided under the lock in one transaction."""

from coursebook.domain.attempt import AttemptState
from coursebook.domain.booking import EndCause, Place
from coursebook.errors import NotCancellable, PaymentProcessing
from coursebook.persistence.tables import PaymentAttempt
from coursebook.services.asking import close_what_is_gone
from coursebook.services.ledger import FOREIGN_MONEY, Ledger
from coursebook.services.present import balance, can_cancel, refund_on_cancel


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
    if not can_cancel(ledger.place, ledger.course, ledger.now):
        raise NotCancellable
    if AttemptState.OPEN in states:
        return False
    await _give_back(ledger, tried, everything=by_operator)
    for attempt in tried:
        if attempt.state == AttemptState.CREATED.value:
            await ledger.promise_close(attempt)
    who = EndCause.OPERATOR if by_operator else EndCause.STUDENT
    ledger.end(who, f"Cancelled by the {who}.")
    await ledger.promise_mail("cancelled")
    await close_what_is_gone(ledger)
    return True


async def _give_back(ledger: Ledger, tried: list[PaymentAttempt], *, everything: bool) -> None:
    """Promise what is given back: by the frozen terms, or `everything` we have."""
    booking, work = ledger.booking, ledger.work
    refunds = await work.refunds.of_booking(booking.id)
    asked = await work.inbox.open_sessions_of(booking.id)
    left = {a.id: balance([a], refunds).get(a.id, 0) for a in tried if a.session_id not in asked}
    if ledger.place is not Place.CONFIRMED:
        if sum(balance(tried, refunds).values()):
            raise NotCancellable(
                "We have received money for this booking that somebody has to look at first. "
                "We will write to you."
            )
        return
    due = refund_on_cancel(booking, ledger.course, tried, refunds, ledger.now).amount
    due = sum(left.values()) if everything else due
    for attempt in tried:
        part = min(due, left.get(attempt.id, 0))
        if part and not attempt.is_disputed:  # Stripe refuses refunds of what is disputed
            await ledger.promise_refund(attempt, part, "cancelled")
            due -= part
