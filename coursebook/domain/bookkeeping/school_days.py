"""Days in the school's zone as moments, so that a payment counts on the day of the school."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from math import gcd
from zoneinfo import ZoneInfo

MAX_DAYS = 3700
SECONDS_OF_DAY = 86400
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Period:
    """The days from `first` to `last`, both included, in a zone."""

    first: date
    last: date
    zone: ZoneInfo

    @property
    def starts_at(self) -> datetime:
        """The moment, in UTC, at which the first day begins."""
        return _midnight(self.first, self.zone)

    @property
    def ends_at(self) -> datetime:
        """The moment, in UTC, at which the day after the last one begins."""
        return _midnight(self.last + DAY, self.zone)

    def day_of(self, moment: datetime) -> date:
        """Return the day of a moment."""
        return moment.astimezone(self.zone).date()

    @cached_property
    def slice_seconds(self) -> int:
        """The longest slices of time, counted from 1970 on, of which each lies within one day.

        A whole day in UTC, an hour in Lisbon, 15 minutes in Kathmandu: fewer rows to sum up.
        """
        count = (self.last - self.first).days + 2
        days = (self.first + timedelta(days=number) for number in range(count))
        return gcd(SECONDS_OF_DAY, *(int(_midnight(day, self.zone).timestamp()) for day in days))

    def day_of_slice(self, number: int) -> date:
        """Return the day of the slice with this number since 1970."""
        seconds = number * self.slice_seconds
        return datetime.fromtimestamp(seconds, UTC).astimezone(self.zone).date()


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time.min, zone).astimezone(UTC)


def month_to_date(now: datetime, zone: ZoneInfo) -> Period:
    """Return the month of a moment, up to the day of it."""
    today = now.astimezone(zone).date()
    return Period(today.replace(day=1), today, zone)
