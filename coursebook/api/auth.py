"""Who is calling: the person behind `Authorization: Bearer <session token>`."""

from typing import Annotated

from fastapi import Depends
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from coursebook.api.address import ClientAddress
from coursebook.api.services import TheServices
from coursebook.errors import Unauthenticated
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


SignedIn = Annotated[Principal, Depends(signed_in)]
