"""The routes of the people of a course."""

from typing import Annotated

from fastapi import APIRouter, Query

from coursebook.api.dependencies.authentication import SignedIn
from coursebook.api.dependencies.ids import checked_id
from coursebook.api.dependencies.services import TheServices
from coursebook.api.reference.describe import problem_responses
from coursebook.api.routes.manage.courses import CourseId
from coursebook.api.schemas.manage.people import PeopleList, PeopleParameters
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
