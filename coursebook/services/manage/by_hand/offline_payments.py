"""Money that the school takes by hand: record it, void it, and list what is still expected."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import structlog

from coursebook.domain.actor import Actor
from coursebook.domain.amount_text import money_in_words
from coursebook.domain.attempt import AttemptState
from coursebook.domain.booking import SeatState, number_of
from coursebook.domain.booking_edits.manual_booking import (
    MAX_NOTE_LENGTH,
    MAX_REFERENCE_LENGTH,
)
from coursebook.domain.booking_edits.offline_payment import Direction, Method
from coursebook.domain.external_text import clean_line, clean_text
from coursebook.domain.money import MAX_AMOUNT
from coursebook.domain.rights import Permission, Rights
from coursebook.errors import (
    BookingNotFound,
    ChangedMeanwhile,
    FieldError,
    Invalid,
    NotActionable,
    PaymentNotFound,
    PaymentProviderError,
)
from coursebook.identity.principal import Principal
from coursebook.mail.kinds import MailKind
from coursebook.payments.gateway import GatewayError
from coursebook.persistence.repositories.offline_payments import LAST_DAY
from coursebook.persistence.schema.columns import ID_LENGTH
from coursebook.persistence.schema.tables import Booking, Course, OfflinePayment, User
from coursebook.persistence.unit_of_work import Answer, reading, writing
from coursebook.services.bookings.balance import balance_of
from coursebook.services.bookings.offline_payments import (
    Handover,
    receive_expected,
    receive_payment,
    void_payment,
)
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
from coursebook.services.manage.by_hand.receipts import after_receipt
from coursebook.services.pagination import read_cursor, write_cursor
from coursebook.services.settlement.holds import close_session
from coursebook.services.views import MoneyView

log = structlog.get_logger("coursebook.bookings")

MAX_ROUNDS = 4
MIN_KEPT = timedelta(minutes=5)
"""A hold stays at least this long while its payment page is closed for a receipt."""
MAX_REASON_LENGTH = 500
CURSOR = "expected:due_on"
UNCHANGED = (
    "We could not reach the payment service to close the payment page, so nothing was recorded. "
    "Please try again in a moment."
)
IS_OUT = "This is money to be given back: mark it as given back in the money inbox."


@dataclass(frozen=True)
class Receipt:
    """Money that came. `amount` in minor units; `expect` is what was kept before, as shown."""

    expect: MoneyView
    amount: int = 0
    method: Method = Method.CASH
    received_on: date | None = None
    reference: str = ""
    note: str = ""
    tell: bool = True


@dataclass(frozen=True)
class ExpectedPaymentView:
    """Money that is still to come. `place` is held or confirmed.

    `name` is "" for somebody who may not see people.
    """

    id: str
    booking_id: str
    number: str
    name: str
    course_id: str
    course_title: str
    place: SeatState
    amount: MoneyView
    method: Method
    due_on: date | None
    is_overdue: bool
    reference: str
    kept: MoneyView


@dataclass(frozen=True)
class ExpectedPage:
    """One page of expected money, the most overdue first."""

    items: tuple[ExpectedPaymentView, ...]
    next_cursor: str | None


class OfflinePayments:
    """The use cases. All raise Unauthenticated, Forbidden, RateLimited, Unavailable.

    Those about one booking raise BookingNotFound, also for one that the person may not see.
    """

    def __init__(self, context: Context, access: Access) -> None:
        self._context = context
        self._access = access

    async def expected(
        self, who: Principal | None, limit: int = 20, cursor: str | None = None
    ) -> ExpectedPage:
        """Return one page of the money that is still to come. Raises Invalid for a bad cursor."""
        rights = await self._access.rights_of(who)
        rights.require(Permission.SEE_MONEY)
        key, now = read_cursor(cursor, CURSOR), self._context.clock()
        after = (date.fromisoformat(key[0]), key[1]) if key else None
        async with reading(self._context.database) as work:
            rows = await work.offline_payments.expected_page(after, limit + 1)
            ids = [booking.id for _, booking, *_ in rows]
            attempts = await work.attempts.of_bookings(ids)
            refunds = await work.refunds.of_bookings(ids)
        items = []
        for row in rows[:limit]:
            booking = row[1]
            own = attempts.get(booking.id, []), refunds.get(booking.id, [])
            kept = balance_of(booking, *own).net_received
            view = _expected_view(row, kept, now)
            is_named = rights.allows(Permission.SEE_PEOPLE, booking.course_id)
            items.append(view if is_named else replace(view, name=""))
        last = rows[limit - 1][0] if len(rows) > limit else None
        last_day = ((last and last.due_on) or LAST_DAY).isoformat()
        next_cursor = write_cursor(CURSOR, last_day, last.id) if last else None
        return ExpectedPage(tuple(items), next_cursor)

    async def record(
        self, who: Principal | None, booking_id: str, receipt: Receipt
    ) -> ManagedBookingView:
        """Write down money that came for a booking.

        An open payment page is closed first. The place is confirmed when its price has come; what
        is too much has to be given back by hand. Raises Invalid with pointers, ChangedMeanwhile,
        PaymentProviderError (then nothing has changed).
        """
        if not 0 < receipt.amount <= MAX_AMOUNT:
            raise Invalid([FieldError("/amount", "Enter an amount above zero.")])
        return await self._receive(who, booking_id, receipt, None)

    async def mark_received(
        self, who: Principal | None, booking_id: str, payment_id: str, receipt: Receipt
    ) -> ManagedBookingView:
        """Write down that expected money came, all of it.

        Raises PaymentNotFound, NotActionable, Invalid, ChangedMeanwhile, PaymentProviderError.
        """
        return await self._receive(who, booking_id, receipt, payment_id)

    @again_if_moved
    async def void(
        self,
        who: Principal | None,
        booking_id: str,
        payment_id: str,
        reason: str,
        due_on: date | None = None,
    ) -> ManagedBookingView:
        """Void a row that was wrong. Money of a confirmed place is expected anew until `due_on`.

        Raises PaymentNotFound, NotActionable, Invalid with pointers.
        """
        actor, rights = await self._require(who, booking_id)
        text = clean_text(reason, MAX_REASON_LENGTH)
        if not text:
            raise Invalid([FieldError("/reason", "Say why, in a few words.")])
        async with writing(self._context.database) as work:
            locked = await lock_booking(work, booking_id, actor, self._context.clock())
            assert locked is not None, "it was there before"
            payment = await _payment(locked, payment_id)
            _check_due(locked, due_on)
            await void_payment(locked, payment, text, due_on)
            answer = self._read_last(locked, rights)
        log.info("by_hand.voided", booking=booking_id, payment=payment_id)
        return answer.value

    def _read_last(
        self, locked: LockedBookingAndCourse, rights: Rights
    ) -> Answer[ManagedBookingView]:
        """Read the booking at the end of its transaction."""
        work, booking, clock = locked.work, locked.booking, self._context.clock
        return work.read_last(lambda: managed_booking(work, booking, rights, clock()))

    async def _require(self, who: Principal | None, booking_id: str) -> tuple[Actor, Rights]:
        rights = await self._access.rights_of(who)
        rights.require(Permission.SEE_PEOPLE)
        assert who is not None, "has rights"
        async with reading(self._context.database) as work:
            booking = await booking_within(work, booking_id, rights)
        rights.require(Permission.MOVE_MONEY, booking.course_id)
        return rights.actor(who.user_id), rights

    @again_if_moved
    async def _receive(
        self, who: Principal | None, booking_id: str, receipt: Receipt, payment_id: str | None
    ) -> ManagedBookingView:
        actor, rights = await self._require(who, booking_id)
        for _ in range(MAX_ROUNDS):
            await self._close_pages(booking_id, actor)
            async with writing(self._context.database) as work:
                locked = await lock_booking(work, booking_id, actor, self._context.clock())
                if locked is None:
                    raise BookingNotFound
                attempts = await work.attempts.of_booking(booking_id)
                if any(a.state == AttemptState.OPEN.value for a in attempts):
                    continue  # opened since: close it too
                await _check_kept(locked, receipt.expect)
                await _write(locked, receipt, payment_id)
                answer = self._read_last(locked, rights)
            log.info("by_hand.recorded", booking=booking_id)
            return answer.value
        raise PaymentProviderError(UNCHANGED)

    async def _close_pages(self, booking_id: str, actor: Actor) -> None:
        """Close every open payment page at Stripe, without losing the place that it holds."""
        async with reading(self._context.database) as work:
            attempts = await work.attempts.of_booking(booking_id)
        pages = [
            str(a.session_id)
            for a in attempts
            if a.session_id and a.state == AttemptState.OPEN.value and not a.is_foreign
        ]
        if not pages:
            return
        async with writing(self._context.database) as work:
            locked = await lock_booking(work, booking_id, actor, self._context.clock())
            if locked is not None:
                _reserve(locked)
        for page in pages:
            try:
                await close_session(self._context, page, actor)
            except GatewayError as error:
                raise PaymentProviderError(UNCHANGED) from error


def _reserve(locked: LockedBookingAndCourse) -> None:
    """Let a held place outlive its payment page until the moment at which it ends anyway."""
    booking = locked.booking
    if locked.place is not SeatState.HELD or booking.reserved_until or not booking.hold_expires_at:
        return
    until = max(booking.hold_expires_at, locked.now + MIN_KEPT)
    booking.reserved_until = booking.hold_expires_at = min(until, locked.course.starts_at)


async def _check_kept(locked: LockedBookingAndCourse, expect: MoneyView) -> None:
    """Refuse when other money is there than was shown. Raises ChangedMeanwhile."""
    work, booking = locked.work, locked.booking
    attempts = await work.attempts.of_booking(booking.id)
    kept = balance_of(booking, attempts, await work.refunds.of_booking(booking.id)).net_received
    if (expect.amount, expect.currency) == (kept, booking.currency):
        return
    now = money_in_words(kept, booking.currency)
    raise ChangedMeanwhile(
        kept,
        booking.currency,
        f"Something has changed: {now} is there now. Nothing was recorded; please look again.",
    )


async def _write(locked: LockedBookingAndCourse, receipt: Receipt, payment_id: str | None) -> None:
    booking, day = locked.booking, receipt.received_on or locked.today
    if day > locked.today:
        raise Invalid([FieldError("/received_on", "This day has not come yet.")])
    how = Handover(
        receipt.method,
        day,
        clean_line(receipt.reference, MAX_REFERENCE_LENGTH),
        clean_text(receipt.note, MAX_NOTE_LENGTH),
    )
    was_held, expected_before = locked.place is SeatState.HELD, booking.expected_by_hand
    if payment_id is None:
        amount = receipt.amount
        receive_payment(locked, amount, how)
    else:
        payment = await _payment(locked, payment_id)
        if payment.direction == Direction.OUT:
            raise NotActionable(IS_OUT)
        amount = payment.amount
        receive_expected(locked, payment, how)
    await after_receipt(locked, expected_before, amount, how)
    is_confirmed_now = was_held and locked.place is SeatState.CONFIRMED
    if receipt.tell and not is_confirmed_now:  # else the confirmation tells it
        await locked.enqueue_mail(
            MailKind.PAYMENT_RECEIVED,
            occasion=f"{locked.now:%Y%m%d%H%M%S%f}",
            amount=amount,
            currency=booking.currency,
        )


async def _payment(locked: LockedBookingAndCourse, payment_id: str) -> OfflinePayment:
    payment = None
    if len(payment_id) <= ID_LENGTH:
        payment = await locked.work.offline_payments.find(payment_id)
    if payment is None or payment.booking_id != locked.booking.id:
        raise PaymentNotFound
    return payment


def _check_due(locked: LockedBookingAndCourse, due_on: date | None) -> None:
    course = locked.course
    last_day = course.starts_at.astimezone(ZoneInfo(course.timezone)).date()
    if due_on is not None and due_on > last_day:
        raise Invalid([FieldError("/due_on", "This is after the start of the course.")])


def _expected_view(
    row: tuple[OfflinePayment, Booking, User, Course], kept: int, now: datetime
) -> ExpectedPaymentView:
    payment, booking, user, course = row
    today = now.astimezone(ZoneInfo(course.timezone)).date()
    return ExpectedPaymentView(
        id=payment.id,
        booking_id=booking.id,
        number=number_of(booking.id),
        name=booking.participant_name or user.name,
        course_id=course.id,
        course_title=course.title,
        place=SeatState(booking.place),
        amount=MoneyView(payment.amount, payment.currency),
        method=Method(payment.method),
        due_on=payment.due_on,
        is_overdue=payment.due_on is not None and payment.due_on < today,
        reference=payment.reference,
        kept=MoneyView(kept, booking.currency),
    )
