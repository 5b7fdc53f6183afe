"""The stored causes: why a hold ends, and why money is refunded at once."""

from datetime import datetime

from coursebook.domain.admission import CourseState
from coursebook.domain.booking import EndCause, SeatState

REFUND_CAUSES: dict[SeatState, str] = {
    SeatState.CONFIRMED: "second_payment",
    SeatState.CANCELLED: "cancelled_payment",
}
"""Why money goes back that came for a place which does not wait for any."""


def end_cause(why: EndCause, course: CourseState, now: datetime) -> EndCause:
    """Return why a place ends, given what ends it.

    A course that was cancelled is the cause whoever ends the place, and a hold that is still
    unpaid when the course begins ends because of that.
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
    place: SeatState, course: CourseState, taken_at: datetime, *, has_other_place: bool = False
) -> str:
    """Return why money that came goes back at once; each cause has its mail.

    `has_other_place`: the student has another place on the same course by now.
    """
    if place in REFUND_CAUSES:
        return REFUND_CAUSES[place]
    if course.is_cancelled:
        return "course_cancelled_payment"
    if course.has_begun(taken_at):
        return "started_payment"
    if has_other_place:
        return "other_place_payment"
    return "late_payment" if course.is_published else "closed_payment"
