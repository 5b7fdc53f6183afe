"""The last change of dates or place that concerns a booking, for its page."""

from datetime import datetime
from typing import Any

from coursebook.domain.booking import LIVE, SeatState
from coursebook.domain.online_room import public_place
from coursebook.persistence.schema.tables import Booking, CourseChange
from coursebook.persistence.unit_of_work import UnitOfWork
from coursebook.services.locked_booking import MOVED
from coursebook.services.views import LocationView, OfferChange

Meetings = tuple[tuple[datetime, datetime], ...]


async def last_change(work: UnitOfWork, booking: Booking) -> OfferChange | None:
    """Return the last change of dates or place since a live booking has been on its course."""
    if SeatState(booking.place) not in LIVE:
        return None
    moved_at = await work.audit.last(booking.id, MOVED) if booking.moved_from else None
    for row in await work.course_changes.since(booking.course_id, moved_at or booking.created_at):
        change = _change(row)
        if change.before or change.after or change.places:
            return change
    return None


def _change(row: CourseChange) -> OfferChange:
    zones = (row.before["timezone"], row.after["timezone"])
    before, after = _meetings(row.before), _meetings(row.after)
    if zones[0] == zones[1]:
        before, after = _without(before, after), _without(after, before)
    places = (_place(row.before), _place(row.after))
    return OfferChange(
        at=row.at,
        before=before,
        after=after,
        timezones=zones,
        places=places if places[0] != places[1] else None,
        reason=row.reason,
    )


def _meetings(offer: dict[str, Any]) -> Meetings:
    return tuple(
        (datetime.fromisoformat(m["starts_at"]), datetime.fromisoformat(m["ends_at"]))
        for m in offer["meetings"]
    )


def _without(meetings: Meetings, others: Meetings) -> Meetings:
    return tuple(meeting for meeting in meetings if meeting not in others)


def _place(offer: dict[str, Any]) -> LocationView:
    location = offer["location"]
    is_online = location["kind"] == "online"
    name, address = public_place(
        is_online=is_online, name=location["name"], address=location["address"]
    )
    return LocationView(location["kind"], name, address)
