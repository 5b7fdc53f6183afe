"""Money taken or given back by hand, under the lock of its booking, and what follows from it.

A row of `offline_payment` changes only here, so that the sums of the booking (`…_by_hand`) always
equal its rows. Amounts are in minor units of the booking's currency.
"""

from dataclasses import dataclass
from datetime import date

from coursebook.domain.amount_text import money_in_words
from coursebook.domain.balance import Balance, due_in, surplus_by_hand
from coursebook.domain.booking import LIVE, EndCause, SeatState
from coursebook.domain.booking_edits.offline_payment import (
    MOVES,
    Direction,
    Method,
    OfflineState,
)
from coursebook.domain.inbox import InboxKind, Resolution
from coursebook.domain.money import Money
from coursebook.errors import NotActionable
from coursebook.persistence.repositories.money_inbox import InboxEntryDraft
from coursebook.persistence.schema.columns import new_id
from coursebook.persistence.schema.tables import Booking, OfflinePayment
from coursebook.services.bookings.balance import balance_of, hand_money
from coursebook.services.locked_booking import LockedBooking, LockedBookingAndCourse
from coursebook.services.settlement.inbox_entries import close_entry, open_inbox_entry

PAID = "Nothing more is to come."
ENDED = "The place has ended: {why}."
RECORDED = "A payment was recorded; the rest is expected anew."
TOO_MUCH_BACK = "More was given back than would be left. Void what was given back first."
SUMS: dict[tuple[Direction, OfflineState], str] = {
    (Direction.IN, OfflineState.EXPECTED): "expected_by_hand",
    (Direction.IN, OfflineState.RECEIVED): "received_by_hand",
    (Direction.OUT, OfflineState.EXPECTED): "returned_by_hand",
    (Direction.OUT, OfflineState.RECEIVED): "returned_by_hand",
}
"""The sum of the booking that a row counts in; a void row counts nowhere."""


@dataclass(frozen=True)
class Handover:
    """How money is handed over. `on`: the day on which it is due, or was received."""

    method: Method
    on: date | None = None
    reference: str = ""
    note: str = ""


def expect_payment(locked: LockedBooking, amount: int, how: Handover, cause: str) -> OfflinePayment:
    """Write down money that is still to come; `how.on` is the day on which it is due."""
    return _add(locked, Direction.IN, OfflineState.EXPECTED, amount, how, cause=cause)


def receive_payment(locked: LockedBooking, amount: int, how: Handover) -> OfflinePayment:
    """Write down money that came. Call `after_receipt` next."""
    return _add(locked, Direction.IN, OfflineState.RECEIVED, amount, how, cause="Received by hand.")


def receive_expected(locked: LockedBooking, payment: OfflinePayment, how: Handover) -> None:
    """Write down that expected money came. Call `after_receipt` next. Raises NotActionable."""
    payment.method, payment.received_on = how.method.value, how.on
    payment.reference = how.reference or payment.reference
    payment.note = how.note or payment.note
    _move(locked, payment, OfflineState.RECEIVED, "Received by hand.")


async def give_back_by_hand(locked: LockedBooking, amount: int, cause: str) -> OfflinePayment:
    """Write down money that has to be given back by hand, and open its entry in the money inbox.

    Money goes back by card first: call this for the rest.
    """
    rows = await _rows(locked)
    taken = [p for p in rows if p.direction == Direction.IN and p.state == OfflineState.RECEIVED]
    how = Handover(Method(taken[-1].method) if taken else Method.OTHER)
    payment = _add(locked, Direction.OUT, OfflineState.EXPECTED, amount, how, cause=cause)
    draft = InboxEntryDraft(
        entry_key(payment),
        InboxKind.REFUND_BY_HAND,
        f"{money_in_words(amount, payment.currency)} has to be given back by hand. {cause}".strip(),
        booking_id=payment.booking_id,
        subject_id=payment.id,
        amount=amount,
        currency=payment.currency,
    )
    await locked.work.flush()
    await open_inbox_entry(locked.work, draft, actor=locked.actor, now=locked.now)
    return payment


async def mark_given_back(
    locked: LockedBooking, payment: OfflinePayment, on: date, *, note: str = ""
) -> None:
    """Write down that money was given back, and close its entry. Raises NotActionable."""
    payment.received_on, payment.note = on, note or payment.note
    _move(locked, payment, OfflineState.RECEIVED, "Given back by hand.")
    await _close_entry(locked, payment, Resolution.DONE, note)


async def void_payment(
    locked: LockedBookingAndCourse, payment: OfflinePayment, reason: str, due_on: date | None = None
) -> None:
    """Void a row. On a confirmed place a new expected row takes the stead of money from a student.

    `due_on` is the day on which that one is due. Raises NotActionable when the row is void, or less
    would be left than was given back.
    """
    booking = locked.booking
    is_received = payment.direction == Direction.IN and payment.state == OfflineState.RECEIVED
    if is_received and hand_money(booking).left < payment.amount:
        raise NotActionable(TOO_MUCH_BACK)
    payment.void_reason = reason
    _move(locked, payment, OfflineState.VOID, reason)
    if payment.direction == Direction.OUT:
        await _close_entry(locked, payment, Resolution.OBSOLETE)
    elif locked.place is SeatState.CONFIRMED:
        missing = await _due(locked) - booking.expected_by_hand
        if missing > 0:
            how = Handover(Method(payment.method), due_on or payment.due_on, payment.reference)
            expect_payment(locked, min(payment.amount, missing), how, "In place of a void one.")
    await settle_by_hand(locked)


