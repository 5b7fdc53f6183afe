"""Bookings that the school makes: by phone, at the door, as a present, or by invoice."""

from dataclasses import dataclass
from datetime import UTC, datetime

import structlog

from coursebook.domain.actor import Actor
from coursebook.domain.admission import Way, hold_ends, takes
from coursebook.domain.booking import BookingSource, SeatState
from coursebook.domain.booking_edits.manual_booking import (
    MAX_NOTE_LENGTH,
    PayHow,
    PayPlan,
    end_of_day,
)
from coursebook.domain.booking_edits.offline_payment import Method
from coursebook.domain.external_text import clean_line, clean_text, mail_address
from coursebook.domain.promise import promise_of
from coursebook.domain.rights import Permission
from coursebook.domain.terms import Terms
from coursebook.errors import (
    AlreadyBooked,
    BookingClosed,
    CourseFull,
    CourseNotFound,
    FieldError,
    Invalid,
    NotActionable,
)
from coursebook.identity.principal import Principal
from coursebook.mail.kinds import MailKind
from coursebook.persistence.course_search.courses import seats_of, state_of
from coursebook.persistence.schema.columns import ID_LENGTH, new_id
from coursebook.persistence.schema.tables import Booking, Course, User
from coursebook.persistence.unit_of_work import SecondLiveBooking, UnitOfWork, writing
from coursebook.services.bookings.offline_payments import (
    Handover,
    expect_payment,
    receive_payment,
)
from coursebook.services.checkout.free_attempt import charge_nothing
from coursebook.services.context import Context
from coursebook.services.locked_booking import (
    LockedBookingAndCourse,
    again_if_moved,
    lock_booking,
)
from coursebook.services.manage.access import Access
from coursebook.services.manage.booking_details import managed_booking
from coursebook.services.manage.booking_views import ManagedBookingView
from coursebook.services.manage.bookings import booking_within
from coursebook.services.manage.course_writes import record

log = structlog.get_logger("coursebook.bookings")

MAX_NAME_LENGTH = 200
MAX_PHONE_LENGTH = 40
GUEST = "guest:"
"""The beginning of the subject of a person without an account; their id follows."""
FULL = "All places on this course are taken. Add one place more, or choose another course."
HAS_PLACE = "This person has a place on this course already. Nothing has changed."
OVER = "Nobody can be added: the course is over, cancelled or not published."
NO_GUEST = "Only a guest with an email address can get such a link."
ADDED = "Added by the school."


@dataclass(frozen=True)
class NewBooking:
    """A booking to be made: for a known person (`user_id`), or for a guest with a name.

    `tell`: send the mails, if there is an address. `note` is the school's own. `one_more`: add a
    place to a full course.
    """

    pay: PayPlan
    name: str = ""
    email: str = ""
    phone: str = ""
    user_id: str = ""
    note: str = ""
    tell: bool = True
    one_more: bool = False


class ManualBookings:
    """The use case."""

    def __init__(self, context: Context, access: Access) -> None:
        self._context = context
        self._access = access

    async def add(
        self, who: Principal | None, course_id: str, wanted: NewBooking
    ) -> ManagedBookingView:
        """Make a booking and return it.

        Raises Unauthenticated, Forbidden, CourseNotFound, Invalid with pointers, CourseFull,
        AlreadyBooked, BookingClosed, RateLimited, Unavailable.
        """
        rights = await self._access.rights_of(who)
        rights.require(Permission.CHANGE_BOOKINGS, course_id)
        assert who is not None, "has rights"
        actor, now = rights.actor(who.user_id), self._context.clock()
        try:
            async with writing(self._context.database) as work:
                booking = await _add(work, course_id, wanted, actor, now)
                answer = work.read_last(lambda: managed_booking(work, booking, rights, now))
        except SecondLiveBooking:
            raise AlreadyBooked(HAS_PLACE) from None
        log.info("booking.added", booking=booking.id, how=wanted.pay.how.value)
        return answer.value

    @again_if_moved
    async def send_claim(self, who: Principal | None, booking_id: str) -> ManagedBookingView:
        """Mail a guest a new link that adds the bookings to an account.

        Raises Unauthenticated, Forbidden, BookingNotFound, NotActionable for somebody who has an
        account or no address, RateLimited, Unavailable.
        """
        rights = await self._access.rights_of(who)
        rights.require(Permission.SEE_PEOPLE)
        assert who is not None, "has rights"
        actor, now = rights.actor(who.user_id), self._context.clock()
        async with writing(self._context.database) as work:
            booking = await booking_within(work, booking_id, rights)
            rights.require(Permission.CHANGE_BOOKINGS, booking.course_id)
            user = await work.users.by_id(booking.user_id)
            if user is None or not user.is_guest or not mail_address(user.email):
                raise NotActionable(NO_GUEST)
            locked = await lock_booking(work, booking.id, actor, now)
            assert locked is not None, "read in this transaction"
            await locked.enqueue_mail(MailKind.CLAIM, occasion=f"{now:%Y%m%d%H%M%S%f}")
            answer = work.read_last(lambda: managed_booking(work, booking, rights, now))
        return answer.value


