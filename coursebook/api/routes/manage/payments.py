"""The routes of money that the school takes by hand."""

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from starlette.responses import JSONResponse

from coursebook.api.dependencies.authentication import SignedIn
from coursebook.api.dependencies.idempotency import Idempotent
from coursebook.api.dependencies.ids import BookingId, checked_id
from coursebook.api.dependencies.services import TheServices
from coursebook.api.reference.describe import REPLAYED, problem_responses
from coursebook.api.schemas.manage.bookings import ManagedBooking
from coursebook.api.schemas.manage.manual_bookings import (
    ExpectedParameters,
    ExpectedPayments,
    PaymentByHand,
    PaymentReceived,
    PaymentVoid,
)
from coursebook.errors import (
    BookingNotFound,
    ChangedMeanwhile,
    Forbidden,
    Invalid,
    NotActionable,
    PaymentNotFound,
    PaymentProviderError,
    RateLimited,
    TooLarge,
    Unauthenticated,
    Unavailable,
)

router = APIRouter(tags=["Bookings of others"])
PaymentId = Annotated[str, Path(description="The id of a payment by hand.")]
_CREATED: dict[int | str, dict[str, Any]] = {HTTPStatus.CREATED.value: {"headers": REPLAYED}}
_DONE: dict[int | str, dict[str, Any]] = {HTTPStatus.OK.value: {"headers": REPLAYED}}
_CHANGING = (
    *(Unauthenticated, Forbidden, TooLarge, Invalid, RateLimited, Unavailable),
    BookingNotFound,
)
_RECORDING = (*_CHANGING, ChangedMeanwhile, PaymentProviderError)


@router.get(
    "/api/manage/payments/expected",
    operation_id="listExpectedPayments",
    summary="List expected money",
    responses=problem_responses(Unauthenticated, Forbidden, Invalid, RateLimited, Unavailable),
)
async def list_expected_payments(
    who: SignedIn, parameters: Annotated[ExpectedParameters, Query()], services: TheServices
) -> ExpectedPayments:
    """Money that is still to come by hand, the most overdue first."""
    page = await services.offline_payments.expected(who, parameters.limit, parameters.cursor)
    return ExpectedPayments.model_validate(page)


@router.post(
    "/api/manage/bookings/{booking_id}/payments",
    operation_id="recordPayment",
    summary="Record money that came by hand",
    status_code=HTTPStatus.CREATED,
    response_model=ManagedBooking,
    responses=_CREATED | problem_responses(*_RECORDING),
)
async def record_payment(
    who: SignedIn,
    booking_id: BookingId,
    body: PaymentByHand,
    services: TheServices,
    only: Idempotent,
) -> JSONResponse:
    """Write down cash, a transfer, or what a card terminal took.

    An open payment page is closed first. The place is confirmed once its price has come; what is
    above it has to be given back by hand.
    """
    checked = checked_id(booking_id, BookingNotFound)

    async def record() -> tuple[int, ManagedBooking]:
        view = await services.offline_payments.record(who, checked, body.receipt())
        return HTTPStatus.CREATED, ManagedBooking.model_validate(view)

    return await only.answer(record)


@router.post(
    "/api/manage/bookings/{booking_id}/payments/{payment_id}/received",
    operation_id="receiveExpectedPayment",
    summary="Record that expected money came",
    response_model=ManagedBooking,
    responses=_DONE | problem_responses(*_RECORDING, PaymentNotFound, NotActionable),
)
async def receive_expected_payment(
    who: SignedIn,
    booking_id: BookingId,
    payment_id: PaymentId,
    *,
    body: PaymentReceived,
    services: TheServices,
    only: Idempotent,
) -> JSONResponse:
    """Write down that all of an expected payment came."""
    checked = checked_id(booking_id, BookingNotFound)
    payment = checked_id(payment_id, PaymentNotFound)

    async def receive() -> tuple[int, ManagedBooking]:
        view = await services.offline_payments.mark_received(who, checked, payment, body.receipt())
        return HTTPStatus.OK, ManagedBooking.model_validate(view)

    return await only.answer(receive)


@router.post(
    "/api/manage/bookings/{booking_id}/payments/{payment_id}/void",
    operation_id="voidPayment",
    summary="Void a payment by hand",
    response_model=ManagedBooking,
    responses=_DONE | problem_responses(*_CHANGING, PaymentNotFound, NotActionable),
)
async def void_payment(
    who: SignedIn,
    booking_id: BookingId,
    payment_id: PaymentId,
    *,
    body: PaymentVoid,
    services: TheServices,
    only: Idempotent,
) -> JSONResponse:
    """Void what was written down by mistake.

    A confirmed place gets a new expected row instead. What was given back must stay covered.
    """
    checked = checked_id(booking_id, BookingNotFound)
    payment = checked_id(payment_id, PaymentNotFound)

    async def void() -> tuple[int, ManagedBooking]:
        view = await services.offline_payments.void(who, checked, payment, body.reason, body.due_on)
        return HTTPStatus.OK, ManagedBooking.model_validate(view)

    return await only.answer(void)
