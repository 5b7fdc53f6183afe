"""The routes of the courses on the operator's side."""

from typing import Annotated, Any

from fastapi import APIRouter, Header, Path, Query, Response
from starlette.responses import JSONResponse

from coursebook.api.dependencies.authentication import SignedIn
from coursebook.api.dependencies.idempotency import Idempotent
from coursebook.api.dependencies.ids import checked_id
from coursebook.api.dependencies.services import TheServices
from coursebook.api.problems.documents import problem_response
from coursebook.api.reference.describe import REPLAYED, problem_responses
from coursebook.api.schemas.manage.courses import (
    CourseEdit,
    CourseFields,
    Duplicate,
    EditedCourse,
    ManagedCourse,
    ManagedCourseList,
    ManagedCourseParameters,
)
from coursebook.domain.course_edits.course_state import CourseAct
from coursebook.errors import (
    AlreadyCancelled,
    CapacityBelowBookings,
    ChangedMeanwhile,
    CourseNotFound,
    EditedMeanwhile,
    Forbidden,
    HasBookings,
    Invalid,
    NotActionable,
    RateLimited,
    TooLarge,
    Unauthenticated,
    Unavailable,
)
from coursebook.services.manage.course_query import ManagedQuery

router = APIRouter(tags=["Courses of one's own"])
CourseId = Annotated[str, Path(description="The course's id.")]
IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        pattern=r'^(W/)?"[1-9][0-9]{0,8}"$',
        description="`ETag` of the course that was seen.",
    ),
]
_LISTING = (Unauthenticated, Forbidden, Invalid, RateLimited, Unavailable)
_READING = (Unauthenticated, Forbidden, CourseNotFound, RateLimited, Unavailable)
_WRITING = (*_READING, TooLarge, Invalid)
_VERSION: dict[str, Any] = {
    "ETag": {"description": "The `version`, for `If-Match`.", "schema": {"type": "string"}}
}
_VERSIONED: dict[int | str, dict[str, Any]] = {200: {"headers": _VERSION}}
_POSTED: dict[int | str, dict[str, Any]] = {201: {"headers": REPLAYED}}
_ACTED: dict[int | str, dict[str, Any]] = {200: {"headers": REPLAYED}}


@router.get(
    "/api/manage/courses",
    operation_id="listManagedCourses",
    summary="List the courses that one manages",
    responses=problem_responses(*_LISTING),
)
async def list_managed_courses(
    who: SignedIn,
    parameters: Annotated[ManagedCourseParameters, Query()],
    services: TheServices,
) -> ManagedCourseList:
    """The courses that the person may see, of one state, page by page."""
    query = ManagedQuery(
        state=parameters.state,
        q=parameters.q.strip(),
        teacher=parameters.teacher.strip(),
        sort=parameters.sort,
        limit=parameters.limit,
        cursor=parameters.cursor,
    )
    return ManagedCourseList.model_validate(await services.managed_courses.list_of(who, query))


@router.post(
    "/api/manage/courses",
    operation_id="createCourse",
    summary="Create a draft",
    status_code=201,
    response_model=ManagedCourse,
    responses=_POSTED
    | problem_responses(Unauthenticated, Forbidden, TooLarge, Invalid, RateLimited, Unavailable),
)
async def create_course(
    who: SignedIn, body: CourseFields, services: TheServices, only: Idempotent
) -> JSONResponse:
    """Create a course that nobody else sees yet. It may be incomplete, also empty."""

    async def create() -> tuple[int, ManagedCourse]:
        view = await services.managed_courses.create(who, body.values())
        return 201, ManagedCourse.model_validate(view)

    return await only.answer(create, _address)


@router.get(
    "/api/manage/courses/{course_id}",
    operation_id="getManagedCourse",
    summary="Get one course with everything that was entered",
    responses=_VERSIONED | problem_responses(*_READING),
)
async def get_managed_course(
    who: SignedIn, course_id: CourseId, services: TheServices, response: Response
) -> ManagedCourse:
    """One course by its id, also a draft. `missing` says what it lacks to be published."""
    checked = checked_id(course_id, CourseNotFound)
    view = await services.managed_courses.get(who, checked)
    response.headers["ETag"] = _etag(view.version)
    return ManagedCourse.model_validate(view)


