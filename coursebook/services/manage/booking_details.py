"""Read one booking with everything that operators see of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from coursebook.domain.actor import actor_from
from coursebook.domain.balance import Balance
from coursebook.domain.booking import BookingSource, SeatState, number_of
from coursebook.domain.promise import Promise
from coursebook.domain.refund import RefundState
from coursebook.domain.rights import Permission, Rights
from coursebook.persistence.schema.tables import (
    Booking,
    Course,
    OfflinePayment,
    PaymentAttempt,
    Refund,
    User,
)
from coursebook.persistence.unit_of_work import UnitOfWork
from coursebook.services.bookings.balance import (
    balance_of,
    money_on_cancel,
    payment_status,
    received_money,
)
from coursebook.services.check_in.begun_meetings import attendance_of_booking
from coursebook.services.manage.booking_acts import acts_on
from coursebook.services.manage.booking_story import actors_in, story_of
from coursebook.services.manage.booking_views import (
    BookingMoneyView,
    ManagedBookingView,
    MoneyKind,
    MoneyLine,
    PersonView,
)
from coursebook.services.outbox.recipients import addresses_of
from coursebook.services.presenters import course_view, hold_end
from coursebook.services.views import MoneyView, TermStepView

IN, OUT, CARD = "in", "out", "card"


@dataclass(frozen=True)
class _Rows:
    """The rows of one booking."""

    booking: Booking
    course: Course
    attempts: list[PaymentAttempt]
    refunds: list[Refund]
    by_hand: Sequence[OfflinePayment]


async def managed_booking(
    work: UnitOfWork, booking: Booking, rights: Rights, now: datetime
) -> ManagedBookingView:
    """Return a booking as somebody with these rights may see it."""
    rows, user = await _rows(work, booking), await work.users.by_id(booking.user_id)
    assert user is not None, "rows are never deleted"
    course, meetings = rows.course, await work.meetings.all_of(rows.course.id)
    entries = await work.audit.of_booking(booking.id)
    mails = [
        mail  # a guest without an address gets none
        for mail in await work.outbox.mails_of(booking.id)
        if not user.is_guest or addresses_of(mail.payload, user, rows.attempts)
    ]
    asked_by = {actor_from(refund.asked_by).id for refund in rows.refunds} - {""}
    names = await work.users.names_of(actors_in(entries) | asked_by)
    sees_contacts = rights.allows(Permission.SEE_CONTACTS, course.id)
    sees_money = rights.allows(Permission.SEE_MONEY, course.id)
    money = _money(rows, names, now) if sees_money else None
    return ManagedBookingView(
        id=booking.id,
        number=number_of(booking.id),
        course=course_view(course, now, meetings),
        name=booking.participant_name or user.name,
        participant=_participant(booking, sees_contacts=sees_contacts),
        payer=_payer(user, sees_contacts=sees_contacts),
        place=SeatState(booking.place),
        end_cause=booking.end_cause or "",
        source=BookingSource(booking.source),
        booked_at=booking.created_at,
        confirmed_at=booking.confirmed_at,
        cancelled_at=booking.cancelled_at,
        hold_expires_at=hold_end(booking, course),
        reserved_until=booking.reserved_until,
        moved_from=booking.moved_from,
        promise=_promise(booking),
        free_cancel_until=booking.free_cancel_until,
        money=money,
        expect=money.kept if money else None,
        note=booking.note,
        tags=tuple(booking.tags),
        story=story_of(booking, entries, mails, names, sees_money=sees_money),
        acts=acts_on(booking, course, rows.attempts, _balance(rows), rights),
        attendance=await attendance_of_booking(work, course, meetings, booking.id, now),
    )


async def _rows(work: UnitOfWork, booking: Booking) -> _Rows:
    course = await work.courses.find(booking.course_id)
    assert course is not None, "rows are never deleted"
    return _Rows(
        booking,
        course,
        await work.attempts.of_booking(booking.id),
        await work.refunds.of_booking(booking.id),
        await work.offline_payments.of_booking(booking.id),
    )


def _balance(rows: _Rows) -> Balance:
    return balance_of(rows.booking, rows.attempts, rows.refunds)


def _promise(booking: Booking) -> tuple[TermStepView, ...]:
    shares = Promise.from_json(booking.promise).shares
    return tuple(TermStepView(share.until, share.percent) for share in shares)


def _participant(booking: Booking, *, sees_contacts: bool) -> PersonView | None:
    if not booking.participant_name and not booking.participant_email:
        return None
    email = booking.participant_email if sees_contacts else None
    return PersonView(booking.participant_name, email, "" if sees_contacts else None)


def _payer(user: User, *, sees_contacts: bool) -> PersonView:
    email, phone = (user.email, user.phone) if sees_contacts else (None, None)
    return PersonView(user.name, email, phone, is_guest=user.is_guest)


def _money(rows: _Rows, names: dict[str, str], now: datetime) -> BookingMoneyView:
    booking, balance = rows.booking, _balance(rows)
    promised = money_on_cancel(booking, rows.course, balance, now, by_operator=False)
    given_back = booking.returned_by_hand + sum(
        refund.amount
        for refund in rows.refunds
        if RefundState(refund.state).counts and refund.currency == booking.currency
    )

    def money(amount: int) -> MoneyView:
        return MoneyView(amount, booking.currency)

    return BookingMoneyView(
        payment_status=payment_status(booking, rows.attempts, rows.refunds),
        price=money(booking.price),
        list_price=None if booking.list_price is None else money(booking.list_price),
        received=money(balance.net_received + given_back),
        given_back=money(given_back),
        kept=money(balance.net_received),
        at_the_bank=money(balance.away),
        refundable=money(balance.ready),
        promised_now=money(promised.due),
        stays=money(booking.kept_amount or 0),
        stays_why=booking.kept_why,
        lines=_lines(rows, names),
    )


def _lines(rows: _Rows, names: dict[str, str]) -> tuple[MoneyLine, ...]:
    """Return every movement of money, oldest first."""
    lines = [
        *(_payment_line(attempt) for attempt in rows.attempts),
        *(_refund_line(refund, names) for refund in rows.refunds),
        *(_offline_line(payment) for payment in rows.by_hand),
    ]
    return tuple(sorted(lines, key=lambda line: line.at))


def _payment_line(attempt: PaymentAttempt) -> MoneyLine:
    return MoneyLine(
        kind=MoneyKind.PAYMENT,
        id=attempt.id,
        direction=IN,
        method=CARD,
        state=attempt.state,
        amount=MoneyView(*received_money(attempt)),
        at=attempt.taken_at or attempt.created_at,
        error=attempt.last_error or "",
        receipt_url=attempt.receipt_url or "",
        is_disputed=attempt.is_disputed,
        fee=_known(attempt.fee, received_money(attempt)[1]),
        net=_known(attempt.net, received_money(attempt)[1]),
        payout_id=attempt.payout_id or "",
    )


def _known(amount: int | None, currency: str) -> MoneyView | None:
    return None if amount is None else MoneyView(amount, currency)


def _refund_line(refund: Refund, names: dict[str, str]) -> MoneyLine:
    return MoneyLine(
        kind=MoneyKind.REFUND,
        id=refund.id,
        direction=OUT,
        method=CARD,
        state=refund.state,
        amount=MoneyView(refund.amount, refund.currency),
        at=refund.created_at,
        cause=refund.cause,
        reason=refund.reason,
        note=refund.note,
        by=names.get(actor_from(refund.asked_by).id, ""),
        error=refund.last_error or "",
        fee=_known(refund.fee, refund.currency),
        net=_known(None if refund.fee is None else -refund.amount - refund.fee, refund.currency),
        payout_id=refund.payout_id or "",
    )


def _offline_line(payment: OfflinePayment) -> MoneyLine:
    return MoneyLine(
        kind=MoneyKind.BY_HAND,
        id=payment.id,
        direction=payment.direction,
        method=payment.method,
        state=payment.state,
        amount=MoneyView(payment.amount, payment.currency),
        at=payment.created_at,
        reason=payment.void_reason,
        note=payment.note,
        reference=payment.reference,
        due_on=payment.due_on,
        received_on=payment.received_on,
    )
