"""The routes that move a booking to another course, and hand it on to another person."""

from fastapi import APIRouter
from starlette.responses import JSONResponse

from coursebook.api.dependencies.authentication import SignedIn
from coursebook.api.dependencies.idempotency import Idempotent
from coursebook.api.dependencies.ids import BookingId, checked_id
from coursebook.api.dependencies.services import TheServices
from coursebook.api.reference.describe import problem_responses
from coursebook.api.schemas.manage.booking_moves import (
    Move,
    MoveAnswer,
    MovePreview,
    Participant,
)
from coursebook.api.schemas.manage.bookings import ManagedBooking
from coursebook.errors import (
    AlreadyBooked,
    BookingNotFound,
    ChangedMeanwhile,
    CourseFull,
    CourseNotFound,
    Disputed,
    Forbidden,
    Invalid,
    NotActionable,
    NotMovable,
    PaymentProviderError,
    RateLimited,
    TooLarge,
    Unauthenticated,
    Unavailable,
)

router = APIRouter(tags=["Bookings of others"])
_ACTING = (Unauthenticated, Forbidden, BookingNotFound, TooLarge, Invalid, RateLimited, Unavailable)


@router.post(
    "/api/manage/bookings/{booking_id}/move",
    operation_id="moveBooking",
    summary="Move a booking to another course",
    response_model=MoveAnswer,
    responses=problem_responses(
        *_ACTING,
        *(CourseNotFound, NotMovable, CourseFull, AlreadyBooked, ChangedMeanwhile, Disputed),
        PaymentProviderError,
    ),
)
async def move_booking(
    who: SignedIn, booking_id: BookingId, body: Move, services: TheServices, only: Idempotent
) -> JSONResponse:
    """Move a confirmed place, or a held one without a payment page, to another course.

    The booking stays the same one. With `dry_run` the answer says what would happen, and with
    which sums.
    """
    checked = checked_id(booking_id, BookingNotFound)
    moves, request = services.booking_moves, body.request

    async def move() -> tuple[int, ManagedBooking | MovePreview]:
        if body.dry_run:
            preview = await moves.preview_move(who, checked, request)
            return 200, MovePreview.model_validate(preview)
        return 200, ManagedBooking.model_validate(await moves.move(who, checked, request))

    return await only.answer(move)


@router.post(
    "/api/manage/bookings/{booking_id}/participant",
    operation_id="changeParticipant",
    summary="Change the person who takes part",
    response_model=ManagedBooking,
    responses=problem_responses(*_ACTING, NotActionable),
)
async def change_participant(
    who: SignedIn, booking_id: BookingId, body: Participant, services: TheServices, only: Idempotent
) -> JSONResponse:
    """Enter another participant of a confirmed place. The payer stays the same.

    The new person gets the confirmation and nothing about money.
    """
    checked = checked_id(booking_id, BookingNotFound)

    async def change() -> tuple[int, ManagedBooking]:
        view = await services.booking_moves.change_person(who, checked, body.person)
        return 200, ManagedBooking.model_validate(view)

    return await only.answer(change)
