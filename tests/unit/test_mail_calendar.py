"""The calendar entry of a booking, read back with a calendar library."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from icalendar import Calendar

from coursebook.mail.calendar import course_calendar
from tests.support.letters import FACTS


def entry(facts, method="PUBLISH"):
    calendar = Calendar.from_ical(course_calendar(facts, method))
    [event] = calendar.walk("VEVENT")
    return calendar, event


@pytest.mark.parametrize(
    "zone", ["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "UTC"]
)
def test_the_entry_is_at_the_right_moment_in_the_zone_of_the_course(zone):
    _, event = entry(replace(FACTS, timezone=zone))
    assert event["DTSTART"].dt.astimezone(UTC) == FACTS.starts_at
    assert event["DTEND"].dt.astimezone(UTC) == FACTS.ends_at


def test_the_zone_and_its_rules_are_in_the_file():
    calendar, event = entry(FACTS)
    assert event["DTSTART"].params["TZID"] == "Europe/Berlin"
    assert [zone["TZID"] for zone in calendar.walk("VTIMEZONE")] == ["Europe/Berlin"]


def test_summer_time_is_told_rightly():
    _, event = entry(replace(FACTS, starts_at=datetime(2027, 7, 5, 16, 0, tzinfo=UTC)))
    assert event["DTSTART"].dt.hour == 18


def test_title_place_and_link_survive_commas_and_breaks():
    facts = replace(FACTS, course_title="Bread, Butter; and\nJam", place="Mill Lane 3, Berlin")
    _, event = entry(facts)
    assert event["SUMMARY"] == "Bread, Butter; and\nJam"
    assert event["LOCATION"] == "Mill Lane 3, Berlin"
    assert event["URL"] == FACTS.booking_url


def test_a_title_cannot_add_lines_to_the_file():
    facts = replace(FACTS, course_title="x\r\nATTENDEE:mailto:evil@example.test")
    _, event = entry(facts)
    assert "ATTENDEE" not in event


def test_a_cancellation_replaces_the_entry_it_follows():
    calendar, first = entry(FACTS)
    gone, second = entry(replace(FACTS, sequence=1), "CANCEL")
    assert (calendar["METHOD"], gone["METHOD"]) == ("PUBLISH", "CANCEL")
    assert first["UID"] == second["UID"] == "booking-bk_1@coursebook"
    assert (first["SEQUENCE"], second["SEQUENCE"]) == (0, 1)
    assert (first["STATUS"], second["STATUS"]) == ("CONFIRMED", "CANCELLED")


def test_the_school_is_the_organizer_when_it_has_an_address():
    _, event = entry(replace(FACTS, school_name="Mill School", school_email="hi@example.test"))
    assert event["ORGANIZER"] == "mailto:hi@example.test"
    assert event["ORGANIZER"].params["CN"] == "Mill School"
