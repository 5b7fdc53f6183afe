"""What a course offers to the people who book it: dates, place, price and terms. Pure.

An edit of these changes what people are promised, so the course gets a new revision. An edit of
dates or place is material: people who booked are told.
"""

import hashlib
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from enum import StrEnum
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

from coursebook.domain.promise import Promise, promise_of
from coursebook.domain.terms import Terms
from coursebook.errors import FieldError, Invalid

Dates = tuple[datetime, datetime]
"""Start and end of one meeting."""

USUAL: Final = "usual"
FreeCancelling = date | datetime | Literal["usual"] | None
"""Until when people may cancel free of charge: the end of a day in the course's zone, a moment, the
usual 14 days, or not at all (None)."""
USUAL_FREE_DAYS = 14


class OfferPart(StrEnum):
    """A part of an offer. `room`: the link for joining an online course."""

    DATES = "dates"
    PLACE = "place"
    ROOM = "room"
    PRICE = "price"
    TERMS = "terms"


MATERIAL = (OfferPart.DATES, OfferPart.PLACE, OfferPart.ROOM)
"""The parts whose change affects everybody who booked. Price and terms stay as they were booked."""


@dataclass(frozen=True)
class CourseOffer:
    """The offer of a course. `meetings`: those not cancelled, in order. `price`: minor units."""

    meetings: tuple[Dates, ...]
    timezone: str
    is_online: bool
    place_name: str
    place_address: str
    join_url: str
    price: int
    currency: str
    terms: Terms

    @property
    def starts_at(self) -> datetime:
        """The start of the first meeting."""
        return self.meetings[0][0]

    def part(self, part: OfferPart) -> tuple[object, ...]:
        """Return the values of one part."""
        match part:
            case OfferPart.DATES:
                return self.meetings, self.timezone
            case OfferPart.PLACE:
                return self.is_online, self.place_name, self.place_address
            case OfferPart.ROOM:
                return (self.join_url,)
            case OfferPart.PRICE:
                return self.price, self.currency
            case OfferPart.TERMS:
                return (self.terms,)

    def part_json(self, part: OfferPart) -> Any:  # noqa: ANN401 - what JSON can hold
        """Return the values of one part as the API has them; None for the link for joining."""
        whole = self.to_json()
        match part:
            case OfferPart.DATES:
                return {"meetings": whole["meetings"], "timezone": whole["timezone"]}
            case OfferPart.PLACE:
                return whole["location"]
            case OfferPart.ROOM:
                return None
            case OfferPart.PRICE:
                return whole["price"]
            case OfferPart.TERMS:
                return whole["terms"]

    def to_json(self) -> dict[str, Any]:
        """Return the form that a row of changes keeps. `room` tells links for joining apart."""
        return {
            "meetings": [
                {"starts_at": _written(start), "ends_at": _written(end)}
                for start, end in self.meetings
            ],
            "timezone": self.timezone,
            "location": {
                "kind": "online" if self.is_online else "place",
                "name": self.place_name,
                "address": self.place_address,
            },
            "room": _digest(self.join_url),
            "price": {"amount": self.price, "currency": self.currency},
            "terms": self.terms.to_json(),
        }


def changed_parts(before: CourseOffer, after: CourseOffer) -> tuple[OfferPart, ...]:
    """Return the parts that differ."""
    return tuple(part for part in OfferPart if before.part(part) != after.part(part))


@dataclass(frozen=True)
class OfferEdit:
    """An edit of the offer of a course, and the reason in the operator's own words."""

    before: CourseOffer
    after: CourseOffer
    reason: str = ""

    @property
    def is_material(self) -> bool:
        """Whether everybody who has booked is affected."""
        return any(part in MATERIAL for part in changed_parts(self.before, self.after))

    @property
    def is_earlier(self) -> bool:
        """Whether the start moves forward."""
        return self.after.starts_at < self.before.starts_at

    @property
    def new_moments(self) -> Promise:
        """The moments that a new start adds to each promise, by the terms until this edit."""
        if self.after.starts_at == self.before.starts_at:
            return Promise()
        return promise_of(self.before.terms, self.after.starts_at)


def check_dates(edit: OfferEdit, now: datetime) -> None:
    """Refuse to move a start that is over, or to move one into the past. Raises Invalid."""
    if edit.before.starts_at == edit.after.starts_at:
        return
    if edit.before.starts_at <= now:
        detail = "The course has begun, so its start can no longer be moved."
    elif edit.after.starts_at <= now:
        detail = "The start is in the past."
    else:
        return
    raise Invalid([FieldError("/meetings/0/starts_at", detail)])


def free_cancelling(
    edit: OfferEdit, wish: FreeCancelling, now: datetime, *, is_told: bool
) -> datetime | None:
    """Return until when people who booked may cancel free of charge because of a material edit.

    It never lies beyond the start, and is the start itself when that moves forward. The usual
    time is only for those who are told. None once the course has begun: nobody cancels then.
    Raises Invalid for a wish that is over.
    """
    starts_at, zone = edit.after.starts_at, ZoneInfo(edit.after.timezone)
    if starts_at <= now:
        return None
    if edit.is_earlier:
        return starts_at
    if wish is None or (wish == USUAL and not is_told):
        return None
    if wish == USUAL:
        wish = now.astimezone(zone).date() + timedelta(days=USUAL_FREE_DAYS)
    until = wish if isinstance(wish, datetime) else _end_of_day(wish, zone)
    if until <= now:
        detail = "The time of free cancelling must end in the future."
        raise Invalid([FieldError("/free_cancel_until", detail)])
    return min(until, starts_at)


def _end_of_day(day: date, zone: ZoneInfo) -> datetime:
    """Return the last second of a day."""
    return datetime.combine(day, clock_time(23, 59, 59), zone).astimezone(UTC)


def _digest(link: str) -> str:
    """Return a short digest of a secret link, "" for none."""
    return hashlib.sha256(link.encode()).hexdigest()[:16] if link else ""


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
