"""Reminders of holds that end soon: one for each, only if unpaid and if there is time to pay."""

from datetime import datetime, timedelta

import structlog

from coursebook.domain.actor import WORKER
from coursebook.domain.admission import Way, takes
from coursebook.domain.attempt import AttemptState
from coursebook.domain.booking import SeatState
from coursebook.mail.kinds import MailKind
from coursebook.persistence.course_search.courses import state_of
from coursebook.persistence.schema.tables import Booking, Course
from coursebook.persistence.unit_of_work import reading, writing
from coursebook.services.context import Context
from coursebook.services.locked_booking import again_if_moved, lock_booking
from coursebook.services.presenters import hold_end
from coursebook.services.settlement.settle import settle

log = structlog.get_logger("coursebook.worker")

REMIND_WITHIN = timedelta(minutes=12)
"""How long before its end a hold gets its reminder."""
MIN_TIME_TO_PAY = timedelta(minutes=4)
"""Without this much time a mail is useless: reading it and paying takes minutes."""


def may_still_pay(booking: Booking, course: Course, now: datetime) -> bool:
    """Whether a place is held, can be paid for, and there is enough time to pay."""
    ends = hold_end(booking, course)
    has_time = ends is not None and ends - now >= MIN_TIME_TO_PAY
    is_held = booking.place == SeatState.HELD.value
    return is_held and has_time and takes(state_of(course), now, Way.FURTHER_PAGE)


async def ending_holds(context: Context) -> list[tuple[str, str]]:
    """Return booking and session of each hold that ends soon and has had no reminder."""
    now = context.clock()
    async with reading(context.database) as work:
        return await work.bookings.ending(
            now + MIN_TIME_TO_PAY, now - REMIND_WITHIN, now + REMIND_WITHIN
        )


@again_if_moved
async def remind(context: Context, booking_id: str, session_id: str) -> None:
    """Settle the session, and enqueue the reminder if it is unpaid.

    Raises GatewayError; no reminder is promised then.
    """
    await settle(context, session_id, actor=WORKER)
    async with writing(context.database) as work:
        locked = await lock_booking(work, booking_id, WORKER, context.clock())
        if locked is None or not may_still_pay(locked.booking, locked.course, locked.now):
            return
        attempts = await work.attempts.of_booking(booking_id)
        attempt = next((a for a in attempts if a.session_id == session_id), None)
        if attempt is not None and attempt.state == AttemptState.OPEN.value:
            await locked.enqueue_mail(MailKind.HOLD_ENDING, occasion=attempt.number)
            log.info("hold.reminded", booking=booking_id)
