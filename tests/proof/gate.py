"""Stops what the product does at its calls to Stripe, so that other things happen meanwhile.

No transaction is open during such a call (money.md, invariant 7), so whoever stands at a gate
holds no lock: everybody else must be able to go on.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from datetime import datetime
from typing import Any, TypeVar

from coursebook.payments.gateway import (
    CheckoutAsk,
    Gateway,
    RefundFacts,
    SessionFacts,
    WebhookFacts,
)

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


class GatedGateway:
    """The real gateway, with a gate before and after every call."""

    def __init__(self, inner: Gateway) -> None:
        self._inner = inner
        self.livemode = inner.livemode
        self.calls = 0

    def params_for(self, ask: CheckoutAsk) -> dict[str, Any]:
        return self._inner.params_for(ask)

    async def create_session(self, params: dict[str, Any], key: str) -> SessionFacts:
        return await self._gated(lambda: self._inner.create_session(params, key))

    async def session(self, session_id: str) -> SessionFacts:
        return await self._gated(lambda: self._inner.session(session_id))

    async def expire_session(self, session_id: str) -> None:
        return await self._gated(lambda: self._inner.expire_session(session_id))

    async def find_session(
        self, booking_id: str, number: int, since: datetime
    ) -> SessionFacts | None:
        return await self._gated(lambda: self._inner.find_session(booking_id, number, since))

    async def session_of_payment(self, payment_intent_id: str) -> SessionFacts | None:
        return await self._gated(lambda: self._inner.session_of_payment(payment_intent_id))

    async def refund(
        self, payment_intent_id: str, amount: int, our_id: str, key: str
    ) -> RefundFacts:
        return await self._gated(lambda: self._inner.refund(payment_intent_id, amount, our_id, key))

    async def refunds_of(self, payment_intent_id: str) -> list[RefundFacts]:
        return await self._gated(lambda: self._inner.refunds_of(payment_intent_id))

    def read_webhook(self, raw: bytes, signature: str | None, now: datetime) -> WebhookFacts:
        return self._inner.read_webhook(raw, signature, now)

    async def close(self) -> None:
        """Leave the connections open for the next run; whoever made them closes them."""

    async def _gated(self, call: Callable[[], Awaitable[T]]) -> T:
        self.calls += 1
        gate = GATE.get()
        if gate is None:
            return await call()
        await gate.pass_by()
        try:
            return await call()
        finally:
            await gate.pass_by()
