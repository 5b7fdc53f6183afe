"""What can be done with a booking now, and why not: the same rules as those of the acts."""

from collections.abc import Mapping

from coursebook.domain.attempt import AttemptState
from coursebook.domain.balance import Balance, can_cancel
from coursebook.domain.booking import SeatState
from coursebook.domain.rights import Permission, Rights
from coursebook.persistence.course_search.courses import state_of
from coursebook.persistence.schema.tables import Booking, Course, PaymentAttempt
from coursebook.services.manage.booking_views import ActView, BookingAct

RIGHT_OF: Mapping[BookingAct, Permission] = {
    BookingAct.REFUND: Permission.MOVE_MONEY,
    BookingAct.CANCEL: Permission.MOVE_MONEY,
    BookingAct.MOVE: Permission.CHANGE_BOOKINGS,
    BookingAct.CHANGE_PERSON: Permission.CHANGE_BOOKINGS,
    BookingAct.RESEND: Permission.CHANGE_BOOKINGS,
    BookingAct.NOTE: Permission.CHANGE_BOOKINGS,
    BookingAct.TAGS: Permission.CHANGE_BOOKINGS,
}
"""The right that each act needs."""

FORBIDDEN = "forbidden"
FOREIGN_MONEY = "foreign_money"
DISPUTED = "disputed"
NOTHING_TO_REFUND = "nothing_to_refund"
NOT_CANCELLABLE = "not_cancellable"
PAYMENT_PROCESSING = "payment_processing"
NOT_CONFIRMED = "not_confirmed"
NOT_MOVABLE = "not_movable"
WHY_NOT = (
    FORBIDDEN,
    FOREIGN_MONEY,
    DISPUTED,
    NOTHING_TO_REFUND,
    NOT_CANCELLABLE,
    PAYMENT_PROCESSING,
    NOT_CONFIRMED,
    NOT_MOVABLE,
)
"""Every reason against an act. `foreign_money`: paid to the installation that this database was
copied from."""


def acts_on(
    booking: Booking,
    course: Course,
    attempts: list[PaymentAttempt],
    balance: Balance,
    rights: Rights,
) -> Mapping[BookingAct, ActView]:
    """Return every act with whether it is possible for somebody with these rights."""
    return {
        act: _act(
            FORBIDDEN
            if not rights.allows(RIGHT_OF[act], booking.course_id)
            else _why_not(act, booking, course, attempts, balance)
        )
        for act in BookingAct
    }


def _act(why_not: str) -> ActView:
    return ActView(not why_not, why_not)


def _why_not(
    act: BookingAct,
    booking: Booking,
    course: Course,
    attempts: list[PaymentAttempt],
    balance: Balance,
) -> str:
    match act:
        case BookingAct.REFUND:
            return why_not_refundable(attempts, balance)
        case BookingAct.CANCEL:
            return why_not_cancellable(booking, course, attempts)
        case BookingAct.MOVE:
            return "" if _is_movable(booking, course, attempts) else NOT_MOVABLE
        case BookingAct.CHANGE_PERSON | BookingAct.RESEND:
            return "" if booking.place == SeatState.CONFIRMED.value else NOT_CONFIRMED
        case BookingAct.NOTE | BookingAct.TAGS:
            return ""


def why_not_refundable(attempts: list[PaymentAttempt], balance: Balance) -> str:
    """Return why nothing can be given back, "" if something can."""
    paid = [a for a in attempts if a.state == AttemptState.SUCCEEDED.value]
    if any(a.is_foreign for a in paid):
        return FOREIGN_MONEY
    if balance.away:
        return DISPUTED
    return "" if balance.ready else NOTHING_TO_REFUND


def why_not_cancellable(booking: Booking, course: Course, attempts: list[PaymentAttempt]) -> str:
    """Return why an operator cannot cancel, "" if they can."""
    if any(a.is_foreign and a.state == AttemptState.SUCCEEDED.value for a in attempts):
        return FOREIGN_MONEY
    if any(a.state == AttemptState.PROCESSING.value for a in attempts):
        return PAYMENT_PROCESSING
    place, state = SeatState(booking.place), state_of(course)
    ends = can_cancel(place, state, course.ends_at, by_operator=True)  # at any time
    return "" if ends else NOT_CANCELLABLE


def _is_movable(booking: Booking, course: Course, attempts: list[PaymentAttempt]) -> bool:
    """Whether a place is confirmed, or held without a page, on a course that takes place."""
    if state_of(course).is_cancelled:
        return False
    is_paying = any(not AttemptState(a.state).is_final for a in attempts)
    is_held = booking.place == SeatState.HELD.value and not is_paying
    return is_held or booking.place == SeatState.CONFIRMED.value
