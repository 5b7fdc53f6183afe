"""What must hold after every single step of a random story, beside what any books must obey.

Each of these says in other words what a row of the settlement table says (docs/architecture.md), so
that a row that is broken is seen at once and not only if it happens to cost money in the end.
"""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from coursebook.domain.attempt import AttemptState
from coursebook.domain.booking import LIVE, Place
from coursebook.persistence.tables import Booking, CourseStatus, PaymentAttempt
from tests.support.books import Books

HELD, EXPIRED, CONFIRMED = Place.HELD.value, Place.EXPIRED.value, Place.CONFIRMED.value
OVER = {AttemptState.EXPIRED.value, AttemptState.FAILED.value}
LATE = "late_payment"


@dataclass(frozen=True)
class Moment:
    """The books before and after a step, Stripe's open pages, and those that a fault made."""

    before: Books
    after: Books
    open_pages: list[dict[str, Any]]
    forgotten: set[str]
    somebody_stands: bool


def check_moment(moment: Moment) -> None:
    """Fail when a rule is broken that holds at every instant."""
    check_holds(moment.after)
    check_waiting(moment.after)
    check_late_money(moment)
    check_no_place_on_a_closed_course(moment)
    check_promises(moment.after)
    if not moment.somebody_stands:
        check_open_pages(moment)


def check_holds(books: Books) -> None:
    """A place is held only as long as somebody may pay for it, or a person looks at money."""
    for booking in books.bookings:
        tried = books.attempts_of(booking.id)
        if booking.place == HELD and all(a.session_id and a.state in OVER for a in tried):
            raise AssertionError(f"{booking.id} is held, and its sessions are all over")


def check_waiting(books: Books) -> None:
    """While a bank works on a payment the hold does not tick."""
    processing = {a.booking_id for a in books.attempts if a.state == "processing"}
    for booking in books.bookings:
        if booking.place == HELD and booking.id in processing:
            assert booking.hold_expires_at is None, "the hold ticks while the bank works"


def check_late_money(moment: Moment) -> None:
    """Late money takes a free place: it is given back only when there is none to take."""
    known = {r.id for r in moment.before.refunds}
    for refund in moment.after.refunds:
        if refund.id in known or refund.cause != LATE:
            continue
        booking = _booking(moment.after, refund.booking_id)
        full = any(_is_shut(books, booking.course_id) for books in (moment.before, moment.after))
        has_another = any(_lives_elsewhere(b, booking) for b in (moment.before, moment.after))
        assert full or has_another, "late money was given back although a place was free"


def check_no_place_on_a_closed_course(moment: Moment) -> None:
    """A place that was lost is not taken again on a course that was called off."""
    were_over = {b.id for b in moment.before.bookings if b.place == EXPIRED}
    off = {c.id for c in moment.before.courses if c.status != CourseStatus.PUBLISHED.value}
    for booking in moment.after.bookings:
        is_new = booking.id in were_over and booking.place == CONFIRMED
        assert not (is_new and booking.course_id in off), "a place on a course that is off"


def check_promises(books: Books) -> None:
    """What changed is told: the mail stands in the outbox as soon as the change does."""
    promised = Counter((m.booking_id, m.kind) for m in books.outbox)
    for booking in books.bookings:
        if booking.confirmed_at:
            assert promised[booking.id, "mail:booked"], "confirmed, and nobody is told"
    for refund in books.refunds:
        if refund.cause.endswith("_payment"):
            assert promised[refund.booking_id, f"mail:{refund.cause}_refunded"], refund.cause


def check_open_pages(moment: Moment) -> None:
    """One page of a booking can be paid, none of one that is over, unless it is being closed."""
    books = moment.after
    closing = {m.booking_id for m in books.outbox if m.kind == "close_session" and not m.done_at}
    pages = [p for p in moment.open_pages if p["id"] not in moment.forgotten]
    count = Counter(page["metadata"]["booking_id"] for page in pages)
    for booking_id, number in count.items():
        if booking_id in closing:
            continue
        place = _booking(books, booking_id).place
        assert place == HELD, f"{booking_id} is {place}, and can still be paid"
        assert number == 1, f"{number} open pages for {booking_id}"


def check_amount(books: Books, attempt: PaymentAttempt, session: dict[str, Any]) -> None:
    """What came is what we asked for, or a person was asked."""
    came = (session["amount_total"], session["currency"])
    asked = (attempt.amount, attempt.currency)
    keys = {entry.dedupe_key for entry in books.inbox}
    assert came == asked or f"mismatch:{session['id']}" in keys, f"{came} came, {asked} was asked"


def check_strangers(books: Books, strangers: dict[str, bool]) -> None:
    """Money under our mark (True) whose booking we do not have: a person is asked, else nothing."""
    asked = {e.session_id for e in books.inbox if e.dedupe_key.startswith("orphan:")}
    assert asked == {session_id for session_id, is_ours in strangers.items() if is_ours}


def _booking(books: Books, booking_id: str) -> Booking:
    return next(b for b in books.bookings if b.id == booking_id)


def _is_shut(books: Books, course_id: str) -> bool:
    course = next(c for c in books.courses if c.id == course_id)
    is_full = course.held + course.confirmed >= course.capacity
    return is_full or course.status != CourseStatus.PUBLISHED.value


def _lives_elsewhere(books: Books, booking: Booking) -> bool:
    same = (b for b in books.bookings if b.user_id == booking.user_id and b.id != booking.id)
    return any(b.course_id == booking.course_id and Place(b.place) in LIVE for b in same)
