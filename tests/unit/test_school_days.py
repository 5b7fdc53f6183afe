"""Days of the school as moments, and the slices of time that reports sum up."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursebook.domain.bookkeeping.school_days import Period

SECONDS = {
    "UTC": 86400,
    "Europe/Lisbon": 3600,
    "Asia/Kolkata": 1800,
    "Asia/Kathmandu": 900,
    "Australia/Lord_Howe": 1800,
    "Pacific/Apia": 3600,
}
FIRST, LAST = date(2011, 1, 1), date(2012, 12, 31)
"""Two years with every change of the clocks, and the day that Samoa left out."""
SINCE, TILL = (
    int(datetime(*day, tzinfo=UTC).timestamp()) for day in ((2011, 1, 2), (2012, 12, 30))
)
PERIODS = {name: Period(FIRST, LAST, ZoneInfo(name)) for name in SECONDS}


@pytest.mark.parametrize("name", SECONDS)
def test_slices_are_as_long_as_the_zone_allows(name: str):
    assert PERIODS[name].slice_seconds == SECONDS[name]


@given(
    name=st.sampled_from([*SECONDS]),
    moment=st.integers(SINCE, TILL).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)),
)
def test_every_moment_of_a_slice_is_on_its_day(name: str, moment: datetime):
    period = PERIODS[name]
    number = int(moment.timestamp()) // period.slice_seconds
    assert period.day_of_slice(number) == period.day_of(moment)
