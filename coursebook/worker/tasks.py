"""One round of the worker: every pass is idempotent and may be cut short at any point."""

from collections.abc import Awaitable, Callable, Iterable
from datetime import timedelta

import structlog

from coursebook.domain.actor import WORKER
from coursebook.errors import CoursebookError
from coursebook.payments.gateway import GatewayError, StripeUnreachable
from coursebook.persistence.unit_of_work import reading, writing
from coursebook.services.health import PULSE
from coursebook.services.installation import AnotherAddress, installation_of
from coursebook.services.outbox.hold_reminders import ending_holds, remind
from coursebook.services.settlement.holds import check_attempt, sweep_hold
from coursebook.services.settlement.settle import settle
from coursebook.wiring import Services

log = structlog.get_logger("coursebook.worker")

AT_ONCE = 25
MOST_SILENCES = 2
"""After so many calls in a row without an answer Stripe is away; one alone may be a bad call."""
BEAT_EVERY = timedelta(seconds=20)
"""A silent Stripe makes a round long; the pulse says that the worker lives all the same."""
ASK_EVERY = timedelta(seconds=60)
"""How long an unsettled session or refund is left alone before Stripe is asked again."""
ASK_ABOUT_DISPUTES_EVERY = timedelta(hours=1)
"""Disputes take weeks, and their events tell us; this is for an event that was lost."""


async def one_round(services: Services) -> None:
    """Do all that is due. A pass that fails does not keep the others from running."""
    passes: tuple[Callable[[Services], Awaitable[None]], ...] = (
        _handle_events,
        _ask_about_sessions,
        _sweep_holds,
        _remind_of_holds,
        _ask_about_money_that_moves,
        _compare_with_stripe,
        _send_outbox,
        _forget_replies,
        _beat,
    )
    try:
        await installation_of(services.tools)
    except AnotherAddress as problem:  # a copy must do nothing in the name of its original
        log.warning("worker.another_address", said=problem.remedy)
        return
    except CoursebookError as problem:
        log.warning("worker.pass_failed", name="installation_of", said=problem.detail)
        return
    beaten = services.clock()
    for one in passes:
        try:
            await one(services)
            if services.clock() - beaten > BEAT_EVERY:
                await _beat(services)
                beaten = services.clock()
        except CoursebookError as problem:
            log.warning("worker.pass_failed", name=one.__name__, said=problem.detail)
        except Exception:
            log.exception("worker.pass_broke", name=one.__name__)


async def _handle_events(services: Services) -> None:
    async with writing(services.tools.database) as work:
        due = await work.events.claim(services.clock(), AT_ONCE)
    silences = 0
    for event in due:
        silences = 0 if await services.webhooks.handle(event.id) else silences + 1
        if silences == MOST_SILENCES:
            return


async def _ask_about_sessions(services: Services) -> None:
    now = services.clock()
    async with writing(services.tools.database) as work:
        due = await work.attempts.claim_for_polling(now - ASK_EVERY, now, AT_ONCE)
    await _each((a.id, check_attempt(services.tools, a)) for a in due)


async def _sweep_holds(services: Services) -> None:
    async with reading(services.tools.database) as work:
        overdue = await work.bookings.overdue(services.clock(), AT_ONCE)
    await _each((one, sweep_hold(services.tools, one)) for one in overdue)


async def _remind_of_holds(services: Services) -> None:
    ending = await ending_holds(services.tools)
    await _each((one, remind(services.tools, one, page)) for one, page in ending)


async def _ask_about_money_that_moves(services: Services) -> None:
    async with reading(services.tools.database) as work:
        now = services.clock()
        due = await work.refunds.pending_sessions(now - ASK_EVERY, AT_ONCE)
        due += await work.disputes.pending_sessions(now - ASK_ABOUT_DISPUTES_EVERY, AT_ONCE)
    await _each((one, settle(services.tools, one, actor=WORKER, refunds_too=True)) for one in due)


async def _each(jobs: Iterable[tuple[str, Awaitable[object]]]) -> None:
    """Do one job after the other; when Stripe is silent, leave the rest for the next round."""
    silences = 0
    for name, job in jobs:
        try:
            await job
            silences = 0
        except StripeUnreachable as problem:
            log.warning("worker.stripe_silent", about=name, said=str(problem))
            silences += 1
            if silences == MOST_SILENCES:
                return
        except GatewayError as problem:
            log.warning("worker.stripe_refused", about=name, said=str(problem))
        except CoursebookError:
            raise
        except Exception:  # a mistake about one booking must not keep others waiting
            log.exception("worker.job_broke", about=name)


async def _compare_with_stripe(services: Services) -> None:
    await services.reconciler.run_next_page()


async def _send_outbox(services: Services) -> None:
    await services.outbox.run()


async def _forget_replies(services: Services) -> None:
    await services.replies.prune()


async def _beat(services: Services) -> None:
    async with writing(services.tools.database) as work:
        await work.heartbeats.beat(PULSE, services.clock())
