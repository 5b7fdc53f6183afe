"""Values of courses as programs and the form send them, and the dates that follow from them."""

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from coursebook.domain.course_edits.local_time import (
    AmbiguousTime,
    NoSuchTime,
    later,
    local_day,
    moment_of,
)
from coursebook.domain.course_edits.meetings import Meeting, bounds_of, meeting_problems
from coursebook.errors import Invalid
from coursebook.persistence.schema.tables import Meeting as MeetingRow
from coursebook.services.manage.course_meetings import check_begun, planned_meetings
from coursebook.services.manage.course_values import CourseValues, MeetingValue, read_values
from tests.support.course_fields import FIELDS

LISBON = ZoneInfo("Europe/Lisbon")
NOW = datetime(2027, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
NO_DATES = {"starts_at": None, "ends_at": None}


def pointers(values: dict) -> list[str]:
    with pytest.raises(Invalid) as refused:
        read_values(values, FIELDS)
    for error in refused.value.errors:
        assert error.detail.endswith(".")
    return [error.pointer for error in refused.value.errors]


def test_what_is_not_sent_stays_and_none_removes():
    assert read_values({}) == CourseValues()
    read = read_values({"title": "  Raku ", "summary": None, "price": None, "location": {}})
    assert read.columns == {"title": "Raku", "summary": None, "price": None, "currency": None}


def test_every_value_is_read_into_its_column():
    read = read_values(
        {
            "location": {"kind": "online", "name": "Live", "join_url": "https://a.test/1"},
            "price": {"amount": 4500, "currency": "EUR"},
            "terms": [{"hours_before": 48, "percent": 50}],
            "booking_closes_at": "2027-03-14T10:00:00+01:00",
            "meetings": [{"id": "mtg_1", "starts_at": NOW, "ends_at": "2027-03-01t13:00:00z"}],
            "extra": {"language": "DE", "age": 12, "material": None},
        },
        FIELDS,
    )
    assert read.columns == {
        "is_online": True,
        "place_name": "Live",
        "join_url": "https://a.test/1",
        "price": 4500,
        "currency": "eur",
        "terms": [{"hours_before": 48, "percent": 50}],
        "booking_closes_at": datetime(2027, 3, 14, 9, tzinfo=UTC),
    }
    assert read.meetings == (MeetingValue(NOW, NOW + HOUR, "mtg_1"),)
    assert read.extra == {"language": "de", "age": 12, "material": None}


@pytest.mark.parametrize(
    ("values", "places"),
    [
        ({"nope": 1, "a/b~c": 2}, ["/nope", "/a~1b~0c"]),
        ({"title": 5, "summary": "a\x00b"}, ["/title", "/summary"]),
        ({"capacity": "8"}, ["/capacity"]),
        ({"capacity": True}, ["/capacity"]),
        ({"price": 45}, ["/price"]),
        ({"price": {"amount": 45.5, "currency": "eur"}}, ["/price/amount"]),
        ({"price": {"amount": 45, "currency": 5}}, ["/price/currency"]),
        ({"location": {"kind": "moon"}}, ["/location/kind"]),
        ({"location": {"planet": "moon"}}, ["/location/planet"]),
        ({"location": "moon"}, ["/location"]),
        ({"terms": [{"hours_before": 2, "percent": 101}]}, ["/terms"]),
        ({"terms": [{"hours_before": "2", "percent": 1}]}, ["/terms/0/hours_before"]),
        ({"terms": [{"hours": 2}]}, ["/terms/0"]),
        ({"terms": None}, ["/terms"]),
        ({"meetings": "soon"}, ["/meetings"]),
        ({"meetings": [{"starts_at": "soon", "ends_at": None}]}, ["/meetings/0/starts_at"]),
        ({"meetings": [{"starts_at": "2027-03-14T10:00:00"}]}, ["/meetings/0/starts_at"]),
        ({"meetings": [{"day": 1}]}, ["/meetings/0/day"]),
        ({"meetings": [], "starts_at": "2027-03-14T10:00:00Z"}, ["/starts_at"]),
        ({"booking_closes_at": 5}, ["/booking_closes_at"]),
        ({"extra": {"age": 3, "nope": 1}}, ["/extra/age", "/extra/nope"]),
        ({"extra": []}, ["/extra"]),
    ],
    ids=str,
)
def test_every_mistake_is_named_with_its_place(values, places):
    assert pointers(values) == places


def row(name: str, starts_at: datetime) -> MeetingRow:
    return MeetingRow(
        id=name, course_id="crs_1", number=1, starts_at=starts_at, ends_at=starts_at + HOUR
    )


def value(starts_at: datetime | None, one: str | None = None) -> MeetingValue:
    return MeetingValue(starts_at, starts_at and starts_at + HOUR, one)


def planned(*wanted: MeetingValue, rows: tuple[MeetingRow, ...] = ()):
    return planned_meetings(CourseValues(meetings=wanted), rows, NO_DATES)


def test_meetings_without_ids_are_taken_in_turn_for_the_stored_ones():
    rows = (row("a", NOW), row("b", NOW + 5 * HOUR))
    plan = planned(value(NOW + HOUR), value(NOW + 9 * HOUR), value(NOW + 3 * HOUR), rows=rows)
    assert plan is not None
    assert [meeting.id for meeting in plan.meetings] == ["a", "b", None]
    assert (plan.starts_at, plan.ends_at) == (NOW + HOUR, NOW + 10 * HOUR)
    plan = planned(value(NOW + HOUR, "b"), value(NOW + 9 * HOUR), rows=rows)
    assert plan is not None
    assert [meeting.id for meeting in plan.meetings] == ["b", None]


@pytest.mark.parametrize("ids", [("c",), ("a", "a")])
def test_an_id_that_is_no_meeting_of_the_course_is_refused(ids):
    wanted = (value(NOW + n * 2 * HOUR, one) for n, one in enumerate(ids))
    with pytest.raises(Invalid) as refused:
        planned(*wanted, rows=(row("a", NOW),))
    assert refused.value.errors[0].pointer == f"/meetings/{len(ids) - 1}/id"


def test_a_draft_may_have_one_meeting_that_is_not_complete():
    plan = planned(MeetingValue(NOW, None))
    assert plan is not None
    assert (plan.meetings, plan.starts_at, plan.ends_at) == ((), NOW, None)
    with pytest.raises(Invalid) as refused:
        planned(value(NOW), MeetingValue(NOW + 3 * HOUR, None))
    assert [error.pointer for error in refused.value.errors] == ["/meetings/1/ends_at"]


def test_one_start_moves_the_only_meeting():
    values = CourseValues({"starts_at": NOW - HOUR})
    before = {"starts_at": NOW, "ends_at": NOW + HOUR}
    plan = planned_meetings(values, (row("a", NOW),), before)
    assert plan is not None
    assert plan.meetings == (Meeting(NOW - HOUR, NOW + HOUR, "a"),)
    assert planned_meetings(CourseValues(), (row("a", NOW),), before) is None


def test_what_has_begun_is_neither_moved_nor_removed():
    rows = (row("a", NOW - HOUR), row("b", NOW + 5 * HOUR))

    def refused(*wanted: MeetingValue) -> list[str]:
        plan = planned(*wanted, rows=rows)
        assert plan is not None
        try:
            check_begun(plan, rows, NOW - HOUR, NOW)
        except Invalid as error:
            return [one.pointer for one in error.errors]
        return []

    assert refused(value(NOW - HOUR, "a"), value(NOW + 6 * HOUR, "b")) == []
    longer = MeetingValue(NOW - HOUR, NOW + HOUR, "a")
    assert refused(longer, value(NOW + 6 * HOUR, "b")) == [], "its end may be put right"
    assert refused(value(NOW + HOUR, "a"), value(NOW + 6 * HOUR, "b")) == ["/meetings/0/starts_at"]
    assert refused(value(NOW - HOUR, "a"), value(NOW - 9 * HOUR, "b")) == ["/meetings/1/starts_at"]
    assert refused(value(NOW + 6 * HOUR, "b")) == ["/meetings"]


def test_meetings_may_touch_but_not_overlap():
    touching = [Meeting(NOW + n * HOUR, NOW + (n + 1) * HOUR) for n in (1, 0, 2)]
    assert list(meeting_problems(touching)) == []
    assert bounds_of(touching) == (NOW, NOW + 3 * HOUR)
    long = Meeting(NOW, NOW + 9 * HOUR)
    inside = [long, Meeting(NOW + HOUR, NOW + 2 * HOUR), Meeting(NOW + 3 * HOUR, NOW + 4 * HOUR)]
    found = [error.pointer for error in meeting_problems(inside)]
    assert found == ["/meetings/1/starts_at", "/meetings/2/starts_at"]
    backwards = [Meeting(NOW + HOUR, NOW)]
    assert [e.pointer for e in meeting_problems(backwards)] == ["/meetings/0/ends_at"]


def test_the_same_hours_over_both_changes_of_the_clocks():
    saturday = datetime(2027, 3, 27, 10, tzinfo=UTC)
    assert later(saturday, timedelta(days=7), LISBON) == datetime(2027, 4, 3, 9, tzinfo=UTC)
    october = datetime(2027, 10, 30, 9, tzinfo=UTC)
    assert later(october, timedelta(days=1), LISBON) == datetime(2027, 10, 31, 10, tzinfo=UTC)
    night = datetime(2027, 3, 27, 1, 30, tzinfo=UTC)
    with pytest.raises(NoSuchTime):
        later(night, timedelta(days=1), LISBON)
    twice = datetime(2027, 10, 30, 0, 30, tzinfo=UTC)
    assert later(twice, timedelta(days=1), LISBON) == datetime(2027, 10, 31, 0, 30, tzinfo=UTC)


def test_local_times_are_moments_except_in_two_nights():
    assert moment_of(datetime(2027, 7, 1, 10), LISBON) == datetime(2027, 7, 1, 9, tzinfo=UTC)  # noqa: DTZ001
    with pytest.raises(NoSuchTime):
        moment_of(datetime(2027, 3, 28, 1, 30), LISBON)  # noqa: DTZ001
    with pytest.raises(AmbiguousTime) as twice:
        moment_of(datetime(2027, 10, 31, 1, 30), LISBON)  # noqa: DTZ001
    assert twice.value.first.utcoffset() == HOUR
    late = datetime(2027, 3, 1, 23, 30, tzinfo=timezone(-HOUR))
    assert local_day(late, ZoneInfo("Asia/Kolkata")) == date(2027, 3, 2)
