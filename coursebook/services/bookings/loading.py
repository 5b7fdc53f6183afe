"""From stored bookings to views, a few queries for any number of them."""

from collections.abc import Sequence
from datetime import datetime

from coursebook.persistence.schema.tables import Booking
from coursebook.persistence.unit_of_work import UnitOfWork
from coursebook.services.bookings.timeline import timeline_of
from coursebook.services.presenters import booking_view
from coursebook.services.views import BookingStory, BookingView


async def booking_views(
    work: UnitOfWork, rows: Sequence[Booking], now: datetime, *, by_operator: bool
) -> list[BookingView]:
    """Return these bookings with their courses and their money, as their reader can act on them."""
    ids = [row.id for row in rows]
    courses = await work.courses.by_ids({row.course_id for row in rows})
    attempts = await work.attempts.of_bookings(ids)
    refunds = await work.refunds.of_bookings(ids)
    return [
        booking_view(
            row,
            courses[row.course_id],
            attempts.get(row.id, []),
            refunds.get(row.id, []),
            now,
            by_operator=by_operator,
        )
        for row in rows
    ]


async def booking_stories(
    work: UnitOfWork, rows: Sequence[Booking], now: datetime, *, by_operator: bool
) -> list[BookingStory]:
    """Return these bookings with everything that happened to them."""
    views = await booking_views(work, rows, now, by_operator=by_operator)
    entries = await work.audit.of_bookings([row.id for row in rows])
    return [BookingStory(view, timeline_of(view, entries.get(view.id, []))) for view in views]
