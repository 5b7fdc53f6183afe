"""Payments that carry our mark but belong to no booking: given back when an operator says so."""

import structlog

from coursebook.domain.actor import WORKER
from coursebook.persistence.unit_of_work import reading
from coursebook.services.context import Context
from coursebook.services.installation import installation_of
from coursebook.services.settlement.settle import settle

log = structlog.get_logger("coursebook.payments")


async def refund_orphan(context: Context, entry_id: str) -> None:
    """Give back what is left of a payment of nobody. A second time is harmless.

    Raises GatewayError: the outbox tries again, and gives up in the end.
    """
    maker = await installation_of(context)
    async with reading(context.database) as work:
        entry = await work.inbox.find(entry_id)
    if entry is None or not entry.subject_id or not entry.session_id or entry.resolved_at:
        return
    known = await context.gateway.refunds_of(entry.subject_id)
    left = (entry.amount or 0) - sum(r.amount for r in known if r.state.counts)
    if left > 0:
        key = f"refund-{entry.id}-{len(known)}"  # another one when the last one failed
        await context.gateway.refund(entry.subject_id, left, entry.id, key, maker)
        log.info("refund.orphan", entry=entry.id)
    await settle(context, entry.session_id, actor=WORKER)
