"""Faults that the test controls inject into the next API calls."""

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
MAX_SILENCE = 120.0
LINGER_ZERO = struct.pack("ii", 1, 0)

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
    """The next `count` calls whose path contains `path` fail, before or after their effect.

    With `is_exact` the path must be `path` itself: `/v1/checkout/sessions` is then the call that
    creates a session, and no call about a session that exists.
    """

    count: int
    kind: Kind
    when: When = "before"
    path: str = ""
    method: str = ""
    delay_ms: int = 0
    is_exact: bool = False

    def matches(self, method: str, path: str) -> bool:
        """Whether this fault applies to a call."""
        is_path = self.path == path if self.is_exact else self.path in path
        return is_path and self.method in ("", method)


class Faults:
    """The pending faults, in memory: a restart clears them."""

    def __init__(self) -> None:
        """Start without faults."""
        self._pending: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Append a fault."""
        self._pending.append(fault)

    def clear(self) -> None:
        """Remove all faults."""
        self._pending.clear()

    def pending(self) -> list[Fault]:
        """Return the pending faults."""
        return list(self._pending)

    def take(self, method: str, path: str) -> Fault | None:
        """Return the fault for this call and decrement its count."""
        for index, fault in enumerate(self._pending):
            if fault.matches(method, path):
                if fault.count > 1:
                    self._pending[index] = replace(fault, count=fault.count - 1)
                else:
                    del self._pending[index]
                return fault
        return None


async def stay_silent(receive: Receive, send: Send) -> None:
    """Send nothing until the caller disconnects; after `MAX_SILENCE`, reset the connection."""
    try:
        async with asyncio.timeout(MAX_SILENCE):
            while (await receive())["type"] != "http.disconnect":
                pass
    except TimeoutError:
        await reset_connection(receive, send)


async def reset_connection(receive: Receive, send: Send) -> None:
    """Reset the connection without an answer.

    ASGI cannot express this. uvicorn's `send` is a method of its request cycle, which has the
    transport.
    """
    transport = getattr(getattr(send, "__self__", None), "transport", None)
    if transport is None:
        raise RuntimeError("only uvicorn's own connections can be reset")
    transport.get_extra_info("socket").setsockopt(SOL_SOCKET, SO_LINGER, LINGER_ZERO)
    transport.abort()
    while (await receive())["type"] != "http.disconnect":
        pass
