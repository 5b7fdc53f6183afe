"""The mails to the teachers of a course that has changed or is cancelled."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest

from coursebook.mail.facts import CourseChangeFacts, School
from coursebook.mail.teachers import TeacherFacts, teacher_course_cancelled, teacher_course_changed

STARTS = datetime(2027, 1, 16, 9, 0, tzinfo=UTC)
DATES = (STARTS, STARTS + timedelta(hours=3))
EARLIER = (STARTS - timedelta(days=7), STARTS - timedelta(days=7, hours=-3))
CHANGE = CourseChangeFacts(
    old_dates=[EARLIER],
    new_dates=[DATES],
    old_timezone="Europe/Berlin",
    new_timezone="Europe/Lisbon",
    places=("Old Mill", "Atelier Azul"),
    is_room_new=False,
    reason="The kiln broke.",
    free_cancel_until=STARTS - timedelta(days=1),
    is_hold_shorter=True,
    is_confirmed=False,
)
FACTS = TeacherFacts(
    name="Thea",
    title="Raku",
    meetings=(DATES,),
    timezone="Europe/Lisbon",
    place="Atelier Azul",
    url="http://localhost:3000/manage/courses/crs_1/people",
    school=School("Mill School", "hello@mill.test", "Mill Lane 3", "no-reply@mill.test"),
    reason="The kiln broke.",
    change=CHANGE,
    told=12,
    people=12,
)
TO = "thea@example.test"
SILENT = "Those who have a place do not get a mail about it."


@pytest.mark.parametrize("language", ["en", "de"])
def test_both_parts_tell_old_and_new_each_in_its_zone(language: str) -> None:
    mail = teacher_course_changed(TO, replace(FACTS, language=language))
    assert (mail.to, mail.reply_to) == (TO, "hello@mill.test")
    html = unescape(mail.html)
    zones = ("Berlin", "Lisbon" if language == "en" else "Lissabon")
    for part in ("10:00", "09:00", "Old Mill", "Atelier Azul", "The kiln broke.", "12", *zones):
        assert part in mail.text
        assert part in html
    assert FACTS.url in mail.text
    assert FACTS.url in html


def test_what_is_promised_to_people_is_not_in_it() -> None:
    text = teacher_course_changed(TO, FACTS).text
    for word in ("free of charge", "held until", "calendar", "price"):
        assert word not in text


def test_a_silent_change_says_so_as_far_as_it_concerns_anybody() -> None:
    assert SILENT not in teacher_course_changed(TO, FACTS).text
    assert SILENT in teacher_course_changed(TO, replace(FACTS, told=0)).text
    assert SILENT not in teacher_course_changed(TO, replace(FACTS, told=0, people=0)).text


def test_a_new_link_for_joining_is_told_and_not_shown() -> None:
    change = replace(CHANGE, old_dates=[], new_dates=[], places=None, is_room_new=True)
    text = teacher_course_changed(TO, replace(FACTS, change=change)).text
    assert "The link to join online is a new one." in text
    assert "Until now" not in text


@pytest.mark.parametrize("language", ["en", "de"])
def test_the_end_of_a_course_names_every_meeting_and_the_reason(language: str) -> None:
    several = replace(FACTS, change=None, meetings=(EARLIER, DATES), language=language)
    mail = teacher_course_cancelled(TO, several)
    html = unescape(mail.html)
    for part in ("The kiln broke.", "2027", "Atelier Azul", "12", FACTS.url):
        assert part in mail.text
        assert part in html
    assert mail.text.count("2027") == 2


def test_the_end_of_a_course_of_nobody_says_so() -> None:
    text = teacher_course_cancelled(TO, replace(FACTS, change=None, told=0, people=0)).text
    assert "Nobody had a place or was waiting for one." in text
    assert "People told" not in text


def test_names_from_outside_are_escaped() -> None:
    evil = '<img src=x onerror="alert(1)">'
    facts = replace(FACTS, name=evil, title=evil, reason=evil, place=evil)
    assert "<img" not in teacher_course_changed(TO, facts).html