async def void_expected(locked: LockedBooking, cause: str) -> list[OfflinePayment]:
    """Void all money that is still to come, and return its rows."""
    if not locked.booking.expected_by_hand:
        return []
    expected = [p for p in await _rows(locked) if _is_expected(p)]
    for payment in expected:
        payment.void_reason = cause
        _move(locked, payment, OfflineState.VOID, cause)
    return expected


async def carry_rest(locked: LockedBookingAndCourse, rest: int, how: Handover) -> None:
    """Let one expected row carry what is still to come, in the stead of all others."""
    if rest == locked.booking.expected_by_hand:
        return
    voided = await void_expected(locked, RECORDED)
    if rest > 0:
        days = [p.due_on for p in voided if p.due_on]
        due_on = min(days) if days else None
        reference = voided[-1].reference if voided else how.reference
        method = Method(voided[-1].method) if voided else how.method
        expect_payment(locked, rest, Handover(method, due_on, reference), RECORDED)


async def settle_by_hand(locked: LockedBookingAndCourse) -> None:
    """Void expected money that is no longer due, and give back by hand what is too much.

    Costs no query for a booking without money by hand.
    """
    booking = locked.booking
    if not booking.expected_by_hand and not booking.received_by_hand:
        return
    balance = await _balance(locked)
    if locked.place not in LIVE:
        await void_expected(locked, ENDED.format(why=_why(booking)))
    elif due_in(locked.place, _price(booking), balance) == 0:
        await void_expected(locked, PAID)
    is_over, kept = locked.place not in LIVE, booking.kept_amount or 0
    in_inbox = await locked.work.inbox.decided_of([booking.id]) if is_over else {}
    surplus = surplus_by_hand(locked.place, _price(booking), kept, balance, in_inbox)
    if surplus:
        cause = ENDED.format(why=_why(booking)) if is_over else "It is above the price."
        await give_back_by_hand(locked, surplus, cause)


async def end_place(locked: LockedBookingAndCourse, why: EndCause, cause: str) -> EndCause:
    """End the place with everything that it means for money by hand; return the recorded cause.

    What the school keeps by a decision (`kept_amount`) and refunds by card are written before.
    Raises IllegalMove.
    """
    recorded = locked.put_end(why, cause)
    await settle_by_hand(locked)
    return recorded


async def _due(locked: LockedBookingAndCourse) -> int:
    return due_in(locked.place, _price(locked.booking), await _balance(locked))


async def _balance(locked: LockedBookingAndCourse) -> Balance:
    work, booking = locked.work, locked.booking
    await work.flush()
    attempts = await work.attempts.of_booking(booking.id)
    return balance_of(booking, attempts, await work.refunds.of_booking(booking.id))


async def _rows(locked: LockedBooking) -> list[OfflinePayment]:
    await locked.work.flush()
    return await locked.work.offline_payments.of_booking(locked.booking.id)


def _add(
    locked: LockedBooking,
    direction: Direction,
    state: OfflineState,
    amount: int,
    how: Handover,
    *,
    cause: str,
) -> OfflinePayment:
    payment_id, is_expected = new_id("hnd"), state is OfflineState.EXPECTED
    payment = OfflinePayment(
        id=payment_id,
        booking_id=locked.booking.id,
        direction=direction.value,
        method=how.method.value,
        state=state.value,
        amount=amount,
        currency=locked.booking.currency,
        due_on=how.on if is_expected else None,
        received_on=None if is_expected else how.on,
        reference=how.reference,
        note=how.note,
        recorded_by=str(locked.actor)[:160],
        dedupe_key=payment_id,
        created_at=locked.now,
        changed_at=locked.now,
    )
    locked.work.offline_payments.add(payment)
    _count(locked.booking, payment, +1)
    locked.note_by_hand(payment, None, cause)
    return payment


def _move(locked: LockedBooking, payment: OfflinePayment, then: OfflineState, cause: str) -> None:
    before = OfflineState(payment.state)
    if then not in MOVES[before]:
        raise NotActionable(f"This payment is {before} already.")
    _count(locked.booking, payment, -1)
    payment.state, payment.changed_at = then.value, locked.now
    _count(locked.booking, payment, +1)
    locked.note_by_hand(payment, before.value, cause)


def _count(booking: Booking, payment: OfflinePayment, sign: int) -> None:
    name = SUMS.get((Direction(payment.direction), OfflineState(payment.state)))
    if name is not None:
        setattr(booking, name, getattr(booking, name) + sign * payment.amount)


async def _close_entry(
    locked: LockedBooking, payment: OfflinePayment, how: Resolution, note: str = ""
) -> None:
    entry = await locked.work.inbox.by_key(entry_key(payment))
    if entry is not None and entry.resolved_at is None:
        await close_entry(locked.work, entry, how, actor=locked.actor, now=locked.now, note=note)


def entry_key(payment: OfflinePayment) -> str:
    """Return the key of the inbox entry about money to be given back by hand."""
    return f"by-hand:{payment.id}"


def _is_expected(payment: OfflinePayment) -> bool:
    return payment.direction == Direction.IN and payment.state == OfflineState.EXPECTED


def _price(booking: Booking) -> Money:
    return Money(booking.price, booking.currency)


def _why(booking: Booking) -> str:
    return (booking.end_cause or "ended").replace("_", " ")
