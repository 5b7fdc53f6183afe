"""Tests of this school, without a browser or a network: `python -m pytest school`."""

from pathlib import Path

from coursebook.testing import open_school

school = open_school(Path(__file__).parents[1])


def test_the_check_finds_no_mistake() -> None:
    assert school.problems == ()


def test_the_page_shows_its_texts() -> None:
    assert {"About us", "Small courses, real teachers."} <= set(school.page_texts("/about"))


def test_a_text_is_french_where_there_is_one_and_english_elsewhere() -> None:
    french = set(school.page_texts("/about", "fr"))
    assert {"L'école", "Small courses, real teachers.", "Langue"} <= french


def test_the_field_is_a_filter_of_the_catalog() -> None:
    assert {"Taught in", "English", "French"} <= set(school.page_texts("/courses"))


def test_the_mail_names_the_course() -> None:
    mail = school.mail("course_soon")
    assert mail.subject == "Soon: Indigo in Two Days"
    assert "“Indigo in Two Days” begins soon." in mail.text
