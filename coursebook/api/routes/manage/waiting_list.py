"""The routes of the waiting list on the operator's side."""

from typing import Annotated

from fastapi import APIRouter, Path
from starlette.responses import JSONResponse

from coursebook.api.dependencies.authentication import SignedIn
from coursebook.api.dependencies.idempotency import Idempotent
from coursebook.api.dependencies.ids import checked_id
from coursebook.api.dependencies.services import TheServices
from coursebook.api.reference.describe import problem_responses
from coursebook.api.routes.manage.courses import CourseId
from coursebook.api.schemas.manage.waiting_list import (
    ManagedWaitingList,
    MoveToFront,
    NewWaitingPerson,
    PlaceOffer,
)
from coursebook.errors import (
    AlreadyBooked,
    AlreadyWaiting,
    BookingClosed,
    BookingNotFound,
    CourseFull,
    CourseNotFound,
    Forbidden,
    Invalid,
    NotActionable,
    NotCancellable,
    NotFull,
    PaymentProcessing,
    PaymentProviderError,
    RateLimited,
    TooLarge,
    Unauthenticated,
    Unavailable,
)
from coursebook.services.waiting_list.views import ManagedListView

router = APIRouter(tags=["Courses of one's own"])
EntryId = Annotated[str, Path(description="The id of the entry.")]
_READING = (Unauthenticated, Forbidden, CourseNotFound, RateLimited, Unavailable)
_ACTING = (*_READING, Invalid, TooLarge)
_ON_ENTRY = (*_ACTING, BookingNotFound, NotActionable)


@router.get(
    "/api/manage/courses/{course_id}/waiting",
    operation_id="getWaitingList",
    summary="Get the waiting list of a course",
    responses=problem_responses(*_READING),
)
async def get_waiting_list(
    who: SignedIn, course_id: CourseId, services: TheServices
) -> ManagedWaitingList:
    """Who was offered a place, and who waits, in the order in which they are served."""
    view = await services.managed_waiting_lists.get(who, checked_id(course_id, CourseNotFound))
    return ManagedWaitingList.model_validate(view)


@router.post(
    "/api/manage/courses/{course_id}/waiting",
    operation_id="addToWaitingList",
    summary="Put somebody on the waiting list",
    status_code=201,
    response_model=ManagedWaitingList,
    responses=problem_responses(*_ACTING, NotFull, AlreadyWaiting, AlreadyBooked, BookingClosed),
)
async def add_to_waiting_list(
    who: SignedIn,
    course_id: CourseId,
    body: NewWaitingPerson,
    services: TheServices,
    only: Idempotent,
) -> JSONResponse:
    """Put an account at the end of the list. People without an account cannot wait."""
    checked = checked_id(course_id, CourseNotFound)

    async def add() -> tuple[int, ManagedWaitingList]:
        return _answer(await services.managed_waiting_lists.add(who, checked, body.person), 201)

    return await only.answer(add)


@router.post(
    "/api/manage/courses/{course_id}/waiting/{entry_id}/offer",
    operation_id="offerPlace",
    summary="Offer a place to somebody who waits",
    response_model=ManagedWaitingList,
    responses=problem_responses(*_ON_ENTRY, CourseFull, BookingClosed, AlreadyBooked),
)
async def offer_place(
    who: SignedIn,
    course_id: CourseId,
    entry_id: EntryId,
    *,
    services: TheServices,
    only: Idempotent,
    body: PlaceOffer | None = None,
) -> JSONResponse:
    """Move somebody to the front, and keep a place for them at once.

    With `one_more` a full course gets one place more, in the same transaction.
    """
    checked, entry = checked_id(course_id, CourseNotFound), _checked_entry(entry_id)
    one_more = body.one_more if body else False

    async def offer() -> tuple[int, ManagedWaitingList]:
        lists = services.managed_waiting_lists
        return _answer(await lists.offer(who, checked, entry, one_more=one_more))

    return await only.answer(offer)


@router.post(
    "/api/manage/courses/{course_id}/waiting/{entry_id}/first",
    operation_id="moveToFront",
    summary="Move somebody to the front",
    response_model=ManagedWaitingList,
    responses=problem_responses(*_ON_ENTRY),
)
async def move_to_front(
    who: SignedIn,
    course_id: CourseId,
    entry_id: EntryId,
    *,
    body: MoveToFront,
    services: TheServices,
    only: Idempotent,
) -> JSONResponse:
    """Let somebody be served next. The reason is stored, and nobody else sees it."""
    checked, entry = checked_id(course_id, CourseNotFound), _checked_entry(entry_id)

    async def move() -> tuple[int, ManagedWaitingList]:
        lists = services.managed_waiting_lists
        return _answer(await lists.move_to_front(who, checked, entry, body.reason))

    return await only.answer(move)


@router.post(
    "/api/manage/courses/{course_id}/waiting/{entry_id}/remove",
    operation_id="removeFromWaitingList",
    summary="Take somebody off the waiting list",
    response_model=ManagedWaitingList,
    responses=problem_responses(
        *_ON_ENTRY, PaymentProcessing, NotCancellable, PaymentProviderError
    ),
)
async def remove_from_waiting_list(
    who: SignedIn, course_id: CourseId, entry_id: EntryId, services: TheServices, only: Idempotent
) -> JSONResponse:
    """Take somebody off the list, and tell them. A place that was offered goes to the next."""
    checked, entry = checked_id(course_id, CourseNotFound), _checked_entry(entry_id)

    async def remove() -> tuple[int, ManagedWaitingList]:
        return _answer(await services.managed_waiting_lists.remove(who, checked, entry))

    return await only.answer(remove)


def _checked_entry(entry_id: str) -> str:
    return checked_id(entry_id, BookingNotFound)


def _answer(view: ManagedListView, status: int = 200) -> tuple[int, ManagedWaitingList]:
    return status, ManagedWaitingList.model_validate(view)
