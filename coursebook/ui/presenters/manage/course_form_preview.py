"""The preview of a form: the row of the course page, as far as it is written. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from coursebook.domain.course import MAX_CAPACITY
from coursebook.domain.course_fields import CourseField, FieldValue, WrongValue, read_value
from coursebook.domain.money import price_problem
from coursebook.domain.terms import Terms
from coursebook.services.views import (
    LocationView,
    MeetingView,
    MoneyView,
    TermStepView,
    TermsView,
)
from coursebook.ui.presenters.course_preview import PreviewedCourse, preview_row
from coursebook.ui.presenters.rows import CourseDetailRow

FOR_PREVIEW = ("title", "summary", "description", "category", "level", "instructor", "image")
NOWHERE = LocationView("place", "", "")


def form_preview(
    values: Mapping[str, Any],
    fields: Sequence[CourseField],
    *,
    taken: int,
    now: datetime,
    language: str,
) -> CourseDetailRow:
    """Return the row of a course from the values of its form; `taken` places are booked.

    A value that is missing or not one shows a skeleton.
    """
    location = _location(values)
    meetings = _meetings(values, location or NOWHERE)
    course = PreviewedCourse(
        **{name: values.get(name) or "" for name in FOR_PREVIEW},
        location=location,
        meetings=meetings,
        timezone=values.get("timezone") or "" if meetings else "",
        price=_price(values),
        seats_left=_left(values, taken),
        terms=_terms(values, meetings),
        extra=_extra(values.get("extra") or {}, fields),
    )
    return preview_row(course, now, language)


def _meetings(values: Mapping[str, Any], location: LocationView) -> tuple[MeetingView, ...]:
    rows = [
        MeetingView(one["starts_at"], one["ends_at"], location)
        for one in values.get("meetings", ())
        if one.get("starts_at") and one.get("ends_at")
    ]
    return tuple(sorted(rows, key=lambda meeting: meeting.starts_at))


def _location(values: Mapping[str, Any]) -> LocationView | None:
    location = values["location"]
    if not location["name"]:
        return None
    return LocationView(location["kind"], location["name"], location["address"] or "")


def _price(values: Mapping[str, Any]) -> MoneyView | None:
    price = values.get("price")
    if not price or price["amount"] is None or price_problem(price["amount"], price["currency"]):
        return None
    return MoneyView(price["amount"], price["currency"])


def _left(values: Mapping[str, Any], taken: int) -> int | None:
    capacity = values.get("capacity")
    if capacity is None or not 1 <= capacity <= MAX_CAPACITY:
        return None
    return max(0, int(capacity) - taken)


def _terms(values: Mapping[str, Any], meetings: Sequence[MeetingView]) -> TermsView | None:
    if "terms" not in values:
        return None
    terms = Terms.from_json(values["terms"])
    steps = tuple(
        TermStepView(meeting.starts_at - timedelta(hours=step.hours_before), step.percent)
        for meeting in meetings[:1]
        for step in terms.steps
    )
    return TermsView(terms.sentence(), steps)


def _extra(values: Mapping[str, Any], fields: Sequence[CourseField]) -> dict[str, FieldValue]:
    known: dict[str, FieldValue] = {}
    for one in fields:
        try:
            value = read_value(one, values.get(one.name) or "")
        except WrongValue:
            continue
        if value is not None:
            known[one.name] = value
    return known
