"""The routes of bookings that the school makes, and of the links that guests claim them by."""

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.responses import JSONResponse

from coursebook.api.dependencies.authentication import SignedIn
from coursebook.api.dependencies.idempotency import Body, Idempotent
from coursebook.api.dependencies.ids import BookingId, checked_id
from coursebook.api.dependencies.services import TheServices
from coursebook.api.reference.describe import REPLAYED, problem_responses
from coursebook.api.routes.manage.courses import CourseId
from coursebook.api.schemas.manage.bookings import ManagedBooking
from coursebook.api.schemas.manage.manual_bookings import (
    BookingByHand,
    ClaimCode,
    Claimed,
    KnownParameters,
    KnownPeople,
)
from coursebook.errors import (
    AlreadyBooked,
    BookingClosed,
    BookingNotFound,
    ClaimNotFound,
    CourseFull,
    CourseNotFound,
    Forbidden,
    Invalid,
    NotActionable,
    RateLimited,
    TooLarge,
    Unauthenticated,
    Unavailable,
)

router = APIRouter(tags=["Bookings of others"])
_CREATED: dict[int | str, dict[str, Any]] = {HTTPStatus.CREATED.value: {"headers": REPLAYED}}
_DONE: dict[int | str, dict[str, Any]] = {HTTPStatus.OK.value: {"headers": REPLAYED}}
_CHANGING = (Unauthenticated, Forbidden, TooLarge, Invalid, RateLimited, Unavailable)


def _address(body: Body) -> str | None:
    return f"/api/manage/bookings/{body['id']}" if "id" in body else None


@router.get(
    "/api/manage/people",
    operation_id="findPeople",
    summary="Find people to book for",
    responses=problem_responses(Unauthenticated, Forbidden, Invalid, RateLimited, Unavailable),
)
async def find_people(
    who: SignedIn, parameters: Annotated[KnownParameters, Query()], services: TheServices
) -> KnownPeople:
    """Accounts and guests by name or mail address, for `user_id` of a new booking."""
    people = await services.known_people.search(who, parameters.q)
    return KnownPeople.model_validate({"items": people})


@router.post(
    "/api/manage/courses/{course_id}/bookings",
    operation_id="addBooking",
    summary="Add a booking",
    status_code=HTTPStatus.CREATED,
    response_model=ManagedBooking,
    responses=_CREATED
    | problem_responses(*_CHANGING, CourseNotFound, CourseFull, AlreadyBooked, BookingClosed),
)
async def add_booking(
    who: SignedIn,
    course_id: CourseId,
    body: BookingByHand,
    services: TheServices,
    only: Idempotent,
) -> JSONResponse:
    """Book somebody who phones, pays at the door, or gets the place as a present.

    A guest with an address gets a link in the mail that adds the booking to an account.
    """
    checked = checked_id(course_id, CourseNotFound)

    async def add() -> tuple[int, ManagedBooking]:
        view = await services.manual_bookings.add(who, checked, body.wanted())
        return HTTPStatus.CREATED, ManagedBooking.model_validate(view)

    return await only.answer(add, _address)


@router.post(
    "/api/manage/bookings/{booking_id}/claim-link",
    operation_id="sendClaimLink",
    summary="Send a guest the link again",
    status_code=HTTPStatus.OK,
    response_model=ManagedBooking,
    responses=_DONE | problem_responses(*_CHANGING, BookingNotFound, NotActionable),
)
async def send_claim_link(
    who: SignedIn, booking_id: BookingId, services: TheServices, only: Idempotent
) -> JSONResponse:
    """Mail a new link that adds the bookings of a guest to an account."""
    checked = checked_id(booking_id, BookingNotFound)

    async def send() -> tuple[int, ManagedBooking]:
        view = await services.manual_bookings.send_claim(who, checked)
        return HTTPStatus.OK, ManagedBooking.model_validate(view)

    return await only.answer(send)


@router.post(
    "/api/claims/accept",
    operation_id="acceptClaim",
    summary="Add bookings of a mailed link to one's account",
    tags=["Bookings"],
    status_code=HTTPStatus.OK,
    response_model=Claimed,
    responses=_DONE
    | problem_responses(
        Unauthenticated, ClaimNotFound, AlreadyBooked, TooLarge, Invalid, RateLimited, Unavailable
    ),
)
async def accept_claim(
    who: SignedIn, body: ClaimCode, services: TheServices, only: Idempotent
) -> JSONResponse:
    """Add the bookings that the school made for a guest to the caller's account, once."""

    async def accept() -> tuple[int, Claimed]:
        view = await services.guest_claims.accept(who, body.code)
        return HTTPStatus.OK, Claimed.model_validate(view)

    return await only.answer(accept)
