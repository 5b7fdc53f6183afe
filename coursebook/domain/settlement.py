"""The settlement table: the effect of a Checkout Session's status on its booking.

`decide` is pure. It is called under the lock of course and booking with a fresh response of Stripe,
in any order and any number of times. Each row of `TABLE` and of `NOT_TAKEN` is a row of the
settlement table in docs/architecture.md.
"""

from dataclasses import dataclass
from enum import StrEnum

from coursebook.domain.attempt import AttemptState, may_become
from coursebook.domain.booking import SeatState


class CheckoutSessionStatus(StrEnum):
    """The status of a Checkout Session.

    open: can still be paid · paid · nothing_to_pay: a total of zero · processing: complete, money
    on its way · failed: complete, but the delayed payment did not come · expired.
    """

    OPEN = "open"
    PAID = "paid"
    NOTHING_TO_PAY = "nothing_to_pay"
    PROCESSING = "processing"
    FAILED = "failed"
    EXPIRED = "expired"


class Effect(StrEnum):
    """The effect on the booking.

    end: the place ends, its money is refunded when it comes · end_and_refund: both at once · keep:
    only the attempt ends, the place stays until the moment that it is reserved to.
    """

    NOTHING = "nothing"
    CONFIRM = "confirm"
    WAIT = "wait"
    RELEASE = "release"
    KEEP = "keep"
    TAKE_FREE_SEAT = "take_free_seat"
    REFUND = "refund"
    END = "end"
    END_AND_REFUND = "end_and_refund"
    REVIEW = "review"


STATE_OF: dict[CheckoutSessionStatus, AttemptState] = {
    CheckoutSessionStatus.OPEN: AttemptState.OPEN,
    CheckoutSessionStatus.PAID: AttemptState.SUCCEEDED,
    CheckoutSessionStatus.NOTHING_TO_PAY: AttemptState.SUCCEEDED,
    CheckoutSessionStatus.PROCESSING: AttemptState.PROCESSING,
    CheckoutSessionStatus.FAILED: AttemptState.FAILED,
    CheckoutSessionStatus.EXPIRED: AttemptState.EXPIRED,
}
"""The state of an attempt whose session has this status."""

N, C, W, R = Effect.NOTHING, Effect.CONFIRM, Effect.WAIT, Effect.RELEASE
T, G = Effect.TAKE_FREE_SEAT, Effect.REFUND

TABLE: dict[tuple[SeatState, CheckoutSessionStatus], Effect] = {
    (SeatState.HELD, CheckoutSessionStatus.OPEN): N,
    (SeatState.HELD, CheckoutSessionStatus.PAID): C,
    (SeatState.HELD, CheckoutSessionStatus.NOTHING_TO_PAY): C,
    (SeatState.HELD, CheckoutSessionStatus.PROCESSING): W,
    (SeatState.HELD, CheckoutSessionStatus.FAILED): R,
    (SeatState.HELD, CheckoutSessionStatus.EXPIRED): R,
    (SeatState.EXPIRED, CheckoutSessionStatus.OPEN): N,
    (SeatState.EXPIRED, CheckoutSessionStatus.PAID): T,
    (SeatState.EXPIRED, CheckoutSessionStatus.NOTHING_TO_PAY): T,
    (SeatState.EXPIRED, CheckoutSessionStatus.PROCESSING): N,
    (SeatState.EXPIRED, CheckoutSessionStatus.FAILED): N,
    (SeatState.EXPIRED, CheckoutSessionStatus.EXPIRED): N,
    (SeatState.CONFIRMED, CheckoutSessionStatus.OPEN): N,
    (SeatState.CONFIRMED, CheckoutSessionStatus.PAID): G,
    (SeatState.CONFIRMED, CheckoutSessionStatus.NOTHING_TO_PAY): N,
    (SeatState.CONFIRMED, CheckoutSessionStatus.PROCESSING): N,
    (SeatState.CONFIRMED, CheckoutSessionStatus.FAILED): N,
    (SeatState.CONFIRMED, CheckoutSessionStatus.EXPIRED): N,
    (SeatState.CANCELLED, CheckoutSessionStatus.OPEN): N,
    (SeatState.CANCELLED, CheckoutSessionStatus.PAID): G,
    (SeatState.CANCELLED, CheckoutSessionStatus.NOTHING_TO_PAY): N,
    (SeatState.CANCELLED, CheckoutSessionStatus.PROCESSING): N,
    (SeatState.CANCELLED, CheckoutSessionStatus.FAILED): N,
    (SeatState.CANCELLED, CheckoutSessionStatus.EXPIRED): N,
}

