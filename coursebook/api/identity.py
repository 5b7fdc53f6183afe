"""What the pages need to know to sign people in; asked at run time, so no build holds it."""

import base64
import binascii

from fastapi import APIRouter, Response

from coursebook.api.describe import refusing
from coursebook.api.models import Identity
from coursebook.api.services import TheServices
from coursebook.errors import Unavailable
from coursebook.settings import Settings

router = APIRouter(tags=["Operations"])


def frontend_api_of(publishable_key: str) -> str:
    """Return the address that is written, in base64, in a Clerk publishable key."""
    coded = publishable_key.split("_", 2)[-1]
    try:
        host = base64.b64decode(coded + "=" * (-len(coded) % 4)).decode("ascii").rstrip("$")
    except (binascii.Error, UnicodeDecodeError):
        return ""
    return f"https://{host}"


def identity_of(settings: Settings) -> Identity:
    """Return the sign-in of these settings."""
    if settings.is_sandbox:
        return Identity(
            provider="sandbox", frontend_api=settings.coursebook_sandbox_url, publishable_key=None
        )
    key = settings.clerk_publishable_key
    return Identity(provider="clerk", frontend_api=frontend_api_of(key), publishable_key=key)


@router.get(
    "/api/identity",
    operation_id="identity",
    summary="How people sign in",
    responses=refusing(Unavailable),
)
async def identity(services: TheServices, response: Response) -> Identity:
    """Public facts only; the pages read them before they show «Sign in»."""
    response.headers["Cache-Control"] = "public, max-age=60"
    return identity_of(services.settings)
