"""Stops what the product does at its calls to Stripe, so that other things happen meanwhile.

No transaction is open during such a call (money.md, invariant 7), so whoever stands at a gate
holds no lock: everybody else must be able to go on.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from typing import Any, TypeVar

from coursebook.payments.gateway import Gateway

T = TypeVar("T")


class Gate:
    """Stops one action once: stop 0 is before its first call, 1 after it, 2 before the next …"""

    def __init__(self, stop: int, bell: asyncio.Event) -> None:
        self._stops_left = stop
        self._bell = bell
        self._opened = asyncio.Event()
        self.task: asyncio.Task[Any] | None = None

    @property
    def is_shut(self) -> bool:
        """Whether somebody stands before it."""
        return self.task is not None and not self._opened.is_set()

    def open(self) -> None:
        """Let whoever stands here go on."""
        self._opened.set()

    async def pass_by(self) -> None:
        """Stand still if this is the place to do so."""
        if self.task is not None or self._stops_left:
            self._stops_left -= 1
            return
        self.task = asyncio.current_task()
        self._bell.set()
        await self._opened.wait()


GATE: ContextVar[Gate | None] = ContextVar("gate", default=None)


NO_CALLS = ("params_for", "read_webhook", "livemode")


class GatedGateway:
    """The real gateway, with a gate before and after every call to Stripe."""

    def __init__(self, inner: Gateway) -> None:
        self._inner = inner

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        return found if name in NO_CALLS else _gated(found)

    async def close(self) -> None:
        """Leave the connections open for the next run; whoever made them closes them."""


def _gated(call: Callable[..., Awaitable[T]]) -> Callable[..., Awaitable[T]]:
    async def passing(*args: Any, **more: Any) -> T:
        gate = GATE.get()
        if gate is None:
            return await call(*args, **more)
        await gate.pass_by()
        try:
            return await call(*args, **more)
        finally:
            await gate.pass_by()

    return passing
