"""One round of the worker: every pass is idempotent and may be cut short at any point."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import structlog

from coursebook.errors import CoursebookError
from coursebook.payments.gateway import GatewayError
from coursebook.persistence.work import reading, writing
from coursebook.services.health import PULSE
from coursebook.services.settling import settle
from coursebook.services.sweeping import WORKER, ask_again, sweep_hold
from coursebook.wiring import Services

log = structlog.get_logger("coursebook.worker")

AT_ONCE = 25
ASK_EVERY = timedelta(seconds=60)
"""How long an unsettled session or refund is left alone before Stripe is asked again."""


async def one_round(services: Services) -> None:
    """Do all that is due. A pass that fails does not keep the others from running."""
    passes: tuple[Callable[[Services], Awaitable[None]], ...] = (
        _handle_events,
        _ask_about_sessions,
        _sweep_holds,
        _ask_about_refunds,
        _send_outbox,
        _forget_replies,
        _beat,
    )
    for one in passes:
        try:
            await one(services)
        except CoursebookError as problem:
            log.warning("worker.pass_failed", name=one.__name__, said=problem.detail)


async def _handle_events(services: Services) -> None:
    async with writing(services.tools.database) as work:
        due = await work.events.claim(services.clock(), AT_ONCE)
    for event in due:
        await services.webhooks.handle(event.id)


async def _ask_about_sessions(services: Services) -> None:
    now = services.clock()
    async with writing(services.tools.database) as work:
        due = await work.attempts.claim_to_ask(now - ASK_EVERY, now, AT_ONCE)
    for attempt in due:
        try:
            await ask_again(services.tools, attempt)
        except GatewayError as problem:
            log.warning("worker.stripe_silent", attempt=attempt.id, said=str(problem))


async def _sweep_holds(services: Services) -> None:
    async with reading(services.tools.database) as work:
        overdue = await work.bookings.overdue(services.clock(), AT_ONCE)
    for booking_id in overdue:
        try:
            await sweep_hold(services.tools, booking_id)
        except GatewayError as problem:
            log.warning("worker.stripe_silent", booking=booking_id, said=str(problem))


async def _ask_about_refunds(services: Services) -> None:
    async with reading(services.tools.database) as work:
        due = await work.refunds.pending_sessions(services.clock() - ASK_EVERY, AT_ONCE)
    for session_id in due:
        try:
            await settle(services.tools, session_id, actor=WORKER)
        except GatewayError as problem:
            log.warning("worker.stripe_silent", session=session_id, said=str(problem))


async def _send_outbox(services: Services) -> None:
    await services.outbox.run()


async def _forget_replies(services: Services) -> None:
    await services.replies.prune()


async def _beat(services: Services) -> None:
    async with writing(services.tools.database) as work:
        await work.pulses.beat(PULSE, services.clock())
