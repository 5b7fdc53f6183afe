"""The routes of the bookings of others, on the operator's side."""

from fastapi import APIRouter

from coursebook.api.dependencies.authentication import SignedIn
from coursebook.api.dependencies.ids import BookingId, checked_id
from coursebook.api.dependencies.services import TheServices
from coursebook.api.reference.describe import problem_responses
from coursebook.api.schemas.manage.bookings import ManagedBooking
from coursebook.errors import (
    BookingNotFound,
    Forbidden,
    RateLimited,
    Unauthenticated,
    Unavailable,
)

router = APIRouter(tags=["Bookings of others"])
_READING = (Unauthenticated, Forbidden, BookingNotFound, RateLimited, Unavailable)


@router.get(
    "/api/manage/bookings/{booking_id}",
    operation_id="getManagedBooking",
    summary="Get one booking with its money and its story",
    responses=problem_responses(*_READING),
)
async def get_managed_booking(
    who: SignedIn, booking_id: BookingId, services: TheServices
) -> ManagedBooking:
    """Everything about one booking, as far as the caller may see it.

    A teacher sees those of the own courses, without sums and contacts.
    """
    checked = checked_id(booking_id, BookingNotFound)
    return ManagedBooking.model_validate(await services.managed_bookings.get(who, checked))
