"""Local times of a zone as moments, and the two nights of a year when that is not simple."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo


class NoSuchTime(ValueError):
    """Clocks skip this local time, when summer time begins."""


class AmbiguousTime(ValueError):
    """Clocks show this local time twice, when summer time ends.

    `first` is the earlier of the two moments, in the zone.
    """

    def __init__(self, first: datetime) -> None:
        self.first = first
        super().__init__(str(first))


def moment_of(local: datetime, zone: ZoneInfo) -> datetime:
    """Return the moment, in UTC, of a local time without offset.

    Raises NoSuchTime, AmbiguousTime.
    """
    first, second = (local.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    if first.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != local:
        raise NoSuchTime(str(local))
    if first.utcoffset() != second.utcoffset():
        raise AmbiguousTime(first)
    return first.astimezone(UTC)


def later(moment: datetime, difference: timedelta, zone: ZoneInfo) -> datetime:
    """Return the moment whose local time is so much later, in UTC: days later at the same hour.

    Of a time that happens twice it is the first. Raises NoSuchTime, and OverflowError beyond the
    calendar.
    """
    local = moment.astimezone(zone).replace(tzinfo=None, fold=0) + difference
    try:
        return moment_of(local, zone)
    except AmbiguousTime as error:
        return error.first.astimezone(UTC)


def local_day(moment: datetime, zone: ZoneInfo) -> date:
    """Return the day of a moment in the zone."""
    return moment.astimezone(zone).date()
