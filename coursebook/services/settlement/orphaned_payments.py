"""Refunds of payments that carry our metadata but match no booking. An operator starts them."""

import structlog

from coursebook.domain.actor import WORKER
from coursebook.persistence.unit_of_work import reading
from coursebook.services.context import Context
from coursebook.services.installation import installation_of
from coursebook.services.settlement.settle import settle

log = structlog.get_logger("coursebook.payments")


async def refund_orphan(context: Context, entry_id: str) -> None:
    """Refund the rest of a payment without a booking. Running twice is harmless.

    Raises GatewayError: the outbox retries, and gives up after `MAX_ATTEMPTS`.
    """
    maker = await installation_of(context)
    async with reading(context.database) as work:
        entry = await work.inbox.find(entry_id)
    if entry is None or not entry.subject_id or not entry.session_id or entry.resolved_at:
        return
    refund_facts = await context.gateway.refunds_of(entry.subject_id)
    left = (entry.amount or 0) - sum(r.amount for r in refund_facts if r.state.counts)
    if left > 0:
        key = f"refund-{entry.id}-{len(refund_facts)}"  # a new key after a failed refund
        await context.gateway.refund(entry.subject_id, left, entry.id, key, maker)
        log.info("orphan.refunded", entry=entry.id)
    await settle(context, entry.session_id, actor=WORKER)
