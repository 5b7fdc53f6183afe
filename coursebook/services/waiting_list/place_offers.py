"""Offer places that became free to those who wait, in the transaction that frees them.

`finish_transaction` runs before the commit of every transaction, so that no caller can forget it.
It looks at the courses that the transaction locked. A course where nobody waits costs no query.
"""

from collections.abc import Callable
from datetime import datetime

import structlog

from coursebook.domain.actor import WORKER
from coursebook.domain.admission import Way, hold_ends, takes
from coursebook.domain.booking import LIVE, BookingSource, EndCause, SeatState
from coursebook.domain.promise import promise_of
from coursebook.domain.terms import Terms
from coursebook.domain.waiting_list.entry import EntryEvent, EntryState
from coursebook.persistence.course_search.courses import seats_of, state_of
from coursebook.persistence.repositories.outbox import Lane
from coursebook.persistence.schema.columns import new_id
from coursebook.persistence.schema.tables import Booking, Course, WaitingListEntry
from coursebook.persistence.unit_of_work import UnitOfWork
from coursebook.services.locked_booking import LockedBookingAndCourse
from coursebook.services.waiting_list.entry_changes import LockedList
from coursebook.services.waiting_list.list_state import closed_because
from coursebook.services.waiting_list.mail_kinds import WaitingMail

log = structlog.get_logger("coursebook.waiting_list")

OFFERED = "Offered to the next on the waiting list."
HAS_PLACE = "has_place"
"""Why an entry was closed: the person has a place, which they know."""
PLACES_PUBLIC = "places_public"
"""Why an entry was closed: the start is near, so a free place is anybody's."""
EVENTS: dict[SeatState, EntryEvent] = {
    SeatState.CONFIRMED: EntryEvent.CONFIRM,
    SeatState.EXPIRED: EntryEvent.TURN_OVER,
    SeatState.CANCELLED: EntryEvent.CLOSE,
}
"""What happens to an entry when its place gets this state."""


async def finish_transaction(clock: Callable[[], datetime], work: UnitOfWork) -> None:
    """Let entries follow their places, and serve the waiting lists of all locked courses."""
    offers, courses = work.moved_offers, work.courses.locked
    if not offers and not any(course.waiting for course in courses.values()):
        return
    await work.flush()
    now = clock()
    for booking_id in sorted(offers):
        await _follow(work, booking_id, now)
    for course_id in sorted(courses):
        if courses[course_id].waiting:
            await serve(LockedList(work, courses[course_id], WORKER, now))


async def serve(waiting: LockedList) -> None:
    """Offer every free place to the next who waits, or close the list and tell everybody on it."""
    course = waiting.course
    why = closed_because(course, waiting.now)
    if why:
        await close_all(waiting, why)
        return
    left = seats_of(course).left
    while left and course.waiting:
        if not waiting.is_open:
            await close_all(waiting, PLACES_PUBLIC)
            return
        await waiting.work.flush()
        for entry in await waiting.work.waiting_list.first(course.id, left):
            left -= await offer(waiting, entry)


async def offer(waiting: LockedList, entry: WaitingListEntry) -> bool:
    """Keep a free place for somebody who waits. Return False when they have a place already.

    The list must be open, and a place free.
    """
    work, course, now = waiting.work, waiting.course, waiting.now
    newest = await work.bookings.newest_of(entry.user_id, course.id)
    if newest is not None and SeatState(newest.place) in LIVE:
        waiting.move(entry, EntryEvent.CLOSE, HAS_PLACE)
        return False
    until = await waiting.turn_end()
    assert until is not None, "asked before"
    assert takes(state_of(course), now, Way.OFFERED, is_first=True), "asked before"
    booking = _offered_booking(course, entry, until, now)
    work.bookings.add(booking)
    await work.flush()
    LockedBookingAndCourse(work, booking, waiting.actor, now, course).open_hold(OFFERED)
    entry.booking_id, entry.offered_at, entry.offer_until = booking.id, now, until
    waiting.move(entry, EntryEvent.SERVE)
    await waiting.enqueue(WaitingMail.OFFER, entry, lane=Lane.FIRST)
    log.info("place.offered", course=course.id, booking=booking.id, until=until.isoformat())
    return True


async def close_all(waiting: LockedList, why: str) -> None:
    """Close the entry of everybody who waits, and tell them once."""
    for entry in await waiting.work.waiting_list.first(waiting.course.id):
        await waiting.close(entry, why, Lane.BULK)
    log.info("waiting_list.closed", course=waiting.course.id, why=why)


def _offered_booking(
    course: Course, entry: WaitingListEntry, until: datetime, now: datetime
) -> Booking:
    """Return a held booking at the price and the terms of now, kept until the end of the turn."""
    return Booking(
        id=new_id("bkg"),
        user_id=entry.user_id,
        course_id=course.id,
        place=SeatState.HELD.value,
        price=course.price,
        currency=course.currency,
        promise=promise_of(Terms.from_json(course.terms), course.starts_at).to_json(),
        source=BookingSource.WAITING.value,
        reserved_until=until,
        hold_expires_at=hold_ends(until, course.starts_at, until),
        created_at=now,
        updated_at=now,
    )


async def _follow(work: UnitOfWork, booking_id: str, now: datetime) -> None:
    """Let the entry of an offered place follow it: taken, lapsed, declined or closed."""
    booking = await work.bookings.find(booking_id)
    entry = await work.waiting_list.of_booking(booking_id)
    if booking is None or entry is None or entry.state != EntryState.OFFERED.value:
        return
    event = EVENTS.get(SeatState(booking.place))
    if event is None:
        return
    why = booking.end_cause or ""
    if why == EndCause.STUDENT.value:
        event = EntryEvent.DECLINE
    elif why == EndCause.COURSE_STARTED.value:
        event = EntryEvent.CLOSE
    course = work.courses.locked[booking.course_id]
    waiting = LockedList(work, course, WORKER, now)
    waiting.move(entry, event, why)
    if why == EndCause.PAGE_EXPIRED.value:
        await waiting.enqueue(WaitingMail.OVER, entry, why=why)
