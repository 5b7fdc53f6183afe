"""The money inbox: kinds of entries, the one safe action of each, and when an entry is obsolete.

These tables hold every text about a kind; docs/ops/stripe-integration.md has the same for
operators.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from coursebook.domain.booking import SeatState
from coursebook.domain.dispute import DisputeState
from coursebook.domain.refund import RefundState


class InboxKind(StrEnum):
    """Why an operator has to decide."""

    PAYMENT_DIFFERS = "payment_differs"
    PAID_WITHOUT_BOOKING = "paid_without_booking"
    REFUND_FROM_OUTSIDE = "refund_from_outside"
    REFUND_FAILED = "refund_failed"
    INQUIRY_OPEN = "inquiry_open"
    DISPUTE_OPEN = "dispute_open"
    DISPUTE_LOST = "dispute_lost"
    DISPUTE_WON_LATE = "dispute_won_late"
    DISPUTE_DIFFERS = "dispute_differs"
    GIVEN_BACK_TWICE = "given_back_twice"
    REFUND_BY_HAND = "refund_by_hand"
    PART_PAID = "part_paid"
    PROMISE_NOT_KEPT = "promise_not_kept"
    BOOKS_DIFFER = "books_differ"


class InboxAction(StrEnum):
    """An action that is safe and done at most once.

    refund: refund the rest of the payment · ask_stripe: fetch its state again · try_again: run the
    outbox message now · accept: leave everything as it is · given_back: it was given back by hand ·
    give_place: confirm the place · give_back: end the place, and give back what came.
    """

    REFUND = "refund"
    ASK_STRIPE = "ask_stripe"
    TRY_AGAIN = "try_again"
    ACCEPT = "accept"
    GIVEN_BACK = "given_back"
    GIVE_PLACE = "give_place"
    GIVE_BACK = "give_back"


class Resolution(StrEnum):
    """How an entry was closed: it became obsolete, its action was done, or closed by hand."""

    OBSOLETE = "gone"
    DONE = "done"
    BY_HAND = "by_hand"


ACTION: dict[InboxKind, InboxAction] = {
    InboxKind.PAYMENT_DIFFERS: InboxAction.REFUND,
    InboxKind.PAID_WITHOUT_BOOKING: InboxAction.REFUND,
    InboxKind.REFUND_FROM_OUTSIDE: InboxAction.ACCEPT,
    InboxKind.REFUND_FAILED: InboxAction.REFUND,
    InboxKind.INQUIRY_OPEN: InboxAction.REFUND,
    InboxKind.DISPUTE_OPEN: InboxAction.ASK_STRIPE,
    InboxKind.DISPUTE_LOST: InboxAction.ACCEPT,
    InboxKind.DISPUTE_WON_LATE: InboxAction.REFUND,
    InboxKind.DISPUTE_DIFFERS: InboxAction.ASK_STRIPE,
    InboxKind.GIVEN_BACK_TWICE: InboxAction.ACCEPT,
    InboxKind.REFUND_BY_HAND: InboxAction.GIVEN_BACK,
    InboxKind.PART_PAID: InboxAction.GIVE_PLACE,
    InboxKind.PROMISE_NOT_KEPT: InboxAction.TRY_AGAIN,
    InboxKind.BOOKS_DIFFER: InboxAction.ASK_STRIPE,
}
"""The safe action of each kind. What else may be done is done in Stripe's dashboard."""
SECOND_ACTION: dict[InboxKind, InboxAction] = {InboxKind.PART_PAID: InboxAction.GIVE_BACK}
"""The other action of a kind that offers two."""

