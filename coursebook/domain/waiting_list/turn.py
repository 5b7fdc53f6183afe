"""The turn of somebody who waits: until when a free place is kept for them.

Hours of the night do not count. From six hours before the start the list is closed, and before
that when less than an hour that counts is left.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from coursebook.domain.admission import LAST_OFFER

USUAL_TURN = timedelta(hours=12)
MIN_TURN = timedelta(minutes=60)
MIN_MINUTES, MAX_MINUTES = 60, 7 * 24 * 60
"""The shortest and the longest turn that a school or a course may set, in minutes that count."""
WRONG_TURN = f"A place is offered for {MIN_MINUTES} to {MAX_MINUTES} minutes."
SHARE_OF_TIME_LEFT = 4
"""Near the start a turn is at most the time left until the start, divided by this."""
DAY_BEGINS, NIGHT_BEGINS = time(8), time(22)
"""Only the time between these hours counts, in the zone of the course."""


def is_turn(minutes: int) -> bool:
    """Return whether a turn may have this length."""
    return MIN_MINUTES <= minutes <= MAX_MINUTES


@dataclass(frozen=True)
class TurnRule:
    """The facts of a course that its turns depend on. `minutes`: None for the usual length."""

    starts_at: datetime
    timezone: str
    minutes: int | None = None

    @property
    def usual(self) -> timedelta:
        """The length of a turn long before the start, in time that counts."""
        return USUAL_TURN if self.minutes is None else timedelta(minutes=self.minutes)

    @property
    def closes_at(self) -> datetime:
        """When the list closes at the latest, which is also the last end of a turn."""
        return self.starts_at - LAST_OFFER


def turn_end(rule: TurnRule, now: datetime) -> datetime | None:
    """Return the end of a turn that begins now; None when the list is closed by now."""
    if not is_list_open(rule, now):
        return None
    share = (rule.starts_at - now) / SHARE_OF_TIME_LEFT
    length = max(MIN_TURN, min(rule.usual, share))
    return min(_after_counted(rule, now, length), rule.closes_at)


def is_list_open(rule: TurnRule, now: datetime) -> bool:
    """Whether a turn of the shortest length still fits before the list closes."""
    return _after_counted(rule, now, MIN_TURN) <= rule.closes_at


def _after_counted(rule: TurnRule, now: datetime, length: timedelta) -> datetime:
    """Return the moment when `length` of time that counts has passed, to the full minute."""
    left = length
    for begins, ends in _days(now, rule.timezone):
        begin = max(now, begins)
        if ends - begin >= left:
            return _to_full_minute(begin + left)
        left -= max(timedelta(), ends - begin)
    raise AssertionError("there is always another day")


def _days(now: datetime, zone_name: str) -> Iterator[tuple[datetime, datetime]]:
    """Yield begin and end of the hours that count, from the day of `now` on, in UTC."""
    zone = ZoneInfo(zone_name)
    day = now.astimezone(zone).date()
    while True:
        begin, end = (
            datetime.combine(day, clock, zone).astimezone(UTC)
            for clock in (DAY_BEGINS, NIGHT_BEGINS)
        )
        yield begin, end
        day += timedelta(days=1)


def _to_full_minute(moment: datetime) -> datetime:
    """Return the moment without seconds: people read hours and minutes, never later than this."""
    return moment.replace(second=0, microsecond=0)