@router.patch(
    "/api/manage/courses/{course_id}",
    operation_id="editCourse",
    summary="Edit a course",
    response_model=EditedCourse,
    responses=_VERSIONED
    | problem_responses(
        *_WRITING, ChangedMeanwhile, CapacityBelowBookings, AlreadyCancelled, NotActionable
    ),
)
async def edit_course(
    who: SignedIn,
    course_id: CourseId,
    body: CourseEdit,
    services: TheServices,
    if_match: IfMatch = None,
) -> JSONResponse:
    """Change the values that are sent, if `version` (or `If-Match`) is still the newest.

    Otherwise nothing is stored, and `course` of the answer is the course as it is now.
    """
    checked, version = checked_id(course_id, CourseNotFound), _version(body, if_match)
    try:
        saved = await services.managed_courses.patch(
            who,
            checked,
            body.values(),
            version,
            tell=body.tell,
            free_cancel_until=body.free_cancel_until,
            reason=body.reason,
        )
    except EditedMeanwhile as error:
        current = ManagedCourse.model_validate(error.current)
        return problem_response(error, course=current.model_dump(mode="json"))
    course = EditedCourse.model_validate({**vars(saved.course), "told": saved.told})
    headers = {"ETag": _etag(saved.course.version)}
    return JSONResponse(course.model_dump(mode="json"), headers=headers)


@router.post(
    "/api/manage/courses/{course_id}/duplicate",
    operation_id="duplicateCourse",
    summary="Duplicate a course",
    status_code=201,
    response_model=ManagedCourse,
    responses=_POSTED | problem_responses(*_WRITING),
)
async def duplicate_course(
    who: SignedIn, course_id: CourseId, body: Duplicate, services: TheServices, only: Idempotent
) -> JSONResponse:
    """Create a draft with the same values, from another first day on at the same hours."""
    checked = checked_id(course_id, CourseNotFound)

    async def duplicate() -> tuple[int, ManagedCourse]:
        view = await services.managed_courses.duplicate(who, checked, body.starts_on, body.title)
        return 201, ManagedCourse.model_validate(view)

    return await only.answer(duplicate, _address)


def _add_act(act: CourseAct, summary: str, about: str, *refusals: type[Any]) -> None:
    """Add the route of an act on the state of a course."""

    async def act_on_course(
        who: SignedIn, course_id: CourseId, services: TheServices, only: Idempotent
    ) -> JSONResponse:
        checked = checked_id(course_id, CourseNotFound)

        async def carry_out() -> tuple[int, ManagedCourse]:
            view = await services.managed_courses.act(who, checked, act)
            return 200, ManagedCourse.model_validate(view)

        return await only.answer(carry_out)

    router.add_api_route(
        f"/api/manage/courses/{{course_id}}/{act.value}",
        act_on_course,
        methods=["POST"],
        operation_id=f"{act.value}Course",
        summary=summary,
        description=about,
        response_model=ManagedCourse,
        responses=_ACTED | problem_responses(*_READING, TooLarge, Invalid, *refusals),
    )


_add_act(
    CourseAct.PUBLISH,
    "Publish a course",
    "Offer it to everybody. 422 `invalid` names what is missing.",
    AlreadyCancelled,
    NotActionable,
)
_add_act(
    CourseAct.UNPUBLISH,
    "Take a course back",
    "Make it a draft again, as long as nobody has a place.",
    HasBookings,
    AlreadyCancelled,
    NotActionable,
)
_add_act(
    CourseAct.OPEN,
    "Open booking",
    "Take bookings again.",
    AlreadyCancelled,
    NotActionable,
)
_add_act(
    CourseAct.CLOSE,
    "Close booking",
    "Take no new bookings. The page stays, and so do all places.",
    AlreadyCancelled,
    NotActionable,
)
_add_act(
    CourseAct.ARCHIVE,
    "Archive a course",
    "Put it away. A published course must be over.",
    NotActionable,
)
_add_act(CourseAct.RESTORE, "Restore a course", "Take it out of the archive.")


def _address(body: dict[str, Any]) -> str:
    return f"/api/manage/courses/{body['id']}"


def _etag(version: int) -> str:
    return f'"{version}"'


def _version(body: CourseEdit, if_match: str | None) -> int | None:
    """Return the version that was seen, None when it was not sent."""
    if body.version is not None or if_match is None:
        return body.version
    return int(if_match.strip('W/"'))
