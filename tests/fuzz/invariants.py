"""Invariants checked after each step of a fuzz run, in addition to `booking_invariants`.

Each restates a row of the settlement table (docs/architecture.md), so that a broken row fails at
once and not only when the final sums differ.
"""

import json
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from coursebook.domain.attempt import AttemptState
from coursebook.domain.booking import LIVE, EndCause, SeatEvent, SeatState
from coursebook.persistence.schema.tables import (
    Booking,
    Course,
    CourseStatus,
    PaymentAttempt,
    WaitingListEntry,
)
from tests.support.booking_invariants import Books

HELD, EXPIRED, CONFIRMED, CANCELLED = (
    place.value
    for place in (SeatState.HELD, SeatState.EXPIRED, SeatState.CONFIRMED, SeatState.CANCELLED)
)
OVER = {AttemptState.EXPIRED.value, AttemptState.FAILED.value}
LATE = "late_payment"
SECOND = timedelta(seconds=1)
BY_TERMS = "terms"


@dataclass(frozen=True)
class Step:
    """The database before and after a step, and the open sessions at Stripe.

    `choices`: by booking, what operators chose to give back on cancelling it.
    """

    before: Books
    after: Books
    open_pages: list[dict[str, Any]]
    forgotten: set[str]
    has_paused_actions: bool
    choices: dict[str, list[Any]]


def check_step(step: Step) -> None:
    """Check every invariant that holds after each step."""
    check_holds(step.after)
    check_waiting(step.after)
    check_turns(step)
    check_late_money(step)
    check_no_place_on_a_closed_course(step)
    check_starts(step)
    check_ends(step)
    check_given_back_for(step)
    check_cancelled(step)
    check_promised(step)
    check_promises(step.after)
    if not step.has_paused_actions:
        check_open_pages(step)


def check_turns(step: Step) -> None:
    """Nobody is offered a place while somebody before them waits, and no turn ends too late."""
    before = {entry.id: entry.state for entry in step.before.waiting}
    for entry in step.after.waiting:
        if entry.state != "offered" or before.get(entry.id) == "offered":
            continue
        for other in step.after.waiting:
            if other.course_id == entry.course_id and other.state == "waiting":
                earlier = _turn(other) < _turn(entry)
                assert not earlier, f"{entry.id} is offered before {other.id}"
        starts = _moment(_course(step.after, entry.course_id).starts_at)
        until = _moment(entry.offer_until)
        assert until <= starts - timedelta(hours=6) or _moved(step, entry.course_id)


def _turn(entry: WaitingListEntry) -> tuple[int, datetime, str]:
    return (-entry.priority, entry.joined_at, entry.id)


def _moved(step: Step, course_id: str) -> bool:
    return _course(step.before, course_id).starts_at != _course(step.after, course_id).starts_at


def check_holds(books: Books) -> None:
    """A seat is held only while its session can be paid or an inbox entry is open."""
    for booking in books.bookings:
        attempts = books.attempts_of(booking.id)
        if booking.reserved_until or booking.received_by_hand:
            continue  # held without a page, or until somebody decides
        if booking.place == HELD and all(a.session_id and a.state in OVER for a in attempts):
            raise AssertionError(f"{booking.id} is held without an open session")


def check_waiting(books: Books) -> None:
    """A hold does not expire while a payment is processing."""
    processing = {a.booking_id for a in books.attempts if a.state == "processing"}
    for booking in books.bookings:
        if booking.place == HELD and booking.id in processing:
            assert booking.hold_expires_at is None, (
                "the hold has an end while a payment is processing"
            )
            given = [a.taken_at for a in books.attempts_of(booking.id) if a.state == "processing"]
            starts = _course(books, booking.course_id).starts_at
            in_time = any(at is not None and at < starts for at in given)
            assert in_time, "held for a debit authorised after the start"


def check_late_money(step: Step) -> None:
    """A late payment takes a free seat, and is refunded only when none is left."""
    refund_ids = {r.id for r in step.before.refunds}
    for refund in step.after.refunds:
        if refund.id in refund_ids or refund.cause != LATE:
            continue
        booking = _booking(step.after, refund.booking_id)
        full = any(_is_shut(books, booking.course_id) for books in (step.before, step.after))
        has_another = any(_lives_elsewhere(b, booking) for b in (step.before, step.after))
        assert full or has_another, "a late payment was refunded although a seat was free"


