"""The stored causes: why a hold ends, and why money is refunded at once."""

from datetime import datetime

from coursebook.domain.admission import CourseState
from coursebook.domain.booking import EndCause, SeatState

REFUND_CAUSES: dict[SeatState, str] = {
    SeatState.CONFIRMED: "second_payment",
    SeatState.CANCELLED: "cancelled_payment",
}
"""The cause of refunding a payment for a place that expects none."""


def end_cause(why: EndCause, course: CourseState, now: datetime) -> EndCause:
    """Return why a place ends, given what ends it.

    A cancelled course is the cause regardless of the actor. A hold that is unpaid when the course
    begins ends for that reason.
    """
    if course.is_cancelled:
        return EndCause.COURSE_CANCELLED
    if why is EndCause.PAGE_EXPIRED and course.has_begun(now):
        return EndCause.COURSE_STARTED
    return why


def cause_of_not_taking(course: CourseState) -> EndCause:
    """Return why a course does not take money for a held place."""
    if course.is_cancelled:
        return EndCause.COURSE_CANCELLED
    return EndCause.COURSE_STARTED if course.is_published else EndCause.OPERATOR


def refund_cause(
    place: SeatState,
    course: CourseState,
    taken_at: datetime,
    *,
    has_other_place: bool = False,
    is_moved: bool = False,
) -> str:
    """Return the cause of refunding a received payment at once; each cause has its own mail.

    `has_other_place`: the student has another place on the same course by now. `is_moved`: the
    booking was moved since the page was opened, to another price.
    """
    if place in REFUND_CAUSES:
        return REFUND_CAUSES[place]
    if course.is_cancelled:
        return "course_cancelled_payment"
    if course.has_begun(taken_at):
        return "started_payment"
    if is_moved:
        return "moved_payment"
    if has_other_place:
        return "other_place_payment"
    return "late_payment" if course.is_published else "closed_payment"
