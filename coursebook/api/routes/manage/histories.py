"""The routes of histories: of a course, and of the whole school."""

from typing import Annotated

from fastapi import APIRouter, Query

from coursebook.api.dependencies.authentication import SignedIn
from coursebook.api.dependencies.ids import checked_id
from coursebook.api.dependencies.services import TheServices
from coursebook.api.reference.describe import problem_responses
from coursebook.api.routes.manage.courses import CourseId
from coursebook.api.schemas.manage.history import History, HistoryParameters
from coursebook.errors import (
    CourseNotFound,
    Forbidden,
    Invalid,
    RateLimited,
    Unauthenticated,
    Unavailable,
)

router = APIRouter(tags=["Courses of one's own"])


@router.get(
    "/api/manage/courses/{course_id}/history",
    operation_id="listCourseHistory",
    summary="List what happened to a course and its bookings",
    responses=problem_responses(
        Unauthenticated, Forbidden, CourseNotFound, Invalid, RateLimited, Unavailable
    ),
)
async def list_course_history(
    who: SignedIn,
    course_id: CourseId,
    parameters: Annotated[HistoryParameters, Query()],
    services: TheServices,
) -> History:
    """Edits of the course, its bookings, and the money of them, as far as the caller may see it."""
    checked = checked_id(course_id, CourseNotFound)
    page = await services.course_histories.page(who, checked, parameters.limit, parameters.cursor)
    return History.model_validate(page)


@router.get(
    "/api/manage/history",
    operation_id="listHistory",
    summary="List what happened at the school",
    responses=problem_responses(Unauthenticated, Forbidden, Invalid, RateLimited, Unavailable),
)
async def list_history(
    who: SignedIn, parameters: Annotated[HistoryParameters, Query()], services: TheServices
) -> History:
    """Courses, bookings, money, the team, settings and files that were taken; for owners."""
    page = await services.school_histories.page(who, parameters.limit, parameters.cursor)
    return History.model_validate(page)
