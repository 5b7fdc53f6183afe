"""The public routes of the catalog."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from coursebook.api.dependencies.authentication import OptionalPrincipal
from coursebook.api.dependencies.client_address import ClientAddress
from coursebook.api.dependencies.ids import checked_id
from coursebook.api.dependencies.services import TheServices
from coursebook.api.middleware.known_answers import UNCHANGED, keep_answer
from coursebook.api.reference.describe import problem_responses
from coursebook.api.schemas.models import CourseDetail, CourseList
from coursebook.api.schemas.parameters import CourseParameters, course_parameters, matches
from coursebook.domain.course_fields import CourseField
from coursebook.errors import CourseNotFound, Invalid, RateLimited, Unavailable
from coursebook.services.catalog.course_query import CourseQuery
from coursebook.services.catalog.courses import CourseMoved

router = APIRouter(tags=["Courses"])
CourseName = Annotated[str, Path(description="The course's id, or its slug.")]
MOVED: dict[int | str, dict[str, Any]] = {
    308: {
        "description": "The course has another slug now.",
        "headers": {"Location": {"description": "The course.", "schema": {"type": "string"}}},
    }
}
LIST_COURSES = """\
Published courses that have not started, page by page.

Courses that have started are listed when `from` is in the past. Words in `q` may be the
beginning of a word, need no accents, and may have a typing error.

`from` and `to` take a day (in UTC) or a time with its zone. `price_max` compares minor units in
any currency. A cursor is valid only for the sort order of its page.

Full-text searches are rate limited by network address, or by person with a session token
(`Authorization: Bearer …`).
"""


def course_list_router(fields: Sequence[CourseField]) -> APIRouter:
    """Return the route of the list, with the parameters of the school's fields."""
    list_router = APIRouter(tags=["Courses"])
    model = course_parameters(fields)

    @list_router.get(
        "/api/courses",
        operation_id="listCourses",
        summary="List courses",
        description=LIST_COURSES,
        response_model=CourseList,
        responses=UNCHANGED | problem_responses(Invalid, RateLimited, Unavailable),
    )
    async def list_courses(
        request: Request,
        parameters: Annotated[model, Query()],  # type: ignore[valid-type]  # made at run time
        services: TheServices,
        address: ClientAddress,
        who: OptionalPrincipal,
    ) -> CourseList | Response:
        query, since = _query_of(parameters, fields), services.clock()
        page = await services.catalog.list_courses(query, address, who)
        courses = CourseList.model_validate(page)
        if query.q:  # each search counts
            return courses
        course_ids = None if query.available else [it.id for it in courses.items]
        return keep_answer(request, _bytes_of(courses), since, course_ids)

    return list_router


@router.get(
    "/api/courses/{id_or_slug}",
    operation_id="getCourse",
    summary="Get one course",
    response_model=CourseDetail,
    responses=MOVED | UNCHANGED | problem_responses(CourseNotFound, Unavailable),
)
async def get_course(id_or_slug: CourseName, request: Request, services: TheServices) -> Response:
    """One published course by its id or slug, with description and cancellation terms."""
    checked, since = checked_id(id_or_slug, CourseNotFound), services.clock()
    try:
        course = CourseDetail.model_validate(await services.catalog.course(checked))
        return keep_answer(request, _bytes_of(course), since, [course.id])
    except CourseMoved as error:
        return RedirectResponse(f"/api/courses/{error.slug}", status_code=308)


def _bytes_of(answer: CourseList | CourseDetail) -> bytes:
    return answer.model_dump_json(by_alias=True).encode()


def _query_of(parameters: CourseParameters, fields: Sequence[CourseField]) -> CourseQuery:
    return CourseQuery(
        q=parameters.q.strip(),
        category=parameters.category,
        level=parameters.level,
        starts_from=parameters.starts_from,
        starts_to=parameters.starts_to,
        price_max=parameters.price_max,
        available=parameters.available,
        series=parameters.series.strip(),
        extra=matches(parameters, fields),
        sort=parameters.sort,
        limit=parameters.limit,
        cursor=parameters.cursor,
        is_counted=False,
    )
