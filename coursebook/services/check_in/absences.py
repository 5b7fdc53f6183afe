"""Records who stayed away from a meeting, by itself and after its end."""

from datetime import datetime, timedelta
from typing import Any

import structlog

from coursebook.domain.actor import WORKER
from coursebook.domain.booking import SeatState
from coursebook.domain.check_in.attendance import AttendanceState, CheckInWay, LineAnswer, decide
from coursebook.live import topics
from coursebook.persistence.schema.columns import new_id
from coursebook.persistence.schema.tables import Attendance, Booking
from coursebook.persistence.unit_of_work import UnitOfWork, reading, writing
from coursebook.services.check_in.attendance_audit import write_change
from coursebook.services.context import Context

log = structlog.get_logger("coursebook.check_in")

ABSENT_AFTER = timedelta(hours=2)
"""Time from the end of a meeting until those who were not ticked count as absent."""
LOOK_BACK = timedelta(days=30)
"""Meetings that began earlier are not looked at again."""


async def mark_absent(context: Context, limit: int) -> int:
    """Record as absent who did not come, 2 hours after the end; return how many were.

    Only where at least one person was ticked: at the other meetings nobody kept a list.
    """
    now = context.clock()
    async with reading(context.database) as work:
        missing = await work.attendances.absent(now - LOOK_BACK, now - ABSENT_AFTER, limit)
    if not missing:
        return 0
    async with writing(context.database) as work:
        locked = await work.attendances.lock({booking_id for booking_id, *_ in missing}, ())
        bookings = {booking.id: booking for booking in locked}
        count = 0
        for booking_id, meeting_id, course_id in missing:
            booking = bookings.get(booking_id)
            if booking is None or booking.course_id != course_id:
                continue  # moved meanwhile
            count += await _mark(work, booking, meeting_id, now)
    log.info("attendance.closed", absent=count)
    return count


async def _mark(work: UnitOfWork, booking: Booking, meeting_id: str, now: datetime) -> bool:
    row = (await work.attendances.of_meeting(meeting_id, [booking.id])).get(booking.id)
    before = AttendanceState(row.state) if row else None
    is_confirmed = booking.place == SeatState.CONFIRMED.value
    decision = decide(before, AttendanceState.ABSENT, is_confirmed=is_confirmed)
    if decision.answer is not LineAnswer.DONE:
        return False
    values: dict[str, Any] = {
        "state": AttendanceState.ABSENT.value,
        "at": now,
        "phone_at": None,
        "by": str(WORKER),
        "how": CheckInWay.WORKER.value,
        "client_id": new_id("abs"),
    }
    if row is None:
        row = Attendance(booking_id=booking.id, meeting_id=meeting_id, **values)
        work.attendances.add(row)
    else:
        row.sqlmodel_update(values)
    work.mark_changed(topics.roster(booking.course_id))
    write_change(work, row, before.value if before else None, actor=WORKER, now=now)
    return True
