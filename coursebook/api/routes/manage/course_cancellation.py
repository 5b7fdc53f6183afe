"""The routes that cancel a whole course, and tell what it means and how far it has come."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.responses import JSONResponse

from coursebook.api.dependencies.authentication import SignedIn
from coursebook.api.dependencies.idempotency import Idempotent
from coursebook.api.dependencies.ids import checked_id
from coursebook.api.dependencies.services import TheServices
from coursebook.api.reference.describe import REPLAYED, problem_responses
from coursebook.api.routes.manage.courses import CourseId
from coursebook.api.schemas.manage.course_cancellation import (
    CancellationPreview,
    CancellationProgress,
    CourseCancelling,
)
from coursebook.errors import (
    AlreadyCancelled,
    ChangedMeanwhile,
    CourseNotFound,
    Forbidden,
    Invalid,
    NotActionable,
    RateLimited,
    TooLarge,
    Unauthenticated,
    Unavailable,
)

router = APIRouter(tags=["Courses of one's own"])
_READING = (Unauthenticated, Forbidden, CourseNotFound, RateLimited, Unavailable)
_DONE: dict[int | str, dict[str, Any]] = {200: {"headers": REPLAYED}}


@router.get(
    "/api/manage/courses/{course_id}/cancel/preview",
    operation_id="previewCourseCancelling",
    summary="Preview the cancelling of a course",
    responses=problem_responses(*_READING, Invalid, AlreadyCancelled, NotActionable),
)
async def preview_course_cancelling(
    who: SignedIn,
    course_id: CourseId,
    services: TheServices,
    percent: Annotated[int, Query(ge=0, le=100, description="The share to give back.")] = 100,
) -> CancellationPreview:
    """Whom cancelling concerns, and what money would go where. Writes nothing."""
    checked = checked_id(course_id, CourseNotFound)
    preview = await services.course_cancellations.preview(who, checked, percent)
    return CancellationPreview.model_validate(preview)


@router.post(
    "/api/manage/courses/{course_id}/cancel",
    operation_id="cancelCourse",
    summary="Cancel a course",
    response_model=CancellationProgress,
    responses=_DONE
    | problem_responses(
        *(*_READING, TooLarge, Invalid),
        *(ChangedMeanwhile, AlreadyCancelled, NotActionable),
    ),
)
async def cancel_course(
    who: SignedIn,
    course_id: CourseId,
    body: CourseCancelling,
    services: TheServices,
    only: Idempotent,
) -> JSONResponse:
    """Cancel a course for good: everybody is told, and gets back what they paid.

    From the answer on nobody gets a place. Places end and money goes back in the background.
    """
    checked = checked_id(course_id, CourseNotFound)

    async def carry_out() -> tuple[int, CancellationProgress]:
        progress = await services.course_cancellations.cancel(
            who,
            checked,
            reason=body.reason,
            message=body.message,
            percent=body.percent,
            expected=body.expect.expected(),
        )
        return 200, CancellationProgress.model_validate(progress)

    return await only.answer(carry_out)


@router.get(
    "/api/manage/courses/{course_id}/cancel",
    operation_id="getCourseCancelling",
    summary="See how far the cancelling of a course has come",
    responses=problem_responses(*_READING, NotActionable),
)
async def get_course_cancelling(
    who: SignedIn, course_id: CourseId, services: TheServices
) -> CancellationProgress:
    """How far it has come, and the report for ever. `not_actionable` for a course that is on."""
    checked = checked_id(course_id, CourseNotFound)
    progress = await services.course_cancellations.progress(who, checked)
    return CancellationProgress.model_validate(progress)
