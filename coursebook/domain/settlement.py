"""What follows when Stripe says something about a Checkout Session: the settlement table.

`decide` is pure. It is asked under the lock of course and booking, with what Stripe said a moment
before; any order, any number of times. Each row of `TABLE` is a row of the law in
docs/architecture.md («Settlement table»).
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
    """What is done to the booking."""

    NOTHING = "nothing"
    CONFIRM = "confirm"
    WAIT = "wait"
    RELEASE = "release"
    TAKE_FREE_PLACE = "take_free_place"
    GIVE_BACK = "give_back"
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


@dataclass(frozen=True)
class Situation:
    """What we know under the lock. `matches`: amount, currency, mode and livemode are ours.

    `is_current`: no other session of this booking can be paid or is being paid, so that the end of
    this one ends the hold.
    """

    place: Place
    attempt: AttemptState
    is_current: bool
    word: SessionWord
    matches: bool = True
    seat_free: bool = False
    may_take: bool = True


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
    effect = TABLE[s.place, s.word]
    if effect is Effect.RELEASE and not s.is_current:
        effect = Effect.NOTHING  # one session's end never touches another that is still alive
    if effect is Effect.TAKE_FREE_PLACE and not (s.seat_free and s.may_take):
        effect = Effect.GIVE_BACK if s.word is SessionWord.PAID else Effect.NOTHING
    return Decision(effect, then)
