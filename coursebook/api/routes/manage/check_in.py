"""The routes of check-in: the list of a meeting, its ticks, and the report of attendance."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from starlette.responses import JSONResponse

from coursebook.api.dependencies.authentication import SignedIn
from coursebook.api.dependencies.idempotency import Idempotent
from coursebook.api.dependencies.ids import checked_id
from coursebook.api.dependencies.services import TheServices
from coursebook.api.reference.describe import problem_responses
from coursebook.api.schemas.manage.check_in import (
    AttendanceAnswer,
    AttendanceBatch,
    AttendanceParameters,
    AttendanceReport,
    DayMeetings,
    Snapshot,
)
from coursebook.errors import (
    Forbidden,
    Invalid,
    MeetingNotFound,
    RateLimited,
    TooLarge,
    Unauthenticated,
    Unavailable,
)

router = APIRouter(tags=["Check-in"])
MeetingId = Annotated[str, Path(description="The meeting's id.")]
_READING = (Unauthenticated, Forbidden, RateLimited, Unavailable)


@router.get(
    "/api/manage/meetings/today",
    operation_id="listMeetingsOfToday",
    summary="List the meetings of today",
    responses=problem_responses(*_READING),
)
async def list_meetings_of_today(who: SignedIn, services: TheServices) -> DayMeetings:
    """The meetings of today in the zone of the school; for teachers those of their courses."""
    return DayMeetings.model_validate({"items": await services.snapshots.of_day(who)})


@router.get(
    "/api/manage/meetings/{meeting_id}/snapshot",
    operation_id="getMeetingSnapshot",
    summary="Get everybody who is coming to a meeting",
    responses=problem_responses(*_READING, MeetingNotFound),
)
async def get_snapshot(who: SignedIn, meeting_id: MeetingId, services: TheServices) -> Snapshot:
    """What a phone holds to check people in without a network.

    Ticket codes come as SHA-256, so that a lost phone gives nobody a code.
    """
    checked = checked_id(meeting_id, MeetingNotFound)
    return Snapshot.model_validate(await services.snapshots.of_meeting(who, checked))


@router.post(
    "/api/manage/meetings/{meeting_id}/attendance",
    operation_id="recordAttendance",
    summary="Record who came",
    response_model=AttendanceAnswer,
    responses=problem_responses(*_READING, MeetingNotFound, TooLarge, Invalid),
)
async def record_attendance(
    who: SignedIn,
    meeting_id: MeetingId,
    body: AttendanceBatch,
    services: TheServices,
    only: Idempotent,
) -> JSONResponse:
    """Record up to 100 lines, each once: a line that is sent again gets its first answer.

    The first `present` wins; `undone` takes it back.
    """
    checked = checked_id(meeting_id, MeetingNotFound)
    lines = [line.line for line in body.lines]

    async def record() -> tuple[int, AttendanceAnswer]:
        results = await services.check_in.record(who, checked, lines)
        return 200, AttendanceAnswer.model_validate({"lines": results})

    return await only.answer(record)


@router.get(
    "/api/manage/reports/attendance",
    operation_id="getAttendanceReport",
    summary="Count who came, by course and by person",
    responses=problem_responses(*_READING, Invalid),
)
async def get_attendance_report(
    who: SignedIn,
    parameters: Annotated[AttendanceParameters, Query()],
    services: TheServices,
) -> AttendanceReport:
    """The meetings that began on these days; without days, this month until today."""
    report = await services.attendance_reports.report(
        who, parameters.first_day, parameters.last_day, parameters.course
    )
    return AttendanceReport.model_validate(report)
