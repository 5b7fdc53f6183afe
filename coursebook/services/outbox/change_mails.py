"""The facts of a mail about a changed course, from the row of the change."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from coursebook.domain.booking import SeatState
from coursebook.domain.online_room import public_place
from coursebook.mail import i18n
from coursebook.mail.facts import CourseChangeFacts
from coursebook.persistence.schema.tables import Booking, CourseChange

Dates = tuple[datetime, datetime]


def change_facts(
    change: CourseChange, booking: Booking, language: str, now: datetime, *, is_hold_shorter: bool
) -> CourseChangeFacts:
    """Return what the mail says about a change; free cancelling ends as the booking says."""
    free_until = booking.free_cancel_until
    return replace(
        edit_facts(change, language),
        free_cancel_until=free_until if free_until and free_until > now else None,
        is_hold_shorter=is_hold_shorter,
        is_confirmed=booking.place == SeatState.CONFIRMED.value,
    )


def edit_facts(change: CourseChange, language: str) -> CourseChangeFacts:
    """Return what a change is, without what it means for one booking."""
    before, after = change.before, change.after
    old_dates, new_dates = dates_in(before), dates_in(after)
    if before["timezone"] == after["timezone"]:
        old_dates, new_dates = _without(old_dates, new_dates), _without(new_dates, old_dates)
    places = (place_in(before, language), place_in(after, language))
    return CourseChangeFacts(
        old_dates=old_dates,
        new_dates=new_dates,
        old_timezone=before["timezone"],
        new_timezone=after["timezone"],
        places=places if places[0] != places[1] else None,
        is_room_new=before["room"] != after["room"] and bool(after["room"]),
        reason=change.reason,
        free_cancel_until=None,
        is_hold_shorter=False,
        is_confirmed=False,
    )


def dates_in(offer: dict[str, Any]) -> list[Dates]:
    """Return start and end of the meetings of a stored offer."""
    return [
        (datetime.fromisoformat(meeting["starts_at"]), datetime.fromisoformat(meeting["ends_at"]))
        for meeting in offer["meetings"]
    ]


def _without(dates: list[Dates], others: list[Dates]) -> list[Dates]:
    return [meeting for meeting in dates if meeting not in others]


def place_in(offer: dict[str, Any], language: str) -> str:
    """Return the place of a stored offer as a mail names it."""
    location = offer["location"]
    is_online, (name, address) = (
        location["kind"] == "online",
        (location["name"], location["address"]),
    )
    shown = public_place(is_online=is_online, name=name, address=address)
    return ", ".join(filter(None, shown)) or i18n.of(language).text("frame", "online")
