"""`Idempotency-Key`: a repeated POST gets its first response.

Final responses are stored: 2xx, and refusals for which a retry would not help. Others (401, 408,
429, 5xx) are not, so the same key can be tried again.
"""

import hashlib
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import Depends, Header, Request
from pydantic import BaseModel
from starlette.responses import JSONResponse

from coursebook.api.dependencies.authentication import SignedIn
from coursebook.api.dependencies.services import TheServices
from coursebook.api.problems.documents import ProblemResponse, problem_body
from coursebook.errors import CoursebookError

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        pattern=r"^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$",
        description="Any printable text; sending the same key again returns the first answer.",
    ),
]
NOT_FINAL = (401, 408, 429)
REPLAYED_HEADER = "Idempotent-Replayed"

Body = dict[str, Any]
Answer = tuple[int, BaseModel]
Address = Callable[[Body], str | None]
"""Returns the path of what was created, from the body of the answer; None when it has none."""


def _booking_address(body: Body) -> str | None:
    return f"/api/bookings/{body['booking_id']}" if "booking_id" in body else None


class IdempotentCall:
    """Run the work of a POST at most once for each person and key."""

    def __init__(
        self, services: TheServices, subject: str, key: str | None, request_hash: str
    ) -> None:
        self._replies = services.replies
        self._subject = subject
        self._key = key
        self._hash = request_hash

    async def answer(
        self, work: Callable[[], Awaitable[Answer]], address: Address = _booking_address
    ) -> JSONResponse:
        """Return the stored response, or do the work and store its response.

        `address` is asked for the `Location` of a 201. Raises Invalid when the key was used for
        another request.
        """
        if self._key is None:
            status, model = await work()
            return _response(status, model.model_dump(mode="json"), address)
        stored = await self._replies.begin(self._subject, self._key, self._hash)
        if stored is not None:
            response = _response(stored.status, stored.body, address)
            response.headers[REPLAYED_HEADER] = "true"
            return response
        return _response(*await self._first(self._key, work), address)

    async def _first(self, key: str, work: Callable[[], Awaitable[Answer]]) -> tuple[int, Body]:
        try:
            status, model = await work()
            body = model.model_dump(mode="json")
        except CoursebookError as error:
            if error.status >= HTTPStatus.INTERNAL_SERVER_ERROR or error.status in NOT_FINAL:
                await self._replies.forget(self._subject, key)
                raise
            status, body = error.status, problem_body(error)
        except BaseException:
            await self._replies.forget(self._subject, key)
            raise
        await self._replies.finish(self._subject, key, status, body)
        return status, body


async def idempotent_call(
    request: Request, who: SignedIn, services: TheServices, key: IdempotencyKey = None
) -> IdempotentCall:
    """Return the call of a request. Requests are equal when method, path and body are."""
    raw = f"{request.method} {request.url.path}\n".encode() + await request.body()
    return IdempotentCall(services, who.user_id, key, hashlib.sha256(raw).hexdigest())


Idempotent = Annotated[IdempotentCall, Depends(idempotent_call)]


def _response(status: int, body: Body, address: Address) -> JSONResponse:
    if status >= HTTPStatus.BAD_REQUEST:
        return ProblemResponse(body, status)
    location = address(body) if status == HTTPStatus.CREATED else None
    headers = {"Location": location} if location else None
    return JSONResponse(body, status, headers)
