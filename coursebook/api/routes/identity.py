"""The settings of sign-in for the pages, read at run time, so that no build contains them."""

from fastapi import APIRouter, Response

from coursebook.api.dependencies.services import TheServices
from coursebook.api.reference.describe import problem_responses
from coursebook.api.schemas.models import Identity
from coursebook.errors import Unavailable
from coursebook.settings import Settings

router = APIRouter(tags=["Operations"])


def identity_of(settings: Settings) -> Identity:
    """Return the sign-in of these settings."""
    return Identity(
        provider="sandbox" if settings.is_sandbox else "clerk",
        frontend_api=settings.token_issuer,
        publishable_key=None if settings.is_sandbox else settings.clerk_publishable_key,
    )


@router.get(
    "/api/identity",
    operation_id="identity",
    summary="Get the sign-in settings",
    responses=problem_responses(Unavailable),
)
async def identity(services: TheServices, response: Response) -> Identity:
    """Public settings only. The pages read them before they show "Sign in"."""
    response.headers["Cache-Control"] = "public, max-age=60"
    return identity_of(services.settings)
