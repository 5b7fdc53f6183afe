"""The route that tells what an edit of a course would mean for the people who booked."""

from fastapi import APIRouter

from coursebook.api.dependencies.authentication import SignedIn
from coursebook.api.dependencies.ids import checked_id
from coursebook.api.dependencies.services import TheServices
from coursebook.api.reference.describe import problem_responses
from coursebook.api.routes.manage.courses import CourseId
from coursebook.api.schemas.manage.course_changes import ChangePreview
from coursebook.api.schemas.manage.courses import CourseEdit
from coursebook.errors import (
    AlreadyCancelled,
    CapacityBelowBookings,
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


@router.post(
    "/api/manage/courses/{course_id}/changes/preview",
    operation_id="previewCourseChange",
    summary="Preview an edit",
    responses=problem_responses(
        *(Unauthenticated, Forbidden, CourseNotFound, TooLarge, Invalid, RateLimited, Unavailable),
        *(CapacityBelowBookings, AlreadyCancelled, NotActionable),
    ),
)
async def preview_course_change(
    who: SignedIn, course_id: CourseId, body: CourseEdit, services: TheServices
) -> ChangePreview:
    """What an edit with this body would mean for the people who booked, if they are told.

    Writes nothing. `version` and `tell` are not asked.
    """
    preview = await services.change_previews.preview(
        who,
        checked_id(course_id, CourseNotFound),
        body.values(),
        free_cancel_until=body.free_cancel_until,
        reason=body.reason,
    )
    return ChangePreview.model_validate(preview)
