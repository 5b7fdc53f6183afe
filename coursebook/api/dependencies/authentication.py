"""Who is calling: the person behind `Authorization: Bearer <session token>`."""

from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from coursebook.api.dependencies.client_address import ClientAddress
from coursebook.api.dependencies.services import TheServices
from coursebook.errors import CoursebookError, Unauthenticated
from coursebook.identity.principal import Principal

_bearer = HTTPBearer(
    scheme_name="session",
    bearerFormat="JWT",
    description="A Clerk session token. In the sandbox: `coursebook token sam@example.test`.",
    auto_error=False,
)


async def signed_in(
    given: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
    services: TheServices,
    address: ClientAddress,
) -> Principal:
    """Return who is calling. Raises Unauthenticated for a missing or bad token, RateLimited."""
    who = await services.recognition.person(given.credentials, address) if given else None
    if who is None:
        raise Unauthenticated
    return who


async def perhaps_signed_in(
    request: Request, services: TheServices, address: ClientAddress
) -> Principal | None:
    """Return who is calling what anybody may call; None for a missing or bad token.

    A call without a good token is answered like a stranger's, so it never fails here.
    """
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token:
        return None
    try:
        return await services.recognition.person(token.strip(), address)
    except CoursebookError:
        return None


SignedIn = Annotated[Principal, Depends(signed_in)]
PerhapsSignedIn = Annotated[Principal | None, Depends(perhaps_signed_in)]