CAUSE: dict[InboxKind, str] = {
    InboxKind.PAYMENT_DIFFERS: "Stripe took something other than what we asked for.",
    InboxKind.PAID_WITHOUT_BOOKING: "A payment carries our metadata, but matches no booking.",
    InboxKind.REFUND_FROM_OUTSIDE: "Money was given back in Stripe's dashboard.",
    InboxKind.REFUND_FAILED: "A refund failed.",
    InboxKind.INQUIRY_OPEN: "The student's bank asks about a payment.",
    InboxKind.DISPUTE_OPEN: "The student's bank has taken a payment back; you can contest it.",
    InboxKind.DISPUTE_LOST: "A dispute was lost.",
    InboxKind.DISPUTE_WON_LATE: "A dispute was won, but the booking is over.",
    InboxKind.DISPUTE_DIFFERS: "A dispute does not match the payment we recorded.",
    InboxKind.GIVEN_BACK_TWICE: "A dispute was lost over money that had already been given back.",
    InboxKind.REFUND_BY_HAND: "Money that came by hand has to be given back by hand.",
    InboxKind.PART_PAID: "The time to pay is over, and a part of the price came by hand.",
    InboxKind.PROMISE_NOT_KEPT: "We gave up on an email, a refund or closing a payment page.",
    InboxKind.BOOKS_DIFFER: "Our books and Stripe's differ.",
}
MONEY: dict[InboxKind, str] = {
    InboxKind.PAYMENT_DIFFERS: "We have the money; it did not confirm the booking.",
    InboxKind.PAID_WITHOUT_BOOKING: "We have the money, and no booking for it.",
    InboxKind.REFUND_FROM_OUTSIDE: (
        "The money is on its way to the student, who still has the place."
    ),
    InboxKind.REFUND_FAILED: "We have the money; the student should have received it.",
    InboxKind.INQUIRY_OPEN: "We have the money. A full refund ends the inquiry.",
    InboxKind.DISPUTE_OPEN: "The bank has the money. It comes back only if the dispute is won.",
    InboxKind.DISPUTE_LOST: "The student has the money, and still has the place.",
    InboxKind.DISPUTE_WON_LATE: "The money came back to us; nothing was refunded in the meantime.",
    InboxKind.DISPUTE_DIFFERS: (
        "The detail says what Stripe has; refunds are blocked while the dispute is open."
    ),
    InboxKind.GIVEN_BACK_TWICE: "The student has it twice: from us, and from the bank.",
    InboxKind.REFUND_BY_HAND: "You have the money; it belongs to the student.",
    InboxKind.PART_PAID: "You have the part that came; the student still holds the place.",
    InboxKind.PROMISE_NOT_KEPT: "As far as we know, no money moved because of it.",
    InboxKind.BOOKS_DIFFER: "Stripe is right about money; the detail says what differs.",
}

HOLDS_MONEY = (InboxKind.PAYMENT_DIFFERS, InboxKind.REFUND_FAILED, InboxKind.DISPUTE_WON_LATE)
"""Entries about money of a booking that is with us and belongs to nothing until they are closed."""


@dataclass(frozen=True)
class InboxContext:
    """The state around one entry. `left`: minor units that we still have of its payment.

    `back_since`: the amount refunded or promised after the refund of the entry had failed. `taken`:
    the amount of its dispute. `is_lost`: a bank has kept money of this payment permanently.
    """

    place: SeatState
    left: int
    requested: int
    back_since: int = 0
    refund: RefundState | None = None
    dispute: DisputeState | None = None
    taken: int = 0
    is_lost: bool = False


OBSOLETE: dict[InboxKind, Callable[[InboxContext], bool]] = {
    InboxKind.PAYMENT_DIFFERS: lambda m: m.left == 0,
    InboxKind.REFUND_FROM_OUTSIDE: lambda m: (
        m.refund is RefundState.FAILED or m.place is not SeatState.CONFIRMED
    ),
    InboxKind.REFUND_FAILED: lambda m: (
        m.left == 0
        or m.back_since >= m.requested
        or (m.is_lost and m.place is not SeatState.CONFIRMED)
    ),
    InboxKind.INQUIRY_OPEN: lambda m: m.dispute is not DisputeState.INQUIRY,
    InboxKind.DISPUTE_OPEN: lambda m: m.dispute is not DisputeState.OPEN,
    InboxKind.DISPUTE_LOST: lambda m: (
        m.dispute is not DisputeState.LOST or m.place is not SeatState.CONFIRMED
    ),
    InboxKind.DISPUTE_WON_LATE: lambda m: m.left == 0 or m.dispute is not DisputeState.WON,
    InboxKind.DISPUTE_DIFFERS: lambda m: m.dispute is None or m.dispute.is_over,
    InboxKind.GIVEN_BACK_TWICE: lambda m: (
        m.dispute is not DisputeState.LOST or m.taken <= m.left or m.place is SeatState.CONFIRMED
    ),
    InboxKind.PART_PAID: lambda m: m.place is not SeatState.HELD,
}
"""When an entry is obsolete. The other kinds are closed where their cause ends: an outbox message
that was done, a payment without booking that was refunded, a difference not found again, money
given back by hand."""


def is_obsolete(kind: InboxKind, context: InboxContext) -> bool:
    """Return True if an entry no longer needs a decision."""
    rule = OBSOLETE.get(kind)
    return rule is not None and rule(context)
