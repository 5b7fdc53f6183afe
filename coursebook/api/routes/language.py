"""`/language/{language}`: keep the language that a visitor has chosen in the footer of a page."""

import re
from typing import Annotated
from urllib.parse import quote, urlsplit

from fastapi import APIRouter, Path, Request
from fastapi.responses import RedirectResponse

from coursebook.api.dependencies.services import TheServices

router = APIRouter(include_in_schema=False)

COOKIE = "language"
CODE = "[a-z]{2,3}"
"""The languages that pages can be in, by their codes of ISO 639."""
MAX_AGE = 365 * 24 * 3600
MAX_ADDRESS_LENGTH = 2000
_SAFE = re.compile(r"/(?![/\\])[^\\]*")


@router.api_route("/language/{language}", methods=["GET", "HEAD"])
async def keep_language(
    request: Request,
    services: TheServices,
    language: Annotated[str, Path(pattern=f"^{CODE}$")],
) -> RedirectResponse:
    """Set the cookie and go back to the page that the visitor came from.

    Our own pages tell it in Referer (Referrer-Policy: same-origin), so the link works without
    JavaScript. Any other origin, or none, leads to the first page.
    """
    response = RedirectResponse(_return_path(request), status_code=303)
    response.headers["Cache-Control"] = "no-store"
    response.set_cookie(
        COOKIE,
        language,
        max_age=MAX_AGE,
        secure=services.settings.public_url.startswith("https://"),
        httponly=True,
        samesite="lax",
    )
    return response


def _return_path(request: Request) -> str:
    """Return the path and query of the page that led here, "/" when it is not one of ours."""
    referrer = request.headers.get("referer", "")
    try:
        parts = urlsplit(referrer[:MAX_ADDRESS_LENGTH])
    except ValueError:
        return "/"
    path = parts.path or "/"
    is_ours = parts.netloc == request.headers.get("host", "") and _SAFE.fullmatch(path)
    if not is_ours or path.startswith("/language/") or len(referrer) > MAX_ADDRESS_LENGTH:
        return "/"
    return quote(f"{path}?{parts.query}" if parts.query else path, safe="/%?=&+,:;@!$'()*-._~[]")
