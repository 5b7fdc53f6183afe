"""The routes of bookings: list, get, calendar file, cancel."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import Field
from starlette.responses import JSONResponse, Response

from coursebook.api.dependencies.authentication import SignedIn
from coursebook.api.dependencies.idempotency import Idempotent
from coursebook.api.dependencies.ids import BookingId, checked_id
from coursebook.api.dependencies.services import TheServices
from coursebook.api.problems.http_errors import TooSlow
from coursebook.api.reference.describe import REPLAYED, problem_responses
from coursebook.api.schemas.models import ActOnMoney, Booking, BookingList
from coursebook.api.schemas.parameters import PageParameters
from coursebook.domain.booking import BookingStatus
from coursebook.errors import (
    BookingNotFound,
    ChangedMeanwhile,
    Forbidden,
    Invalid,
    NotCancellable,
    PaymentProcessing,
    PaymentProviderError,
    RateLimited,
    TooLarge,
    Unauthenticated,
    Unavailable,
)

router = APIRouter(tags=["Bookings"])


_CANCELLED: dict[int | str, dict[str, Any]] = {200: {"headers": REPLAYED}}
_CALENDAR: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/calendar": {"schema": {"type": "string"}}}}
}


class BookingParameters(PageParameters):
    """Filters and page of the list of bookings."""

    status: BookingStatus | None = Field(
        default=None, description="Only bookings with this status."
    )


@router.get(
    "/api/bookings",
    operation_id="listBookings",
    summary="List your bookings",
    responses=problem_responses(Unauthenticated, Invalid, RateLimited, Unavailable),
)
async def list_bookings(
    who: SignedIn, parameters: Annotated[BookingParameters, Query()], services: TheServices
) -> BookingList:
    """The signed-in person's bookings, newest first. Everybody sees only their own here."""
    page = await services.bookings.list_of(
        who, parameters.status, parameters.limit, parameters.cursor
    )
    return BookingList.model_validate(page)


@router.get(
    "/api/bookings/{booking_id}",
    operation_id="getBooking",
    summary="Get one booking",
    responses=problem_responses(Unauthenticated, BookingNotFound, RateLimited, Unavailable),
)
async def get_booking(who: SignedIn, booking_id: BookingId, services: TheServices) -> Booking:
    """One booking, for its owner and for whoever may see the school's money.

    For everybody else another person's booking gives a 404.
    """
    checked = checked_id(booking_id, BookingNotFound)
    return Booking.model_validate(await services.bookings.booking(who, checked))


@router.get(
    "/api/bookings/{booking_id}/calendar.ics",
    operation_id="getBookingCalendar",
    summary="Get the calendar file of a booking",
    response_class=Response,
    responses=_CALENDAR
    | problem_responses(Unauthenticated, BookingNotFound, RateLimited, Unavailable),
)
async def get_calendar(who: SignedIn, booking_id: BookingId, services: TheServices) -> Response:
    """The calendar entry of a confirmed booking (RFC 5545), for its owner only.

    For a cancelled booking: the same entry, cancelled. Any other gives a 404.
    """
    file = await services.calendars.of_booking(who, checked_id(booking_id, BookingNotFound))
    return Response(
        file.data,
        media_type="text/calendar; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{file.name}"',
            "Cache-Control": "private, no-store",
        },
    )


@router.post(
    "/api/bookings/{booking_id}/cancel",
    operation_id="cancelBooking",
    summary="Cancel a booking",
    response_model=Booking,
    responses=_CANCELLED
    | problem_responses(
        Unauthenticated,
        Forbidden,
        BookingNotFound,
        NotCancellable,
        ChangedMeanwhile,
        PaymentProcessing,
        PaymentProviderError,
        TooLarge,
        TooSlow,
        Invalid,
        RateLimited,
        Unavailable,
    ),
)
async def cancel_booking(
    who: SignedIn,
    booking_id: BookingId,
    services: TheServices,
    only: Idempotent,
    *,
    body: ActOnMoney | None = None,
) -> JSONResponse:
    """Cancel a booking and refund the promised share (see `refunds`).

    For the owner, and for the school's owners and managers, who refund everything at any time. An
    accountant gets a 403. With `expect` it happens only if the refund is still that sum.
    """
    checked = checked_id(booking_id, BookingNotFound)

    async def cancel() -> tuple[int, Booking]:
        expected = body.expected if body else None
        view = await services.bookings.cancel(who, checked, expected=expected)
        return 200, Booking.model_validate(view)

    return await only.answer(cancel)
