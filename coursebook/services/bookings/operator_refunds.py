"""Give back a part of the money of a booking under its lock. The place stays as it is."""

from coursebook.domain.attempt import AttemptState
from coursebook.domain.booking import LIVE
from coursebook.domain.booking_edits.give_back import card_parts, check_refund
from coursebook.errors import NotActionable
from coursebook.services.bookings.balance import balance_of
from coursebook.services.bookings.expected_amounts import check_kept
from coursebook.services.bookings.offline_payments import give_back_by_hand
from coursebook.services.bookings.operator_orders import RefundOrder
from coursebook.services.locked_booking import FOREIGN_MONEY, LockedBooking, RefundWords
from coursebook.services.settlement.inbox_entries import close_resolved_entries

CAUSE = "given_back_by_operator"
BY_HAND = "An operator gives it back."


async def refund_part(locked: LockedBooking, order: RefundOrder) -> None:
    """Record the refund of each payment that it takes, and enqueue its request to Stripe.

    The oldest payment comes first, money taken by hand last: that has to be given back by hand,
    which an inbox entry asks for. Raises ChangedMeanwhile, Disputed, NothingToRefund, Invalid,
    NotActionable.
    """
    booking, work = locked.booking, locked.work
    attempts = await work.attempts.of_booking(booking.id)
    refunds = await work.refunds.of_booking(booking.id)
    if any(a.is_foreign and a.state == AttemptState.SUCCEEDED.value for a in attempts):
        raise NotActionable(FOREIGN_MONEY)
    balance = balance_of(booking, attempts, refunds)
    check_kept(order.expected, balance, None, booking.currency)
    check_refund(order.amount, balance)
    words = RefundWords(order.reason, order.note, str(locked.actor))
    parts = card_parts(order.amount, balance)
    for attempt in attempts:
        if attempt.id in parts:
            await locked.enqueue_refund(attempt, parts[attempt.id], CAUSE, words=words)
    by_hand = order.amount - sum(parts.values())
    if by_hand:
        await give_back_by_hand(locked, by_hand, BY_HAND)
    if locked.place not in LIVE and booking.kept_amount is not None:
        booking.kept_amount = min(booking.kept_amount, balance.net_received - order.amount)
    await close_resolved_entries(locked)
