"""Checks the invariants of seats and money, in our rows and against the sandbox's sessions."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from coursebook.domain.attempt import AttemptState
from coursebook.domain.booking import SeatState
from coursebook.domain.dispute import DisputeState
from coursebook.domain.refund import RefundState
from coursebook.persistence.schema.tables import (
    Attendance,
    AuditEntry,
    Booking,
    Course,
    Dispute,
    MoneyInboxEntry,
    OfflinePayment,
    OutboxMessage,
    PaymentAttempt,
    Refund,
    WaitingListEntry,
)
from coursebook.persistence.unit_of_work import reading
from tests.support.harness import Harness
from tests.support.stripe_objects import newest_sessions

PAID = AttemptState.SUCCEEDED.value


@dataclass(frozen=True)
class Books:
    """All rows of one product, read in one transaction."""

    courses: list[Course]
    bookings: list[Booking]
    attempts: list[PaymentAttempt]
    refunds: list[Refund]
    disputes: list[Dispute]
    inbox: list[MoneyInboxEntry]
    outbox: list[OutboxMessage]
    audit: list[AuditEntry]
    by_hand: list[OfflinePayment]
    attendances: list[Attendance]
    waiting: list[WaitingListEntry]

    def attempts_of(self, booking_id: str) -> list[PaymentAttempt]:
        return [a for a in self.attempts if a.booking_id == booking_id]

    def given_back(self, attempt: PaymentAttempt) -> int:
        counting = (r for r in self.refunds if r.attempt_id == attempt.id)
        return sum(r.amount for r in counting if RefundState(r.state).counts)


async def read_books(harness: Harness) -> Books:
    """Read every table as it is now."""
    tables: tuple[Any, ...] = (
        (Course, Course.id),
        (Booking, Booking.created_at),
        (PaymentAttempt, PaymentAttempt.number),
        (Refund, Refund.created_at),
        (Dispute, Dispute.created_at),
        (MoneyInboxEntry, MoneyInboxEntry.created_at),
        (OutboxMessage, OutboxMessage.created_at),
        (AuditEntry, AuditEntry.id),
        (OfflinePayment, OfflinePayment.created_at),
        (Attendance, Attendance.booking_id),
        (WaitingListEntry, WaitingListEntry.joined_at),
    )
    async with reading(harness.services.context.database) as work:
        rows = [
            list((await work.session.scalars(sa.select(table).order_by(order))).all())
            for table, order in tables
        ]
    return Books(*rows)


async def check_books(harness: Harness) -> Books:
    """Check all invariants of seats and money; return the rows."""
    books = await read_books(harness)
    check_places(books)
    check_waiting_lists(books)
    check_money(books)
    check_disputes(books)
    check_trail(books)
    if books.attempts:
        await check_pages(harness, books)
    return books


def check_places(books: Books) -> None:
    """Check that course counters match the live bookings and stay within the capacity."""
    counted = Counter((b.course_id, b.place) for b in books.bookings)
    for course in books.courses:
        held, confirmed = (
            counted[course.id, place.value] for place in (SeatState.HELD, SeatState.CONFIRMED)
        )
        assert (course.held, course.confirmed) == (held, confirmed), course.title
        assert held + confirmed <= course.capacity, course.title
    live = Counter(
        (b.user_id, b.course_id) for b in books.bookings if b.place in ("held", "confirmed")
    )
    assert all(count == 1 for count in live.values())


def check_waiting_lists(books: Books) -> None:
    """Check the counts of waiting lists, and that no place is free while somebody waits for it.

    An offered entry has a held place that is reserved, and only such entries do.
    """
    counted = Counter((e.course_id, e.state) for e in books.waiting)
    for course in books.courses:
        assert course.waiting == counted[course.id, "waiting"], course.title
        is_free = course.held + course.confirmed < course.capacity
        assert not (course.waiting and is_free), f"{course.title} has a free place for who waits"
    live = Counter((e.user_id, e.course_id) for e in books.waiting if e.ended_at is None)
    assert all(count == 1 for count in live.values())
    offers = {e.booking_id: e for e in books.waiting if e.booking_id}
    for booking in books.bookings:
        entry = offers.get(booking.id)
        assert (entry is not None) == (booking.source == "waiting"), booking.id
        if entry is None:
            continue
        if entry.state == "offered":
            assert booking.place == "held", (entry.id, booking.place)
            assert booking.reserved_until is not None
        else:
            assert not (booking.place == "held" and booking.reserved_until), entry.state


def check_money(books: Books) -> None:
    """Check that each succeeded payment is accounted for exactly once."""
    by_id = {b.id: b for b in books.bookings}
    paying: Counter[str] = Counter()
    for attempt in books.attempts:
        check_given_back(books, attempt)
        if attempt.state != PAID or not attempt.amount:
            continue
        booking = by_id[attempt.booking_id]
        homes = _homes(books, attempt, booking)
        assert len(homes) == 1, (booking.place, attempt.number, homes)
        paying[booking.id] += homes[0] == "confirmed"
    assert all(count <= 1 for count in paying.values()), "one seat was paid for twice"
    for booking in books.bookings:
        check_every_unit(books, booking)
        check_by_hand(books, booking)
        by_hand = booking.received_by_hand + booking.expected_by_hand
        is_confirmed = booking.place == SeatState.CONFIRMED.value
        if is_confirmed and booking.price > by_hand and not paying[booking.id]:
            is_explained = _asked(books, booking.id) or _given_back_by_choice(books, booking.id)
            assert is_explained, "confirmed without a payment or an inbox entry"


def check_every_unit(books: Books, booking: Booking) -> None:
    """Check that remaining money is the price, kept by a decision, or in the money inbox.

    Disputed payments and payments of another amount than we asked for are not counted.
    """
    keys = {e.dedupe_key for e in books.inbox}
    left = asked = 0
    for attempt in books.attempts_of(booking.id):
        differs = f"mismatch:{attempt.session_id}" in keys
        if attempt.state != PAID or attempt.is_disputed or differs:
            continue
        left += max(0, attempt.amount - books.given_back(attempt))
        mine = [r for r in books.refunds if r.attempt_id == attempt.id]
        asked += sum(r.amount for r in mine if f"refund-failed:{r.id}" in keys)
        asked += attempt.amount if _won_late(books, attempt) else 0
    is_confirmed = booking.place == SeatState.CONFIRMED.value
    stays = booking.price if is_confirmed else booking.kept_amount or 0
    stays = max(0, stays - booking.received_by_hand + booking.returned_by_hand)
    assert left <= stays + asked, f"{left} left, {stays} may stay, {asked} in the money inbox"


def check_by_hand(books: Books, booking: Booking) -> None:
    """Check that money by hand is a price, kept by a decision, or to be given back.

    A held place keeps at most its price; when its time to pay is over, an inbox entry asks.
    """
    rows = [row for row in books.by_hand if row.booking_id == booking.id]

    def total(direction: str, *states: str) -> int:
        return sum(r.amount for r in rows if r.direction == direction and r.state in states)

    received, returned = total("in", "received"), total("out", "expected", "received")
    sums = booking.received_by_hand, booking.returned_by_hand, booking.expected_by_hand
    assert sums == (received, returned, total("in", "expected"))
    may_stay = booking.price if booking.place in ("held", "confirmed") else booking.kept_amount or 0
    assert 0 <= received - returned <= may_stay, (booking.place, received, returned)
    if booking.place in ("held", "confirmed"):
        promised = received - returned + booking.expected_by_hand
        assert promised <= booking.price, "more is expected by hand than is due"
    keys = {e.dedupe_key for e in books.inbox if e.booking_id == booking.id and not e.resolved_at}
    for row in rows:
        is_asked = f"by-hand:{row.id}" in keys
        assert is_asked == (row.direction == "out" and row.state == "expected")
    if booking.place in ("cancelled", "expired"):
        assert booking.expected_by_hand == 0
    has_stopped = booking.place == "held" and booking.hold_expires_at is None
    is_processing = any(a.state == "processing" for a in books.attempts_of(booking.id))
    if has_stopped and received and not is_processing:
        assert f"part-paid:{booking.id}" in keys


def check_given_back(books: Books, attempt: PaymentAttempt) -> None:
    """Check that refunds never exceed the payment.

    A planned refund counts only once Stripe has been asked for it: somebody may refund the same
    money in Stripe's dashboard first, and then Stripe refuses ours. A payment whose amount at
    Stripe differs from ours is skipped.
    """
    mine = [r for r in books.refunds if r.attempt_id == attempt.id and r.stripe_refund_id]
    back = sum(r.amount for r in mine if RefundState(r.state).counts)
    differs = any(e.dedupe_key == f"mismatch:{attempt.session_id}" for e in books.inbox)
    assert differs or back <= attempt.amount, f"{back} refunded of {attempt.amount}"


def _homes(books: Books, attempt: PaymentAttempt, booking: Booking) -> list[str]:
    keys = {e.dedupe_key for e in books.inbox}
    mine = [r for r in books.refunds if r.attempt_id == attempt.id]
    if f"mismatch:{attempt.session_id}" in keys:
        return ["inbox"]
    if books.given_back(attempt) >= attempt.amount:
        return ["refund"]
    homes = ["confirmed"] if booking.place == SeatState.CONFIRMED.value else []
    in_inbox = sum(r.amount for r in mine if f"refund-failed:{r.id}" in keys)
    remainder = attempt.amount - books.given_back(attempt)
    if not homes or any(r.cause == "second_payment" for r in mine):
        homes = ["inbox"] if in_inbox and in_inbox >= remainder else []
    if not homes and attempt.is_disputed:
        homes = ["with the bank"]
    if not homes and _won_late(books, attempt):
        homes = ["inbox"]
    if not homes and booking.place == SeatState.CANCELLED.value and booking.confirmed_at:
        homes = ["kept by a decision"] if remainder <= (booking.kept_amount or 0) + in_inbox else []
    return homes


def _won_late(books: Books, attempt: PaymentAttempt) -> bool:
    mine = (e for e in books.inbox if e.attempt_id == attempt.id and e.resolution != "gone")
    return any(e.kind == "dispute_won_late" for e in mine)


def _asked(books: Books, booking_id: str) -> bool:
    return any(entry.booking_id == booking_id for entry in books.inbox)


def _given_back_by_choice(books: Books, booking_id: str) -> bool:
    """Whether an operator gave money back with a reason."""
    mine = (refund for refund in books.refunds if refund.booking_id == booking_id)
    return any(refund.asked_by and refund.reason for refund in mine)


def check_disputes(books: Books) -> None:
    """Check that a payment is flagged exactly while a dispute holds its money."""
    for attempt in books.attempts:
        mine = [DisputeState(d.state) for d in books.disputes if d.attempt_id == attempt.id]
        assert attempt.is_disputed == any(state.takes_money for state in mine)


def check_trail(books: Books) -> None:
    """Replay the audit trail and check that it gives every current state."""
    seen: dict[tuple[str, str], str | None] = defaultdict(lambda: None)
    for row in books.audit:
        if row.to_state is None or row.booking_id is None:
            continue
        key = (row.booking_id, row.subject)
        assert row.from_state == seen[key], f"no audit entry for a change of {row.subject}"
        assert row.actor
        seen[key] = row.to_state
    now = {(b.id, "booking"): b.place for b in books.bookings}
    now |= {(a.booking_id, f"attempt {a.number}"): a.state for a in books.attempts}
    now |= {(r.booking_id, f"refund {r.id}"): r.state for r in books.refunds}
    now |= {(d.booking_id, f"dispute {d.id}"): d.state for d in books.disputes}
    now |= {(b.booking_id, f"{b.direction} {b.id}"): b.state for b in books.by_hand}
    now |= {(a.booking_id, f"meeting {a.meeting_id}"): a.state for a in books.attendances}
    asked = [e for e in books.inbox if e.booking_id]
    now |= {(str(e.booking_id), f"inbox {e.id}"): _standing(e) for e in asked}
    assert dict(seen) == now


def _standing(entry: MoneyInboxEntry) -> str:
    return "closed" if entry.resolved_at else "open"


async def check_pages(harness: Harness, books: Books) -> None:
    """Check that a booking has at most one open session, and none unless its seat is held."""
    closing = {m.booking_id for m in books.outbox if m.kind == "close_session" and not m.done_at}
    places = {b.id: b.place for b in books.bookings}
    pages = [s["metadata"].get("booking_id") for s in await newest_sessions(harness, status="open")]
    for booking_id, count in Counter(page for page in pages if page in places).items():
        allowed = places[booking_id] == SeatState.HELD.value or booking_id in closing
        assert allowed, f"{booking_id} is {places[booking_id]} but has an open session"
        assert count == 1 or booking_id in closing, f"{count} open sessions for {booking_id}"
