"""Writes what is recorded of people at a meeting to the audit trail."""

from datetime import datetime

from coursebook.domain.actor import Actor
from coursebook.log import current_request_id
from coursebook.persistence.repositories.audit import Change
from coursebook.persistence.schema.tables import Attendance
from coursebook.persistence.unit_of_work import UnitOfWork

EVENT = "attendance"


def write_change(
    work: UnitOfWork, row: Attendance, before: str | None, *, actor: Actor, now: datetime
) -> None:
    """Write one change of what is recorded, with its actor."""
    change = Change(
        *(row.booking_id, f"meeting {row.meeting_id}", EVENT, before, row.state),
        data={"how": row.how},
    )
    work.audit.write(change, actor=actor, request_id=current_request_id(), now=now)
