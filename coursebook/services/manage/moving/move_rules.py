"""What moving a booking to another course would do, and why it may be refused.

The same rules serve the preview and, under the locks, the move itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from coursebook.domain.admission import Way, takes
from coursebook.domain.amount_text import money_in_words
from coursebook.domain.attempt import AttemptState
from coursebook.domain.balance import Balance
from coursebook.domain.booking import LIVE, BookingSource, SeatState
from coursebook.domain.booking_edits.move import (
    Difference,
    MovePrices,
    PriceAfterMove,
    Wish,
    prices_of_move,
    promise_after_move,
)
from coursebook.domain.booking_edits.offline_payment import Method
from coursebook.domain.promise import BookedPromise, promise_of
from coursebook.domain.terms import Terms
from coursebook.errors import (
    AlreadyBooked,
    ChangedMeanwhile,
    CourseFull,
    Disputed,
    FieldError,
    Invalid,
    NotMovable,
)
from coursebook.persistence.course_search.courses import seats_of, state_of
from coursebook.persistence.schema.tables import Booking, Course, PaymentAttempt, Refund
from coursebook.persistence.unit_of_work import UnitOfWork
from coursebook.services.bookings.balance import balance_of, booked_promise
from coursebook.services.bookings.offline_payments import Handover
from coursebook.services.locked_booking import FOREIGN_MONEY

SAME_COURSE = "The booking is on this course already."
COURSE_CANCELLED = "This course was cancelled, so its bookings are not moved."
OVER = "This place has ended. Only a place that is confirmed or held can be moved."
OFFERED = "This place is offered from the waiting list. It can be moved once it is taken."
IS_PAYING = (
    "The student has a payment page open for this place, or a payment is on its way. Wait for it, "
    "or cancel the booking first."
)
PART_PAID = "Some money has come for this held place. Give the place or the money back first."
OTHER_CURRENCY = "The other course has another currency. Cancel here and book there instead."
NOT_TAKING = "The other course takes nobody: it is not published, was cancelled, or is over."
HOLD_BEGUN = "The other course has begun, and this place is not paid yet."
HOLD_FREE = "The other course is free of charge, and this place is not paid yet. Book it there."
FULL = "All places of the other course are taken."
HAS_PLACE = "This person has a place on the other course already."
CHOOSE = (
    "The prices differ. Say what happens with the difference: give_back or keep when the other "
    "course costs less, waive or recorded when it costs more."
)
NEEDS_EXPECT = "Name the sums that you saw: those of a move with dry_run."
IN_CASH = Handover(Method.CASH)
NOT_COME_YET = "This day has not come yet."


@dataclass(frozen=True)
class ExpectedMove:
    """What a person saw before the move, in minor units: the sum kept, and the price after it."""

    amount: int
    currency: str
    price: int | None = None


@dataclass(frozen=True)
class MoveRequest:
    """A move as it is asked for. `one_more`: make one place more if the course is full.

    `paid`: how a difference came that is `recorded`; its day is today when none is named.
    """

    course_id: str
    difference: Difference | None = None
    wish: Wish = Wish.STUDENT
    expected: ExpectedMove | None = None
    one_more: bool = False
    paid: Handover = IN_CASH


@dataclass(frozen=True)
class PlannedMove:
    """A booking with both courses and its money, and the move that is asked for.

    `has_place`: the student has a place on the target already.
    """

    booking: Booking
    source: Course
    target: Course
    attempts: Sequence[PaymentAttempt]
    refunds: Sequence[Refund]
    request: MoveRequest
    now: datetime
    has_place: bool = False

    @property
    def balance(self) -> Balance:
        """The money of the booking now."""
        return balance_of(self.booking, self.attempts, self.refunds)

    @property
    def prices(self) -> MovePrices:
        """What can be decided about the price."""
        return prices_of_move(self.booking.price, self.balance.net_received, self.target.price)

    @property
    def promise(self) -> BookedPromise:
        """What the booking is promised after the move."""
        target = self.target
        moments = promise_of(Terms.from_json(target.terms), target.starts_at)
        booked, wish = booked_promise(self.booking), self.request.wish
        return promise_after_move(booked, moments, target.starts_at, wish)

    @property
    def makes_place(self) -> bool:
        """Whether the move adds a place to the target first."""
        return self.request.one_more and seats_of(self.target).left == 0


async def read_move(
    work: UnitOfWork,
    booking: Booking,
    courses: tuple[Course, Course],
    request: MoveRequest,
    now: datetime,
) -> PlannedMove:
    """Read what the rules need besides the booking and its courses, the present and the next."""
    source, target = courses
    newest = await work.bookings.newest_of(booking.user_id, target.id)
    return PlannedMove(
        booking,
        source,
        target,
        await work.attempts.of_booking(booking.id),
        await work.refunds.of_booking(booking.id),
        request,
        now,
        has_place=newest is not None and SeatState(newest.place) in LIVE,
    )


def check_move(move: PlannedMove) -> None:
    """Refuse what is never moved, and a course that does not take this person.

    Raises NotMovable, AlreadyBooked, CourseFull.
    """
    booking, source, target, now = move.booking, move.source, move.target, move.now
    if source.id == target.id:
        raise NotMovable(SAME_COURSE)
    if state_of(source).is_cancelled:
        raise NotMovable(COURSE_CANCELLED)
    if SeatState(booking.place) not in LIVE:
        raise NotMovable(OVER)
    if booking.currency != target.currency:
        raise NotMovable(OTHER_CURRENCY)
    if booking.place == SeatState.HELD.value:
        _check_held(move)
    if not takes(state_of(target), now, Way.MOVED_TO, makes_room=True):
        raise NotMovable(NOT_TAKING)
    if move.has_place:
        raise AlreadyBooked(HAS_PLACE)
    if not takes(state_of(target), now, Way.MOVED_TO, makes_room=move.request.one_more):
        raise CourseFull(FULL)


def _check_held(move: PlannedMove) -> None:
    if move.booking.source == BookingSource.WAITING.value:
        raise NotMovable(OFFERED)
    if any(not AttemptState(attempt.state).is_final for attempt in move.attempts):
        raise NotMovable(IS_PAYING)
    if move.balance.net_received:
        raise NotMovable(PART_PAID)
    if state_of(move.target).has_begun(move.now):
        raise NotMovable(HOLD_BEGUN)
    if not move.target.price:
        raise NotMovable(HOLD_FREE)


def price_after(move: PlannedMove) -> PriceAfterMove:
    """Return the price after the move and what goes back, as decided.

    Raises Invalid when somebody has to decide first, NotMovable for money of another installation,
    Disputed when a difference would go back of money that a bank has.
    """
    after = move.prices.after(move.request.difference)
    if after is None:
        raise Invalid([FieldError("/difference", CHOOSE)])
    if after.give_back:
        check_refundable(move, after.give_back)
    return after


def check_refundable(move: PlannedMove, amount: int) -> None:
    """Refuse to give back what cannot go back now. Raises Disputed, NotMovable."""
    paid = [a for a in move.attempts if a.state == AttemptState.SUCCEEDED.value]
    if any(attempt.is_foreign for attempt in paid):
        raise NotMovable(FOREIGN_MONEY)
    if any(attempt.is_disputed for attempt in paid) or move.balance.ready < amount:
        raise Disputed


def is_refundable(move: PlannedMove, amount: int) -> bool:
    """Whether this sum can go back now."""
    try:
        check_refundable(move, amount)
    except (Disputed, NotMovable):
        return False
    return True


def check_expected(move: PlannedMove) -> None:
    """Refuse when the sums differ from those that the person saw.

    Raises Invalid when none are named, ChangedMeanwhile.
    """
    expected, kept = move.request.expected, move.balance.net_received
    if expected is None:
        raise Invalid([FieldError("/expect", NEEDS_EXPECT)])
    same_kept = (expected.amount, expected.currency) == (kept, move.booking.currency)
    if same_kept and expected.price in (None, price_after(move).price):
        return
    words = money_in_words(kept, move.booking.currency)
    price = money_in_words(move.target.price, move.target.currency)
    raise ChangedMeanwhile(
        kept,
        move.booking.currency,
        f"The sums have changed: {words} is kept for this booking now, and the other course costs "
        f"{price}. Nothing has happened; please look again.",
    )
