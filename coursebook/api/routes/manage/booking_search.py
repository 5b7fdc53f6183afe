"""The route of the search over all bookings."""

from typing import Annotated

from fastapi import APIRouter, Query

from coursebook.api.dependencies.authentication import SignedIn
from coursebook.api.dependencies.services import TheServices
from coursebook.api.reference.describe import problem_responses
from coursebook.api.schemas.manage.booking_search import BookingSearchParameters, FoundBookings
from coursebook.errors import Forbidden, Invalid, RateLimited, Unauthenticated, Unavailable
from coursebook.services.operators.booking_search import BookingQuery

router = APIRouter(tags=["Bookings of others"])


@router.get(
    "/api/manage/bookings",
    operation_id="findBookings",
    summary="Find bookings of all courses",
    responses=problem_responses(Unauthenticated, Forbidden, Invalid, RateLimited, Unavailable),
)
async def find_bookings(
    who: SignedIn, parameters: Annotated[BookingSearchParameters, Query()], services: TheServices
) -> FoundBookings:
    """Bookings by name, mail address or number, the newest first; without words all of them.

    A teacher finds those of the own courses, by name and number. The bookings of the 500 newest
    people that have the words are listed.
    """
    query = BookingQuery(
        q=parameters.q,
        place=parameters.place,
        limit=parameters.limit,
        cursor=parameters.cursor,
    )
    return FoundBookings.model_validate(await services.booking_searches.page(who, query))
