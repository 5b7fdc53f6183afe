"""The route that repeats a course on other dates."""

from typing import Any

from fastapi import APIRouter
from starlette.responses import JSONResponse

from coursebook.api.dependencies.authentication import SignedIn
from coursebook.api.dependencies.idempotency import Idempotent
from coursebook.api.dependencies.ids import checked_id
from coursebook.api.dependencies.services import TheServices
from coursebook.api.reference.describe import REPLAYED, problem_responses
from coursebook.api.routes.manage.courses import CourseId
from coursebook.api.schemas.manage.repetitions import RepeatBody, Repetition
from coursebook.errors import (
    CourseNotFound,
    Forbidden,
    Invalid,
    RateLimited,
    TooLarge,
    Unauthenticated,
    Unavailable,
)

router = APIRouter(tags=["Courses of one's own"])
_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {
        "model": Repetition,
        "description": "Nothing was added: a dry run, or every date exists.",
        "headers": REPLAYED,
    },
    201: {"description": "The dates were added.", "headers": REPLAYED},
}


@router.post(
    "/api/manage/courses/{course_id}/repeat",
    operation_id="repeatCourse",
    summary="Repeat a course on other dates",
    status_code=201,
    response_model=Repetition,
    responses=_ANSWERS
    | problem_responses(
        Unauthenticated,
        Forbidden,
        CourseNotFound,
        TooLarge,
        Invalid,
        RateLimited,
        Unavailable,
    ),
)
async def repeat_course(
    who: SignedIn, course_id: CourseId, body: RepeatBody, services: TheServices, only: Idempotent
) -> JSONResponse:
    """Add the course on up to 60 other days, each with its own address, places and bookings.

    All are added or none. Days on which the course cannot be, and those on which its teacher or its
    place is taken, are refused with 422 `invalid`, each with its pointer; `allow_clashes` adds the
    latter.
    """
    checked, request = checked_id(course_id, CourseNotFound), body.request()

    async def repeat() -> tuple[int, Repetition]:
        repeats = services.course_repeats
        carry_out = repeats.preview if body.dry_run else repeats.repeat
        view = await carry_out(who, checked, request)
        return (201 if view.added else 200), Repetition.model_validate(view)

    return await only.answer(repeat, _address)


def _address(body: dict[str, Any]) -> str:
    return f"/api/courses?series={body['series_id']}"