async def _add(
    work: UnitOfWork, course_id: str, wanted: NewBooking, actor: Actor, now: datetime
) -> Booking:
    course = await work.courses.lock(course_id)
    if course is None:
        raise CourseNotFound
    errors = wanted.pay.problems(course.price, course.starts_at, course.timezone, now)
    user = await _person(work, wanted, now, errors)
    await _refuse_second_place(work, course, user)
    _make_room(work, course, actor, now, one_more=wanted.one_more)
    booking = _booking_of(course, user, wanted, now)
    work.bookings.add(booking)
    await work.flush()
    locked = LockedBookingAndCourse(work, booking, actor, now, course)
    locked.open_hold(ADDED)
    await _take(locked, wanted.pay)
    if wanted.tell and mail_address(user.email):
        is_held = locked.place is SeatState.HELD
        await locked.enqueue_mail(
            MailKind.PAYMENT_EXPECTED if is_held else MailKind.BOOKED_BY_SCHOOL
        )
    return booking


async def _person(
    work: UnitOfWork, wanted: NewBooking, now: datetime, errors: list[FieldError]
) -> User:
    """Return the person of a booking; a new guest unless one is named. Raises Invalid."""
    if wanted.user_id:
        user = await work.users.by_id(wanted.user_id) if len(wanted.user_id) <= ID_LENGTH else None
        if user is None:
            errors.append(FieldError("/user_id", "We do not know this person."))
        if errors or user is None:
            raise Invalid(errors)
        return user
    name, email = clean_line(wanted.name, MAX_NAME_LENGTH), mail_address(wanted.email)
    if not name:
        errors.insert(0, FieldError("/name", "Enter a name."))
    if wanted.email.strip() and not email:
        text = "This is not an email address, such as anna@example.org."
        errors.append(FieldError("/email", text))
    if errors:
        raise Invalid(errors)
    guest_id = new_id("usr")
    guest = User(
        id=guest_id,
        subject=f"{GUEST}{guest_id}",
        email=email,
        name=name,
        phone=clean_line(wanted.phone, MAX_PHONE_LENGTH),
        is_guest=True,
        created_at=now,
        seen_at=now,
    )
    work.session.add(guest)
    await work.flush()
    return guest


async def _refuse_second_place(work: UnitOfWork, course: Course, user: User) -> None:
    """Refuse somebody with a live place: the account itself, or the same name and address."""
    newest = await work.bookings.newest_of(user.id, course.id)
    has_place = newest is not None and newest.place != SeatState.EXPIRED.value
    if has_place or await work.bookings.has_live_namesake(course.id, user):
        raise AlreadyBooked(HAS_PLACE)


def _make_room(
    work: UnitOfWork, course: Course, actor: Actor, now: datetime, *, one_more: bool
) -> None:
    """Make sure of a free place, if need be by adding one. Raises BookingClosed, CourseFull."""
    state, is_full = state_of(course), not seats_of(course).left
    if not takes(state, now, Way.BY_HAND, makes_room=True):
        raise BookingClosed(OVER)
    if not is_full:
        return
    if not one_more:
        raise CourseFull(FULL)
    before = course.capacity
    course.capacity, course.version, course.updated_at = before + 1, course.version + 1, now
    record(work, course.id, "edited", actor, now, data={"capacity": [before, before + 1]})


def _booking_of(course: Course, user: User, wanted: NewBooking, now: datetime) -> Booking:
    price = wanted.pay.price(course.price)
    return Booking(
        id=new_id("bkg"),
        user_id=user.id,
        course_id=course.id,
        place=SeatState.HELD.value,
        price=price,
        currency=course.currency,
        promise=promise_of(Terms.from_json(course.terms), course.starts_at).to_json(),
        source=BookingSource.OPERATOR.value,
        note=clean_text(wanted.note, MAX_NOTE_LENGTH),
        list_price=course.price if course.price != price else None,
        created_at=now,
        updated_at=now,
    )


async def _take(locked: LockedBookingAndCourse, pay: PayPlan) -> None:
    """Confirm the place, or hold it until its day, and write down its money."""
    booking, course = locked.booking, locked.course
    if pay.how is PayHow.COMPLIMENTARY:
        await charge_nothing(locked, "Nothing to pay.", done="Free of charge.")
        locked.confirm("Free of charge, given by the school.")
        return
    if pay.how is PayHow.RECEIVED:
        day = pay.received_on or locked.today
        receive_payment(
            locked, booking.price, Handover(pay.method or Method.CASH, day, pay.reference)
        )
        locked.confirm("Paid by hand.")
        return
    how = Handover(pay.method or Method.TRANSFER, pay.due_on, pay.reference)
    expect_payment(locked, booking.price, how, "To be paid by hand.")
    if pay.how is PayHow.EXPECTED:
        locked.confirm("Confirmed on trust.")
        return
    assert pay.due_on is not None, "checked before"
    until = end_of_day(pay.due_on, course.timezone).astimezone(UTC)
    booking.reserved_until = min(until, course.starts_at)
    booking.hold_expires_at = hold_ends(until, course.starts_at, booking.reserved_until)