def check_no_place_on_a_closed_course(step: Step) -> None:
    """No seat is confirmed on a cancelled course."""
    for booking in _newly(step, CONFIRMED):
        assert not _is_off(step.before, booking), "a seat was confirmed on a cancelled course"


def check_starts(step: Step) -> None:
    """Only money taken before the start confirms a seat, and no hold outlasts the start."""
    books = step.after
    for booking in _newly(step, CONFIRMED):
        paid = [a for a in books.attempts_of(booking.id) if a.state == "succeeded" and a.amount]
        starts = _course(books, booking.course_id).starts_at
        in_time = any(a.taken_at is not None and a.taken_at < starts for a in paid)
        by_hand = booking.received_by_hand + booking.expected_by_hand
        is_paid = in_time or booking.price <= by_hand
        assert is_paid, "a payment after the start confirmed a seat"
    held = {b.id for b in step.before.bookings if b.place == HELD}
    for booking in (b for b in books.bookings if b.id in held):
        if any(_came_in_time(step, a) for a in books.attempts_of(booking.id)):
            assert booking.place == CONFIRMED, f"{booking.place} after a timely payment"
    for booking in books.bookings:
        ends, starts = booking.hold_expires_at, _course(books, booking.course_id).starts_at
        assert ends is None or ends <= starts, "the hold ends after the start"


def _came_in_time(step: Step, attempt: PaymentAttempt) -> bool:
    """Return whether this step recorded a matching payment that was taken before the start."""
    books, booking = step.after, _booking(step.after, attempt.booking_id)
    paid_before = {a.id for a in step.before.attempts if a.state == "succeeded"}
    keys = {entry.dedupe_key for entry in books.inbox}
    is_off = any(_is_off(each, booking) for each in (step.before, books))
    return (
        attempt.state == "succeeded"
        and attempt.id not in paid_before
        and attempt.taken_at is not None
        and attempt.taken_at < _course(books, booking.course_id).starts_at
        and f"mismatch:{attempt.session_id}" not in keys
        and not is_off
    )


def check_ends(step: Step) -> None:
    """A lost seat has a cause, and none is lost while a timely payment is processing."""
    books = step.after
    for booking in books.bookings:
        why = booking.end_cause
        assert (why is None) == (SeatState(booking.place) in LIVE), (
            f"{booking.place} because of {why}"
        )
        if why is not None:
            is_cancelled = EndCause(why).event is SeatEvent.CANCEL
            assert is_cancelled == (booking.place == CANCELLED), f"{booking.place} and {why}"
    for booking in [*_newly(step, EXPIRED), *_newly(step, CANCELLED)]:
        if _is_off(step.before, booking) and _is_off(step.after, booking):
            assert booking.end_cause == EndCause.COURSE_CANCELLED.value, booking.end_cause
            continue
        starts = _course(books, booking.course_id).starts_at
        for attempt in books.attempts_of(booking.id):
            given = attempt.taken_at if attempt.state == "processing" else None
            is_forgotten = attempt.session_id in step.forgotten
            is_off = _is_off(step.before, booking) or _is_off(step.after, booking)
            assert given is None or given >= starts or is_forgotten or is_off, (
                "the seat was lost while a timely debit was processing"
            )


def check_given_back_for(step: Step) -> None:
    """The stated reason of each refund is true."""
    refund_ids = {r.id for r in step.before.refunds}
    attempts = {a.id: a for a in step.after.attempts}
    for refund in (r for r in step.after.refunds if r.id not in refund_ids):
        booking, taken_at = (
            _booking(step.after, refund.booking_id),
            attempts[refund.attempt_id].taken_at,
        )
        starts = _course(step.after, booking.course_id).starts_at
        is_off = any(_is_off(books, booking) for books in (step.before, step.after))
        assert attempts[refund.attempt_id].state == "succeeded", "a refund without a payment"
        if refund.cause in ("started_payment", "course_cancelled_payment"):
            tried = step.after.attempts_of(booking.id)
            waits = any(a.state == "processing" for a in tried)
            assert booking.place != HELD or waits, (
                "the payment is refunded but the seat is confirmed"
            )
        if refund.cause == "started_payment":
            assert taken_at is not None, "a payment without Stripe's time"
            assert taken_at >= starts, "refunded as too late, but it was in time"
        if refund.cause == "course_cancelled_payment":
            assert is_off, "refunded for a cancelled course that is not cancelled"
        if refund.cause == LATE:
            assert taken_at is None or taken_at < starts, (
                'a payment after the start was refunded as "no place"'
            )


