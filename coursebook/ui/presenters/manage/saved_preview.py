"""The preview of a course as it is saved: the row of its page. Pure."""

from datetime import datetime, timedelta

from coursebook.domain.online_room import public_place
from coursebook.domain.terms import Terms
from coursebook.services.manage.views import ManagedCourseView, ManagedLocation
from coursebook.services.views import LocationView, MeetingView, TermStepView, TermsView
from coursebook.ui.presenters.course_preview import PreviewedCourse, preview_row
from coursebook.ui.presenters.rows import CourseDetailRow

NOWHERE = LocationView("place", "", "")


def saved_preview(course: ManagedCourseView, now: datetime, language: str) -> CourseDetailRow:
    """Return the row of a course as students would see it if it were public and open now."""
    location = _location(course.location)
    meetings = tuple(
        MeetingView(meeting.starts_at, meeting.ends_at, location or NOWHERE)
        for meeting in course.meetings
    )
    previewed = PreviewedCourse(
        id=course.id,
        title=course.title or "",
        summary=course.summary or "",
        description=course.description or "",
        category=course.category or "",
        level=course.level or "",
        instructor=course.instructor or "",
        location=location,
        meetings=meetings,
        timezone=course.timezone or "",
        price=course.price,
        seats_left=course.counts.free,
        image=course.image,
        terms=_terms(course, now),
        extra=dict(course.extra),
    )
    return preview_row(previewed, now, language)


def _location(location: ManagedLocation) -> LocationView | None:
    """Return what everybody may read of a location; never the room of an online course."""
    if not location.name:
        return None
    is_online = location.kind == "online"
    name, address = public_place(is_online=is_online, name=location.name, address=location.address)
    return LocationView(location.kind, name, address)


def _terms(course: ManagedCourseView, now: datetime) -> TermsView:
    if course.starts_at is None:
        return TermsView("", ())
    starts_at = course.starts_at
    terms = Terms.from_json([dict(step) for step in course.terms]).ahead(now, starts_at)
    steps = tuple(
        TermStepView(starts_at - timedelta(hours=step.hours_before), step.percent)
        for step in terms.steps
    )
    return TermsView(terms.sentence(), steps)
