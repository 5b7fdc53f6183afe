"""The row of a course that is still being written, for previews of its page. Pure."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from coursebook.services.views import (
    CourseDetailView,
    LocationView,
    MeetingView,
    MoneyView,
    TermsView,
)
from coursebook.ui.presenters.courses_and_bookings import course_detail
from coursebook.ui.presenters.rows import CourseDetailRow

NO_PRICE = MoneyView(0, "eur")
NO_TERMS = TermsView("", ())


@dataclass(frozen=True, kw_only=True)
class PreviewedCourse:
    """A course as far as it is written.

    None, or an empty text: there is no value yet, or what was typed is not one. The meetings come
    earliest first. `id` is empty for a course that has not been saved; `seats_left` is the capacity
    of a course that nobody has booked. `extra` has the values of the school's fields.
    """

    id: str = ""
    title: str = ""
    summary: str = ""
    description: str = ""
    category: str = ""
    level: str = ""
    instructor: str = ""
    location: LocationView | None = None
    meetings: tuple[MeetingView, ...] = ()
    timezone: str = ""
    price: MoneyView | None = None
    seats_left: int | None = None
    image: str = ""
    terms: TermsView | None = None
    extra: dict[str, Any] = field(default_factory=dict)


def preview_row(course: PreviewedCourse, now: datetime, language: str) -> CourseDetailRow:
    """Return the row of a course as students would see it once it is published.

    A text that depends on a missing value is empty; the components of `course_view` draw a
    skeleton for it.
    """
    row = course_detail(_as_published(course, now), language)
    missing: dict[str, Any] = {}
    if not course.meetings or not course.timezone:
        names = ("day", "days", "hours", "times", "when", "starts", "ends", "terms")
        missing |= dict.fromkeys(names, "") | {"terms_steps": []}
    if course.location is None:
        missing |= dict.fromkeys(("place", "where", "address"), "")
    if course.price is None:
        missing |= {"price": "", "reassurance": "", "terms": "", "is_free": False}
    if course.seats_left is None:
        missing |= {"places": ""}
    return replace(row, **missing)


def _as_published(course: PreviewedCourse, now: datetime) -> CourseDetailView:
    """Return the view of the course, with stand-ins for what is missing."""
    left = 1 if course.seats_left is None else course.seats_left
    return CourseDetailView(
        id=course.id,
        slug="",
        title=course.title,
        summary=course.summary,
        description=course.description,
        category=course.category,
        level=course.level,
        instructor=course.instructor,
        location=course.location or LocationView("place", "", ""),
        starts_at=course.meetings[0].starts_at if course.meetings else now,
        ends_at=course.meetings[-1].ends_at if course.meetings else now,
        timezone=course.timezone or "UTC",
        price=course.price or NO_PRICE,
        capacity=max(left, 1),
        seats_left=left,
        status="open" if left else "full",
        image=course.image,
        read_at=now,
        meetings=course.meetings,
        terms=course.terms or NO_TERMS,
        extra=course.extra,
    )
