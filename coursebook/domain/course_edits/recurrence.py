"""Recurrence: the days of a weekly rule, and a course moved to another day at local hours."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from coursebook.domain.course_edits.local_time import later

MAX_DATES = 60
"""The dates that one call can add."""
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True)
class WeeklyRule:
    """These weekdays from the first to the last day, both included, but not the `without` days.

    A weekday is its place in `WEEKDAYS`.
    """

    weekdays: frozenset[int]
    first: date
    last: date
    without: frozenset[date] = frozenset()

    def days(self) -> list[date]:
        """Return the days, at most one more than `MAX_DATES`."""
        days: list[date] = []
        for day in self._in_order():
            if len(days) > MAX_DATES:
                break
            if day not in self.without:
                days.append(day)
        return days

    def _in_order(self) -> Iterator[date]:
        day = self.first
        while day <= self.last:
            if day.weekday() in self.weekdays:
                yield day
            if day == date.max:
                return
            day += timedelta(days=1)


@dataclass(frozen=True)
class Shift:
    """Moves moments by one difference of local time, so that meetings keep their distances."""

    by: timedelta
    zone: ZoneInfo

    @classmethod
    def to(
        cls, day: date, starts_at: datetime, zone: ZoneInfo, time_of_day: time | None = None
    ) -> "Shift":
        """Return the shift that brings this start to a day, at its own local time or another."""
        local = starts_at.astimezone(zone).replace(tzinfo=None, fold=0)
        return cls(datetime.combine(day, time_of_day or local.time()) - local, zone)

    def moment(self, moment: datetime) -> datetime:
        """Return the moment after the shift. Raises NoSuchTime, OverflowError."""
        return later(moment, self.by, self.zone)
