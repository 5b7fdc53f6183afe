"""The routes of checkout: book a course and pay, or retry a failed payment."""

from typing import Any

from fastapi import APIRouter
from starlette.responses import JSONResponse

from coursebook.api.dependencies.authentication import SignedIn
from coursebook.api.dependencies.idempotency import Idempotent
from coursebook.api.dependencies.ids import BookingId, checked_id
from coursebook.api.dependencies.reader import TheReader
from coursebook.api.dependencies.services import TheServices
from coursebook.api.problems.http_errors import TooSlow
from coursebook.api.reference.describe import REPLAYED, problem_responses
from coursebook.api.schemas.models import ActOnMoney, Checkout, CheckoutRequest
from coursebook.errors import (
    AlreadyBooked,
    BookingClosed,
    BookingNotFound,
    ChangedMeanwhile,
    CourseChanged,
    CourseFull,
    CourseNotFound,
    Invalid,
    NotRetryable,
    PaymentProcessing,
    PaymentProviderError,
    RateLimited,
    TooLarge,
    Unauthenticated,
    Unavailable,
)
from coursebook.services.bookings.expected_amounts import ShownOffer
from coursebook.services.views import CheckoutView

router = APIRouter(tags=["Checkout"])

_COMMON = (
    Unauthenticated,
    CourseFull,
    AlreadyBooked,
    BookingClosed,
    PaymentProcessing,
    TooLarge,
    TooSlow,
    Invalid,
    RateLimited,
    PaymentProviderError,
    Unavailable,
)
_ANSWERS: dict[int | str, dict[str, Any]] = {
    201: {
        "description": "A new Checkout Session.",
        "model": Checkout,
        "headers": REPLAYED
        | {"Location": {"description": "The booking.", "schema": {"type": "string"}}},
    },
    200: {
        "description": "The session that is still open; a booking never has two payable sessions.",
        "model": Checkout,
        "headers": REPLAYED,
    },
}


def _answer(view: CheckoutView) -> tuple[int, Checkout]:
    return 201 if view.is_new else 200, Checkout.model_validate(view)


@router.post(
    "/api/stripe/checkout",
    operation_id="startCheckout",
    summary="Book a course and get the checkout URL",
    status_code=201,
    response_model=Checkout,
    responses=_ANSWERS | problem_responses(CourseNotFound, CourseChanged, *_COMMON),
)
async def start_checkout(
    who: SignedIn,
    body: CheckoutRequest,
    services: TheServices,
    only: Idempotent,
    reader: TheReader,
) -> JSONResponse:
    """Hold a place and open a Stripe Checkout Session. Redirect the person to `checkout_url`.

    With `seen_revision` it happens only if the course still has that revision.
    A repeated call while that session is open returns it with 200. A free course is confirmed at
    once: there is no session, and `checkout_url` is our success page.
    Mails are written in the language of `Accept-Language`, if we have it, else in English.
    """
    checked = checked_id(body.course_id, CourseNotFound)
    shown_offer = ShownOffer(revision=body.seen_revision)

    async def start() -> tuple[int, Checkout]:
        checkout = services.checkout
        view = await checkout.start_checkout(who, checked, shown_offer=shown_offer, reader=reader)
        return _answer(view)

    return await only.answer(start)


@router.post(
    "/api/bookings/{booking_id}/retry",
    operation_id="retryBooking",
    summary="Retry the payment of a booking",
    status_code=201,
    response_model=Checkout,
    responses=_ANSWERS
    | problem_responses(BookingNotFound, NotRetryable, ChangedMeanwhile, *_COMMON),
)
async def retry_booking(
    who: SignedIn,
    booking_id: BookingId,
    services: TheServices,
    only: Idempotent,
    reader: TheReader,
    *,
    body: ActOnMoney | None = None,
) -> JSONResponse:
    """Open a new session for the same booking, or return the one that is still open.

    For the owner only. With `expect` it happens only if that is still the amount to pay: a place
    that has expired has today's price.
    """
    checked = checked_id(booking_id, BookingNotFound)

    async def retry() -> tuple[int, Checkout]:
        expected = body.expected if body else None
        view = await services.checkout.retry(who, checked, expected=expected, reader=reader)
        return _answer(view)

    return await only.answer(retry)
