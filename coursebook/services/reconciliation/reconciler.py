"""Runs of a comparison of our database with Stripe, page by page, so that a run can be resumed.

A comparison changes nothing. Differences are settled on demand, and only by `settle`.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from coursebook.domain.actor import RECONCILIATION
from coursebook.domain.inbox import InboxKind, Resolution
from coursebook.domain.reconciliation import STAGES, Difference, Run
from coursebook.payments.gateway import GatewayError
from coursebook.persistence.repositories.money_inbox import InboxEntryDraft
from coursebook.persistence.unit_of_work import UnitOfWork, reading, writing
from coursebook.services.context import Context
from coursebook.services.reconciliation.page_comparison import PageComparison
from coursebook.services.reconciliation.stages import STAGE_FUNCTIONS
from coursebook.services.settlement.inbox_entries import close_entry, open_inbox_entry
from coursebook.services.settlement.settle import settle

log = structlog.get_logger("coursebook.reconcile")

COMMAND, TIMER = "command", "timer"
LEASE = timedelta(minutes=2)
MAX_RUN_AGE = timedelta(days=1)
"""An interrupted run older than this starts again from the beginning."""
CLOCK_SKEW = timedelta(minutes=10)
"""Clocks differ: Stripe's lists are read from this much before our first payment."""
RECHECK_SECONDS = 2.0
MAX_LOOK_BACK = timedelta(days=30)


@dataclass(frozen=True)
class Progress:
    """A run after one page, and the share of it that is done (0 to 1)."""

    run: Run
    done: float


class Reconciler:
    """Runs comparisons.

    `every` is the time between two runs of the timer, zero to switch it off. `pause` is the number
    of seconds before a page with differences is compared again, so that a payment that is being
    settled does not count as one.
    """

    def __init__(self, context: Context, *, every: timedelta, pause: float | None = None) -> None:
        self._context = context
        self._every = every
        self._pause = RECHECK_SECONDS if pause is None else pause

    async def run_to_end(self, since: datetime | None = None) -> AsyncIterator[Progress]:
        """Run to the end, from the last page of an interrupted run if there is one.

        Raises GatewayError.
        """
        run = await self._start_or_resume(COMMAND, since)
        while run.finished_at is None:
            progress = await self._step(run)
            run = progress.run
            yield progress

    async def settle_all(self, differences: tuple[Difference, ...]) -> None:
        """Settle every payment with a difference. Raises GatewayError."""
        for session_id in dict.fromkeys(d.session_id for d in differences if d.session_id):
            await settle(self._context, session_id, actor=RECONCILIATION, refunds_too=True)

    async def run_next_page(self) -> None:
        """Compare one page of the timer's run if it is due. Differences go to the money inbox."""
        if not self._every:
            return
        run = await self._due_run()
        if run is None:
            return
        try:
            after = (await self._step(run)).run
        except GatewayError as error:
            log.warning("reconcile.postponed", error=str(error))
            return
        if after.finished_at is not None:
            await self._report(after)

    async def _due_run(self) -> Run | None:
        now = self._context.clock()
        async with writing(self._context.database) as work:
            run = await work.reconciliations.find(TIMER)
            if run is None:  # a new installation: the first run is due after `every`
                await work.reconciliations.keep(Run(TIMER, now, now, finished_at=now), now)
                return None
            if run.finished_at is not None and run.finished_at + self._every > now:
                return None
            if not await work.reconciliations.take(TIMER, now, now + LEASE):
                return None
            if run.finished_at is None:
                return run
            since = max(await self._first_payment_at(work, now), now - MAX_LOOK_BACK)
            return Run(TIMER, since, now)

    async def _start_or_resume(self, name: str, since: datetime | None) -> Run:
        now = self._context.clock()
        async with reading(self._context.database) as work:
            previous = await work.reconciliations.find(name)
            first = since or await self._first_payment_at(work, now)
        is_unfinished = previous is not None and previous.finished_at is None
        if (
            previous is not None
            and is_unfinished
            and now - previous.started_at < MAX_RUN_AGE
            and since is None
        ):
            return previous
        return Run(name, first, now)

    async def _first_payment_at(self, work: UnitOfWork, now: datetime) -> datetime:
        return (await work.reconciliations.first_payment() or now) - CLOCK_SKEW

    async def _step(self, run: Run) -> Progress:
        """Compare one page and store how far the run is."""
        comparison = await self._compare(run)
        after = _advanced(run, comparison, self._context.clock())
        async with writing(self._context.database) as work:
            await work.reconciliations.keep(after, self._context.clock())
        return Progress(after, after.done(comparison.oldest if comparison.next_cursor else None))

    async def _compare(self, run: Run) -> PageComparison:
        """Compare a page; if something differs, compare it again after a pause."""
        compare_page = STAGE_FUNCTIONS[run.stage]
        comparison = await compare_page(self._context, run)
        if not comparison.differences:
            return comparison
        await asyncio.sleep(self._pause)
        return await compare_page(self._context, run)

    async def _report(self, run: Run) -> None:
        """Open an inbox entry for each difference; close those that are gone."""
        now, actor = self._context.clock(), RECONCILIATION
        keys = {f"books:{difference.key}" for difference in run.differences}
        async with writing(self._context.database) as work:
            for difference in run.differences:
                await open_inbox_entry(work, _draft(difference), actor=actor, now=now)
            for entry in await work.inbox.open_of_kind(InboxKind.BOOKS_DIFFER):
                if entry.dedupe_key not in keys:
                    await close_entry(work, entry, Resolution.OBSOLETE, actor=actor, now=now)
        log.info("reconcile.finished", looked_at=run.looked_at, differences=len(run.differences))


def _draft(difference: Difference) -> InboxEntryDraft:
    return InboxEntryDraft(
        f"books:{difference.key}",
        InboxKind.BOOKS_DIFFER,
        difference.cause,
        booking_id=difference.booking_id,
        session_id=difference.session_id,
        amount=difference.amount,
        currency=difference.currency,
    )


def _advanced(run: Run, comparison: PageComparison, now: datetime) -> Run:
    keys = {difference.key for difference in run.differences}
    new = (difference for difference in comparison.differences if difference.key not in keys)
    after = replace(
        run, differences=(*run.differences, *new), looked_at=run.looked_at + comparison.count
    )
    if comparison.next_cursor:
        return replace(after, cursor=comparison.next_cursor)
    next_index = STAGES.index(run.stage) + 1
    if next_index == len(STAGES):
        return replace(after, cursor=None, finished_at=now)
    return replace(after, stage=STAGES[next_index], cursor=None)