def check_cancelled(step: Step) -> None:
    """A cancelled booking is refunded as promised for that moment, and the kept amount is recorded.

    Earlier refunds of the price count; disputed money waits for the bank.
    """
    were = {b.id: b for b in step.before.bookings}
    for booking in step.after.bookings:
        was = were.get(booking.id)
        by_whom = (EndCause.STUDENT.value, EndCause.OPERATOR.value)
        is_new = was is not None and was.place == CONFIRMED and booking.place == CANCELLED
        if is_new and booking.end_cause == EndCause.COURSE_CANCELLED.value:
            assert (booking.kept_amount or 0) == 0, "the school keeps money of a cancelled course"
        if not is_new or booking.end_cause not in by_whom:
            continue
        kept, away = _kept_before(step.after, booking)
        kept += was.received_by_hand - was.returned_by_hand
        share = share_at(was, booking.cancelled_at)
        goodwill = max(0, booking.price - kept)
        due = min(max(booking.price * share // 100 - goodwill, 0), kept)
        counted = min(kept, booking.price)
        promised, everything = (min(due, kept - away), counted - due), (kept - away, 0)
        sums = {"all": everything, "none": (0, counted), "terms": promised}
        allowed = [promised]
        if booking.end_cause == EndCause.OPERATOR.value:
            allowed = [everything]
            for choice in step.choices.get(booking.id, []):
                amount = choice["amount"] if isinstance(choice, dict) else 0
                allowed.append(sums.get(str(choice), (amount, max(0, counted - amount))))
        elif _is_called_off(step, booking):
            allowed = [everything]
        mine = [r for r in step.after.refunds if r.booking_id == booking.id]
        now = sum(r.amount for r in mine if r.cause == "cancelled")
        now += booking.returned_by_hand - was.returned_by_hand
        stays = booking.kept_amount or 0
        assert (now, stays) in allowed, f"{now} refunded and {stays} kept, not {allowed}"
        assert bool(booking.kept_why) == bool(stays), "a kept amount needs a reason"
        is_by_terms = booking.kept_why == BY_TERMS
        assert not stays or is_by_terms == (stays == promised[1]), booking.kept_why


def _kept_before(books: Books, booking: Booking) -> tuple[int, int]:
    """Return the balance of a booking when it was cancelled, and its disputed part."""
    ended, keys = booking.cancelled_at, {e.dedupe_key for e in books.inbox}
    kept = away = 0
    for attempt in books.attempts_of(booking.id):
        differs = f"mismatch:{attempt.session_id}" in keys
        if attempt.state != AttemptState.SUCCEEDED.value or differs:
            continue
        back = sum(
            r.amount
            for r in books.refunds
            if r.attempt_id == attempt.id and r.cause != "cancelled" and r.state != "failed"
        )
        left = max(0, attempt.amount - back)
        kept += left
        away += left if attempt.is_disputed else 0
    assert ended is not None, "cancelled, and nobody knows when"
    return kept, away


def check_promised(step: Step) -> None:
    """A new hold has the terms of its course, and no edit makes a promise worse."""
    before = {b.id: b for b in step.before.bookings}
    audited = {entry.id for entry in step.before.audit}
    anew = {
        entry.booking_id
        for entry in step.after.audit
        if entry.event == "hold_again" and entry.id not in audited
    }
    for booking in step.after.bookings:
        was, course = before.get(booking.id), _course(step.after, booking.course_id)
        start, is_new = _moment(course.starts_at), booking.id in anew or booking.id not in before
        if is_new and not step.has_paused_actions:
            assert _shares(booking.promise) == _shares_of(course), "not the terms of the course"
        if is_new or was is None or SeatState(booking.place) not in LIVE:
            continue
        if (was.promise, was.free_cancel_until) == (booking.promise, booking.free_cancel_until):
            continue
        assert _shares(was.promise) <= _shares(booking.promise), "a moment was taken off"
        for until, _ in _shares(booking.promise):
            for at in (until, until + SECOND):
                assert at >= start or share_at(booking, at) >= share_at(was, at), "a worse promise"
        free = booking.free_cancel_until
        assert free is None or _moment(free) <= start, "free of charge beyond the start"


def share_at(booking: Booking, at: Any) -> int:
    """Return the percentage that was promised for this time, by the rows alone."""
    assert at is not None, "cancelled, and nobody knows when"
    moment, free = _moment(at), booking.free_cancel_until
    if free is not None and moment <= _moment(free):
        return 100
    return max(
        (percent for until, percent in _shares(booking.promise) if moment <= until), default=0
    )


def _shares(promise: Any) -> set[tuple[datetime, int]]:
    steps = promise if isinstance(promise, list) else json.loads(promise)
    return {(_moment(step["until"]), step["percent"]) for step in steps}


def _shares_of(course: Course) -> set[tuple[datetime, int]]:
    start = _moment(course.starts_at)
    terms = course.terms if isinstance(course.terms, list) else json.loads(course.terms)
    return {(start - timedelta(hours=step["hours_before"]), step["percent"]) for step in terms}


def _moment(stored: Any) -> datetime:
    """Return a time in UTC, also if it was read without the table's types."""
    read = datetime.fromisoformat(stored) if isinstance(stored, str) else stored
    return read.replace(tzinfo=UTC) if read.tzinfo is None else read


def _is_called_off(step: Step, booking: Booking) -> bool:
    courses = [*step.before.courses, *step.after.courses]
    mine = [c for c in courses if c.id == booking.course_id]
    return any(c.status == CourseStatus.CANCELLED.value for c in mine)


def check_promises(books: Books) -> None:
    """Every change that needs a mail has it in the outbox at once."""
    promised = Counter((m.booking_id, m.kind) for m in books.outbox)
    for booking in books.bookings:
        if booking.confirmed_at:
            mails = ("mail:booked", "mail:booked_by_school")
            assert any(promised[booking.id, mail] for mail in mails), "confirmed without a mail"
    for refund in books.refunds:
        if refund.cause.endswith("_payment"):
            kinds = {f"mail:{refund.cause}_refunded"}
            if refund.cause == "course_cancelled_payment":
                kinds.add("mail:course_cancelled")  # the one mail tells of the money too
            assert any(promised[refund.booking_id, kind] for kind in kinds), refund.cause
        if refund.cause == "moved":
            assert promised[refund.booking_id, "mail:moved"], "money went back without a mail"


def check_open_pages(step: Step) -> None:
    """A booking has at most one open session, and none once it has ended (unless closing)."""
    books = step.after
    closing = {m.booking_id for m in books.outbox if m.kind == "close_session" and not m.done_at}
    pages = [p for p in step.open_pages if p["id"] not in step.forgotten]
    count = Counter(page["metadata"]["booking_id"] for page in pages)
    for booking_id, number in count.items():
        if booking_id in closing:
            continue
        place = _booking(books, booking_id).place
        assert place == HELD, f"{booking_id} is {place} but has an open session"
        assert number == 1, f"{number} open sessions for {booking_id}"


def check_amount(books: Books, attempt: PaymentAttempt, session: dict[str, Any]) -> None:
    """A payment has the amount that we asked for, or an inbox entry."""
    came = (session["amount_total"], session["currency"])
    asked = (attempt.amount, attempt.currency)
    keys = {entry.dedupe_key for entry in books.inbox}
    assert came == asked or f"mismatch:{session['id']}" in keys, f"{came} paid, {asked} asked"


def check_strangers(books: Books, strangers: dict[str, bool]) -> None:
    """A payment without a booking has an inbox entry exactly if it has our metadata."""
    asked = {e.session_id for e in books.inbox if e.dedupe_key.startswith("orphan:")}
    assert asked == {session_id for session_id, is_ours in strangers.items() if is_ours}


def _booking(books: Books, booking_id: str) -> Booking:
    return next(b for b in books.bookings if b.id == booking_id)


def _course(books: Books, course_id: str) -> Course:
    return next(c for c in books.courses if c.id == course_id)


def _is_off(books: Books, booking: Booking) -> bool:
    return _course(books, booking.course_id).status != CourseStatus.PUBLISHED.value


def _newly(step: Step, place: str) -> list[Booking]:
    """Return the bookings whose seat reached this state in this step."""
    were = {b.id for b in step.before.bookings if b.place == place}
    return [b for b in step.after.bookings if b.place == place and b.id not in were]


def _is_shut(books: Books, course_id: str) -> bool:
    course = _course(books, course_id)
    is_full = course.held + course.confirmed >= course.capacity
    return is_full or course.status != CourseStatus.PUBLISHED.value


def _lives_elsewhere(books: Books, booking: Booking) -> bool:
    same = (b for b in books.bookings if b.user_id == booking.user_id and b.id != booking.id)
    return any(b.course_id == booking.course_id and SeatState(b.place) in LIVE for b in same)
