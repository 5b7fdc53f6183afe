"""The network address a call comes from, for the limits per address."""

from typing import Annotated

from fastapi import Depends, Request

from coursebook.api.services import TheServices


def address_of(peer: str, forwarded: str, trusted_proxies: int) -> str:
    """Return the caller's address.

    Each of our `trusted_proxies` appended one entry to `X-Forwarded-For`; what stands before
    those was written by the caller and is not believed.
    """
    if trusted_proxies == 0:
        return peer
    entries = [entry.strip() for entry in forwarded.split(",") if entry.strip()]
    return entries[-trusted_proxies] if len(entries) >= trusted_proxies else peer


async def client_address(request: Request, services: TheServices) -> str:
    """Return the address of the caller of `request`, "" when the server does not know it."""
    peer = request.client.host if request.client else ""
    forwarded = ",".join(request.headers.getlist("x-forwarded-for"))
    return address_of(peer, forwarded, services.settings.trusted_proxies)


ClientAddress = Annotated[str, Depends(client_address)]
