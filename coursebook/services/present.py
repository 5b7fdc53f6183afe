"""From rows to views: the only place that turns what is stored into what is shown."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from coursebook.domain.attempt import AttemptState
from coursebook.domain.booking import (
    AttemptMoney,
    PaymentStatus,
    Place,
    RefundMoney,
    payment_status_of,
    status_of,
)
from coursebook.domain.money import Money
from coursebook.domain.refund import RefundState
from coursebook.domain.taking import Way, hold_ends, takes
from coursebook.domain.terms import Terms
from coursebook.persistence.courses import seats_of, state_of
from coursebook.persistence.listed import ListedCourse
from coursebook.persistence.tables import Booking, Course, PaymentAttempt, Refund
from coursebook.services.received import came
from coursebook.services.views import (
    AttemptView,
    BookingView,
    CourseDetailView,
    CourseView,
    LocationView,
    MoneyView,
    OwnPlaceView,
    RefundView,
    TermStepView,
    TermsView,
)

NOT_IN_THE_WAY = (AttemptState.SUCCEEDED.value, AttemptState.PROCESSING.value)
"""An attempt that went well in the end: that a card was declined before is of no interest."""

TRIED = (AttemptState.FAILED.value, AttemptState.EXPIRED.value)
"""An attempt that ended without money: the next one is another try."""


def course_status(course: Course | ListedCourse, now: datetime) -> str:
    """Return `open`, `full` or `closed`."""
    return _status(course, seats_of(course).left, now)


def _status(course: Course | ListedCourse, left: int, now: datetime) -> str:
    if not takes(state_of(course), now, Way.NEW_HOLD):
        return "closed"
    return "open" if left else "full"


def course_view(course: Course | ListedCourse, now: datetime) -> CourseView:
    """Return a course as it stands in lists."""
    left = seats_of(course).left
    return CourseView(
        id=course.id,
        slug=course.slug,
        title=course.title,
        summary=course.summary,
        category=course.category,
        level=course.level,
        instructor=course.instructor,
        location=LocationView(
            "online" if course.is_online else "place", course.place_name, course.place_address
        ),
        starts_at=course.starts_at,
        ends_at=course.ends_at,
        timezone=course.timezone,
        price=MoneyView(course.price, course.currency),
        capacity=course.capacity,
        seats_left=left,
        status=_status(course, left, now),
        image=course.image,
        read_at=now,
    )


def course_detail(course: Course, now: datetime) -> CourseDetailView:
    """Return a course with its description and terms."""
    plain = course_view(course, now)
    terms = terms_view(Terms.from_json(course.terms), course.starts_at, is_free=course.price == 0)
    return CourseDetailView(**vars(plain), description=course.description, terms=terms)


def terms_view(terms: Terms, starts_at: datetime, *, is_free: bool) -> TermsView:
    """Return the cancellation terms with their moments."""
    if is_free:
        return TermsView("Free of charge: you can cancel at any time before the start.", ())
    steps = tuple(
        TermStepView(starts_at - timedelta(hours=s.hours_before), s.percent) for s in terms.steps
    )
    return TermsView(terms.sentence(), steps)


def balance(attempts: list[PaymentAttempt], refunds: list[Refund]) -> dict[str, int]:
    """Return, for each paid attempt's id, the minor units that we still have of it."""
    left = {a.id: came(a)[0] for a in attempts if a.state == AttemptState.SUCCEEDED.value}
    for refund in refunds:
        if refund.attempt_id in left and RefundState(refund.state).counts:
            left[refund.attempt_id] -= refund.amount
    return {attempt_id: max(0, amount) for attempt_id, amount in left.items()}


def refund_on_cancel(
    booking: Booking,
    course: Course,
    attempts: list[PaymentAttempt],
    refunds: list[Refund],
    now: datetime,
) -> Money:
    """Return what is given back when the student cancels now, under the frozen terms."""
    ours = sum(balance(attempts, refunds).values())
    nothing = Money(0, booking.currency)
    if booking.place != Place.CONFIRMED.value or any(a.is_disputed for a in attempts):
        return nothing
    promised = Terms.from_json(booking.terms).refund_of(
        Money(booking.price, booking.currency), now, course.starts_at
    )
    return min(promised, Money(ours, booking.currency))


