"""Turn rows into views. The rules are in the domain; this module only calls them."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime, timedelta

from coursebook.domain.admission import CourseState, hold_ends, is_bookable
from coursebook.domain.amount_text import promise_in_words
from coursebook.domain.attempt import AttemptState
from coursebook.domain.balance import can_cancel, can_retry
from coursebook.domain.booking import BookingSource, SeatState, number_of, status_of
from coursebook.domain.money import Money
from coursebook.domain.online_room import Room, public_place, room_of
from coursebook.domain.promise import Promise, Share
from coursebook.domain.terms import Terms
from coursebook.persistence.course_search.course_list_row import ListedCourse
from coursebook.persistence.course_search.courses import seats_of, state_of
from coursebook.persistence.schema.tables import Booking, Course, Meeting, PaymentAttempt, Refund
from coursebook.services.bookings.balance import (
    balance_of,
    booked_promise,
    hand_money,
    money_left,
    money_on_cancel,
    payment_status,
    received_money,
    to_pay,
)
from coursebook.services.bookings.expected_amounts import offer_of
from coursebook.services.views import (
    AttemptView,
    BookingView,
    CourseDetailView,
    CourseView,
    LocationView,
    MeetingView,
    MoneyView,
    OwnPlaceView,
    RefundView,
    TermStepView,
    TermsView,
)
from coursebook.services.waiting_list.list_state import has_open_list

FREE_OF_CHARGE = "Free of charge: you can cancel at any time before the start."
AS_STORED = sorted(
    {field.name for field in fields(CourseView)} & set(Course.model_fields) - {"price", "status"}
)
"""The columns that a view of a course shows unchanged, under their own names."""
NOT_IN_THE_WAY = (AttemptState.SUCCEEDED.value, AttemptState.PROCESSING.value)
"""An attempt that went well in the end: that a card was declined before is of no interest."""

TRIED = (AttemptState.FAILED.value, AttemptState.EXPIRED.value)
"""An attempt that ended without money: the next one is another try."""


def _status(course: Course | ListedCourse, left: int, now: datetime) -> str:
    if not is_bookable(state_of(course), now):
        return "closed"
    return "open" if left else "full"


def closed_because(course: Course | ListedCourse, now: datetime) -> str:
    """Return why a course takes no new booking: `cancelled`, `begun` or `closed`; "" if it does."""
    state = state_of(course)
    if is_bookable(state, now):
        return ""
    if state.is_cancelled:
        return "cancelled"
    return "begun" if state.has_begun(now) else "closed"


def course_view(
    course: Course | ListedCourse, now: datetime, meetings: Sequence[Meeting] | None = None
) -> CourseView:
    """Return the view of a course for lists; None: the view has no meetings."""
    left = public_seats(course)
    return CourseView(
        **{name: getattr(course, name) for name in AS_STORED},
        location=location_view(course),
        price=MoneyView(course.price, course.currency),
        seats_left=left,
        status=_status(course, left, now),
        read_at=now,
        closed=closed_because(course, now),
        meetings=() if meetings is None else meeting_views(course, meetings),
    )


def public_seats(course: Course | ListedCourse) -> int:
    """Return the places that anybody may book: none while somebody waits for them."""
    return 0 if course.waiting else seats_of(course).left


def meeting_views(
    course: Course | ListedCourse, meetings: Sequence[Meeting]
) -> tuple[MeetingView, ...]:
    """Return the meetings that take place; a course without any has one, from start to end."""
    views = tuple(
        MeetingView(meeting.starts_at, meeting.ends_at, _meeting_location(course, meeting))
        for meeting in meetings
        if meeting.cancelled_at is None
    )
    return views or (MeetingView(course.starts_at, course.ends_at, location_view(course)),)


def _meeting_location(course: Course | ListedCourse, meeting: Meeting) -> LocationView:
    """Return the public location of a meeting: its own place, or that of the course."""
    if not meeting.place_name and not meeting.place_address:
        return location_view(course)
    name, address = public_place(
        is_online=course.is_online,
        name=meeting.place_name or course.place_name,
        address=meeting.place_address,
    )
    return LocationView("online" if course.is_online else "place", name, address)


def location_view(course: Course | ListedCourse) -> LocationView:
    """Return the public location of a course; never the room of an online one."""
    name, address = public_place(
        is_online=course.is_online, name=course.place_name, address=course.place_address
    )
    return LocationView("online" if course.is_online else "place", name, address)


def room_view(booking: Booking, course: Course) -> Room:
    """Return the room of an online course, to be shown to the person of a confirmed booking."""
    if booking.place != SeatState.CONFIRMED.value:
        return Room()
    return room_of(
        is_online=course.is_online,
        join_url=course.join_url,
        name=course.place_name,
        address=course.place_address,
    )


def course_detail(course: Course, now: datetime, meetings: Sequence[Meeting]) -> CourseDetailView:
    """Return a course with its description and terms."""
    plain = course_view(course, now, meetings)
    ahead = Terms.from_json(course.terms).ahead(now, course.starts_at)
    terms = terms_view(ahead, course.starts_at, is_free=course.price == 0)
    return CourseDetailView(
        **vars(plain),
        description=course.description,
        terms=terms,
        offer=offer_of(course),
        has_open_list=has_open_list(course, now),
    )


def terms_view(terms: Terms, starts_at: datetime, *, is_free: bool) -> TermsView:
    """Return the cancellation terms with their moments."""
    if is_free:
        return TermsView(FREE_OF_CHARGE, ())
    steps = tuple(
        TermStepView(starts_at - timedelta(hours=s.hours_before), s.percent) for s in terms.steps
    )
    return TermsView(terms.sentence(), steps)


def booking_view(
    booking: Booking,
    course: Course,
    attempts: list[PaymentAttempt],
    refunds: list[Refund],
    now: datetime,
    *,
    meetings: Sequence[Meeting] = (),
    by_operator: bool = False,
) -> BookingView:
    """Return a booking with its money. `by_operator`: cancelling is that of an operator."""
    place, state = SeatState(booking.place), state_of(course)
    is_processing = _is_processing(attempts)
    balance = balance_of(booking, attempts, refunds)
    refund = money_on_cancel(booking, course, balance, now, by_operator=by_operator)
    return BookingView(
        id=booking.id,
        number=number_of(booking.id),
        course=course_view(course, now, meetings),
        room=room_view(booking, course),
        status=status_of(place),
        payment_status=payment_status(booking, attempts, refunds),
        amount=MoneyView(booking.price, booking.currency),
        created_at=booking.created_at,
        hold_expires_at=hold_end(booking, course),
        can_retry=_can_retry(booking, state, attempts, refunds, now),
        can_cancel=can_cancel(
            place, state, now, by_operator=by_operator, is_processing=is_processing
        ),
        to_pay=_money_view(to_pay(booking, course, attempts)),
        refund_if_cancelled=MoneyView(refund.due, booking.currency),
        stays_if_cancelled=MoneyView(refund.stays, booking.currency),
        kept=MoneyView(booking.kept_amount or 0, booking.currency),
        kept_why=booking.kept_why,
        promise=_steps(Promise.from_json(booking.promise).shares),
        free_cancel_until=booking.free_cancel_until,
        terms=_still_promised(booking, course, now),
        receipt_url=next((a.receipt_url for a in reversed(attempts) if a.receipt_url), None),
        attempts=tuple(_attempt_view(a) for a in attempts),
        refunds=tuple(_refund_view(r) for r in refunds),
        confirmed_at=booking.confirmed_at,
        end_cause=booking.end_cause or "",
        attendee_info=course.attendee_info if place is SeatState.CONFIRMED else "",
        ticket_code=(booking.ticket_code or "") if place is SeatState.CONFIRMED else "",
        is_offer=is_offer(booking),
        received_by_hand=booking.received_by_hand,
        returned_by_hand=booking.returned_by_hand,
    )


def _can_retry(
    booking: Booking,
    course: CourseState,
    attempts: Sequence[PaymentAttempt],
    refunds: Sequence[Refund],
    now: datetime,
) -> bool:
    return can_retry(
        SeatState(booking.place),
        course,
        now,
        is_processing=_is_processing(attempts),
        money_left=sum(money_left(attempts, refunds).values()) + hand_money(booking).left,
        reserved_until=booking.reserved_until,
    )


def is_offer(booking: Booking) -> bool:
    """Whether a held place is kept for somebody who waited for it."""
    is_held = booking.place == SeatState.HELD.value
    return is_held and bool(booking.reserved_until) and booking.source == BookingSource.WAITING


def _is_processing(attempts: Sequence[PaymentAttempt]) -> bool:
    return any(a.state == AttemptState.PROCESSING.value for a in attempts)


def _money_view(money: Money) -> MoneyView:
    return MoneyView(money.amount, money.currency)


def own_place_view(
    booking: Booking,
    starts_at: datetime,
    timezone: str,
    attempts: Sequence[tuple[str | None, str | None]],
) -> OwnPlaceView:
    """Return a live booking on a course with this start and zone.

    `attempts` are state and last error of each.
    """
    return OwnPlaceView(
        booking_id=booking.id,
        status=status_of(SeatState(booking.place)),
        amount=MoneyView(booking.price, booking.currency),
        hold_expires_at=_hold_end(booking, starts_at),
        is_processing=any(state == AttemptState.PROCESSING.value for state, _ in attempts),
        is_offer=is_offer(booking),
        was_tried=any(error or state in TRIED for state, error in attempts),
        free_cancel_until=booking.free_cancel_until,
        timezone=timezone,
    )


def _still_promised(booking: Booking, course: Course, now: datetime) -> TermsView:
    """Return the part of the promise that still applies, as a sentence and as moments."""
    if booking.price == 0:
        return TermsView(FREE_OF_CHARGE, ())
    promise = booked_promise(booking).whole
    sentence = promise_in_words(promise.ahead_until(now, course.starts_at), course.timezone)
    return TermsView(sentence, _steps(promise.ahead(now)))


def _steps(shares: Sequence[Share]) -> tuple[TermStepView, ...]:
    return tuple(TermStepView(share.until, share.percent) for share in shares)


def hold_end(booking: Booking, course: Course | ListedCourse) -> datetime | None:
    """Return when the place of a booking ends, None when no moment is set."""
    return _hold_end(booking, course.starts_at)


def _hold_end(booking: Booking, starts_at: datetime) -> datetime | None:
    ends = booking.hold_expires_at
    return None if ends is None else hold_ends(ends, starts_at)


def _attempt_view(attempt: PaymentAttempt) -> AttemptView:
    return AttemptView(
        number=attempt.number,
        state=attempt.state,
        amount=MoneyView(attempt.amount, attempt.currency),
        created_at=attempt.created_at,
        reason=None if attempt.state in NOT_IN_THE_WAY else attempt.last_error,
        received=None if attempt.received_amount is None else MoneyView(*received_money(attempt)),
        is_disputed=attempt.is_disputed,
    )


def _refund_view(refund: Refund) -> RefundView:
    return RefundView(
        id=refund.id,
        state=refund.state,
        amount=MoneyView(refund.amount, refund.currency),
        cause=refund.cause,
        created_at=refund.created_at,
    )
