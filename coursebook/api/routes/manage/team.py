"""The routes of the team: the caller's own rights, list, invite, accept, revoke."""

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Path
from starlette.responses import JSONResponse

from coursebook.api.dependencies.authentication import SignedIn
from coursebook.api.dependencies.idempotency import Idempotent
from coursebook.api.dependencies.ids import checked_id
from coursebook.api.dependencies.reader import TheReader
from coursebook.api.dependencies.services import TheServices
from coursebook.api.reference.describe import REPLAYED, problem_responses
from coursebook.api.schemas.manage.team import Acceptance, Grant, Invitation, OwnRights, TeamList
from coursebook.errors import (
    Forbidden,
    GrantNotFound,
    Invalid,
    LastOwner,
    RateLimited,
    TooLarge,
    Unauthenticated,
    Unavailable,
)

router = APIRouter(tags=["Team and settings"])
GrantId = Annotated[str, Path(description="The id of a role or an invitation.")]
_SEEING = (Unauthenticated, Forbidden, RateLimited, Unavailable)
_CHANGING = (*_SEEING, TooLarge, Invalid)


def _replayed(status: HTTPStatus) -> dict[int | str, dict[str, Any]]:
    return {status.value: {"headers": REPLAYED}}


@router.get(
    "/api/manage/me",
    operation_id="getOwnRights",
    summary="Get one's own rights",
    responses=problem_responses(*_SEEING),
)
async def get_own_rights(who: SignedIn, services: TheServices) -> OwnRights:
    """What the caller may do under `/api/manage`. For people with a role."""
    rights = await services.access.rights_of(who)
    if not rights.roles:
        raise Forbidden
    school = await services.school_profile.current()
    own = {"roles": rights.roles, "permissions": rights.permissions, "courses": rights.courses}
    return OwnRights.model_validate(own | {"school": school.name})


@router.get(
    "/api/manage/team",
    operation_id="listTeam",
    summary="List the team",
    responses=problem_responses(*_SEEING),
)
async def list_team(who: SignedIn, services: TheServices) -> TeamList:
    """Everybody with a role, and the invitations that are open or over. For owners."""
    return TeamList.model_validate(await services.team.list_of(who))


@router.post(
    "/api/manage/team",
    operation_id="inviteToTeam",
    summary="Invite somebody",
    status_code=HTTPStatus.CREATED,
    response_model=Grant,
    responses=_replayed(HTTPStatus.CREATED) | problem_responses(*_CHANGING),
)
async def invite_to_team(
    who: SignedIn, body: Invitation, services: TheServices, only: Idempotent, reader: TheReader
) -> JSONResponse:
    """Send an invitation by mail. Its link is valid for 7 days and works once.

    An open invitation of the same address to the same role is replaced. For owners.
    """

    async def invite() -> tuple[int, Grant]:
        view = await services.team.invite(
            who, body.email, body.role, body.course_ids, language=reader.language
        )
        return HTTPStatus.CREATED, Grant.model_validate(view)

    return await only.answer(invite)


@router.delete(
    "/api/manage/team/{grant_id}",
    operation_id="revokeRole",
    summary="Revoke a role or an invitation",
    responses=problem_responses(*_SEEING, GrantNotFound, LastOwner),
)
async def revoke_role(who: SignedIn, grant_id: GrantId, services: TheServices) -> Grant:
    """Take a role away, or withdraw an invitation. It takes effect at once. For owners."""
    checked = checked_id(grant_id, GrantNotFound)
    return Grant.model_validate(await services.team.revoke(who, checked))


@router.post(
    "/api/team/accept",
    operation_id="acceptInvitation",
    summary="Accept an invitation",
    response_model=Grant,
    responses=_replayed(HTTPStatus.OK)
    | problem_responses(
        Unauthenticated, GrantNotFound, TooLarge, Invalid, RateLimited, Unavailable
    ),
)
async def accept_invitation(
    who: SignedIn, body: Acceptance, services: TheServices, only: Idempotent
) -> JSONResponse:
    """Give the role to the caller, once. For anybody who is signed in and has the link's code."""

    async def accept() -> tuple[int, Grant]:
        return 200, Grant.model_validate(await services.team.accept(who, body.code))

    return await only.answer(accept)
