"""The routes of the bookings of others, on the operator's side."""

from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import APIRouter
from starlette.responses import JSONResponse

from coursebook.api.dependencies.authentication import SignedIn
from coursebook.api.dependencies.idempotency import Idempotent
from coursebook.api.dependencies.ids import BookingId, checked_id
from coursebook.api.dependencies.services import TheServices
from coursebook.api.reference.describe import REPLAYED, problem_responses
from coursebook.api.schemas.manage.bookings import (
    CancelRequest,
    ManagedBooking,
    NoteRequest,
    RefundRequest,
    TagsRequest,
)
from coursebook.errors import (
    BookingNotFound,
    ChangedMeanwhile,
    Disputed,
    Forbidden,
    Invalid,
    NotActionable,
    NotCancellable,
    NothingToRefund,
    PaymentProcessing,
    PaymentProviderError,
    RateLimited,
    TooLarge,
    Unauthenticated,
    Unavailable,
)
from coursebook.services.manage.booking_views import ManagedBookingView

router = APIRouter(tags=["Bookings of others"])
_READING = (Unauthenticated, Forbidden, BookingNotFound, RateLimited, Unavailable)
_WRITING = (*_READING, TooLarge, Invalid)
_ON_MONEY = (
    *_WRITING,
    ChangedMeanwhile,
    Disputed,
    NothingToRefund,
    NotCancellable,
    PaymentProcessing,
    PaymentProviderError,
)
_DONE: dict[int | str, dict[str, Any]] = {200: {"headers": REPLAYED}}


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


@router.post(
    "/api/manage/bookings/{booking_id}/refund",
    operation_id="refundBooking",
    summary="Give back a part of the money",
    response_model=ManagedBooking,
    responses=_DONE | problem_responses(*_ON_MONEY, NotActionable),
)
async def refund_booking(
    who: SignedIn,
    booking_id: BookingId,
    body: RefundRequest,
    services: TheServices,
    only: Idempotent,
) -> JSONResponse:
    """Give back a sum to the cards that paid, at any time; the person keeps the place.

    With `cancel_place` the place ends too. For owners and managers.
    """
    checked = checked_id(booking_id, BookingNotFound)

    def refund() -> Awaitable[ManagedBookingView]:
        return services.managed_bookings.refund(who, checked, body.order())

    return await _done(only, refund)


@router.post(
    "/api/manage/bookings/{booking_id}/cancel",
    operation_id="cancelManagedBooking",
    summary="Cancel a booking for the school",
    response_model=ManagedBooking,
    responses=_DONE | problem_responses(*_ON_MONEY),
)
async def cancel_managed_booking(
    who: SignedIn,
    booking_id: BookingId,
    body: CancelRequest,
    services: TheServices,
    only: Idempotent,
) -> JSONResponse:
    """End the place and give back nothing, what was promised, everything, or a sum, at any time.

    Less than was promised needs `agreed` and a reason. For owners and managers.
    """
    checked = checked_id(booking_id, BookingNotFound)

    def cancel() -> Awaitable[ManagedBookingView]:
        return services.managed_bookings.cancel(
            who, checked, body.choice(), body.expected(), is_told=body.tell
        )

    return await _done(only, cancel)


@router.post(
    "/api/manage/bookings/{booking_id}/resend",
    operation_id="resendConfirmation",
    summary="Send the confirmation again",
    response_model=ManagedBooking,
    responses=_DONE | problem_responses(*_READING, NotActionable, Invalid),
)
async def resend_confirmation(
    who: SignedIn, booking_id: BookingId, services: TheServices, only: Idempotent
) -> JSONResponse:
    """Send the mail of a confirmed booking once more. For owners and managers."""
    checked = checked_id(booking_id, BookingNotFound)
    return await _done(only, lambda: services.managed_bookings.resend(who, checked))


@router.put(
    "/api/manage/bookings/{booking_id}/note",
    operation_id="setBookingNote",
    summary="Set the school's note on a booking",
    responses=problem_responses(*_WRITING),
)
@router.post("/api/manage/bookings/{booking_id}/note", include_in_schema=False)
async def set_booking_note(
    who: SignedIn, booking_id: BookingId, body: NoteRequest, services: TheServices
) -> ManagedBooking:
    """The student never sees it; teachers of the course do. For owners and managers."""
    checked = checked_id(booking_id, BookingNotFound)
    view = await services.managed_bookings.set_note(who, checked, body.note)
    return ManagedBooking.model_validate(view)


@router.put(
    "/api/manage/bookings/{booking_id}/tags",
    operation_id="setBookingTags",
    summary="Set the school's tags on a booking",
    responses=problem_responses(*_WRITING),
)
@router.post("/api/manage/bookings/{booking_id}/tags", include_in_schema=False)
async def set_booking_tags(
    who: SignedIn, booking_id: BookingId, body: TagsRequest, services: TheServices
) -> ManagedBooking:
    """The student never sees them; teachers of the course do. For owners and managers."""
    checked = checked_id(booking_id, BookingNotFound)
    view = await services.managed_bookings.set_tags(who, checked, body.tags)
    return ManagedBooking.model_validate(view)


async def _done(only: Idempotent, act: Callable[[], Awaitable[ManagedBookingView]]) -> JSONResponse:
    async def answer() -> tuple[int, ManagedBooking]:
        return 200, ManagedBooking.model_validate(await act())

    return await only.answer(answer)
