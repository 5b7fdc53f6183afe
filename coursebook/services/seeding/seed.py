"""Fill an empty catalog with sample courses, and with sample students who booked some."""

from datetime import datetime
from typing import Any

from coursebook.domain.actor import Actor
from coursebook.domain.booking import SeatState
from coursebook.domain.course import CourseDraft, problems
from coursebook.domain.course_edits.meetings import Meeting
from coursebook.domain.promise import promise_of
from coursebook.domain.terms import Terms
from coursebook.errors import Invalid
from coursebook.persistence.engine.databases import Database
from coursebook.persistence.schema.columns import new_id
from coursebook.persistence.schema.folded_text import fold
from coursebook.persistence.schema.tables import Booking, Course, CourseStatus, User
from coursebook.persistence.unit_of_work import UnitOfWork, reading, writing
from coursebook.services.checkout.free_attempt import charge_nothing
from coursebook.services.locked_booking import LockedBookingAndCourse
from coursebook.services.manage.course_meetings import MeetingPlan, store_meetings
from coursebook.services.seeding.sample_courses import Sample, sample_courses

ACTOR = Actor("seed")
SAMPLE_SUBJECT = "sample_"
"""The beginning of the subject of each sample student."""
LOCK_TIMEOUT_SECONDS = 60
"""How long a process waits for another one that is seeding."""
STUDENTS = (
    "Amara Lindqvist",
    "Bruno Castelo",
    "Chiyo Hartmann",
    "Dara O'Brien",
    "Elif Morandi",
    "Farid Nystrom",
    "Greta Vandenberg",
    "Hugo Makinen",
    "Isla Petrov",
    "Jamal Weiss",
)
"""Invented people. Their addresses end in .test, which no mail can reach (RFC 2606)."""


async def seed_if_empty(database: Database, now: datetime) -> int:
    """Load the sample courses unless there is any course. Returns how many were added."""
    async with reading(database) as work:
        if await work.courses.any_exists():
            return 0
    return await seed(database, now)


async def seed(database: Database, now: datetime) -> int:
    """Add the missing sample courses; existing ones stay. Return how many were added.

    Safe to run again and from several processes at once: the slug of a course is unique.
    """
    async with writing(database) as work:
        await work.set_lock_timeout(LOCK_TIMEOUT_SECONDS)
        added = [await _add(work, sample, now) for sample in sample_courses(now)]
    return sum(added)


def course_values(draft: CourseDraft, now: datetime) -> dict[str, Any]:
    """Return the row of a new, published course. Raises Invalid when the draft has problems."""
    problems_found = problems(draft, now)
    if problems_found:
        raise Invalid(problems_found)
    return {
        **vars(draft),
        "id": new_id("crs"),
        "terms": draft.terms.to_json(),
        "held": 0,
        "confirmed": 0,
        "status": CourseStatus.PUBLISHED.value,
        "created_at": now,
        "updated_at": now,
    }


async def _add(work: UnitOfWork, sample: Sample, now: datetime) -> bool:
    values = course_values(sample.draft, now)
    if not await work.courses.add_once(values):
        return False
    course = await work.courses.lock(values["id"])
    assert course is not None, "added a moment ago"
    dates = Meeting(course.starts_at, course.ends_at)
    plan = MeetingPlan((dates,), course.starts_at, course.ends_at)
    await store_meetings(work, course.id, plan, is_public=False, now=now)
    # Vary the students, so that none has booked everything.
    first = sum(map(ord, course.slug))
    for number in range(sample.taken):
        name = STUDENTS[(first + number) % len(STUDENTS)]
        await _book(work, course, await student_of(work, name, now), now)
    return True


async def student_of(work: UnitOfWork, name: str, now: datetime) -> User:
    """Return the sample student of this name, with an address that no mail reaches."""
    plain = fold(name).replace(" ", ".").replace("'", "")
    return await work.users.ensure(f"{SAMPLE_SUBJECT}{plain}", f"{plain}@example.test", name, now)


async def _book(work: UnitOfWork, course: Course, student: User, now: datetime) -> None:
    """Confirm a place without any money, on the same path and with the same trace as any other."""
    booking = Booking(
        id=new_id("bkg"),
        user_id=student.id,
        course_id=course.id,
        place=SeatState.HELD.value,
        price=0,
        currency=course.currency,
        promise=promise_of(Terms.from_json(course.terms), course.starts_at).to_json(),
        created_at=now,
        updated_at=now,
    )
    locked = LockedBookingAndCourse(work, booking, ACTOR, now, course)
    work.bookings.add(booking)
    await work.flush()  # before its audit row, which refers to it
    locked.open_hold("Sample booking.")
    await confirm_free(locked)


async def confirm_free(locked: LockedBookingAndCourse) -> None:
    """Confirm the held place of a booking that costs nothing."""
    await charge_nothing(locked, "Sample booking, free of charge.")
    locked.confirm("Sample booking, free of charge.")
