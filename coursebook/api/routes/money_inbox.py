"""The routes of the money inbox, for operators: list, get, act, resolve."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query
from pydantic import Field
from starlette.responses import JSONResponse

from coursebook.api.dependencies.authentication import SignedIn
from coursebook.api.dependencies.idempotency import Idempotent
from coursebook.api.dependencies.ids import checked_id
from coursebook.api.dependencies.services import TheServices
from coursebook.api.reference.describe import REPLAYED, problem_responses
from coursebook.api.schemas.money_inbox import Act, InboxEntryAlone, InboxList, Resolve
from coursebook.api.schemas.parameters import PageParameters
from coursebook.errors import (
    ChangedMeanwhile,
    Forbidden,
    InboxEntryNotFound,
    Invalid,
    NotActionable,
    PaymentProviderError,
    RateLimited,
    TooLarge,
    Unauthenticated,
    Unavailable,
)
from coursebook.services.views import MoneyView

router = APIRouter(tags=["Money inbox"])
EntryId = Annotated[str, Path(description="The entry's id.")]

_CHANGED: dict[int | str, dict[str, Any]] = {200: {"headers": REPLAYED}}
_CHANGING = (
    Unauthenticated,
    Forbidden,
    InboxEntryNotFound,
    NotActionable,
    TooLarge,
    Invalid,
    RateLimited,
    Unavailable,
)


class InboxParameters(PageParameters):
    """Filters and page of the list of entries."""

    state: Literal["open", "closed"] = Field(
        default="open",
        description="`open`: entries that wait for a decision; `closed`: the others.",
    )


@router.get(
    "/api/manage/inbox",
    operation_id="listInbox",
    summary="List the entries of the money inbox",
    responses=problem_responses(Unauthenticated, Forbidden, Invalid, RateLimited, Unavailable),
)
async def list_inbox(
    who: SignedIn, parameters: Annotated[InboxParameters, Query()], services: TheServices
) -> InboxList:
    """Entries of the money inbox, oldest first; a healthy system has none. For operators."""
    page = await services.inbox.list_of(
        who, is_open=parameters.state == "open", limit=parameters.limit, cursor=parameters.cursor
    )
    return InboxList.model_validate(page)


@router.get(
    "/api/manage/inbox/{entry_id}",
    operation_id="getInboxEntry",
    summary="Get one entry of the money inbox",
    responses=problem_responses(
        Unauthenticated, Forbidden, InboxEntryNotFound, RateLimited, Unavailable
    ),
)
async def get_inbox_entry(
    who: SignedIn, entry_id: EntryId, services: TheServices
) -> InboxEntryAlone:
    """One entry, open or closed. For operators."""
    checked = checked_id(entry_id, InboxEntryNotFound)
    return InboxEntryAlone.model_validate(await services.inbox.entry(who, checked))


@router.post(
    "/api/manage/inbox/{entry_id}/act",
    operation_id="actOnInboxEntry",
    summary="Carry out the entry's action",
    response_model=InboxEntryAlone,
    responses=_CHANGED | problem_responses(*_CHANGING, ChangedMeanwhile, PaymentProviderError),
)
async def act_on_inbox_entry(
    who: SignedIn, entry_id: EntryId, body: Act, services: TheServices, only: Idempotent
) -> JSONResponse:
    """Carry out the entry's action, at most once. With an `Idempotency-Key` a retry is safe.

    The entry closes at once, or by itself once its cause is resolved. For operators.
    """
    checked = checked_id(entry_id, InboxEntryNotFound)

    async def act() -> tuple[int, InboxEntryAlone]:
        shown_sum = MoneyView(**vars(body.expect)) if body.expect else None
        view = await services.inbox.act(who, checked, body.action, shown_sum)
        return 200, InboxEntryAlone.model_validate(view)

    return await only.answer(act)


@router.post(
    "/api/manage/inbox/{entry_id}/resolve",
    operation_id="resolveInboxEntry",
    summary="Close an entry that was handled by hand",
    response_model=InboxEntryAlone,
    responses=_CHANGED | problem_responses(*_CHANGING),
)
async def resolve_inbox_entry(
    who: SignedIn, entry_id: EntryId, body: Resolve, services: TheServices, only: Idempotent
) -> JSONResponse:
    """Close an entry without any other effect. The note is stored in the audit trail.

    For operators.
    """
    checked = checked_id(entry_id, InboxEntryNotFound)

    async def resolve() -> tuple[int, InboxEntryAlone]:
        view = await services.inbox.resolve(who, checked, body.note)
        return 200, InboxEntryAlone.model_validate(view)

    return await only.answer(resolve)
