"""What follows when Stripe says something about a Checkout Session: the settlement table.

`decide` is pure. It is asked under the lock of course and booking, with what Stripe said a moment
before; any order, any number of times. Each row of `TABLE` and of `NOT_TAKEN` is a row of the law
in docs/architecture.md («Settlement table»).
"""

from dataclasses import dataclass
from enum import StrEnum

from coursebook.domain.attempt import AttemptState, may_become
from coursebook.domain.booking import Place


class SessionWord(StrEnum):
    """What Stripe says of a session, in one word.

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
    """What is done to the booking.

    end: the place ends, its money goes back when it comes · end_and_give_back: both at once.
    """

    NOTHING = "nothing"
    CONFIRM = "confirm"
    WAIT = "wait"
    RELEASE = "release"
    TAKE_FREE_PLACE = "take_free_place"
    GIVE_BACK = "give_back"
    END = "end"
    END_AND_GIVE_BACK = "end_and_give_back"
    ASK_A_PERSON = "ask_a_person"


STATE_OF: dict[SessionWord, AttemptState] = {
    SessionWord.OPEN: AttemptState.OPEN,
    SessionWord.PAID: AttemptState.SUCCEEDED,
    SessionWord.NOTHING_TO_PAY: AttemptState.SUCCEEDED,
    SessionWord.PROCESSING: AttemptState.PROCESSING,
    SessionWord.FAILED: AttemptState.FAILED,
    SessionWord.EXPIRED: AttemptState.EXPIRED,
}
"""The state an attempt takes when its session says this word."""

N, C, W, R = Effect.NOTHING, Effect.CONFIRM, Effect.WAIT, Effect.RELEASE
T, G = Effect.TAKE_FREE_PLACE, Effect.GIVE_BACK

TABLE: dict[tuple[Place, SessionWord], Effect] = {
    (Place.HELD, SessionWord.OPEN): N,
    (Place.HELD, SessionWord.PAID): C,
    (Place.HELD, SessionWord.NOTHING_TO_PAY): C,
    (Place.HELD, SessionWord.PROCESSING): W,
    (Place.HELD, SessionWord.FAILED): R,
    (Place.HELD, SessionWord.EXPIRED): R,
    (Place.EXPIRED, SessionWord.OPEN): N,
    (Place.EXPIRED, SessionWord.PAID): T,
    (Place.EXPIRED, SessionWord.NOTHING_TO_PAY): T,
    (Place.EXPIRED, SessionWord.PROCESSING): N,
    (Place.EXPIRED, SessionWord.FAILED): N,
    (Place.EXPIRED, SessionWord.EXPIRED): N,
    (Place.CONFIRMED, SessionWord.OPEN): N,
    (Place.CONFIRMED, SessionWord.PAID): G,
    (Place.CONFIRMED, SessionWord.NOTHING_TO_PAY): N,
    (Place.CONFIRMED, SessionWord.PROCESSING): N,
    (Place.CONFIRMED, SessionWord.FAILED): N,
    (Place.CONFIRMED, SessionWord.EXPIRED): N,
    (Place.CANCELLED, SessionWord.OPEN): N,
    (Place.CANCELLED, SessionWord.PAID): G,
    (Place.CANCELLED, SessionWord.NOTHING_TO_PAY): N,
    (Place.CANCELLED, SessionWord.PROCESSING): N,
    (Place.CANCELLED, SessionWord.FAILED): N,
    (Place.CANCELLED, SessionWord.EXPIRED): N,
}

NOT_TAKEN: dict[tuple[Place, SessionWord], Effect] = {
    (Place.HELD, SessionWord.PAID): Effect.END_AND_GIVE_BACK,
    (Place.HELD, SessionWord.NOTHING_TO_PAY): Effect.END,
    (Place.HELD, SessionWord.PROCESSING): Effect.END,
    (Place.EXPIRED, SessionWord.PAID): G,
    (Place.EXPIRED, SessionWord.NOTHING_TO_PAY): N,
}
"""The rows that differ when the course does not take what came: it had begun when the money was
taken (a debit: given), or it was cancelled, or for a place that was lost none is free."""

WHILE_ANOTHER_WAITS: dict[Effect, Effect] = {Effect.END_AND_GIVE_BACK: G, Effect.END: N}
"""What does not end a place for which the bank works on another payment, given in time."""


@dataclass(frozen=True)
class Situation:
    """What we know under the lock. `matches`: amount, currency, mode and livemode are ours.

    `is_current`: no other session of this booking can be paid or is being paid, so that the end of
    this one ends the hold. `takes`: the course takes what came at Stripe's moment, on the way that
    the place asks for. `another_waits`: the bank works on another payment that the course takes.
    """

    place: Place
    attempt: AttemptState
    is_current: bool
    word: SessionWord
    matches: bool = True
    seat_free: bool = False
    takes: bool = True
    another_waits: bool = False


@dataclass(frozen=True)
class Decision:
    """What follows: the effect on the booking, and the attempt's next state (None: as it is)."""

    effect: Effect
    attempt: AttemptState | None


def decide(s: Situation) -> Decision:
    """Return what follows from a situation. Never raises: every situation has an answer."""
    then = STATE_OF[s.word]
    if s.attempt is then or not may_become(s.attempt, then):
        return Decision(Effect.NOTHING, None)  # the same event again, or an older one
    money_came = s.word in (SessionWord.PAID, SessionWord.NOTHING_TO_PAY)
    if money_came and not s.matches:
        return Decision(Effect.ASK_A_PERSON, then)
    return Decision(_effect(s), then)


def _effect(s: Situation) -> Effect:
    row = (s.place, s.word)
    effect = TABLE[row]
    needs_seat = effect is Effect.TAKE_FREE_PLACE and not s.seat_free
    if not s.takes or needs_seat:
        effect = NOT_TAKEN.get(row, effect)
    if s.another_waits:
        effect = WHILE_ANOTHER_WAITS.get(effect, effect)
    if effect is Effect.RELEASE and not s.is_current:
        return Effect.NOTHING  # one session's end never touches another that is still alive
    return effect
