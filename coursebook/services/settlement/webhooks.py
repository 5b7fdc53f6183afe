"""Stripe's webhook events: store, answer, then handle.

An answer of 200 means that the event is stored. It may be handled later, out of order or twice: an
event is only a hint, and `settle` decides on the object as Stripe has it now.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

import structlog

from coursebook.domain.actor import Actor
from coursebook.domain.installation import Origin
from coursebook.errors import Unavailable
from coursebook.log import current_request_id, request_id
from coursebook.payments.event_targets import EventTarget, event_target
from coursebook.payments.gateway import GatewayError, StripeUnreachable, WebhookFacts
from coursebook.persistence.schema.tables import WebhookEvent
from coursebook.persistence.unit_of_work import reading, writing
from coursebook.services.bookkeeping.fees import read_payout
from coursebook.services.context import Context
from coursebook.services.installation import origin
from coursebook.services.settlement.group_commit import GroupCommit
from coursebook.services.settlement.joined_events import JoinedEvents
from coursebook.services.settlement.settle import NOT_OURS, OF_ANOTHER_INSTALLATION, settle

log = structlog.get_logger("coursebook.webhooks")


MoreEvents = Callable[[], Mapping[str, EventTarget]]


class Webhooks:
    """Stores and handles Stripe's webhook events.

    `more_events` returns the events that extensions add to ours; it is asked for those that are not
    ours only, since asking may import the extensions.
    """

    def __init__(self, context: Context, more_events: MoreEvents = dict) -> None:
        self._context = context
        self._more_events = more_events
        self._joined = JoinedEvents(context)
        self._stored = GroupCommit(self._store)
        self._handled = GroupCommit(self._mark_handled)
        self._running: set[asyncio.Task[None]] = set()

    async def receive(self, raw: bytes, signature: str | None) -> None:
        """Store an event and start handling it if it is new.

        Raises BadWebhook for a bad signature or body, Unavailable when it could not be stored.
        """
        now = self._context.clock()
        event = self._context.gateway.read_webhook(raw, signature, now)
        is_new = await self._stored.add(self._row_of(event, now))
        log.info(
            "webhook.stored",
            event_id=event.id,
            type=event.type,
            is_new=is_new,
            checkout_request_id=event.checkout_request_id,
            stripe_request=event.stripe_request,
        )
        if is_new and self._target(event.type) is not EventTarget.NOTHING:
            task = asyncio.create_task(self._handle_now(event))
            self._running.add(task)
            task.add_done_callback(self._running.discard)

    async def _store(self, rows: Sequence[dict[str, object]]) -> list[bool]:
        async with writing(self._context.database) as work:
            return await work.events.store(rows)

    async def _mark_handled(self, outcomes: Sequence[tuple[str, str]]) -> Sequence[None]:
        async with writing(self._context.database) as work:
            await work.events.handled(outcomes, self._context.clock())
        return [None] * len(outcomes)

    async def drain(self) -> None:
        """Wait until no event is being handled, for a clean shutdown."""
        while self._running:
            await asyncio.gather(*self._running, return_exceptions=True)

    async def _handle_now(self, event: WebhookFacts) -> None:
        """Handle an event that was just stored. Its lease keeps other processes away."""
        try:
            await self._handle_with_request_id(event, has_just_come=True)
        except Unavailable:  # the worker tries again
            log.warning("webhook.postponed", event_id=event.id)

    async def handle(self, event_id: str) -> bool:
        """Handle a stored event, any number of times. Failures are recorded and tried again.

        Log lines carry the id of the request that began the payment, if it is known.
        Return False when Stripe gave no answer: other events would fail now too.
        Raises Unavailable.
        """
        async with reading(self._context.database) as work:
            event = await work.events.find(event_id)
        if event is None or event.handled_at is not None:
            return True
        return await self._handle_with_request_id(_facts_of(event))

    async def _handle_with_request_id(
        self, facts: WebhookFacts, *, has_just_come: bool = False
    ) -> bool:
        with request_id(facts.checkout_request_id or current_request_id()):
            return await self._handle(facts, has_just_come=has_just_come)

    async def _handle(self, facts: WebhookFacts, *, has_just_come: bool) -> bool:
        event_id = facts.id
        try:
            outcome = await self._apply(facts, has_just_come=has_just_come)
        except GatewayError as error:
            log.warning("webhook.failed", event_id=event_id, error=str(error))
            await self._record_failure(event_id, str(error))
            return not isinstance(error, StripeUnreachable)
        except Unavailable:
            raise
        except Exception as error:
            log.exception("webhook.crashed", event_id=event_id)
            await self._record_failure(event_id, f"{type(error).__name__}: {error}")
            return True
        await self._handled.add((event_id, outcome))
        log.info("webhook.handled", event_id=event_id, outcome=outcome)
        return True

    async def _record_failure(self, event_id: str, reason: str) -> None:
        async with writing(self._context.database) as work:
            await work.events.failed(event_id, reason, self._context.clock())

    async def _apply(self, event: WebhookFacts, *, has_just_come: bool) -> str:
        if event.livemode != self._context.gateway.livemode:
            return "Of the other mode (live or test): no effect."
        if event.is_of_another_account:
            return "Of a connected account: no effect."
        if await origin(self._context, event.maker) is Origin.ANOTHERS:
            return OF_ANOTHER_INSTALLATION
        if self._target(event.type) is EventTarget.PAYOUT:
            return await read_payout(self._context, event.object_id)
        session_id = await self._session_of(event)
        if session_id is None:
            return NOT_OURS
        actor = Actor("webhook", event.id)
        is_of_payment = self._target(event.type) is EventTarget.PAYMENT
        if is_of_payment and has_just_come:
            result = await self._joined.settle(session_id, actor)
        else:
            result = await settle(self._context, session_id, actor=actor, refunds_too=is_of_payment)
        return result.outcome

    async def _session_of(self, event: WebhookFacts) -> str | None:
        match self._target(event.type):
            case EventTarget.SESSION:
                return event.object_id
            case EventTarget.TRY if event.maker is None:
                return None  # declines of other programs; ours carry our metadata
            case EventTarget.PAYMENT | EventTarget.TRY if event.payment_intent_id:
                async with reading(self._context.database) as work:
                    attempt = await work.attempts.by_payment(event.payment_intent_id)
                if attempt is not None:
                    return attempt.session_id
                session = await self._context.gateway.session_of_payment(event.payment_intent_id)
                return session.id if session else None
            case _:
                return None

    def _target(self, event_type: str) -> EventTarget:
        """Return the object to fetch for an event, ours or of an extension."""
        target = event_target(event_type)
        if target is EventTarget.NOTHING:
            return self._more_events().get(event_type, EventTarget.NOTHING)
        return target

    def _row_of(self, event: WebhookFacts, now: datetime) -> dict[str, object]:
        is_not_ours = self._target(event.type) is EventTarget.NOTHING
        return {
            "id": event.id,
            "type": event.type[:120],
            "object_id": event.object_id[:255],
            "payment_intent_id": event.payment_intent_id,
            "livemode": event.livemode,
            "payload": event.payload,
            "received_at": now,
            "handled_at": now if is_not_ours else None,
            "outcome": NOT_OURS if is_not_ours else None,
        }


def _facts_of(event: WebhookEvent) -> WebhookFacts:
    return WebhookFacts(
        event.id,
        event.type,
        event.object_id,
        event.payment_intent_id,
        event.livemode,
        event.payload,
    )
