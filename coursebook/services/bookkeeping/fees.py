"""Ask Stripe what it charged for payments and refunds, and what is in its payouts.

None of this decides about a booking, so it waits for everything else, and rests for an hour when
the key may not read it.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import structlog

from coursebook.payments.gateway import (
    MovementFacts,
    NoSuchObject,
    PayoutFacts,
    StripeRefused,
    StripeUnreachable,
)
from coursebook.persistence.bookkeeping.movements import Movement
from coursebook.persistence.schema.tables import PaymentAttempt, Payout, Refund
from coursebook.persistence.unit_of_work import UnitOfWork, reading, writing
from coursebook.services.bookings.balance import received_money
from coursebook.services.context import Context

log = structlog.get_logger("coursebook.payments")

BATCH_SIZE = 25
RETRY_INTERVAL = timedelta(minutes=5)
"""Stripe makes the balance transaction of a payment some time after the payment."""
POLL_INTERVAL = timedelta(hours=1)
"""Events tell of payouts. Polling covers lost events."""
REST = timedelta(hours=1)
OVERLAP = timedelta(days=7)
PULSE = "payouts"
REFUSED = "fees_refused"
"""The pulse of the last refusal, so that all processes rest together."""
Ask = Callable[[str], Awaitable[MovementFacts | None]]


class FeeReader:
    """Reads fees and payouts from Stripe into our rows."""

    def __init__(self, context: Context) -> None:
        self._context = context

    async def run(self) -> None:
        """Read a batch of fees, and the payouts once an hour. Raises StripeUnreachable."""
        now = self._context.clock()
        async with reading(self._context.database) as work:
            refused_at = await work.heartbeats.last(REFUSED)
        if refused_at is not None and now - refused_at < REST:
            return
        try:
            await self._read_fees(now)
            await self._poll_payouts(now)
        except StripeRefused as error:
            async with writing(self._context.database) as work:
                await work.heartbeats.beat(REFUSED, now)
            log.warning("fees.refused", reason=str(error))

    async def _read_fees(self, now: datetime) -> None:
        async with writing(self._context.database) as work:
            before = now - RETRY_INTERVAL
            attempts = await work.movements.claim_payments(before, now, BATCH_SIZE)
            refunds = await work.movements.claim_refunds(before, now, BATCH_SIZE)
        gateway = self._context.gateway
        for attempt_id, payment in attempts:
            facts = await _ask(gateway.movement_of_payment, payment)
            if facts is not None:
                await self._store_of_payment(payment, attempt_id, facts)
        for refund_id, stripe_id in refunds:
            facts = await _ask(gateway.movement_of_refund, stripe_id)
            if facts is not None:
                await self._store_of_refund(stripe_id, refund_id, facts)

    async def _store_of_payment(self, payment: str, attempt_id: str, facts: MovementFacts) -> None:
        async with writing(self._context.database) as work:
            attempts = await work.movements.payments_of([payment])
            movement = _of_payment(facts, attempts[payment])
            await work.movements.store_of_payment(attempt_id, movement)

    async def _store_of_refund(self, stripe_id: str, refund_id: str, facts: MovementFacts) -> None:
        async with writing(self._context.database) as work:
            refunds = await work.movements.refunds_of([stripe_id])
            movement = _of_refund(facts, refunds[stripe_id])
            await work.movements.store_of_refund(refund_id, movement)

    async def _poll_payouts(self, now: datetime) -> None:
        async with writing(self._context.database) as work:
            last = await work.heartbeats.last(PULSE)
            if last is not None and now - last < POLL_INTERVAL:
                return
            newest = await work.movements.newest_payout()
            first = await work.reconciliations.first_payment()
            under_way = await work.movements.payouts_under_way(BATCH_SIZE)
        if first is not None:
            since = first if newest is None else newest - OVERLAP
            await self._read_payouts(since, set(under_way))
        async with writing(self._context.database) as work:
            await work.heartbeats.beat(PULSE, now)

    async def _read_payouts(self, since: datetime, under_way: set[str]) -> None:
        cursor: str | None = None
        while True:
            page = await self._context.gateway.payouts_since(since, cursor)
            for facts in page.items:
                under_way.discard(facts.id)
                async with reading(self._context.database) as work:
                    row = await work.movements.find_payout(facts.id)
                if row is None or row.state != facts.state or row.other_net is None:
                    await store_payout(self._context, facts)
            cursor = page.next_cursor
            if cursor is None:
                break
        for payout_id in under_way:
            await read_payout(self._context, payout_id)


async def _ask(ask: Ask, stripe_id: str) -> MovementFacts | None:
    try:
        return await ask(stripe_id)
    except NoSuchObject:
        return None


async def read_payout(context: Context, payout_id: str) -> str:
    """Fetch a payout with what is in it, and store it. Returns what happened, in words.

    Raises StripeUnreachable.
    """
    try:
        return await store_payout(context, await context.gateway.payout(payout_id))
    except StripeUnreachable:
        raise
    except StripeRefused as error:  # the key may not read payouts: nothing depends on it
        return f"Stripe does not show the payout: {error}"


async def store_payout(context: Context, facts: PayoutFacts) -> str:
    """Store a payout, and on our payments and refunds that it has them. Raises GatewayError."""
    movements = await context.gateway.movements_of_payout(facts.id) if facts.is_automatic else []
    async with writing(context.database) as work:
        ours = await _store_movements(work, facts.id, movements)
        row = Payout(
            id=facts.id,
            amount=facts.amount,
            currency=facts.currency[:3],
            state=facts.state.value,
            is_automatic=facts.is_automatic,
            arrives_on=facts.arrives_on,
            other_net=facts.amount - ours if movements or not facts.is_automatic else None,
            created_at=facts.created,
            looked_at=context.clock(),
        )
        await work.movements.keep_payout(row)
    log.info("payout.recorded", payout=facts.id, state=facts.state.value)
    return f"The payout is {facts.state.value}."


async def _store_movements(work: UnitOfWork, payout_id: str, movements: list[MovementFacts]) -> int:
    """Store the movements of our payments and refunds. Returns their net sum."""
    attempts = await work.movements.payments_of(
        [facts.payment_intent_id for facts in movements if facts.payment_intent_id]
    )
    refunds = await work.movements.refunds_of([f.refund_id for f in movements if f.refund_id])
    net = 0
    for facts in movements:
        attempt = attempts.get(facts.payment_intent_id or "")
        refund = refunds.get(facts.refund_id or "")
        if attempt is not None:
            movement = _of_payment(facts, attempt, payout_id)
            await work.movements.store_of_payment(attempt.id, movement)
            net += facts.net
        elif refund is not None:
            movement = _of_refund(facts, refund, payout_id)
            await work.movements.store_of_refund(refund.id, movement)
            net += facts.net
    return net


def _of_payment(
    facts: MovementFacts, attempt: PaymentAttempt, payout_id: str | None = None
) -> Movement:
    return _movement(facts, received_money(attempt)[1], payout_id)


def _of_refund(facts: MovementFacts, refund: Refund, payout_id: str | None = None) -> Movement:
    return _movement(facts, refund.currency, payout_id)


def _movement(facts: MovementFacts, currency: str, payout_id: str | None) -> Movement:
    is_same = facts.currency == currency
    return Movement(
        balance_id=facts.id,
        fee=facts.fee if is_same else None,
        net=facts.net if is_same else None,
        available_on=facts.available_on,
        payout_id=payout_id,
        receipt_number=facts.receipt_number,
    )
