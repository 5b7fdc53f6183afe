"""Mutants of the product: one mistake each, which the stateful fuzz tests must find.

The first kind breaks one row of the settlement table, the second kind the code around the table.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import pytest

from coursebook.domain import balance
from coursebook.domain.booking import SeatState
from coursebook.domain.check_in import attendance
from coursebook.domain.promise import BookedPromise, Promise
from coursebook.domain.settlement import (
    NOT_TAKEN,
    TABLE,
    CheckoutSessionStatus,
    Effect,
    Situation,
    decide,
)
from coursebook.services import locked_booking
from coursebook.services.bookings import cancellation
from coursebook.services.bookkeeping import fees
from coursebook.services.checkout import next_step
from coursebook.services.locked_booking import LockedBookingAndCourse
from coursebook.services.manage import course_changes
from coursebook.services.settlement import effects, settle
from coursebook.services.settlement.webhooks import Webhooks

Break = Callable[[pytest.MonkeyPatch], None]

P, W, E = SeatState, CheckoutSessionStatus, Effect
WRONG: dict[tuple[SeatState, CheckoutSessionStatus], Effect] = {
    (P.HELD, W.OPEN): E.RELEASE,
    (P.HELD, W.PAID): E.NOTHING,
    (P.HELD, W.PROCESSING): E.NOTHING,
    (P.HELD, W.FAILED): E.NOTHING,
    (P.HELD, W.EXPIRED): E.NOTHING,
    (P.EXPIRED, W.PAID): E.REFUND,
    (P.EXPIRED, W.PROCESSING): E.TAKE_FREE_SEAT,
    (P.EXPIRED, W.FAILED): E.TAKE_FREE_SEAT,
    (P.CONFIRMED, W.PAID): E.NOTHING,
    (P.CONFIRMED, W.PROCESSING): E.RELEASE,
    (P.CONFIRMED, W.FAILED): E.RELEASE,
    (P.CONFIRMED, W.EXPIRED): E.REFUND,
    (P.CANCELLED, W.OPEN): E.REFUND,
    (P.CANCELLED, W.PAID): E.NOTHING,
    (P.CANCELLED, W.PROCESSING): E.TAKE_FREE_SEAT,
    (P.CANCELLED, W.FAILED): E.TAKE_FREE_SEAT,
    (P.CANCELLED, W.EXPIRED): E.REFUND,
}
"""A wrong effect for each row that random runs reach; `test_settlement.py` walks the others too.

