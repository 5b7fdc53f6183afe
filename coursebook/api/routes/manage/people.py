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
from coursebook.services.manage.roster_export import RosterExport
from coursebook.services.manage.roster_files import XLSX_TYPE

router = APIRouter(tags=["Courses of one's own"])


def _file_of(media_type: str, schema: dict[str, str]) -> dict[int | str, dict[str, Any]]:
    answer: dict[int | str, dict[str, Any]] = {200: {"content": {media_type: {"schema": schema}}}}
    return answer | problem_responses(
        Unauthenticated, Forbidden, CourseNotFound, Invalid, RateLimited, Unavailable
    )


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
    summary="Export the people of a course as CSV",
    response_class=StreamingResponse,
    responses=_file_of("text/csv", {"type": "string"}),
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
    query = parameters.to_query()
    checked = checked_id(course_id, CourseNotFound)
    export = await services.roster_exports.file(who, checked, query, reader.language)
    return file_answer(export)


@router.get(
    "/api/manage/courses/{course_id}/people.xlsx",
    operation_id="exportPeopleSpreadsheet",
    summary="Export the people of a course as a spreadsheet",
    response_class=StreamingResponse,
    responses=_file_of(XLSX_TYPE, {"type": "string", "format": "binary"}),
)
async def export_people_spreadsheet(
    who: SignedIn,
    course_id: CourseId,
    parameters: Annotated[ExportParameters, Query()],
    services: TheServices,
    reader: TheReader,
) -> StreamingResponse:
    """The same table as a spreadsheet (XLSX), with amounts as numbers and days as dates.

    Each export is recorded; 10 an hour are allowed, of both kinds together.
    """
    query = parameters.to_query()
    checked = checked_id(course_id, CourseNotFound)
    export = await services.roster_exports.file(who, checked, query, reader.language, "xlsx")
    return file_answer(export)


def file_answer(export: RosterExport) -> StreamingResponse:
    """Return a file in pieces, to be saved under its name."""
    headers = {"Content-Disposition": f'attachment; filename="{export.file_name}"'}
    return StreamingResponse(export.pieces, media_type=export.media_type, headers=headers)
