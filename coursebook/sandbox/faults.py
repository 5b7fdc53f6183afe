"""Faults that a lever has ordered for the next calls of the API."""

import asyncio
import struct
from dataclasses import dataclass, replace
from socket import SO_LINGER, SOL_SOCKET
from typing import Literal

from starlette.types import Receive, Send

from coursebook.sandbox.errors import StripeRefusal

Kind = Literal["429", "409", "500", "503", "timeout", "reset", "slow"]
When = Literal["before", "after"]
KINDS = ("429", "409", "500", "503", "timeout", "reset", "slow")
LONGEST_SILENCE = 120.0
RESET_AT_ONCE = struct.pack("ii", 1, 0)

ANSWERS = {
    "429": StripeRefusal(
        "Request rate limit exceeded.", status=429, code="rate_limit", remembered=False
    ),
    "409": StripeRefusal(
        "This object cannot be accessed right now because another API request or process is"
        " currently accessing it.",
        status=409,
        code="lock_timeout",
        remembered=False,
    ),
    "500": StripeRefusal("An unknown error occurred.", status=500, kind="api_error"),
    "503": StripeRefusal("The service is unavailable.", status=503, kind="api_error"),
}


@dataclass(frozen=True)
class Fault:
    """`count` calls whose address holds `path` go wrong, before or after they took effect."""

    count: int
    kind: Kind
    when: When = "before"
    path: str = ""
    method: str = ""
    delay_ms: int = 0

    def fits(self, method: str, path: str) -> bool:
        """Whether this fault is meant for such a call."""
        return self.path in path and self.method in ("", method)


class Faults:
    """The faults still to come; they are forgotten when the sandbox stops."""

    def __init__(self) -> None:
        """Begin without any."""
        self._waiting: list[Fault] = []

    def order(self, fault: Fault) -> None:
        """Add a fault behind those that wait."""
        self._waiting.append(fault)

    def clear(self) -> None:
        """Forget all of them."""
        self._waiting.clear()

    def waiting(self) -> list[Fault]:
        """Return what is still to come."""
        return list(self._waiting)

    def take(self, method: str, path: str) -> Fault | None:
        """Return the fault that this call meets, and count it down."""
        for at, fault in enumerate(self._waiting):
            if fault.fits(method, path):
                if fault.count > 1:
                    self._waiting[at] = replace(fault, count=fault.count - 1)
                else:
                    del self._waiting[at]
                return fault
        return None


async def stay_silent(receive: Receive, send: Send) -> None:
    """Say nothing until the caller gives up, then cut the line."""
    try:
        async with asyncio.timeout(LONGEST_SILENCE):
            while (await receive())["type"] != "http.disconnect":
                pass
    except TimeoutError:
        await cut(receive, send)


async def cut(receive: Receive, send: Send) -> None:
    """Reset the connection without an answer.

    uvicorn's `send` is a method of its request cycle, which knows the transport; ASGI itself has no
    word for this.
    """
    transport = getattr(getattr(send, "__self__", None), "transport", None)
    if transport is None:
        raise RuntimeError("only uvicorn's own connections can be reset")
    transport.get_extra_info("socket").setsockopt(SOL_SOCKET, SO_LINGER, RESET_AT_ONCE)
    transport.abort()
    while (await receive())["type"] != "http.disconnect":
        pass