NOT_TAKEN: dict[tuple[SeatState, CheckoutSessionStatus], Effect] = {
    (SeatState.HELD, CheckoutSessionStatus.PAID): Effect.END_AND_REFUND,
    (SeatState.HELD, CheckoutSessionStatus.NOTHING_TO_PAY): Effect.END,
    (SeatState.HELD, CheckoutSessionStatus.PROCESSING): Effect.END,
    (SeatState.EXPIRED, CheckoutSessionStatus.PAID): G,
    (SeatState.EXPIRED, CheckoutSessionStatus.NOTHING_TO_PAY): N,
}
"""The rows that differ when the course does not take the money: it had begun when the money was
taken (a debit: given), it was cancelled, or no place is free for one that expired."""

MOVED_SINCE: dict[tuple[SeatState, CheckoutSessionStatus], Effect] = {
    (SeatState.HELD, CheckoutSessionStatus.PAID): G,
    (SeatState.HELD, CheckoutSessionStatus.NOTHING_TO_PAY): N,
    (SeatState.HELD, CheckoutSessionStatus.PROCESSING): N,
    (SeatState.HELD, CheckoutSessionStatus.FAILED): N,
    (SeatState.HELD, CheckoutSessionStatus.EXPIRED): N,
    (SeatState.EXPIRED, CheckoutSessionStatus.PAID): G,
    (SeatState.EXPIRED, CheckoutSessionStatus.NOTHING_TO_PAY): N,
}
"""The rows that differ when the booking was moved since the page was opened, to another price: the
payment goes back, and a held place stays until its own moment."""

WHILE_ANOTHER_WAITS: dict[Effect, Effect] = {Effect.END_AND_REFUND: G, Effect.END: N}
"""Effects that change while the bank works on another payment that was made in time."""


@dataclass(frozen=True)
class Situation:
    """The facts known under the lock. `matches`: amount, currency, mode and livemode are ours.

    `is_current`: no other session of this booking can be paid or is being paid, so that the end of
    this one ends the hold. `takes`: the course admits the payment at Stripe's time, on the way of
    this place. `another_waits`: another payment that the course admits is processing at the bank.
    `is_reserved`: the place is reserved beyond now, with or without a payment page.
    `is_moved`: the booking was moved since the page was opened, and has another price now.
    """

    place: SeatState
    attempt: AttemptState
    is_current: bool
    status: CheckoutSessionStatus
    matches: bool = True
    seat_free: bool = False
    takes: bool = True
    another_waits: bool = False
    is_reserved: bool = False
    is_moved: bool = False


@dataclass(frozen=True)
class Decision:
    """The effect on the booking, and the attempt's next state (None: unchanged)."""

    effect: Effect
    attempt: AttemptState | None


def decide(s: Situation) -> Decision:
    """Return the decision for a situation. Never raises: every situation has one."""
    then = STATE_OF[s.status]
    if s.attempt is then or not may_become(s.attempt, then):
        return Decision(Effect.NOTHING, None)  # the same event again, or an older one
    money_came = s.status in (CheckoutSessionStatus.PAID, CheckoutSessionStatus.NOTHING_TO_PAY)
    if money_came and not s.matches:
        return Decision(Effect.REVIEW, then)
    return Decision(_effect(s), then)


def _effect(s: Situation) -> Effect:
    row = (s.place, s.status)
    effect = TABLE[row]
    needs_seat = effect is Effect.TAKE_FREE_SEAT and not s.seat_free
    if not s.takes or needs_seat:
        effect = NOT_TAKEN.get(row, effect)
    elif s.is_moved:
        effect = MOVED_SINCE.get(row, effect)
    if s.another_waits:
        effect = WHILE_ANOTHER_WAITS.get(effect, effect)
    if effect is Effect.RELEASE and not s.is_current:
        return Effect.NOTHING  # the end of one session never affects another open one
    if effect is Effect.RELEASE and s.is_reserved:
        return Effect.KEEP
    return effect
