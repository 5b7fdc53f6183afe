"""A booking that the school makes: how it is paid, and until when its place is held."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from coursebook.domain.booking_edits.offline_payment import Method
from coursebook.domain.money import MAX_AMOUNT
from coursebook.errors import FieldError

MAX_REFERENCE_LENGTH = 80
MAX_NOTE_LENGTH = 2000


class PayHow(StrEnum):
    """How a booking that the school makes is paid.

    complimentary: free of charge · received: the money is there · expected: confirmed on trust, the
    money comes later · hold: held until the money is there.
    """

    COMPLIMENTARY = "complimentary"
    RECEIVED = "received"
    EXPECTED = "expected"
    HOLD = "hold"


@dataclass(frozen=True)
class PayPlan:
    """How a booking is paid. `amount` in minor units, None for the price of the course.

    `due_on`: the day until which money is expected, or the place is held. `received_on`: the day on
    which it came, None for today.
    """

    how: PayHow
    amount: int | None = None
    method: Method | None = None
    due_on: date | None = None
    received_on: date | None = None
    reference: str = ""

    def price(self, course_price: int) -> int:
        """Return what the place costs."""
        if self.how is PayHow.COMPLIMENTARY:
            return 0
        return course_price if self.amount is None else self.amount

    def problems(
        self, course_price: int, starts_at: datetime, timezone: str, now: datetime
    ) -> list[FieldError]:
        """Return what is wrong with it, with pointers below `/pay`."""
        zone = ZoneInfo(timezone)
        today, last_day = now.astimezone(zone).date(), starts_at.astimezone(zone).date()
        errors = []
        if self.how is not PayHow.COMPLIMENTARY and not 0 < self.price(course_price) <= MAX_AMOUNT:
            text = "Enter an amount above zero, or choose “complimentary”."
            errors.append(FieldError("/pay/amount", text))
        if self.how is PayHow.HOLD and self.due_on is None:
            errors.append(FieldError("/pay/due_on", "Until which day is the place held?"))
        if self.how is PayHow.HOLD and now >= starts_at:
            text = "The course has begun, so no place can be held."
            errors.append(FieldError("/pay/due_on", text))
        elif self.due_on is not None and self.due_on < today:
            errors.append(FieldError("/pay/due_on", "This day is over."))
        elif self.due_on is not None and self.due_on > last_day:
            errors.append(FieldError("/pay/due_on", "This is after the start of the course."))
        if self.received_on is not None and self.received_on > today:
            errors.append(FieldError("/pay/received_on", "This day has not come yet."))
        return errors


def end_of_day(day: date, timezone: str) -> datetime:
    """Return the moment when a day is over in a zone."""
    return datetime.combine(day + timedelta(days=1), time(), ZoneInfo(timezone))
