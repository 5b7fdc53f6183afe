"""The routes of messages to the people of a course."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from starlette.responses import JSONResponse

from coursebook.api.dependencies.authentication import SignedIn
from coursebook.api.dependencies.idempotency import Idempotent
from coursebook.api.dependencies.ids import checked_id
from coursebook.api.dependencies.services import TheServices
from coursebook.api.reference.describe import REPLAYED, problem_responses
from coursebook.api.schemas.manage.messages import (
    Message,
    MessageEdit,
    MessageList,
    MessageParameters,
    MessagePreview,
    NewMessage,
    Planning,
    PreviewRequest,
    RecipientList,
    RecipientParameters,
    Sending,
    TestSent,
)
from coursebook.errors import (
    ChangedMeanwhile,
    CourseNotFound,
    Forbidden,
    Invalid,
    MessageNotFound,
    NotActionable,
    RateLimited,
    TooLarge,
    Unauthenticated,
    Unavailable,
)
from coursebook.services.manage.messaging.course_messages import MessageQuery
from coursebook.services.manage.messaging.message_views import MessageView

router = APIRouter(tags=["Messages"])
MessageId = Annotated[str, Path(description="The message's id.")]
_ALL = (Unauthenticated, Forbidden, RateLimited, Unavailable)
_READING = (*_ALL, MessageNotFound)
_WRITING = (*_READING, TooLarge, Invalid, NotActionable)
_NEW = (*_ALL, CourseNotFound, TooLarge, Invalid)
_POSTED: dict[int | str, dict[str, Any]] = {201: {"headers": REPLAYED}}
_TRIED: dict[int | str, dict[str, Any]] = {202: {"headers": REPLAYED}}
_DONE: dict[int | str, dict[str, Any]] = {200: {"headers": REPLAYED}}


@router.get(
    "/api/manage/messages",
    operation_id="listMessages",
    summary="List the messages to the people of courses",
    responses=problem_responses(*_ALL, CourseNotFound, Invalid),
)
async def list_messages(
    who: SignedIn, parameters: Annotated[MessageParameters, Query()], services: TheServices
) -> MessageList:
    """The messages of the courses that the person may write to, changed last first."""
    query = MessageQuery(
        course_id=parameters.course_id,
        states=(parameters.state,) if parameters.state else (),
        limit=parameters.limit,
        cursor=parameters.cursor,
    )
    return MessageList.model_validate(await services.course_messages.list_of(who, query))


@router.post(
    "/api/manage/messages",
    operation_id="createMessage",
    summary="Save a message as a draft",
    status_code=201,
    response_model=Message,
    responses=_POSTED | problem_responses(*_NEW),
)
async def create_message(
    who: SignedIn, body: NewMessage, services: TheServices, only: Idempotent
) -> JSONResponse:
    """Save a draft. It may lack subject and text; a placeholder that does not exist is refused."""

    async def create() -> tuple[int, Message]:
        view = await services.course_messages.create(who, body.course_id, body.values())
        return 201, Message.model_validate(view)

    return await only.answer(create, lambda answer: f"/api/manage/messages/{answer['id']}")


@router.post(
    "/api/manage/messages/preview",
    operation_id="previewMessage",
    summary="Preview a message as one of the people reads it",
    responses=problem_responses(*_NEW),
)
async def preview_message(
    who: SignedIn, body: PreviewRequest, services: TheServices
) -> MessagePreview:
    """How many people would get it now, and the mail of one of them. Writes nothing."""
    preview = await services.course_messages.preview(
        who, body.course_id, body.values(), body.number
    )
    return MessagePreview.model_validate(preview)


@router.get(
    "/api/manage/messages/{message_id}",
    operation_id="getMessage",
    summary="Get one message",
    responses=problem_responses(*_READING),
)
async def get_message(who: SignedIn, message_id: MessageId, services: TheServices) -> Message:
    """One message, with how many people it has reached."""
    checked = checked_id(message_id, MessageNotFound)
    return Message.model_validate(await services.course_messages.get(who, checked))


@router.patch(
    "/api/manage/messages/{message_id}",
    operation_id="editMessage",
    summary="Edit a draft or a planned message",
    responses=problem_responses(*_WRITING, ChangedMeanwhile),
)
async def edit_message(
    who: SignedIn, message_id: MessageId, body: MessageEdit, services: TheServices
) -> Message:
    """Set the fields that are there. `changed_meanwhile` when somebody else was faster."""
    checked = checked_id(message_id, MessageNotFound)
    view = await services.course_messages.patch(who, checked, body.values(), body.revision)
    return Message.model_validate(view)


@router.get(
    "/api/manage/messages/{message_id}/recipients",
    operation_id="listRecipients",
    summary="List the people that a message goes to",
    responses=problem_responses(*_READING, Invalid),
)
async def list_recipients(
    who: SignedIn,
    message_id: MessageId,
    parameters: Annotated[RecipientParameters, Query()],
    services: TheServices,
) -> RecipientList:
    """The log of a message: each person with what became of the mail. Empty before it is sent."""
    checked = checked_id(message_id, MessageNotFound)
    page = await services.course_messages.recipients(
        who,
        checked,
        states=(parameters.state,) if parameters.state else (),
        limit=parameters.limit,
        cursor=parameters.cursor,
    )
    return RecipientList.model_validate(page)


@router.post(
    "/api/manage/messages/{message_id}/send",
    operation_id="sendMessage",
    summary="Send a message now",
    response_model=Message,
    responses=_DONE | problem_responses(*_WRITING, ChangedMeanwhile),
)
async def send_message(
    who: SignedIn, message_id: MessageId, body: Sending, services: TheServices, only: Idempotent
) -> JSONResponse:
    """Write down who gets it now, and send it to each of them once, in the background."""
    checked = checked_id(message_id, MessageNotFound)
    confirmed = body.confirmation()
    return await _done(only, lambda: services.course_messages.send(who, checked, confirmed))


@router.post(
    "/api/manage/messages/{message_id}/plan",
    operation_id="planMessage",
    summary="Plan a message for a moment",
    response_model=Message,
    responses=_DONE | problem_responses(*_WRITING, ChangedMeanwhile),
)
async def plan_message(
    who: SignedIn, message_id: MessageId, body: Planning, services: TheServices, only: Idempotent
) -> JSONResponse:
    """Plan it, or plan it for another moment. Who gets it is written down at that moment."""
    checked = checked_id(message_id, MessageNotFound)
    moment, confirmed = body.moment(), body.confirmation()
    return await _done(only, lambda: services.course_messages.plan(who, checked, moment, confirmed))


@router.post(
    "/api/manage/messages/{message_id}/stop",
    operation_id="stopMessage",
    summary="Stop a message that is planned or being sent",
    response_model=Message,
    responses=_DONE | problem_responses(*_READING, NotActionable, Invalid),
)
async def stop_message(
    who: SignedIn, message_id: MessageId, services: TheServices, only: Idempotent
) -> JSONResponse:
    """Skip everybody whom it has not reached. What is sent stays sent."""
    checked = checked_id(message_id, MessageNotFound)
    return await _done(only, lambda: services.course_messages.stop(who, checked))


@router.post(
    "/api/manage/messages/{message_id}/test",
    operation_id="testMessage",
    summary="Send a message to oneself, to try it",
    status_code=202,
    response_model=TestSent,
    responses=_TRIED | problem_responses(*_READING, Invalid),
)
async def test_message(
    who: SignedIn, message_id: MessageId, services: TheServices, only: Idempotent
) -> JSONResponse:
    """Send what the first of the people would get, to the caller's own address and nobody else."""
    checked = checked_id(message_id, MessageNotFound)

    async def send() -> tuple[int, TestSent]:
        return 202, TestSent(email=await services.course_messages.test(who, checked))

    return await only.answer(send)


async def _done(only: Idempotent, act: Callable[[], Awaitable[MessageView]]) -> JSONResponse:
    async def answer() -> tuple[int, Message]:
        return 200, Message.model_validate(await act())

    return await only.answer(answer)
