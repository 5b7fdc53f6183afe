"""Turns of a waiting list: their length, hours of the night, and the last six hours."""

from datetime import UTC, datetime, timedelta
from itertools import product
from zoneinfo import ZoneInfo

import pytest

from coursebook.domain.waiting_list.entry import (
    LIVE,
    MOVES,
    EntryEvent,
    EntryState,
    IllegalEntryMove,
    entry_after,
)
from coursebook.domain.waiting_list.turn import MIN_TURN, TurnRule, is_list_open, turn_end

BERLIN = ZoneInfo("Europe/Berlin")
MINUTE = timedelta(minutes=1)


def local(day: int, hour: int, minute: int = 0, month: int = 9) -> datetime:
    return datetime(2027, month, day, hour, minute, tzinfo=BERLIN)


def rule(starts_at: datetime, minutes: int | None = None) -> TurnRule:
    return TurnRule(starts_at.astimezone(UTC), "Europe/Berlin", minutes)


def counted(begin: datetime, end: datetime) -> timedelta:
    """Count the minutes between two moments that are not at night, one by one."""
    total, at = 0, begin.astimezone(UTC)
    while at < end:
        total += 8 <= at.astimezone(BERLIN).hour < 22
        at += MINUTE
    return total * MINUTE


@pytest.mark.parametrize(
    ("now", "minutes", "ends"),
    [
        (local(1, 9), None, local(1, 21)),  # twelve hours of one day
        (local(1, 15), None, local(2, 13)),  # seven until night, five from eight on
        (local(1, 23), None, local(2, 20)),
        (local(1, 3), 60, local(1, 9)),
        (local(1, 21, 30), 60, local(2, 8, 30)),
        (local(1, 21), 60, local(1, 22)),
        (local(18, 18), None, local(19, 13)),  # 36 hours left: nine of them
        (local(19, 18), None, local(19, 21)),  # twelve hours left: three
    ],
)
def test_a_turn_counts_the_hours_of_the_day(now, minutes, ends):
    assert turn_end(rule(local(20, 6), minutes), now) == ends


def test_the_night_of_the_clock_change_has_its_own_hours():
    now = local(30, 21, month=10)  # the clocks go back at three
    assert turn_end(rule(local(20, 18, month=11), 120), now) == local(31, 9, month=10)


@pytest.mark.parametrize("hour", [8, 10, 12, 18])
@pytest.mark.parametrize("minutes", [None, 5000])
def test_no_turn_ends_within_six_hours_of_the_start_in_any_minute_of_three_days(hour, minutes):
    starts_at = local(20, hour)
    waits = rule(starts_at, minutes)
    closes = starts_at - timedelta(hours=6)
    now, was_open = starts_at - timedelta(days=3), True
    while now < starts_at + timedelta(hours=1):
        end = turn_end(waits, now)
        is_open = is_list_open(waits, now)
        assert (end is not None) is is_open
        assert was_open or not is_open, "a list that is closed stays closed"
        if end is not None:
            assert now < end <= closes
        was_open = is_open
        now += MINUTE
    assert not was_open


@pytest.mark.parametrize("hour", [8, 10, 18])
def test_the_list_is_open_while_an_hour_that_counts_is_left(hour):
    starts_at = local(20, hour)
    closes = starts_at - timedelta(hours=6)
    for now in (starts_at - timedelta(days=1) + n * 5 * MINUTE for n in range(12 * 24)):
        is_long = now < closes and counted(now, closes) >= MIN_TURN
        assert is_list_open(rule(starts_at), now) is is_long


def test_seconds_never_make_a_turn_longer():
    now = local(1, 9) + timedelta(seconds=59)
    assert turn_end(rule(local(20, 8)), now) == local(1, 21)


def test_every_state_and_event_of_an_entry_is_in_the_table():
    for state, event in product(EntryState, EntryEvent):
        if (state, event) in MOVES:
            assert state in LIVE
            assert entry_after(state, event) is MOVES[state, event]
        else:
            with pytest.raises(IllegalEntryMove):
                entry_after(state, event)
    assert {state for state, _ in MOVES} == set(LIVE)
    assert {event for _, event in MOVES} == set(EntryEvent)
