"""The next step of a checkout, decided under the lock in one transaction."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from coursebook.domain.actor import Actor
from coursebook.domain.admission import (
    Way,
    has_time_for_page,
    hold_ends,
    offers_debits,
    takes,
)
from coursebook.domain.attempt import AttemptState, idempotency_key
from coursebook.domain.booking import SeatState
from coursebook.domain.check_in.ticket_code import new_ticket_code
from coursebook.domain.external_text import mail_address
from coursebook.domain.money import Money
from coursebook.domain.promise import Promise, promise_of
from coursebook.domain.seats import NoSeat
from coursebook.domain.terms import Terms
from coursebook.errors import (
    AlreadyBooked,
    BookingClosed,
    BookingNotFound,
    CourseNotFound,
    NotRetryable,
    PaymentProcessing,
)
from coursebook.live import topics
from coursebook.log import current_request_id
from coursebook.mail.kinds import MailKind
from coursebook.payments.gateway import CheckoutSessionRequest
from coursebook.persistence.course_search.course_list_row import ListedCourse
from coursebook.persistence.course_search.courses import Entrance, is_public, state_of
from coursebook.persistence.schema.columns import new_id
from coursebook.persistence.schema.tables import Booking, Course, PaymentAttempt, User
from coursebook.persistence.unit_of_work import UnitOfWork
from coursebook.services.bookings.balance import hand_money, money_left, to_pay
from coursebook.services.bookings.expected_amounts import ShownOffer, check_offer, check_to_pay
from coursebook.services.context import Context
from coursebook.services.locked_booking import LockedBookingAndCourse, lock_booking
from coursebook.services.presenters import hold_end


@dataclass(frozen=True)
class NothingToPay:
    """The course is free, and the place is confirmed already."""

    booking_id: str


@dataclass(frozen=True)
class CreateSession:
    """An attempt is recorded. Create its Checkout Session."""

    booking_id: str
    attempt_id: str
    params: dict[str, Any]
    key: str
    is_new: bool
    held_until: datetime | None = None


@dataclass(frozen=True)
class ReuseSession:
    """There is a session already. Settle it, and reuse it if it is still open."""

    booking_id: str
    session_id: str
    held_until: datetime | None = None


Step = NothingToPay | CreateSession | ReuseSession

CLOSED_PERHAPS_PAID = (
    "This course can no longer be booked. If you have paid, your booking will be confirmed or "
    "your money will be sent back automatically."
)
"""Replaces "Nothing was charged" where a session may have been paid."""
PART_RECEIVED = (
    "The school has already received a part of the price. Please pay the rest in the same way."
)
BOOKED = "Booked by the student."
"""Why a place is held."""
NOT_OPEN = "The school takes no more bookings for this course. Nothing was charged."
"""Where booking was closed before its usual end. People who have a place keep it."""


async def read_entrance(work: UnitOfWork, subject: str, id_or_slug: str, now: datetime) -> Entrance:
    """Return what a student finds who asks for a place.

    Raise NoSeat if the course is full and the student has no booking on it, and CourseNotFound.

    When the course is full, refuse before taking the lock, so that visitors who are too late do not
    delay payments. The count is checked again under the lock.
    """
    entrance = await work.courses.entrance(id_or_slug, subject)
    if entrance is None:
        former = await work.slug_redirects.course_id_of(id_or_slug)
        entrance = await work.courses.entrance(former, subject) if former else None
    if entrance is None:
        raise CourseNotFound
    if entrance.left <= 0 and not entrance.has_booking:
        course = await work.courses.summary(entrance.course_id)
        if course is None:
            raise CourseNotFound
        _refuse_hidden(course)
        _check(course, now, Way.NEW_HOLD)
        raise NoSeat
    return entrance


async def book_step(
    context: Context,
    work: UnitOfWork,
    user: User,
    entrance: Entrance,
    now: datetime,
    *,
    begun: str,
    shown_offer: ShownOffer,
) -> Step:
    """Choose the next step for a student who books a course. Raises NoSeat and refusals.

    `begun` is the id of the booking that this request has already created, or "". One click must
    not book twice, even if the booking is cancelled in another tab at the same time.
    """
    is_first = not begun and not entrance.has_booking
    course = await work.courses.take_place(entrance.course_id, now) if is_first else None
    is_counted = course is not None
    course = course or await work.courses.lock(entrance.course_id)
    if course is None:
        raise CourseNotFound
    _refuse_hidden(course)
    booking = None if is_counted else await work.bookings.newest_of(user.id, course.id)
    if begun and (booking is None or booking.id != begun):
        raise BookingClosed("This booking was cancelled in the meantime. Nothing was charged.")
    if booking is not None:
        if booking.place == SeatState.CONFIRMED.value:
            raise AlreadyBooked
        locked = LockedBookingAndCourse(work, booking, _student(user), now, course)
        return await _pay_step(context, locked, user, shown_offer)
    _check(course, now, Way.NEW_HOLD)
    check_offer(shown_offer, course)
    check_to_pay(shown_offer.expected, Money(course.price, course.currency))
    booking = _new_booking(course, user, now, context.hold)
    locked = LockedBookingAndCourse(work, booking, _student(user), now, course)
    work.bookings.add_of_student(booking)
    if is_counted:
        locked.open_counted_hold(BOOKED)
    else:
        locked.open_hold(BOOKED)
    work.mark_changed(topics.newcomer(user.subject))  # it may be their first booking
    return await _new_attempt(context, locked, user, 1)


async def retry_step(
    context: Context,
    work: UnitOfWork,
    user: User,
    booking_id: str,
    now: datetime,
    *,
    shown_offer: ShownOffer,
) -> Step:
    """Choose the next step for a student who pays for a booking. Raises NoSeat and refusals."""
    locked = await lock_booking(work, booking_id, _student(user), now)
    if locked is None or locked.booking.user_id != user.id:
        raise BookingNotFound
    if locked.place in (SeatState.CONFIRMED, SeatState.CANCELLED):
        raise NotRetryable
    return await _pay_step(context, locked, user, shown_offer)


async def _pay_step(
    context: Context, locked: LockedBookingAndCourse, user: User, shown_offer: ShownOffer
) -> Step:
    """Choose the next step for a booking that is held or has expired."""
    attempts = await locked.work.attempts.of_booking(locked.booking.id)
    states = [AttemptState(a.state) for a in attempts]
    if AttemptState.PROCESSING in states:
        raise PaymentProcessing
    if AttemptState.SUCCEEDED in states and await _holds_money(locked, attempts):
        raise PaymentProcessing(
            "We have received money for this booking that someone has to check. Please do not "
            "pay again; we will write to you."
        )
    is_over = locked.place is SeatState.EXPIRED
    way = Way.HELD_AGAIN if is_over else Way.FURTHER_PAGE
    if hand_money(locked.booking).left:
        raise NotRetryable(PART_RECEIVED)
    may_be_paid = any(not s.is_final or s is AttemptState.SUCCEEDED for s in states)
    text = CLOSED_PERHAPS_PAID if may_be_paid else None
    _check(locked.course, locked.now, way, text)
    if not has_time_for_page(locked.booking.reserved_until, locked.now):
        raise BookingClosed(text)
    if is_over:
        check_offer(shown_offer, locked.course)
    check_to_pay(shown_offer.expected, to_pay(locked.booking, locked.course, attempts))
    held_until = hold_end(locked.booking, locked.course)
    live_attempt = next((a for a in reversed(attempts) if not AttemptState(a.state).is_final), None)
    if live_attempt is not None and live_attempt.session_id:
        return ReuseSession(locked.booking.id, live_attempt.session_id, held_until)
    if live_attempt is not None:
        booking_id, key = locked.booking.id, live_attempt.idempotency_key
        return CreateSession(
            booking_id,
            live_attempt.id,
            live_attempt.params,
            key,
            is_new=False,
            held_until=held_until,
        )
    if is_over:
        locked.hold_again("The student tries again.")
        _renew_promise(locked)
    return await _new_attempt(context, locked, user, len(attempts) + 1)


async def _new_attempt(
    context: Context, locked: LockedBookingAndCourse, user: User, number: int
) -> Step:
    booking, work = locked.booking, locked.work
    page_ends = locked.now + context.hold
    booking.hold_expires_at = hold_ends(page_ends, locked.course.starts_at, booking.reserved_until)
    attempt = PaymentAttempt(
        id=new_id("pay"),
        booking_id=booking.id,
        number=number,
        state=AttemptState.CREATED.value,
        amount=booking.price,
        currency=booking.currency,
        idempotency_key=idempotency_key(booking.id, number, context.maker.copy_id),
        params={},
        expires_at=page_ends,
        asked_at=locked.now,
        created_at=locked.now,
        updated_at=locked.now,
    )
    locked.open_attempt(attempt, "Asked to pay." if booking.price else "Nothing to pay.")
    if booking.price == 0:
        await work.flush()
        locked.set_attempt(attempt, AttemptState.SUCCEEDED, "Free of charge.")
        locked.confirm("Free of charge.")
        await locked.enqueue_mail(MailKind.BOOKED)
        return NothingToPay(booking.id)
    email = mail_address(user.email) if number == 1 else await _email_for_stripe(locked, user)
    attempt.params = _params(context, locked, number, email, page_ends)
    key, held_until = attempt.idempotency_key, booking.hold_expires_at
    return CreateSession(
        booking.id, attempt.id, attempt.params, key, is_new=True, held_until=held_until
    )


async def _email_for_stripe(locked: LockedBookingAndCourse, user: User) -> str:
    """Return the address that fills Stripe's form, "" if Stripe has refused it before.

    The form then asks the student for an address.
    """
    email = mail_address(user.email)
    attempts = await locked.work.attempts.of_booking(locked.booking.id)
    refused_addresses = {
        a.params.get("customer_email")
        for a in attempts
        if a.state == AttemptState.SUPERSEDED.value and not a.session_id
    }
    return "" if email in refused_addresses else email


def _params(
    context: Context, locked: LockedBookingAndCourse, number: int, email: str, page_ends: datetime
) -> dict[str, Any]:
    booking, home = locked.booking, context.public_url
    return context.gateway.params_for(
        CheckoutSessionRequest(
            maker=context.maker,
            booking_id=booking.id,
            attempt_number=number,
            title=locked.course.title,
            price=Money(booking.price, booking.currency),
            email=email,
            success_url=f"{home}/payment/success?session_id={{CHECKOUT_SESSION_ID}}",
            cancel_url=f"{home}/payment/cancel?booking_id={booking.id}",
            expires_at=page_ends,
            request_id=current_request_id(),
            takes_debits=offers_debits(state_of(locked.course), locked.now),
        )
    )


def _refuse_hidden(course: Course | ListedCourse) -> None:
    if not is_public(course):
        raise CourseNotFound


def _check(course: Course | ListedCourse, now: datetime, way: Way, text: str | None = None) -> None:
    state = state_of(course)
    if takes(state, now, way):
        return
    if takes(replace(state, somebody_waits=False), now, way):
        raise NoSeat  # a free place is that of the next who waits
    is_closed_early = state.is_published and not state.has_begun(now) and not state.is_open_at(now)
    if is_closed_early and text is None:
        raise BookingClosed(NOT_OPEN)
    raise BookingClosed(text)


def _new_booking(course: Course, user: User, now: datetime, hold: timedelta) -> Booking:
    return Booking(
        id=new_id("bkg"),
        user_id=user.id,
        course_id=course.id,
        place=SeatState.HELD.value,
        price=course.price,
        currency=course.currency,
        promise=_current_promise(course).to_json(),
        tags=[],  # a default that a function makes costs pydantic a look at its signature
        ticket_code=new_ticket_code(),
        hold_expires_at=hold_ends(now + hold, course.starts_at, None),
        created_at=now,
        updated_at=now,
    )


def _current_promise(course: Course) -> Promise:
    return promise_of(Terms.from_json(course.terms), course.starts_at)


def _renew_promise(locked: LockedBookingAndCourse) -> None:
    """Set the price and terms to those of the course: the hold was lost."""
    booking, course = locked.booking, locked.course
    before = {"price": booking.price, "currency": booking.currency, "promise": booking.promise}
    promise = _current_promise(course).to_json()
    after = {"price": course.price, "currency": course.currency, "promise": promise}
    if before != after or booking.free_cancel_until is not None:
        booking.price, booking.currency = course.price, course.currency
        booking.promise = promise
        booking.free_cancel_until = None
        locked.note("promised_anew", "Price and terms changed meanwhile.", before=before)


async def _holds_money(locked: LockedBookingAndCourse, attempts: list[PaymentAttempt]) -> bool:
    """Whether we hold a payment of this booking that pays for no place and was not refunded."""
    refunds = await locked.work.refunds.of_booking(locked.booking.id)
    return any(money_left(attempts, refunds).values())


def _student(user: User) -> Actor:
    return Actor("student", user.subject)
