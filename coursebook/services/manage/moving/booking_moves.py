"""Move a booking to another course: the same booking, its place, price and promise there."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import structlog

from coursebook.domain.actor import Actor
from coursebook.domain.admission import hold_ends
from coursebook.domain.attempt import AttemptState
from coursebook.domain.booking import SeatState
from coursebook.domain.booking_edits.manual_booking import MAX_REFERENCE_LENGTH
from coursebook.domain.booking_edits.move import PriceAfterMove
from coursebook.domain.booking_edits.offline_payment import Method
from coursebook.domain.external_text import clean_id, clean_line, mail_address
from coursebook.domain.rights import Permission, Rights
from coursebook.domain.seats import NoSeat
from coursebook.errors import (
    AlreadyBooked,
    BookingNotFound,
    CourseFull,
    CourseNotFound,
    FieldError,
    Invalid,
    PaymentProviderError,
)
from coursebook.identity.principal import Principal
from coursebook.mail.kinds import MailKind
from coursebook.payments.gateway import GatewayError
from coursebook.persistence.schema.columns import ID_LENGTH
from coursebook.persistence.schema.tables import Course, Meeting
from coursebook.persistence.unit_of_work import (
    Answer,
    SecondLiveBooking,
    UnitOfWork,
    reading,
    writing,
)
from coursebook.services.bookings.offline_payments import (
    Handover,
    expect_payment,
    give_back_by_hand,
    receive_payment,
    settle_by_hand,
    void_expected,
)
from coursebook.services.context import Context
from coursebook.services.locked_booking import (
    LockedBookingAndCourse,
    again_if_moved,
    lock_booking,
    lock_booking_and_target,
)
from coursebook.services.manage.access import Access
from coursebook.services.manage.booking_details import managed_booking
from coursebook.services.manage.booking_views import ManagedBookingView
from coursebook.services.manage.bookings import booking_within
from coursebook.services.manage.by_hand.receipts import due_now
from coursebook.services.manage.course_writes import record
from coursebook.services.manage.moving.move_rules import (
    FULL,
    HAS_PLACE,
    NOT_COME_YET,
    MoveRequest,
    PlannedMove,
    check_expected,
    check_move,
    is_refundable,
    price_after,
    read_move,
)
from coursebook.services.manage.moving.move_views import MoveChoice, MoveExpect, MovePreview
from coursebook.services.manage.moving.participants import NewParticipant, change_participant
from coursebook.services.outbox.move_mails import left_course
from coursebook.services.presenters import course_view
from coursebook.services.settlement.inbox_entries import close_resolved_entries
from coursebook.services.settlement.settle import settle
from coursebook.services.views import MoneyView, TermStepView

log = structlog.get_logger("coursebook.bookings")

CAUSE = "Moved by the school."
MOVED_BY_HAND = "The other course costs less."
MOVED_REFUND = "moved"
"""The cause of a refund of the difference."""
UNREACHABLE = (
    "We could not ask the payment service whether this place is being paid. Nothing has changed; "
    "please try again."
)


class BookingMoves:
    """The use cases. All raise Unauthenticated, Forbidden, RateLimited, Unavailable.

    All raise BookingNotFound, also for a booking on a course that the person may not see.
    """

    def __init__(self, context: Context, access: Access) -> None:
        self._context = context
        self._access = access

    async def preview_move(
        self, who: Principal | None, booking_id: str, request: MoveRequest
    ) -> MovePreview:
        """Return what a move would do. Nothing is written.

        Raises what `move` raises, but for the sums that are expected and a missing decision.
        """
        await self._rights(who, booking_id, request.course_id)
        now = self._context.clock()
        async with reading(self._context.database) as work:
            booking = await work.bookings.find(booking_id)
            assert booking is not None, "rows are never deleted"
            source = await work.courses.find(booking.course_id)
            target = await work.courses.find(request.course_id)
            assert source is not None, "rows are never deleted"
            assert target is not None, "found before"
            move = await read_move(work, booking, (source, target), request, now)
            check_move(move)
            if request.difference is not None:
                price_after(move)
            user = await work.users.by_id(booking.user_id)
            meetings = await work.meetings.all_of(target.id)
        assert user is not None, "rows are never deleted"
        addresses = [mail_address(a) for a in (user.email, booking.participant_email)]
        mails = tuple(dict.fromkeys(filter(None, addresses)))
        return _preview(move, mails, meetings)

    async def move(
        self, who: Principal | None, booking_id: str, request: MoveRequest
    ) -> ManagedBookingView:
        """Move a booking, with the refund of a difference and the mail, in one transaction.

        An open payment page of a held place is settled first. Raises CourseNotFound for the other
        course, NotMovable, CourseFull, AlreadyBooked, Invalid (the difference is not decided, or
        no sums are expected), ChangedMeanwhile, Disputed, PaymentProviderError; then nothing has
        changed.
        """
        rights = await self._rights(who, booking_id, request.course_id)
        assert who is not None, "somebody has rights"
        actor = rights.actor(who.user_id)
        await self._settle_open_pages(booking_id, actor)
        try:
            view = await self._move(booking_id, request, actor, rights)
        except NoSeat:
            raise CourseFull(FULL) from None
        except SecondLiveBooking:
            raise AlreadyBooked(HAS_PLACE) from None
        log.info("booking.moved", booking=booking_id, course=request.course_id)
        return view

    async def change_person(
        self, who: Principal | None, booking_id: str, person: NewParticipant
    ) -> ManagedBookingView:
        """Enter another participant of a confirmed place, who gets the confirmation.

        Raises Invalid, and NotActionable for a place that is not confirmed.
        """
        cleaned = person.cleaned()
        rights = await self._rights(who, booking_id)
        assert who is not None, "somebody has rights"
        view = await self._change_person(booking_id, cleaned, rights.actor(who.user_id), rights)
        log.info("booking.handed_on", booking=booking_id)
        return view

    @again_if_moved
    async def _change_person(
        self, booking_id: str, person: NewParticipant, actor: Actor, rights: Rights
    ) -> ManagedBookingView:
        async with writing(self._context.database) as work:
            locked = await lock_booking(work, booking_id, actor, self._context.clock())
            payer = await work.users.by_id(locked.booking.user_id) if locked else None
            if locked is None or payer is None:
                raise BookingNotFound
            await change_participant(locked, payer, person)
            answer = self._read_last(locked, rights)
        return answer.value

    def _read_last(
        self, locked: LockedBookingAndCourse, rights: Rights
    ) -> Answer[ManagedBookingView]:
        """Read the booking at the end of its transaction."""
        work, booking, clock = locked.work, locked.booking, self._context.clock
        return work.read_last(lambda: managed_booking(work, booking, rights, clock()))

    async def _rights(
        self, who: Principal | None, booking_id: str, course_id: str | None = None
    ) -> Rights:
        """Return the rights of a person who may change this booking, and move it to this course."""
        rights = await self._access.rights_of(who)
        rights.require(Permission.CHANGE_BOOKINGS)
        async with reading(self._context.database) as work:
            booking = await booking_within(work, booking_id, rights)
            is_id = clean_id(course_id, ID_LENGTH) is not None
            target = await work.session.get(Course, course_id) if is_id else None
        rights.require(Permission.CHANGE_BOOKINGS, booking.course_id)
        if course_id is None:
            return rights
        if target is None:
            raise CourseNotFound
        rights.require(Permission.CHANGE_BOOKINGS, target.id)
        return rights

    async def _settle_open_pages(self, booking_id: str, actor: Actor) -> None:
        """Ask Stripe about the pages of a held place: they may have ended a moment ago."""
        async with reading(self._context.database) as work:
            booking = await work.bookings.find(booking_id)
            attempts = await work.attempts.of_booking(booking_id)
        if booking is None or booking.place != SeatState.HELD.value:
            return
        for attempt in attempts:
            if attempt.session_id and not AttemptState(attempt.state).is_final:
                try:
                    await settle(self._context, attempt.session_id, actor=actor)
                except GatewayError as error:
                    raise PaymentProviderError(UNREACHABLE) from error

    @again_if_moved
    async def _move(
        self, booking_id: str, request: MoveRequest, actor: Actor, rights: Rights
    ) -> ManagedBookingView:
        async with writing(self._context.database) as work:
            now = self._context.clock()
            both = await lock_booking_and_target(work, booking_id, request.course_id, actor, now)
            if both is None:
                raise BookingNotFound
            locked, target = both
            rights.require(Permission.CHANGE_BOOKINGS, locked.course.id)
            move = await read_move(work, locked.booking, (locked.course, target), request, now)
            check_move(move)
            check_expected(move)
            after = price_after(move)
            if after.give_back or after.to_record:
                rights.require(Permission.MOVE_MONEY, locked.course.id)
            await carry_out(locked, move, after)
            answer = self._read_last(locked, rights)
        return answer.value


async def carry_out(
    locked: LockedBookingAndCourse, move: PlannedMove, after: PriceAfterMove
) -> None:
    """Move a booking whose courses are locked. Raises NoSeat, Invalid."""
    booking, source, target, work = locked.booking, locked.course, move.target, locked.work
    meetings = await work.meetings.of_course(source.id)
    promised, difference = move.promise, _decided(move)
    if move.makes_place:
        _make_place(work, target, locked.actor, locked.now)
    data = {"from": source.id, "to": target.id, "title": source.title, "wish": move.request.wish}
    moved = locked.move_to(
        target, CAUSE, **data, prices=[booking.price, after.price], given_back=after.give_back
    )
    left = {"booking": booking.id, "title": target.title}
    record(work, source.id, "left", locked.actor, locked.now, data=left)
    booking.price = after.price
    booking.list_price = None if after.price == target.price else target.price
    booking.promise = promised.promise.to_json()
    booking.free_cancel_until = promised.free_cancel_until
    if booking.hold_expires_at is not None:
        booking.hold_expires_at = hold_ends(booking.hold_expires_at, target.starts_at)
    if booking.reserved_until is not None:
        booking.reserved_until = min(booking.reserved_until, target.starts_at)
    if after.to_record:
        receive_payment(moved, after.to_record, _paid(moved, move))
    await _give_back(moved, move, after.give_back)
    await _expect_anew(moved)
    await work.flush()
    await moved.enqueue_mail(
        MailKind.MOVED,
        occasion=f"{target.id}-{locked.now.isoformat()}",
        course_id=target.id,
        left=left_course(source, meetings),
        given_back=after.give_back,
        recorded=after.to_record,
        difference=difference,
    )
    await close_resolved_entries(moved)


def _decided(move: PlannedMove) -> str:
    """Return the decision about the difference, "" where there was none to make."""
    difference = move.request.difference
    return difference.value if difference is not None and difference in move.prices.outcomes else ""


def _paid(locked: LockedBookingAndCourse, move: PlannedMove) -> Handover:
    """Return how the difference came. Raises Invalid for a day that has not come yet."""
    paid = move.request.paid
    day = paid.on or locked.today
    if day > locked.today:
        raise Invalid([FieldError("/payment/received_on", NOT_COME_YET)])
    reference = clean_line(paid.reference, MAX_REFERENCE_LENGTH)
    return Handover(paid.method, day, reference)


def _make_place(work: UnitOfWork, course: Course, actor: Actor, now: datetime) -> None:
    """Add one place to a locked course, as an edit of it."""
    data = {"capacity": [course.capacity, course.capacity + 1]}
    course.capacity += 1
    course.version += 1
    course.updated_at, course.updated_by = now, str(actor)[:160]
    record(work, course.id, "edited", actor, now, data=data)


async def _give_back(locked: LockedBookingAndCourse, move: PlannedMove, amount: int) -> None:
    """Give back the difference: of one payment, or of several when one is too small.

    What no card takes was paid by hand, and has to be given back by hand.
    """
    free = sorted(move.balance.free.items(), key=lambda item: -item[1])
    payments = {attempt.id: attempt for attempt in move.attempts}
    for attempt_id, left in free:
        part = min(amount, left)
        if part:
            await locked.enqueue_refund(payments[attempt_id], part, MOVED_REFUND)
            amount -= part
    if amount:
        await give_back_by_hand(locked, amount, MOVED_BY_HAND)


async def _expect_anew(locked: LockedBookingAndCourse) -> None:
    """Void money that was expected for the course before, and expect what is due now."""
    for payment in (await void_expected(locked, CAUSE))[:1]:
        due = await due_now(locked)
        if due:
            last_day = locked.course.starts_at.astimezone(ZoneInfo(locked.course.timezone)).date()
            due_on = min(payment.due_on, last_day) if payment.due_on else None
            how = Handover(Method(payment.method), due_on, payment.reference)
            expect_payment(locked, due, how, CAUSE)
    await settle_by_hand(locked)


def _preview(move: PlannedMove, mails: tuple[str, ...], meetings: Sequence[Meeting]) -> MovePreview:
    booking, prices = move.booking, move.prices
    after = prices.after(move.request.difference)

    def money(amount: int) -> MoneyView:
        return MoneyView(amount, booking.currency)

    shares = move.promise.whole.ahead_until(move.now, move.target.starts_at)
    return MovePreview(
        course=course_view(move.target, move.now, meetings),
        choices=tuple(
            MoveChoice(
                difference,
                money(outcome.price),
                money(outcome.give_back),
                money(outcome.to_record),
            )
            for difference, outcome in prices.outcomes.items()
            if not outcome.give_back or is_refundable(move, outcome.give_back)
        ),
        price=None if after is None else money(after.price),
        give_back=money(after.give_back if after else 0),
        to_record=money(after.to_record if after else 0),
        makes_place=move.makes_place,
        promise=tuple(TermStepView(share.until, share.percent) for share in shares),
        mails=mails,
        expect=MoveExpect(
            move.balance.net_received, booking.currency, after.price if after else None
        ),
    )
