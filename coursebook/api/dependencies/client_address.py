"""The client's network address, for rate limits."""

from typing import Annotated

from fastapi import Depends, Request

from coursebook.api.dependencies.services import TheServices
from coursebook.client_address import address_of


async def client_address(request: Request, services: TheServices) -> str:
    """Return the client's address, "" when the server does not know it."""
    peer = request.client.host if request.client else ""
    forwarded = ",".join(request.headers.getlist("x-forwarded-for"))
    return address_of(peer, forwarded, services.settings.trusted_proxies)


ClientAddress = Annotated[str, Depends(client_address)]
