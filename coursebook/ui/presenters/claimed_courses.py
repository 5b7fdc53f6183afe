"""The courses on the page of the link that a school mails to a guest. Pure."""

from dataclasses import dataclass

from coursebook.services.bookings.guest_claims import ClaimedCourse
from coursebook.ui.presenters import format as say


@dataclass(frozen=True)
class ClaimedCourseRow:
    """A course in words; `when` is in the zone of the course."""

    title: str = ""
    when: str = ""


def claimed_course_row(course: ClaimedCourse, language: str) -> ClaimedCourseRow:
    """Return the row of one course."""
    when = say.when(course.starts_at, course.ends_at, course.timezone, language)
    return ClaimedCourseRow(course.title, when)
