"""Days in the school's zone as moments, so that a payment counts on the day of the school."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

SLICE_SECONDS = 900
"""Local days begin at a multiple of 15 minutes UTC in every zone of today."""
MAX_DAYS = 3700
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

    def day_of_slice(self, number: int) -> date:
        """Return the day of the slice of 15 minutes with this number since 1970."""
        return datetime.fromtimestamp(number * SLICE_SECONDS, UTC).astimezone(self.zone).date()


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time.min, zone).astimezone(UTC)


def month_to_date(now: datetime, zone: ZoneInfo) -> Period:
    """Return the month of a moment, up to the day of it."""
    today = now.astimezone(zone).date()
    return Period(today.replace(day=1), today, zone)