def booking_view(
    booking: Booking,
    course: Course,
    attempts: list[PaymentAttempt],
    refunds: list[Refund],
    now: datetime,
) -> BookingView:
    """Return a booking with its money."""
    place = Place(booking.place)
    waiting = any(a.state == AttemptState.PROCESSING.value for a in attempts)
    back = refund_on_cancel(booking, course, attempts, refunds, now)
    terms = Terms.from_json(booking.terms)
    return BookingView(
        id=booking.id,
        course=course_view(course, now),
        status=status_of(place),
        payment_status=payment_status(attempts, refunds),
        amount=MoneyView(booking.price, booking.currency),
        created_at=booking.created_at,
        hold_expires_at=hold_end(booking, course),
        can_retry=can_retry(booking, course, attempts, refunds, now),
        can_cancel=can_cancel(place, course, now) and not waiting,
        refund_if_cancelled=MoneyView(back.amount, back.currency),
        terms=terms_view(terms, course.starts_at, is_free=booking.price == 0),
        receipt_url=next((a.receipt_url for a in reversed(attempts) if a.receipt_url), None),
        attempts=tuple(_attempt_view(a) for a in attempts),
        refunds=tuple(_refund_view(r) for r in refunds),
    )


def own_place_view(
    booking: Booking, attempts: Sequence[tuple[str | None, str | None]]
) -> OwnPlaceView:
    """Return a live booking; `attempts` are state and last error of each."""
    return OwnPlaceView(
        booking_id=booking.id,
        status=status_of(Place(booking.place)),
        amount=MoneyView(booking.price, booking.currency),
        hold_expires_at=booking.hold_expires_at,
        is_processing=any(state == AttemptState.PROCESSING.value for state, _ in attempts),
        was_tried=any(error or state in TRIED for state, error in attempts),
    )


def payment_status(attempts: list[PaymentAttempt], refunds: list[Refund]) -> PaymentStatus:
    """Return the word for the money of a booking.

    A payment that came too late, or twice, and went back in full says nothing about the one that
    counts: such attempts are left out while another one tells how things stand.
    """
    left = balance(attempts, refunds)
    back = {a.id for a in attempts if left.get(a.id) == 0 and a.amount}
    others = [a for a in attempts if a.id not in back]
    paid_otherwise = any(a.id in left for a in others)
    if others and (paid_otherwise or attempts[-1].id not in back):
        attempts = others
    counted = {a.id for a in attempts}
    return payment_status_of(
        [AttemptMoney(AttemptState(a.state), a.amount, a.is_disputed) for a in attempts],
        [RefundMoney(RefundState(r.state), r.amount) for r in refunds if r.attempt_id in counted],
    )


def can_retry(
    booking: Booking,
    course: Course,
    attempts: list[PaymentAttempt],
    refunds: list[Refund],
    now: datetime,
) -> bool:
    """Whether paying for this booking can be tried (again)."""
    if any(a.state == AttemptState.PROCESSING.value for a in attempts):
        return False
    if sum(balance(attempts, refunds).values()):
        return False
    state = state_of(course)
    if booking.place == Place.EXPIRED.value:
        return takes(state, now, Way.HELD_AGAIN) and state.left > 0
    return booking.place == Place.HELD.value and takes(state, now, Way.FURTHER_PAGE)


def hold_end(booking: Booking, course: Course | ListedCourse) -> datetime | None:
    """Return when the place of a booking ends, None when no moment is set."""
    ends = booking.hold_expires_at
    return None if ends is None else hold_ends(ends, course.starts_at)


def can_cancel(place: Place, course: Course, now: datetime) -> bool:
    """Whether a place can be given up: until the course starts, and only once."""
    return place is not Place.CANCELLED and not state_of(course).has_begun(now)


def _attempt_view(attempt: PaymentAttempt) -> AttemptView:
    return AttemptView(
        number=attempt.number,
        state=attempt.state,
        amount=MoneyView(attempt.amount, attempt.currency),
        created_at=attempt.created_at,
        reason=None if attempt.state in NOT_IN_THE_WAY else attempt.last_error,
    )


def _refund_view(refund: Refund) -> RefundView:
    return RefundView(
        id=refund.id,
        state=refund.state,
        amount=MoneyView(refund.amount, refund.currency),
        cause=refund.cause,
        created_at=refund.created_at,
    )