Nothing to pay: free courses do not go to Stripe, and our sessions take no coupons. A page that
opens or ends when its place is lost already: a hold ends only when all its attempts are over. A
page of a confirmed booking that is found open: it is closed before anybody asks about it.
Giving back what is processing or has failed is no mistake that shows: no money goes back before
some has come.
"""


@dataclass(frozen=True)
class Mutant:
    """One mistake: its name, and the function that patches it in."""

    name: str
    make: Break

    @contextmanager
    def applied(self) -> Iterator[None]:
        """Apply the mistake inside the `with` block."""
        with pytest.MonkeyPatch.context() as patch:
            self.make(patch)
            yield


def _row(place: SeatState, word: CheckoutSessionStatus, effect: Effect) -> Mutant:
    name = f"{place.value}, {word.value}: {effect.value}"
    return Mutant(name, lambda patch: patch.setitem(TABLE, (place, word), effect))


def _not_taken(place: SeatState, word: CheckoutSessionStatus, effect: Effect) -> Mutant:
    name = f"{place.value}, {word.value}, not taken: {effect.value}"
    return Mutant(name, lambda patch: patch.setitem(NOT_TAKEN, (place, word), effect))


def _asked(**wrong: Any) -> Break:
    """Look up the table with wrong values in the situation."""

    def wrongly(situation: Situation) -> Any:
        return decide(replace(situation, **wrong))

    return lambda patch: patch.setattr(settle, "decide", wrongly)


async def _nothing(*_args: Any, **_more: Any) -> None:
    return None


def _instead(where: Any, name: str, other: Any) -> Break:
    return lambda patch: patch.setattr(where, name, other)


def _without(where: Any, name: str) -> Break:
    return _instead(where, name, _nothing)


def _now(locked: LockedBookingAndCourse, *_more: Any) -> Any:
    return locked.now


async def _only_by_session(work: Any, facts: Any) -> Any:
    return await work.attempts.by_session(facts.id)


def _whole_share(price: Any, kept: int, percent: int) -> int:
    return int(min(kept, price.percent(percent).amount))


def _first_share(promise: Promise, _now: Any) -> int:
    return max((share.percent for share in promise.shares), default=0)


def _only_new(_booked: Any, moments: Promise, *_more: Any) -> BookedPromise:
    return BookedPromise(moments)


def _without_fee(facts: Any, *_more: Any) -> Any:
    return _MOVEMENT(replace(facts, fee=0), *_more)


_MOVEMENT = fees._movement
_ABSENT_AFTER_PRESENT = (attendance.AttendanceState.PRESENT, attendance.AttendanceState.ABSENT)
ROWS = [_row(place, word, effect) for (place, word), effect in WRONG.items()]
ROWS += [
    _not_taken(P.HELD, W.PAID, E.CONFIRM),
    _not_taken(P.HELD, W.PAID, E.REFUND),
    _not_taken(P.HELD, W.PAID, E.END),
    _not_taken(P.HELD, W.PROCESSING, E.WAIT),
    _not_taken(P.HELD, W.PROCESSING, E.END_AND_REFUND),
    _not_taken(P.EXPIRED, W.PAID, E.TAKE_FREE_SEAT),
]
AROUND = [
    Mutant("what counts is when we hear of it", _instead(settle, "_time_that_counts", _now)),
    Mutant("a hold outlives the start", _instead(next_step, "hold_ends", lambda page, *_: page)),
    Mutant("no end asks the course", _instead(locked_booking, "end_cause", lambda why, *_: why)),
    Mutant("late money is kept", lambda p: p.setitem(TABLE, (P.EXPIRED, W.PAID), E.NOTHING)),
    Mutant("any amount confirms", _asked(matches=True)),
    Mutant("an old session's end releases the place of a newer one", _asked(is_current=True)),
    Mutant("late money never finds a place", _asked(seat_free=False)),
    Mutant("late money takes a place that is not there", _asked(seat_free=True)),
    Mutant("late money takes a place on a course that is off", _asked(takes=True)),
    Mutant("other pages of a paid booking stay open", _without(effects, "_close_other_sessions")),
    Mutant("refunds and disputes are not taken over", _without(settle, "apply_updates")),
    Mutant("a wrong amount is nobody's business", _without(effects, "_review")),
    Mutant("money is not given back", _without(LockedBookingAndCourse, "enqueue_refund")),
    Mutant("what went back before is forgotten", _instead(balance, "due_on_cancel", _whole_share)),
    Mutant("nobody writes down what stays", _without(cancellation, "_give_back")),
    Mutant(
        "an operator's reason is not written down",
        _instead(cancellation, "_kept_why", lambda *_: "terms"),
    ),
    Mutant(
        "an operator's choice is forgotten",
        _instead(
            cancellation, "chosen_refund", lambda _choice, _price, _, promised, **__: promised
        ),
    ),
    Mutant("a share outlives its moment", _instead(Promise, "percent_at", _first_share)),
    Mutant("nobody is told", _without(LockedBookingAndCourse, "enqueue_mail")),
    Mutant(
        "a lost session is not adopted",
        lambda p: p.setattr(settle, "_find_attempt", _only_by_session),
    ),
    Mutant("events are stored and not looked at", _without(Webhooks, "_apply")),
    Mutant("a fee is written down as none", _instead(fees, "_movement", _without_fee)),
    Mutant(
        "absent follows present",
        _instead(attendance, "MOVES", attendance.MOVES | {_ABSENT_AFTER_PRESENT}),
    ),
    Mutant("a new start takes moments off", _instead(BookedPromise, "after_edit", _only_new)),
    Mutant(
        "a hold outlives an earlier start",
        _instead(course_changes, "hold_ends", lambda page, *_: page),
    ),
]
MUTANTS = [*ROWS, *AROUND]
