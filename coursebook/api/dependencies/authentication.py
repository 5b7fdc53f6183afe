"""The signed-in person, from `Authorization: Bearer <session token>`."""

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
    description="A Clerk session token. In the sandbox the command `token` prints one.",
    auto_error=False,
)


async def signed_in(
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
    services: TheServices,
    address: ClientAddress,
) -> Principal:
    """Return the caller. Raises Unauthenticated for a missing or invalid token, RateLimited."""
    principal = (
        await services.authentication.person(credentials.credentials, address)
        if credentials
        else None
    )
    if principal is None:
        raise Unauthenticated
    return principal


async def optional_principal(
    request: Request, services: TheServices, address: ClientAddress
) -> Principal | None:
    """Return the caller of a public route; None for a missing or invalid token.

    Never fails: without a valid token the call is anonymous.
    """
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token:
        return None
    try:
        return await services.authentication.person(token.strip(), address)
    except CoursebookError:
        return None


SignedIn = Annotated[Principal, Depends(signed_in)]
OptionalPrincipal = Annotated[Principal | None, Depends(optional_principal)]
