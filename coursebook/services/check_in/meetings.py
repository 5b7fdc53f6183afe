"""Finds the meeting that somebody checks people in for."""

from dataclasses import dataclass
from datetime import datetime

from coursebook.domain.admission import Way, takes
from coursebook.domain.rights import Permission, Rights
from coursebook.errors import CourseNotFound, MeetingNotFound
from coursebook.persistence.check_in.attendances import COURSE, MEETING, only_meeting_id
from coursebook.persistence.course_search.courses import seats_of, state_of
from coursebook.persistence.schema.tables import Course, CourseStatus, Meeting
from coursebook.persistence.unit_of_work import UnitOfWork
from coursebook.services.check_in.views import CheckInMeeting
from coursebook.services.views import MoneyView


@dataclass(frozen=True)
class MeetingAndCourse:
    """A meeting and its course; also the only one of a course without rows in `meeting`."""

    id: str
    course: Course
    row: Meeting | None

    @property
    def starts_at(self) -> datetime:
        """Its start."""
        return self.row.starts_at if self.row else self.course.starts_at

    @property
    def ends_at(self) -> datetime:
        """Its end."""
        return self.row.ends_at if self.row else self.course.ends_at


async def meeting_within(work: UnitOfWork, meeting_id: str, rights: Rights) -> MeetingAndCourse:
    """Return a meeting that the person may check people in for.

    Raises MeetingNotFound, also for a course that the person may not see; Forbidden.
    """
    rights.require(Permission.CHECK_IN)
    meeting = await _find(work, meeting_id)
    if meeting is None or meeting.course.status == CourseStatus.DRAFT.value:
        raise MeetingNotFound
    try:
        rights.require(Permission.CHECK_IN, meeting.course.id)
    except CourseNotFound:
        raise MeetingNotFound from None
    return meeting


async def _find(work: UnitOfWork, meeting_id: str) -> MeetingAndCourse | None:
    row = await work.attendances.find_meeting(meeting_id)
    if row is None:
        course_id = f"{COURSE}{meeting_id.removeprefix(MEETING)}"
        lone = await work.attendances.course_without_meetings(course_id)
        return MeetingAndCourse(only_meeting_id(lone.id), lone, None) if lone else None
    course = await work.session.get(Course, row.course_id)
    if course is None or row.cancelled_at is not None:
        return None
    return MeetingAndCourse(row.id, course, row)


def meeting_view(
    course: Course, meeting: Meeting | None, siblings: list[Meeting], now: datetime
) -> CheckInMeeting:
    """Return a meeting among all of its course."""
    ids = [row.id for row in siblings]
    place = (meeting.place_name if meeting else "") or course.place_name
    return CheckInMeeting(
        id=meeting.id if meeting else only_meeting_id(course.id),
        course_id=course.id,
        title=course.title,
        starts_at=meeting.starts_at if meeting else course.starts_at,
        ends_at=meeting.ends_at if meeting else course.ends_at,
        timezone=course.timezone,
        place="" if course.is_online else place,
        number=ids.index(meeting.id) + 1 if meeting and meeting.id in ids else 1,
        total=max(1, len(ids)),
        price=MoneyView(course.price, course.currency),
        is_full=not seats_of(course).left,
        takes_walk_ins=takes(state_of(course), now, Way.BY_HAND, makes_room=True),
    )
