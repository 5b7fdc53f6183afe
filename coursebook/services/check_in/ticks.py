"""Turns what is recorded of people at a meeting into what check-in shows."""

from collections.abc import Collection
from datetime import datetime, timedelta

from coursebook.domain.actor import actor_from
from coursebook.domain.check_in.attendance import AttendanceState, CheckInWay
from coursebook.persistence.schema.tables import Attendance
from coursebook.persistence.unit_of_work import UnitOfWork
from coursebook.services.check_in.views import Tick

MAX_LATE = timedelta(hours=24)
"""A phone's time that is older than this, or ahead of ours, is that of a wrong clock."""


async def ticks_of(work: UnitOfWork, rows: Collection[Attendance]) -> dict[str, Tick]:
    """Return what is recorded, by booking, with the names of who recorded it."""
    names = await work.users.names_of({actor_from(row.by).id for row in rows} - {""})
    return {
        row.booking_id: Tick(
            state=AttendanceState(row.state),
            at=came_at(row),
            by=names.get(actor_from(row.by).id, ""),
            received_at=row.at,
            phone_at=row.phone_at,
            how=CheckInWay(row.how),
            client_id=row.client_id,
        )
        for row in rows
    }


def came_at(row: Attendance) -> datetime:
    """Return when it happened: the time on the phone if its clock can be right, else ours."""
    if row.phone_at is not None and row.at - MAX_LATE <= row.phone_at <= row.at:
        return row.phone_at
    return row.at
