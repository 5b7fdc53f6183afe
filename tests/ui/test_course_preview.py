"""Previews of a course: the student's components, drawn from what is written so far."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import reflex as rx

from coursebook.services.views import LocationView, MeetingView, MoneyView, TermsView
from coursebook.ui.components.course_view import course_preview, course_view, still_parts
from coursebook.ui.presenters.course_preview import PreviewedCourse, preview_row
from coursebook.ui.presenters.rows import CourseDetailRow
from coursebook.ui.states.course import CourseState

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
START = datetime(2026, 12, 5, 10, 0, tzinfo=UTC)
HOUR, WEEK = timedelta(hours=1), timedelta(weeks=1)
PLACE = LocationView("place", "Atelier", "Rua 1, Lisbon")
WRITTEN = PreviewedCourse(
    title="Clay",
    summary="A day with clay.",
    description="## Hello",
    category="crafts",
    level="Beginner",
    instructor="Ines Duarte",
    location=PLACE,
    meetings=(MeetingView(START, START + timedelta(hours=3), PLACE),),
    timezone="Europe/Lisbon",
    price=MoneyView(4500, "eur"),
    seats_left=9,
    terms=TermsView("", ()),
)


def test_a_whole_course_reads_as_on_its_page() -> None:
    row = preview_row(WRITTEN, NOW, "en")
    assert (row.title, row.price, row.places) == ("Clay", "€45", "9 places left")
    assert (row.when, row.where) == ("Sat 5 Dec 2026, 10:00–13:00", "Atelier · Lisbon")
    assert (row.category, row.booking) == ("Crafts", "open")


@pytest.mark.parametrize(
    ("missing", "empty"),
    [
        ({"title": ""}, ["title"]),
        ({"meetings": ()}, ["when", "day", "days", "hours", "times", "starts", "terms"]),
        ({"timezone": ""}, ["when", "day"]),
        ({"location": None}, ["place", "where", "address"]),
        ({"price": None}, ["price", "reassurance", "terms"]),
        ({"seats_left": None}, ["places"]),
    ],
)
def test_what_is_not_written_yet_is_empty_and_nothing_else(
    missing: dict[str, object], empty: list[str]
) -> None:
    row, whole = (
        preview_row(replace(WRITTEN, **missing), NOW, "en"),
        preview_row(WRITTEN, NOW, "en"),
    )
    assert {name: getattr(row, name) for name in empty} == dict.fromkeys(empty, "")
    kept = {"title", "summary", "where", "price", "places", "when"} - set(empty)
    assert {name: getattr(row, name) for name in kept} == {
        name: getattr(whole, name) for name in kept
    }


def test_several_meetings_are_listed() -> None:
    later = replace(WRITTEN.meetings[0], starts_at=START + WEEK, ends_at=START + WEEK + HOUR)
    row = preview_row(replace(WRITTEN, meetings=(*WRITTEN.meetings, later)), NOW, "en")
    assert (len(row.meetings), row.times) == (2, "2 meetings")


def test_nothing_written_at_all_is_a_row_too() -> None:
    row = preview_row(PreviewedCourse(), NOW, "de")
    assert (row.title, row.price, row.when, row.places) == ("", "", "", "")


def test_a_preview_has_no_handler() -> None:
    row: rx.Var[CourseDetailRow] = CourseState.course
    for drawn in (course_preview(row), course_view(row, still_parts(row))):
        html = str(drawn.render())
        assert "clicked" not in html
        assert "onPress" not in html
    assert "inert" in str(course_preview(row).render())
