"""The routes of the people of a course."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.responses import StreamingResponse

from coursebook.api.dependencies.authentication import SignedIn
from coursebook.api.dependencies.ids import checked_id
from coursebook.api.dependencies.reader import TheReader
from coursebook.api.dependencies.services import TheServices
from coursebook.api.reference.describe import problem_responses
from coursebook.api.routes.manage.courses import CourseId
from coursebook.api.schemas.manage.people import ExportParameters, PeopleList, PeopleParameters
from coursebook.errors import (
    CourseNotFound,
    Forbidden,
    Invalid,
    RateLimited,
    Unauthenticated,
    Unavailable,
)
from coursebook.services.manage.roster import RosterQuery

router = APIRouter(tags=["Courses of one's own"])
_FILE: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/csv": {"schema": {"type": "string"}}}}
}


@router.get(
    "/api/manage/courses/{course_id}/people",
    operation_id="listPeople",
    summary="List the people of a course",
    responses=problem_responses(
        Unauthenticated, Forbidden, CourseNotFound, Invalid, RateLimited, Unavailable
    ),
)
async def list_people(
    who: SignedIn,
    course_id: CourseId,
    parameters: Annotated[PeopleParameters, Query()],
    services: TheServices,
) -> PeopleList:
    """The people of a course with what they paid, as far as the caller may see it."""
    query = RosterQuery(
        listed=parameters.state,
        q=parameters.q,
        sort=parameters.sort,
        limit=parameters.limit,
        cursor=parameters.cursor,
    )
    checked = checked_id(course_id, CourseNotFound)
    return PeopleList.model_validate(await services.rosters.page(who, checked, query))


@router.get(
    "/api/manage/courses/{course_id}/people.csv",
    operation_id="exportPeople",
    summary="Export the people of a course",
    response_class=StreamingResponse,
    responses=_FILE
    | problem_responses(
        Unauthenticated, Forbidden, CourseNotFound, Invalid, RateLimited, Unavailable
    ),
)
async def export_people(
    who: SignedIn,
    course_id: CourseId,
    parameters: Annotated[ExportParameters, Query()],
    services: TheServices,
    reader: TheReader,
) -> StreamingResponse:
    """The same people by name, as a CSV file with what the caller may see.

    With `Accept-Language: de` it is in German and separated by semicolons. Each export is recorded;
    10 an hour are allowed.
    """
    query = RosterQuery(listed=parameters.state, q=parameters.q)
    export = await services.roster_exports.csv(
        who, checked_id(course_id, CourseNotFound), query, reader.language
    )
    headers = {"Content-Disposition": f'attachment; filename="{export.file_name}"'}
    return StreamingResponse(export.pieces, media_type="text/csv; charset=utf-8", headers=headers)
