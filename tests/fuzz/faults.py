"""Stop points: pause an action of the product before or after a call to Stripe, or kill it there.

No transaction is open during such a call (tests/integration/test_transaction_boundaries.py), so a
paused action holds no lock and every other action must be able to proceed.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from typing import Any, TypeVar

from coursebook.payments.gateway import Gateway

T = TypeVar("T")


class StopPoint:
    """Pauses one action once: stop 0 is before its first call, 1 after it, 2 before the next …"""

    def __init__(self, stop: int, changed: asyncio.Event) -> None:
        self._stops_left = stop
        self._changed = changed
        self._opened = asyncio.Event()
        self.task: asyncio.Task[Any] | None = None

    @property
    def is_waiting(self) -> bool:
        """Whether the action is paused here."""
        return self.task is not None and not self._opened.is_set()

    def open(self) -> None:
        """Let the paused action proceed."""
        self._opened.set()

    async def wait_if_reached(self) -> None:
        """Pause when this is the chosen stop."""
        if self.task is not None or self._stops_left:
            self._stops_left -= 1
            return
        self.task = asyncio.current_task()
        self._changed.set()
        await self._opened.wait()


STOP_POINT: ContextVar[StopPoint | None] = ContextVar("stop_point", default=None)


NO_CALLS = ("params_for", "read_webhook", "livemode")


class InterruptibleGateway:
    """The real gateway, with a stop point before and after every call to Stripe."""

    def __init__(self, inner: Gateway) -> None:
        self._inner = inner

    def __getattr__(self, name: str) -> Any:
        call = getattr(self._inner, name)
        return call if name in NO_CALLS else _interruptible(call)

    async def close(self) -> None:
        """Leave the connections open for the next run; `in_memory_product` closes them."""


def _interruptible(call: Callable[..., Awaitable[T]]) -> Callable[..., Awaitable[T]]:
    async def passing(*args: Any, **more: Any) -> T:
        stop_point = STOP_POINT.get()
        if stop_point is None:
            return await call(*args, **more)
        await stop_point.wait_if_reached()
        try:
            return await call(*args, **more)
        finally:
            await stop_point.wait_if_reached()

    return passing
