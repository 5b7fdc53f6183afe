"""The routes of the school's settings."""

from fastapi import APIRouter

from coursebook.api.dependencies.authentication import SignedIn
from coursebook.api.dependencies.services import TheServices
from coursebook.api.reference.describe import problem_responses
from coursebook.api.schemas.manage.school_settings import SchoolSettings, SchoolSettingsChange
from coursebook.errors import (
    Forbidden,
    Invalid,
    RateLimited,
    TooLarge,
    Unauthenticated,
    Unavailable,
)

router = APIRouter(tags=["Team and settings"])


@router.get(
    "/api/manage/settings",
    operation_id="getSchoolSettings",
    summary="Get the settings of the school",
    responses=problem_responses(Unauthenticated, Forbidden, RateLimited, Unavailable),
)
async def get_school_settings(who: SignedIn, services: TheServices) -> SchoolSettings:
    """Name, addresses and time zone of the school, and which of them are fixed. For owners."""
    return SchoolSettings.model_validate(await services.school_profile.get(who))


@router.patch(
    "/api/manage/settings",
    operation_id="changeSchoolSettings",
    summary="Change the settings of the school",
    responses=problem_responses(
        Unauthenticated, Forbidden, TooLarge, Invalid, RateLimited, Unavailable
    ),
)
async def change_school_settings(
    who: SignedIn, body: SchoolSettingsChange, services: TheServices
) -> SchoolSettings:
    """Set some of the values. They are used in mails and calendar files at once. For owners."""
    return SchoolSettings.model_validate(await services.school_profile.patch(who, body.values()))
