"""Both versions of a course that two people edited: what fields hold, in words."""

import dataclasses

import pytest

from coursebook.ui.presenters.manage import course_form_feedback as said
from coursebook.ui.presenters.manage.course_form_rows import MeetingFields
from tests.support.course_fields import FIELDS


@pytest.mark.parametrize(
    ("name", "text", "english", "german"),
    [
        ("waiting_list", "off", "No waiting list", "Keine Warteliste"),
        ("waiting_list", "720", "12 hours", "12 Stunden"),
        ("waiting_list", "90", "90 minutes", "90 Minuten"),
        ("waiting_list", "", "Places are offered as long as in the settings", None),
        ("reminder_minutes", "0", "No reminder", "Keine Erinnerung"),
        ("reminder_minutes", "7200", "5 days", "5 Tage"),
        ("reminder_minutes", "", "As the school does", None),
        ("terms", "nothing", "Nothing is given back", "Nichts wird erstattet"),
        ("kind", "place", "In a place", "An einem Ort"),
        ("level", "Beginner", "Beginner", None),
        ("currency", "eur", "EUR", "EUR"),
        ("closes_day", "2027-03-14", "Sun 14 Mar 2027", "So., 14. März 2027"),
        ("closes_day", "soon", "soon", "soon"),
        ("closes_time", "18:30", "18:30", "18:30"),
        ("title", "off", "off", "off"),
        ("capacity", "720", "720", "720"),
    ],
)
def test_a_field_is_said_as_its_control_shows_it(
    name: str, text: str, english: str, german: str | None
):
    assert said.field_words(name, text, "en") == english
    assert german is None or said.field_words(name, text, "de") == german


def test_meetings_and_pictures_are_said_in_words():
    first = MeetingFields(day="2027-03-14", start="10:00", end="13:00")
    second = dataclasses.replace(first, day="2027-03-21", end="")
    assert said.meeting_words([first, second, MeetingFields()], "en") == (
        "Sun 14 Mar 2027, 10:00–13:00; Sun 21 Mar 2027, 10:00"
    )
    assert said.picture_words("", "mine", "en") == "No picture"
    assert said.picture_words("/media/a.webp", "theirs", "de") == "Das andere Bild"


def test_a_schools_own_field_is_said_in_words():
    kinds = {one.kind: one for one in FIELDS}
    assert said.school_words(kinds["boolean"], "no", "de") == "Nein"
    assert said.school_words(kinds["choice"], "of old", "en") == "of old"
    assert said.school_words(kinds["choice"], "", "en") == ""
