"""Ending the places of a cancelled course, one booking at a time, by the worker.

There is no list of jobs: what is left to do are the live bookings on courses whose cancellation is
open. So a process may die at any point, and another one goes on.
"""

import structlog

from coursebook.domain.actor import WORKER
from coursebook.domain.attempt import AttemptState
from coursebook.domain.booking import LIVE, EndCause, SeatState
from coursebook.domain.money import WHOLE
from coursebook.live import topics
from coursebook.persistence.course_search.courses import state_of
from coursebook.persistence.repositories.outbox import Lane
from coursebook.persistence.schema.tables import CourseCancellation, PaymentAttempt, Refund
from coursebook.persistence.unit_of_work import reading, writing
from coursebook.services.bookings.balance import balance_of
from coursebook.services.bookings.offline_payments import end_place
from coursebook.services.context import Context
from coursebook.services.course_cancellation.amounts import money_on_course_cancel, refund_parts
from coursebook.services.locked_booking import LockedBookingAndCourse, again_if_moved, lock_booking
from coursebook.services.settlement.hold_end import enqueue_course_cancelled
from coursebook.services.settlement.holds import close_attempt
from coursebook.services.settlement.inbox_entries import close_resolved_entries

log = structlog.get_logger("coursebook.courses")

CAUSE = "The school cancelled the course."


class PlacesToEnd:
    """The live bookings on cancelled courses, in batches.

    The next batch begins after the last one, so that places which cannot end now keep no other
    ones from their turn.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._last_id = ""

    async def next_batch(self, limit: int) -> list[str]:
        """Return the ids of the next bookings, from the first one again after the last."""
        async with reading(self._context.database) as work:
            rows = work.course_cancellations
            booking_ids = await rows.places_to_end(self._last_id, limit)
            if not booking_ids and self._last_id:
                booking_ids = await rows.places_to_end("", limit)
        self._last_id = booking_ids[-1] if booking_ids else ""
        return booking_ids


@again_if_moved
async def end_place_of_cancelled_course(context: Context, booking_id: str) -> bool:
    """End a place on a cancelled course: close its pages, then give back what is due, and tell.

    Money goes back by card first; what was taken by hand is given back by hand.

    Return whether it has ended. A place waits while a bank is working on its payment. Raises
    GatewayError when a page could not be closed; nothing has changed then.
    """
    async with reading(context.database) as work:
        attempts = await work.attempts.of_booking(booking_id)
    for attempt in attempts:
        if AttemptState(attempt.state) in (AttemptState.CREATED, AttemptState.OPEN):
            await close_attempt(context, attempt.id)
    async with writing(context.database) as work:
        locked = await lock_booking(work, booking_id, WORKER, context.clock())
        if locked is None or not state_of(locked.course).is_cancelled:
            return False
        if locked.place not in LIVE:
            return True  # closing its page has ended it
        attempts = await work.attempts.of_booking(booking_id)
        if not _can_end(locked, attempts):
            return False
        cancellation = await work.course_cancellations.find(locked.course.id)
        refunds = await work.refunds.of_booking(booking_id)
        await _end(locked, attempts, refunds, cancellation)
    log.info("booking.cancelled", booking=booking_id)
    return True


def _can_end(locked: LockedBookingAndCourse, attempts: list[PaymentAttempt]) -> bool:
    """Whether no page of a held place can be paid. A second payment of a confirmed one may come."""
    if locked.place is SeatState.CONFIRMED:
        return True
    return all(a.is_foreign or AttemptState(a.state).is_final for a in attempts)


async def _end(
    locked: LockedBookingAndCourse,
    attempts: list[PaymentAttempt],
    refunds: list[Refund],
    cancellation: CourseCancellation | None,
) -> None:
    booking, work = locked.booking, locked.work
    in_inbox = await work.inbox.decided_of([booking.id])
    refund = money_on_course_cancel(
        booking,
        attempts,
        refunds,
        percent=cancellation.percent if cancellation else WHOLE,
        at=cancellation.at if cancellation else locked.now,
        in_inbox=in_inbox,
    )
    if locked.place is SeatState.CONFIRMED:
        booking.kept_amount = refund.stays
        booking.kept_why = cancellation.reason if cancellation and refund.stays else ""
    parts = refund_parts(refund.due, balance_of(booking, attempts, refunds).free, in_inbox)
    for attempt in attempts:
        if attempt.id in parts:
            part = parts[attempt.id]
            await locked.enqueue_refund(attempt, part, "cancelled", lane=Lane.PERSONAL)
        if AttemptState(attempt.state) in (AttemptState.CREATED, AttemptState.OPEN):
            await locked.enqueue_close(attempt)
    await end_place(locked, EndCause.COURSE_CANCELLED, CAUSE)
    await enqueue_course_cancelled(locked)
    await close_resolved_entries(locked)


async def finish_cancellations(context: Context) -> None:
    """Mark each cancellation as finished when the last place of its course has ended."""
    async with reading(context.database) as work:
        course_ids = await work.course_cancellations.without_places()
    for course_id in course_ids:
        async with writing(context.database) as work:
            course = await work.courses.lock(course_id)
            cancellation = await work.course_cancellations.find(course_id)
            if course is None or cancellation is None or course.held + course.confirmed:
                continue
            if cancellation.finished_at is None:
                cancellation.finished_at = context.clock()
                work.mark_changed(topics.roster(course_id))
                log.info("course.cancelling_finished", course=course_id)
