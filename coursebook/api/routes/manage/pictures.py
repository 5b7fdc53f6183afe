"""The upload of a picture. The caller is known before a byte of the body is read."""

from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse

from coursebook.api.dependencies.authentication import SignedIn
from coursebook.api.dependencies.services import TheServices
from coursebook.api.middleware.body_limit import read_body
from coursebook.api.problems.http_errors import TooSlow
from coursebook.api.reference.describe import problem_responses
from coursebook.api.schemas.manage.pictures import Picture
from coursebook.errors import (
    Forbidden,
    Invalid,
    RateLimited,
    TooLarge,
    Unauthenticated,
    Unavailable,
    WrongMediaType,
)
from coursebook.services.catalog.pictures import MAX_FILE_BYTES

router = APIRouter(tags=["Courses of one's own"])
TIMEOUT_SECONDS = 120.0
"""For the whole body: a photo of 8 MB over a slow mobile network."""

_FILE: dict[str, Any] = {"schema": {"type": "string", "format": "binary"}}
_RAW_PICTURE = {
    "requestBody": {
        "required": True,
        "description": "The file itself, at most 8 MiB.",
        "content": dict.fromkeys(("image/jpeg", "image/png", "image/webp"), _FILE),
    }
}


@router.post(
    "/api/manage/pictures",
    operation_id="uploadPicture",
    summary="Upload a picture for a course",
    status_code=HTTPStatus.CREATED,
    response_model=Picture,
    responses=problem_responses(
        Unauthenticated,
        Forbidden,
        TooSlow,
        TooLarge,
        WrongMediaType,
        Invalid,
        RateLimited,
        Unavailable,
    ),
    openapi_extra=_RAW_PICTURE,
)
async def upload_picture(who: SignedIn, request: Request, services: TheServices) -> JSONResponse:
    """Store a picture, and answer with the address that a course takes as its `image`.

    It is turned upright, cropped to 16:10 and stored in two sizes, without any metadata. The same
    file always gets the same address.
    """

    async def file() -> bytes:
        try:
            return await read_body(request.scope, request.receive, MAX_FILE_BYTES, TIMEOUT_SECONDS)
        except TooLarge:
            raise TooLarge(f"The picture is larger than {MAX_FILE_BYTES // 1024**2} MB.") from None

    picture = Picture.model_validate(await services.pictures.upload(who, file))
    headers = {"Location": picture.image}
    return JSONResponse(picture.model_dump(), HTTPStatus.CREATED, headers)
