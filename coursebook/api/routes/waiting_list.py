"""The routes of the waiting list: join it, leave it, see one's own entries."""

from fastapi import APIRouter
from starlette.responses import JSONResponse, Response

from coursebook.api.dependencies.authentication import SignedIn
from coursebook.api.dependencies.idempotency import Idempotent
from coursebook.api.dependencies.ids import checked_id
from coursebook.api.dependencies.reader import TheReader
from coursebook.api.dependencies.services import TheServices
from coursebook.api.reference.describe import problem_responses
from coursebook.api.routes.courses import CourseName
from coursebook.api.schemas.waiting_list import Joining, WaitingEntries, WaitingEntry
from coursebook.errors import (
    AlreadyBooked,
    AlreadyWaiting,
    BookingClosed,
    CourseNotFound,
    Invalid,
    NotCancellable,
    NotFull,
    PaymentProcessing,
    PaymentProviderError,
    RateLimited,
    TooLarge,
    Unauthenticated,
    Unavailable,
)

router = APIRouter(tags=["Bookings"])


@router.post(
    "/api/courses/{id_or_slug}/waiting",
    operation_id="joinWaitingList",
    summary="Join the waiting list",
    status_code=201,
    response_model=WaitingEntry,
    responses=problem_responses(
        *(Unauthenticated, CourseNotFound, NotFull, AlreadyWaiting, AlreadyBooked, BookingClosed),
        *(TooLarge, Invalid, RateLimited, Unavailable),
    ),
)
async def join_waiting_list(
    who: SignedIn,
    id_or_slug: CourseName,
    *,
    services: TheServices,
    reader: TheReader,
    only: Idempotent,
    body: Joining | None = None,
) -> JSONResponse:
    """Wait for a place on a full course.

    When one becomes free, it is kept for the first who waits, until the end of their turn.
    """
    checked = checked_id(id_or_slug, CourseNotFound)

    async def join() -> tuple[int, WaitingEntry]:
        note = body.note if body else ""
        view = await services.waiting_lists.join(who, checked, note=note, reader=reader)
        return 201, WaitingEntry.model_validate(view)

    return await only.answer(join)


@router.delete(
    "/api/courses/{id_or_slug}/waiting",
    operation_id="leaveWaitingList",
    summary="Leave the waiting list, or decline a place",
    status_code=204,
    responses=problem_responses(
        *(Unauthenticated, CourseNotFound, PaymentProcessing, RateLimited, Unavailable),
        *(NotCancellable, PaymentProviderError),
    ),
)
async def leave_waiting_list(
    who: SignedIn, id_or_slug: CourseName, services: TheServices
) -> Response:
    """Leave the list. A place that was offered is declined, and offered to the next.

    Without an entry nothing happens.
    """
    await services.waiting_lists.leave(who, checked_id(id_or_slug, CourseNotFound))
    return Response(status_code=204)


@router.get(
    "/api/waiting",
    operation_id="listWaiting",
    summary="List what you wait for",
    responses=problem_responses(Unauthenticated, RateLimited, Unavailable),
)
async def list_waiting(who: SignedIn, services: TheServices) -> WaitingEntries:
    """The signed-in person's entries: those that wait, and offered places."""
    own = await services.waiting_lists.own(who)
    return WaitingEntries(items=[WaitingEntry.model_validate(view) for view in own])
