"""The tables of the operator's side, down and up again with a course in them on each engine."""

import sqlalchemy as sa

from coursebook.persistence.maintenance.migrate import downgrade_to, upgrade_to_head
from coursebook.persistence.schema.tables import (
    AuditEntry,
    Booking,
    Course,
    CourseCancellation,
    CourseChange,
    Meeting,
    MessageRecipient,
    PaymentAttempt,
    Picture,
    Reminder,
    RoleGrant,
)
from coursebook.persistence.unit_of_work import reading
from tests.contract.test_api_course_cancellation import decision, path_of
from tests.contract.test_api_course_changes import at, booked
from tests.contract.test_api_manage_courses import patch
from tests.contract.test_api_pictures import PICTURES, photo
from tests.contract.test_api_team import invite
from tests.support.booking_invariants import check_books
from tests.support.harness import OPERATOR, Harness, a_harness
from tests.support.sandbox import SandboxProcess

BEFORE_PICTURES = "0009"
KEPT = (Course, Booking, PaymentAttempt, AuditEntry)
FILLED = (
    *(Picture, Meeting, CourseChange, CourseCancellation, RoleGrant, MessageRecipient, Reminder),
)
"""Tables that the way down takes away."""


async def test_a_school_with_changes_messages_and_a_cancelled_course_goes_down_and_up(
    sandbox_of_the_run: SandboxProcess, database_url: str
):
    async with a_harness(sandbox_of_the_run, database_url) as harness:
        course_id = await a_whole_life(harness)
        assert [row.__name__ for row in FILLED if not await number_of(harness, row)] == []
        before = [await number_of(harness, row) for row in KEPT]
        await downgrade_to(database_url, BEFORE_PICTURES)
        await upgrade_to_head(database_url)
        assert [await number_of(harness, row) for row in KEPT] == before
        assert await number_of(harness, Meeting) == before[0], "one for each course"
        shown = await harness.get(f"/api/manage/courses/{course_id}", OPERATOR)
        assert (shown.status_code, shown.json()["state"]) == (200, "cancelled")
        await check_books(harness)


async def a_whole_life(harness: Harness) -> str:
    """Let a course be pictured, moved, reminded of, written to and cancelled; return its id."""
    course, _ = await booked(harness)
    picture = await harness.post(PICTURES, OPERATOR, content=photo())
    course = (await patch(harness, course, image=picture.json()["image"])).json()
    await invite(harness, "thea@example.test", "teacher", course["id"])
    moved = await patch(harness, course, meetings=at(course, days=1), tell=True)
    assert moved.status_code == 200, moved.text
    written = {"course_id": course["id"], "audience": {"kind": "coming"}}
    message = await harness.post(
        "/api/manage/messages", OPERATOR, json={"subject": "Hi", "body": "Hello {name}"} | written
    )
    path = f"/api/manage/messages/{message.json()['id']}/send"
    assert (await harness.post(path, OPERATOR, json={"revision": 1})).status_code == 200
    await harness.later(days=30, hours=1)
    await harness.worker_round()
    cancelled = await harness.post(path_of(Course(id=course["id"])), OPERATOR, json=decision())
    assert cancelled.status_code == 200, cancelled.text
    for _ in range(3):
        await harness.worker_round()
    return str(course["id"])


async def number_of(harness: Harness, table: type) -> int:
    async with reading(harness.services.context.database) as work:
        query = sa.select(sa.func.count()).select_from(table)
        return int(await work.session.scalar(query) or 0)
