"""The calendar entry of a booking, parsed with a calendar library."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from icalendar import Calendar

from coursebook.mail.calendar import MAX_INVITATIONS, download, invitations
from coursebook.mail.facts import MeetingFacts, School
from tests.support.mail_facts import FACTS


def entry(facts, method="REQUEST"):
    [file] = invitations(facts, method)
    assert file.method == method
    return read(file.data)


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


def evenings(count):
    """Return the facts of a course that meets once a week."""
    weeks = [timedelta(weeks=n) for n in range(count)]
    meetings = [
        MeetingFacts(n, FACTS.starts_at + week, FACTS.ends_at + week)
        for n, week in enumerate(weeks, 1)
    ]
    return replace(FACTS, meetings=tuple(meetings), ends_at=meetings[-1].ends_at)


def test_each_meeting_has_a_file_of_its_own_in_a_mail():
    facts = evenings(3)
    files = [read(file.data) for file in invitations(facts, "REQUEST")]
    assert [event["UID"] for _, event in files] == [
        "booking-bk_1@coursebook",
        "booking-bk_1-m2@coursebook",
        "booking-bk_1-m3@coursebook",
    ]
    assert [event["DTSTART"].dt for _, event in files] == [m.starts_at for m in facts.meetings]
    assert {calendar["METHOD"] for calendar, _ in files} == {"REQUEST"}
    assert {event["SEQUENCE"] for _, event in files} == {0}


def test_a_meeting_elsewhere_has_its_own_place_and_link():
    there = MeetingFacts(1, FACTS.starts_at, FACTS.ends_at, place="The beach")
    online = replace(there, number=2, place="", link="https://meet.example.test/2")
    facts = replace(FACTS, meetings=(there, online))
    first, second = [read(file.data)[1] for file in invitations(facts, "REQUEST")]
    assert (first["LOCATION"], second["LOCATION"]) == ("The beach", "https://meet.example.test/2")
    assert "https://meet.example.test/2" in second["DESCRIPTION"]


def test_a_cancelled_meeting_is_removed_and_the_others_stay():
    facts = evenings(3)
    first, second, third = facts.meetings
    facts = replace(facts, meetings=(first, replace(second, is_cancelled=True), third), sequence=1)
    files = invitations(facts, "REQUEST")
    assert [(file.method, read(file.data)[1]["UID"]) for file in files] == [
        ("REQUEST", "booking-bk_1@coursebook"),
        ("REQUEST", "booking-bk_1-m3@coursebook"),
        ("CANCEL", "booking-bk_1-m2@coursebook"),
    ]


def test_cancelling_the_booking_removes_every_meeting():
    assert [file.method for file in invitations(evenings(2), "CANCEL")] == ["CANCEL", "CANCEL"]


def test_the_download_has_all_meetings():
    events = Calendar.from_ical(download(evenings(20), is_cancelled=False)).walk("VEVENT")
    assert len({event["UID"] for event in events}) == 20


def test_many_meetings_come_as_one_file_to_import():
    assert len(invitations(evenings(MAX_INVITATIONS), "REQUEST")) == MAX_INVITATIONS
    [file] = invitations(evenings(MAX_INVITATIONS + 1), "REQUEST")
    assert file.method == "PUBLISH"
    assert len(Calendar.from_ical(file.data).walk("VEVENT")) == MAX_INVITATIONS + 1
