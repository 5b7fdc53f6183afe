"""The calendar entry of a booking, parsed with a calendar library."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from icalendar import Calendar

from coursebook.mail.calendar import download, invitation
from coursebook.mail.facts import School
from tests.support.mail_facts import FACTS


def entry(facts, method="REQUEST"):
    return read(invitation(facts, method))


def read(file):
    calendar = Calendar.from_ical(file)
    [event] = calendar.walk("VEVENT")
    return calendar, event


@pytest.mark.parametrize(
    "zone", ["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "UTC"]
)
def test_the_entry_has_the_right_time_in_the_zone_of_the_course(zone):
    _, event = entry(replace(FACTS, timezone=zone))
    assert event["DTSTART"].dt.astimezone(UTC) == FACTS.starts_at
    assert event["DTEND"].dt.astimezone(UTC) == FACTS.ends_at


def test_the_zone_and_its_rules_are_in_the_file():
    calendar, event = entry(FACTS)
    assert event["DTSTART"].params["TZID"] == "Europe/Berlin"
    assert [zone["TZID"] for zone in calendar.walk("VTIMEZONE")] == ["Europe/Berlin"]


def test_summer_time_is_correct():
    _, event = entry(replace(FACTS, starts_at=datetime(2027, 7, 5, 16, 0, tzinfo=UTC)))
    assert event["DTSTART"].dt.hour == 18


def test_title_location_and_link_survive_commas_and_line_breaks():
    facts = replace(FACTS, course_title="Bread, Butter; and\nJam", place="Mill Lane 3, Berlin")
    _, event = entry(facts)
    assert event["SUMMARY"] == "Bread, Butter; and\nJam"
    assert event["LOCATION"] == "Mill Lane 3, Berlin"
    assert event["URL"] == FACTS.booking_url


def test_a_title_cannot_add_lines_to_the_file():
    facts = replace(FACTS, course_title="x\r\nATTENDEE:mailto:evil@example.test")
    _, event = entry(facts)
    assert event["ATTENDEE"] == "mailto:sam@example.test"


@pytest.mark.parametrize(
    "name", ['Sam "the" Student', "Sam\r\nATTENDEE:mailto:evil@x.test", "Ä;:,"]
)
def test_a_name_cannot_add_lines_or_parameters_to_the_file(name):
    _, event = entry(replace(FACTS, student_name=name))
    assert event["ATTENDEE"] == "mailto:sam@example.test"
    assert event["ATTENDEE"].params["PARTSTAT"] == "ACCEPTED"


def test_request_and_cancellation_are_a_pair():
    """The rules of RFC 5546, 3.2.2 and 3.2.5, and the fields that Google and Outlook compare."""
    asks, first = entry(FACTS)
    gone, second = entry(replace(FACTS, sequence=1), "CANCEL")
    assert (asks["METHOD"], gone["METHOD"]) == ("REQUEST", "CANCEL")
    for must in ("UID", "ORGANIZER", "ATTENDEE", "DTSTART", "SUMMARY"):
        assert first[must] == second[must], must
    assert first["UID"] == "booking-bk_1@coursebook"
    assert first["DTSTAMP"].dt == FACTS.written_at
    assert (first["SEQUENCE"], second["SEQUENCE"]) == (0, 1)
    assert (first["STATUS"], second["STATUS"]) == ("CONFIRMED", "CANCELLED")


def test_the_student_is_the_attendee_without_rsvp():
    _, event = entry(FACTS)
    assert event["ATTENDEE"] == "mailto:sam@example.test"
    told = {name: event["ATTENDEE"].params[name] for name in ("CN", "PARTSTAT", "RSVP", "ROLE")}
    assert told == {
        "CN": "Sam Student",
        "PARTSTAT": "ACCEPTED",
        "RSVP": "FALSE",
        "ROLE": "REQ-PARTICIPANT",
    }


def test_the_school_is_the_organizer():
    school = School.of("Mill School", "hi@example.test", "", "Mill <no-reply@example.test>")
    _, event = entry(replace(FACTS, school=school))
    assert event["ORGANIZER"] == "mailto:hi@example.test"
    assert event["ORGANIZER"].params["CN"] == "Mill School"
    assert event["ORGANIZER"].params["SENT-BY"] == "mailto:no-reply@example.test"


def test_a_school_without_an_address_uses_the_senders_as_organizer():
    school = School.of("", "", "", "Mill <no-reply@example.test>")
    _, event = entry(replace(FACTS, school=school))
    assert event["ORGANIZER"] == "mailto:no-reply@example.test"
    assert event["ORGANIZER"].params["CN"] == "Coursebook"
    assert "SENT-BY" not in event["ORGANIZER"].params


@pytest.mark.parametrize("is_cancelled", [False, True])
def test_the_download_is_published_without_an_attendee(is_cancelled):
    calendar, event = read(download(FACTS, is_cancelled=is_cancelled))
    assert calendar["METHOD"] == "PUBLISH"
    assert "ATTENDEE" not in event
    assert event["ORGANIZER"] == "mailto:hello@example.test"
    assert event["STATUS"] == ("CANCELLED" if is_cancelled else "CONFIRMED")
    assert event["UID"] == entry(FACTS)[1]["UID"]
