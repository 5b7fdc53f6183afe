"""What a receipt by hand does to a booking, under its lock: confirm it, or expect the rest."""

from coursebook.domain.attempt import AttemptState
from coursebook.domain.balance import due_in
from coursebook.domain.booking import EndCause, SeatState
from coursebook.domain.booking_edits.offline_payment import Method
from coursebook.domain.money import Money
from coursebook.mail.kinds import MailKind
from coursebook.persistence.course_search.courses import state_of
from coursebook.services.bookings.balance import balance_of, hand_money
from coursebook.services.bookings.offline_payments import (
    Handover,
    carry_rest,
    end_place,
    expect_payment,
    settle_by_hand,
)
from coursebook.services.locked_booking import LockedBookingAndCourse
from coursebook.services.settlement.hold_end import PART_PAID_KEY
from coursebook.services.settlement.inbox_entries import close_resolved_entries

PAID_BY_HAND = "Paid by hand."


async def after_receipt(
    locked: LockedBookingAndCourse, expected_before: int, amount: int, how: Handover
) -> None:
    """Let a receipt take effect, after its row was written.

    A held place is confirmed when the price has come. Else one expected row carries the rest: what
    was expected before (`expected_before`) less this `amount` on a confirmed place. What is above
    the price, or came for a place that is over, is to be given back by hand.
    """
    booking = locked.booking
    if locked.place is SeatState.HELD and state_of(locked.course).is_cancelled:
        await end_place(locked, EndCause.OPERATOR, "The course was cancelled.")
        await locked.enqueue_mail(MailKind.CANCELLED)
    if locked.place is SeatState.HELD:
        due = await due_now(locked)
        if due == 0:
            await confirm(locked, PAID_BY_HAND)
        else:
            await carry_rest(locked, due, Handover(how.method))
            await _update_part_paid(locked)
    elif locked.place is SeatState.CONFIRMED:
        rest = max(0, expected_before - amount)
        await carry_rest(locked, rest, Handover(how.method))
    await settle_by_hand(locked)
    await close_resolved_entries(locked)
    booking.updated_at = locked.now


async def confirm(locked: LockedBookingAndCourse, cause: str) -> None:
    """Confirm a held place without Stripe: close its payment pages, and send the confirmation."""
    for attempt in await locked.work.attempts.of_booking(locked.booking.id):
        if AttemptState(attempt.state) in (AttemptState.CREATED, AttemptState.OPEN):
            await locked.enqueue_close(attempt)
    locked.confirm(cause)
    await locked.enqueue_mail(MailKind.BOOKED)


async def confirm_on_trust(locked: LockedBookingAndCourse, cause: str) -> None:
    """Confirm a held place for which a part of the price is still expected by hand."""
    missing = await due_now(locked) - locked.booking.expected_by_hand
    await confirm(locked, cause)
    if missing > 0:
        rows = await locked.work.offline_payments.of_booking(locked.booking.id)
        method = Method(rows[-1].method) if rows else Method.TRANSFER
        expect_payment(locked, missing, Handover(method), "The rest of the price.")
    await settle_by_hand(locked)


async def due_now(locked: LockedBookingAndCourse) -> int:
    """Return what is still to come for a place, in minor units."""
    work, booking = locked.work, locked.booking
    await work.flush()
    attempts = await work.attempts.of_booking(booking.id)
    balance = balance_of(booking, attempts, await work.refunds.of_booking(booking.id))
    return due_in(locked.place, Money(booking.price, booking.currency), balance)


async def _update_part_paid(locked: LockedBookingAndCourse) -> None:
    """Let an open entry about a part of the price name the part that is there now."""
    entry = await locked.work.inbox.by_key(PART_PAID_KEY.format(locked.booking.id))
    if entry is not None and entry.resolved_at is None:
        entry.amount = hand_money(locked.booking).left
